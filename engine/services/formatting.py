"""Definition files with their expressions in canonical form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.catalog.rewriting import rewrite_expressions
from engine.problems import Location, Problem, ProblemsFound
from engine.source.kinds import LATER_KINDS

_FOLDERS = ("forms", "workflows", "dashboards", "templates_pack")
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Formatted:
    """One file: whether its expressions are (or were) not in canonical form, and what is wrong with it."""

    path: Path
    changed: bool
    problems: tuple[Problem, ...] = ()


def definition_files(place: Path) -> list[Path]:
    """The file itself; of a site every definition file of its own and of its pack; of another folder all YAML files."""
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise ProblemsFound([Problem("S107", {"path": str(place)}, Location(str(place), 1, 1))])
    roots = [place]
    if (place / "site.yaml").is_file():
        roots = [place / name for name in _FOLDERS if (place / name).is_dir()]
    found = (path for root in roots for path in root.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return sorted(path for path in found if not _hidden(path, place))


def _hidden(path: Path, place: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(place).parts)


def format_files(place: Path, *, write: bool) -> Iterator[Formatted]:
    """Every file with what formatting changes; written only when asked."""
    for path in definition_files(place):
        content = path.read_bytes()
        try:
            new = rewrite_expressions(content, path.as_posix())
        except ProblemsFound as found:
            # a kind that comes later is no mistake of the file
            later = all(problem.values.get("kind") in LATER_KINDS for problem in found.problems)
            yield Formatted(path, changed=False, problems=() if later else found.problems)
            continue
        if write and new != content:
            path.write_bytes(new)
        yield Formatted(path, new != content)
