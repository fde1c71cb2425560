"""What the definition commands do: check a site, explain a value, list what a company changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.catalog.build import build_catalog
from engine.catalog.row_files import check_row_file
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.services.check_cache import fingerprint, read_cached, write_cached
from engine.source.layers import find_layers, find_pack
from engine.source.resolve import lay_over
from engine.source.resolved import Resolved
from engine.source.site_files import ReadFile, ReadSite, read_site
from engine.source.tree import Beaten, Item, plain, short_text


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site read and laid over: per company its definitions, or what is wrong with them."""

    files: ReadSite
    companies: Mapping[str, Resolved]
    problems: Mapping[str, tuple[Problem, ...]]


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
    """The same answer in `companies`."""

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


def read_definitions(root: Path) -> ReadSite:
    """Every file of the site at `root`, read once."""
    return read_site(find_layers(root, find_pack(root)))


def load_site(root: Path) -> LoadedSite:
    """The definitions of every company that site.yaml names."""
    files = read_definitions(root)
    resolved: dict[str, Resolved] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    for company in company_ids(files):
        try:
            resolved[company] = lay_over(files, company)
        except ProblemsFound as found:
            problems[company] = found.problems
    return LoadedSite(files, resolved, problems)


def company_ids(files: ReadSite) -> tuple[str, ...]:
    """The companies of site.yaml, in its order."""
    if files.site is None or "companies" not in files.site.item.map:
        return ()
    return tuple(entry.text for entry in files.site.item.map["companies"].list)


def check_site(root: Path, company: str | None = None) -> list[Problem]:
    """Everything wrong with the definitions of the site, or of one company; nothing changed = the last answer."""
    sources = find_layers(root, find_pack(root))
    mark = fingerprint(sources, company or "")
    cached = read_cached(root, mark)
    if cached is not None:
        return cached
    files = read_site(sources)
    names = company_ids(files)
    if company is not None and company not in names:
        near = near_name(company, names)
        return [Problem("S109", {"company": company, "near": near}, Location("site.yaml", 1, 1))]
    found = list(dict.fromkeys(_keyed(problem) for problem in _all_problems(files, (company,) if company else names)))
    problems = [problem for _, problem in found]
    write_cached(root, mark, problems)
    return problems


@dataclass(frozen=True, slots=True)
class _Key:
    code: str
    at: Location | None
    message: str


def _keyed(problem: Problem) -> tuple[_Key, _Same]:
    return _Key(problem.code, problem.at, problem.message()), _Same(problem)
