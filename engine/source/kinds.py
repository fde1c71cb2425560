"""Which kind of definition is a file, and what is its id?"""

from __future__ import annotations

import re

from engine.problems import Problem, ProblemsFound, near_name
from engine.source.tree import Item

KINDS = (
    "site", "company", "app", "form", "pipeline", "choices", "workflow", "metrics", "dashboard", "data", "import",
    "scenario",
)  # fmt: skip
LATER_KINDS = ("automation", "print")
# A letter of any script that is used as an identifier: Latin small letters or Chinese characters.
WORD = r"[a-z\u3400-\u9fff][a-z0-9_\u3400-\u9fff]*"
NAME = re.compile(WORD + r"\Z")
QUALIFIED = re.compile(rf"{WORD}\.{WORD}\Z")
MAX_NAME = 40


def identify(item: Item) -> tuple[str, str, bool]:
    """(kind, id, is overlay) of a file; the kind of an overlay is "overlay" until its target is known."""
    if not item.map:
        raise ProblemsFound([Problem("D107", {"kinds": ", ".join((*KINDS, "overlay"))}, item.at)])
    kind, value = next(iter(item.map.items()))
    if kind == "stages" and isinstance(value.value, str):
        raise ProblemsFound([Problem("D107", {"kinds": "", "near": "pipeline"}, value.place)])
    if kind not in (*KINDS, *LATER_KINDS, "overlay"):
        raise ProblemsFound([_unknown_kind(item, kind)])
    if kind in LATER_KINDS:
        raise ProblemsFound([Problem("D108", {"kind": kind}, value.place)])
    if kind == "scenario":
        return kind, "", False  # it has a title, and is found by its file
    if not isinstance(value.value, str):
        raise ProblemsFound([Problem("D105", {"id": value.text, "what": kind}, value.at)])
    return kind, value.value, kind == "overlay"


def _unknown_kind(item: Item, kind: str) -> Problem:
    known = (*KINDS, *LATER_KINDS, "overlay")
    late = next((key for key in item.map if key in known), None)
    place = item.map[kind].place
    if late is not None:
        return Problem("D109", {"kind": late, "key": kind}, item.map[late].place)
    return Problem("D107", {"kinds": ", ".join((*KINDS, "overlay")), "near": near_name(kind, known)}, place)


def needs_app(kind: str) -> bool:
    """Whether ids of this kind are app.name (site, company and app are single names)."""
    return kind not in ("site", "company", "app")


def id_problem(kind: str, item: Item) -> Problem | None:
    """What is wrong with the form of the id that `item` holds."""
    pattern = QUALIFIED if needs_app(kind) else NAME
    text = item.text
    if not pattern.match(text) or any(len(part) > MAX_NAME for part in text.split(".")):
        return Problem("D105", {"id": text, "what": kind}, item.at)
    return None
