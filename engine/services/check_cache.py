"""The last answer of a check, kept as long as neither the definitions nor the engine change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.problems import Location, Problem
from engine.source.layers import SiteSources

_ENGINE = Path(__file__).resolve().parent.parent
_PARTS = ("problem_codes", "source", "catalog", "expressions")


def fingerprint(sources: SiteSources, company: str) -> str:
    """A name for the present content of all definition files, the engine that checks them and the question asked."""
    mark = hashlib.sha256(company.encode())
    for path in (sources.site, *(source.path for source in sources.all_files())):
        mark.update(str(path).encode())
        mark.update(path.read_bytes() if path.is_file() else b"missing")
    for path in _engine_files():
        status = path.stat()
        mark.update(f"{path.name} {status.st_size} {status.st_mtime_ns}".encode())
    return mark.hexdigest()


def _engine_files() -> Iterable[Path]:
    for part in _PARTS:
        yield from sorted((_ENGINE / part).rglob("*.py"))
        yield from sorted((_ENGINE / part).rglob("*.json"))


def read_cached(root: Path, mark: str) -> list[Problem] | None:
    """The problems that were found for this fingerprint, None when they are not known."""
    try:
        stored = json.loads(_path(root, mark).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return [_problem(entry) for entry in stored] if isinstance(stored, list) else None


def write_cached(root: Path, mark: str, problems: Iterable[Problem]) -> None:
    """Keeps the problems; a folder that cannot be written to only costs time."""
    folder = root / "var" / "cache"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("check-*.json"):
            old.unlink(missing_ok=True)
        _path(root, mark).write_text(json.dumps([_entry(problem) for problem in problems]), encoding="utf-8")
    except OSError:
        return


def _path(root: Path, mark: str) -> Path:
    return root / "var" / "cache" / f"check-{mark[:32]}.json"


def _entry(problem: Problem) -> dict[str, Any]:
    at = problem.at
    return {
        "code": problem.code,
        "values": {key: _value(value) for key, value in problem.values.items()},
        "at": [at.file, at.line, at.column, at.length] if at else None,
        "hint": dict(problem.hint) if problem.hint else None,
        "text": dict(problem.text) if problem.text else None,
        "warning": problem.warning,
    }


def _value(value: object) -> object:
    """Words by language stay so."""
    return {str(key): str(word) for key, word in value.items()} if isinstance(value, Mapping) else str(value)


def _problem(entry: Mapping[str, Any]) -> Problem:
    at = Location(*entry["at"]) if entry["at"] else None
    return Problem(entry["code"], entry["values"], at, "", entry["hint"], entry["text"], entry["warning"])
