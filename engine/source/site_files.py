"""All files of a site, each read and checked once, whatever the number of companies that use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.problems import Location, Problem, ProblemsFound
from engine.source.kinds import id_problem, needs_app
from engine.source.layers import SiteSources, Source
from engine.source.overlay import place_entries
from engine.source.reader import read_yaml
from engine.source.shape import check_shape
from engine.source.shorthand import expand
from engine.source.tree import Document

_PLACED = (
    "company",
    "app",
    "form",
    "pipeline",
    "choices",
    "workflow",
    "metrics",
    "dashboard",
)  # rows may hold the words remove, after and before


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what is in it, or what is wrong with it."""

    source: Source
    document: Document | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadSite:
    """Every file of a site. `site` is None when site.yaml itself is wrong."""

    sources: SiteSources
    site: Document | None
    problems: tuple[Problem, ...]  # of site.yaml and of the files outside company folders
    shared: tuple[ReadFile, ...]
    companies: Mapping[str, tuple[ReadFile, ...]]


def read_site(sources: SiteSources) -> ReadSite:
    """Reads every file; nothing is raised, each file keeps its problems."""
    site, problems = _read_site_file(sources)
    shared = tuple(read_file(source) for source in sources.shared)
    companies = {name: tuple(read_file(source) for source in files) for name, files in sources.companies.items()}
    problems += [problem for each in shared for problem in each.problems]
    return ReadSite(sources, site, tuple(problems), shared, companies)


def read_file(source: Source) -> ReadFile:
    """One file: read, short forms written out, id and shape checked."""
    try:
        document = read_yaml(source.path, source.name, _layer_name(source))
    except ProblemsFound as found:
        return ReadFile(source, None, found.problems)
    problems = _identity_problems(document, source)
    if document.overlay:
        return ReadFile(source, document if not problems else None, tuple(problems))
    if document.kind in _PLACED:
        item = expand(document.kind, document.item)
        document = replace(document, item=place_entries(item, document.id, problems))
    problems += check_shape(document.kind, document.item)
    return ReadFile(source, document if not problems else None, tuple(problems))


def _layer_name(source: Source) -> str:
    if source.layer == "company":
        return f"company {source.company}"
    return f"{source.layer} {source.owner}" if source.layer == "pack" else source.layer


def _identity_problems(document: Document, source: Source) -> list[Problem]:
    """Id well formed, in agreement with folder and file name, and a kind that may stand there."""
    first = next(iter(document.item.map.values()))
    if document.kind == "scenario":
        return [] if source.role in ("scenario", "rows") else [_misplaced(document, source, first.place)]
    if source.role == "scenario":
        return [_misplaced(document, source, first.place)]
    kind = "form" if document.overlay else document.kind
    wrong = id_problem(kind, first)
    if wrong is not None:
        return [wrong]
    if source.role == "rows":
        return [] if document.kind in ("data", "import") else [_misplaced(document, source, first.place)]
    expected = _expected_id(source)
    if needs_app(kind) != needs_app(_role_kind(source)) or document.kind in ("site", "data", "import"):
        return [_misplaced(document, source, first.place)]
    if expected is not None and document.id != expected:
        return [Problem("D106", {"id": document.id, "expected": expected, "file": source.name}, first.at)]
    return []


def _role_kind(source: Source) -> str:
    return source.role if source.role in ("app", "company") else "form"


def _expected_id(source: Source) -> str | None:
    if source.role == "app":
        return source.app
    if source.role == "company":
        return source.company
    return f"{source.app}.{source.stem}" if source.app else None


def _misplaced(document: Document, source: Source, at: Location) -> Problem:
    return Problem("D111", {"kind": document.kind, "file": source.name}, at)


def _read_site_file(sources: SiteSources) -> tuple[Document | None, list[Problem]]:
    name = "site.yaml"
    if not sources.site.is_file():
        return None, [Problem("S102", {"folder": sources.root.name or "."}, Location(name, 1, 1))]
    try:
        document = read_yaml(sources.site, name, "site")
    except ProblemsFound as found:
        return None, list(found.problems)
    first = next(iter(document.item.map.values()))
    if document.kind != "site":
        return None, [Problem("D111", {"kind": document.kind, "file": name}, first.place)]
    wrong = id_problem("site", first)
    problems = [wrong] if wrong else check_shape("site", document.item)
    problems += _missing_companies(document, sources) if not problems else []
    return document, problems


def _missing_companies(document: Document, sources: SiteSources) -> list[Problem]:
    return [
        Problem("S103", {"company": entry.text}, entry.at)
        for entry in document.item.map["companies"].list
        if not any(source.role == "company" for source in sources.companies.get(entry.text, ()))
    ]
