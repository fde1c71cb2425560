"""Which file set a value and which values did it beat? What does a company change?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.services.definitions import company_ids, read_definitions
from engine.source.resolve import lay_over
from engine.source.resolved import Definition, Resolved
from engine.source.site_files import ReadSite
from engine.source.tree import Beaten, Item, plain, short_text

_START = Location("site.yaml", 1, 1)


@dataclass(frozen=True, slots=True)
class WhyEntry:
    """One effective value: where it stands, which layer set it, which values it beat (nearest first)."""

    path: str
    value: str
    at: Location
    layer: str
    beaten: tuple[Beaten, ...]


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """The same entries in all of `companies`."""

    companies: tuple[str, ...]
    entries: tuple[WhyEntry, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a company's own files do to one value: kind is added, changed or removed."""

    kind: str
    path: str
    value: str
    before: str
    at: Location


def why(root: Path, company: str | None, path: str) -> tuple[WhyAnswer, ...]:
    """Where the value at `path` (desk.task.fields.name.label) comes from, in one company or in each.

    Raises ProblemsFound when there is no such company or value, or the definitions are wrong.
    """
    files = read_definitions(root)
    names = _companies(files, company)
    answers: dict[tuple[WhyEntry, ...], list[str]] = {}
    missing: list[Problem] = []
    for name in names:
        try:
            entries = tuple(_entries(lay_over(files, name), path))
            answers.setdefault(entries, []).append(name)
        except ProblemsFound as found:
            missing += found.problems
    if not answers:
        raise ProblemsFound(missing[:1])
    return tuple(WhyAnswer(tuple(names), entries) for entries, names in answers.items())


def _companies(files: ReadSite, company: str | None) -> tuple[str, ...]:
    known = company_ids(files)
    if company is None:
        if files.site is None or not known:
            raise ProblemsFound(files.problems or [Problem("S109", {"company": ""}, _START)])
        return known
    if company not in known:
        raise ProblemsFound([Problem("S109", {"company": company, "near": near_name(company, known)}, _START)])
    return (company,)


def _entries(resolved: Resolved, path: str) -> Iterator[WhyEntry]:
    definition, steps = _definition(resolved, path)
    item = definition.item
    walked = definition.id
    for step in steps:
        entry = item.map.get(step)
        if entry is None and step.isdigit() and int(step) < len(item.list):
            entry = item.list[int(step)]
        if entry is None:
            near = near_name(step, item.map)
            values = {"path": f"{walked}.{step}", "near": f"{walked}.{near}" if near else ""}
            raise ProblemsFound([Problem("S107", values, item.at)])
        item, walked = entry, f"{walked}.{step}"
    yield from _leaves(item, walked)


def _definition(resolved: Resolved, path: str) -> tuple[Definition, list[str]]:
    """The definition that `path` begins with, and the steps inside it."""
    steps = path.split(".")
    known = {**resolved.definitions, **resolved.apps, resolved.company.id: resolved.company}
    for length in (2, 1):
        definition = known.get(".".join(steps[:length]))
        if definition is not None:
            return definition, [step for step in steps[length:] if step]
    near = near_name(".".join(steps[:2]), known)
    raise ProblemsFound([Problem("S107", {"path": path, "near": near}, resolved.company.item.at)])


def _leaves(item: Item, path: str) -> Iterator[WhyEntry]:
    if item.map and not item.beaten:
        for key, entry in item.map.items():
            yield from _leaves(entry, f"{path}.{key}")
        return
    yield WhyEntry(path, short_text(item), item.at, item.layer, item.beaten)


def diff_company(root: Path, company: str) -> tuple[Difference, ...]:
    """Everything that the company's own files add, change or remove, in the order of the definitions."""
    files = read_definitions(root)
    _companies(files, company)
    own = lay_over(files, company)
    base = lay_over(files, company, without_own=True)
    return tuple(
        difference
        for identifier, definition in own.definitions.items()
        for difference in _differences(base.definitions.get(identifier), definition)
    )


def _differences(base: Definition | None, own: Definition) -> Iterator[Difference]:
    if base is None:
        yield Difference("added", own.id, own.kind, "", own.item.at)
        return
    yield from _changed(base.item, own.item, own.id)


def _changed(base: Item, own: Item, path: str) -> Iterator[Difference]:
    if base is own:
        return
    if not (base.map and own.map):
        if plain(base) != plain(own):
            yield Difference("changed", path, short_text(own), short_text(base), own.at)
        return
    for key, entry in own.map.items():
        old = base.map.get(key)
        if old is None:
            yield Difference("added", f"{path}.{key}", short_text(entry), "", entry.place)
        else:
            yield from _changed(old, entry, f"{path}.{key}")
    for key, entry in base.map.items():
        if key not in own.map:
            yield Difference("removed", f"{path}.{key}", "", short_text(entry), entry.place)
    kept = [key for key in base.map if key in own.map]
    if kept != [key for key in own.map if key in base.map]:
        yield Difference("changed", f"{path} (order)", ", ".join(own.map), ", ".join(base.map), own.at)
