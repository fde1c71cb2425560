"""Which scenarios has a site? Files of scenarios folders, each case of a file a scenario of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.problems import Location, Problem, ProblemsFound
from engine.source.layers import Source
from engine.source.site_files import ReadFile, ReadSite
from engine.source.tree import Item

GIVEN = ("departments", "people", "records")


@dataclass(frozen=True, slots=True)
class Case:
    """One ending of a scenario; name "" when it has but one."""

    name: str
    steps: tuple[Item, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file: what is given (kind → name → values), the steps all cases share, the cases."""

    path: Path
    title: str
    company: str
    now: str  # "" when the file does not say
    given: Mapping[str, Mapping[str, Item]]
    steps: tuple[Item, ...]
    cases: tuple[Case, ...]


def read_scenarios(files: ReadSite, wanted: tuple[Path, ...] = ()) -> list[Scenario]:
    """The scenarios in the wanted files and folders (all when none is named); raises ProblemsFound for a faulty one."""
    found = [each for each in _files(files) if _is_wanted(each.source, wanted)]
    problems = [problem for each in found for problem in each.problems]
    if problems:
        raise ProblemsFound(problems)
    known = {each.source.path: each for each in _files(files)}
    scenarios = [_scenario(each, known) for each in found if each.document is not None]
    return [each for each in scenarios if each.cases]


def read_demos(files: ReadSite, company: str, apps: Collection[str]) -> list[Scenario]:
    """The scenarios with `demo: true` in the data folders of a company and its apps; ProblemsFound for a faulty one."""
    every = [each for each in files.shared if each.source.owner in apps] + list(files.companies.get(company, ()))
    found = [
        each
        for each in every
        if each.source.role == "rows" and each.document is not None and each.document.kind == "scenario"
    ]
    problems = [problem for each in found for problem in each.problems]
    if problems:
        raise ProblemsFound(problems)
    return [replace(scenario, company=company) for each in found if (scenario := _scenario(each, {})).cases]


def _files(files: ReadSite) -> Iterator[ReadFile]:
    for each in (*files.shared, *(one for some in files.companies.values() for one in some)):
        if each.source.role == "scenario":
            yield each


def _is_wanted(source: Source, wanted: tuple[Path, ...]) -> bool:
    path = source.path.resolve()
    return not wanted or any(path == each or path.is_relative_to(each) for each in wanted)


def _scenario(each: ReadFile, known: Mapping[Path, ReadFile]) -> Scenario:
    item = _item(each)
    title = item.map["scenario"]
    words = {name: entry.text for name, entry in title.map.items()}
    company, now = item.map.get("company"), item.map.get("now")
    steps = _steps(item)
    cases = tuple(Case(name, _steps(entry), entry.place) for name, entry in _map(item, "cases").items())
    if not cases and steps:
        cases, steps = (Case("", steps, title.place),), ()
    return Scenario(
        path=each.source.path,
        title=words.get("en") or words.get("zh") or title.text,
        company=company.text if company is not None else (each.source.company or ""),
        now=now.text if now is not None else "",
        given=_given(each, known, ()),
        steps=steps,
        cases=cases,
    )


def _given(each: ReadFile, known: Mapping[Path, ReadFile], seen: tuple[Path, ...]) -> Mapping[str, Mapping[str, Item]]:
    """What the file gives, on top of what the file it is `like` gives."""
    item = _item(each)
    below: Mapping[str, Mapping[str, Item]] = {}
    like = item.map.get("like")
    if like is not None:
        path = each.source.path.with_name(f"{like.text}.yaml")
        if path not in known or path in seen:
            raise ProblemsFound([Problem("E101", {"name": like.text}, like.at)])
        below = _given(known[path], known, (*seen, path))
    own = item.map.get("given", Item({}, item.at))
    return {kind: {**below.get(kind, {}), **_map(own, kind)} for kind in GIVEN}


def _item(each: ReadFile) -> Item:
    return each.document.item if each.document is not None else Item({}, Location(each.source.name, 1, 1))


def _map(item: Item, key: str) -> Mapping[str, Item]:
    return item.map[key].map if key in item.map else {}


def _steps(item: Item) -> tuple[Item, ...]:
    return item.map["steps"].list if "steps" in item.map else ()
