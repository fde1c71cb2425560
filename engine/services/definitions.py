"""What the definition commands do first: read a site and say everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.catalog.build import build_catalog
from engine.catalog.row_files import check_row_file
from engine.catalog.warnings import find_warnings
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.services.check_cache import fingerprint, read_cached, write_cached
from engine.source.guard import visible
from engine.source.layers import find_layers, find_pack
from engine.source.resolve import lay_over
from engine.source.resolved import Resolved
from engine.source.site_files import ReadSite, read_site
from engine.source.tree import Document

PRODUCT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ("engine/", "templates_pack/")


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site read and laid over: per company its definitions, or what is wrong with them."""

    files: ReadSite
    companies: Mapping[str, Resolved]
    problems: Mapping[str, tuple[Problem, ...]]


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
    found: dict[tuple[str, Location | None, str], Problem] = {}
    for problem in _all_problems(files, (company,) if company else names):
        # companies differ in roles, so a warning about the same line may come in several wordings
        told = "" if problem.warning else problem.message()
        found.setdefault((problem.code, problem.at, told), problem)
    problems = list(found.values())
    write_cached(root, mark, problems)
    return problems


def _all_problems(files: ReadSite, companies: tuple[str, ...]) -> Iterator[Problem]:
    """Problems of the shared files, then of each company; the same one may come several times."""
    yield from files.problems
    for company in companies:
        try:
            resolved = lay_over(files, company)
            catalog = build_catalog(resolved)
        except ProblemsFound as found:
            yield from found.problems
            continue
        yield from find_warnings(catalog, resolved)
        for document in row_documents(files, company, tuple(catalog.apps)):
            yield from check_row_file(catalog, document)


def row_documents(files: ReadSite, company: str, apps: tuple[str, ...]) -> list[Document]:
    """The data: and import: files of a company: those of its apps, of the site, then its own, in file-name order."""
    shared = [each for each in files.shared if each.source.owner in apps]
    return [
        each.document
        for each in (*shared, *files.companies.get(company, ()))
        if each.source.role == "rows" and each.document is not None and each.document.kind != "scenario"
    ]


def source_line(root: Path, problem: Problem) -> str | None:
    """The line of the file that a problem points at, safe to show; None when it cannot be read."""
    if problem.at is None:
        return None
    name = problem.at.file
    path = (PRODUCT if name.startswith(SHIPPED) and not (root / name).is_file() else root) / name
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return visible(lines[problem.at.line - 1]) if problem.at.line <= len(lines) else None
