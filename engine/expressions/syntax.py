"""The shape of an expression before any name is looked up, and how a refusal is raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.problems import Location, Problem
from engine.values import empty

MOST_CHARACTERS = 4000
MOST_NODES = 500
MOST_NESTING = 40
MOST_DEPTH = 100  # of the tree: a + b + c … is deep without being nested
MOST_ARGUMENTS = 200
MOST_LITERAL = 1000


@dataclass(frozen=True, slots=True)
class Syntax:
    """One construct of the grammar, from character `start` up to `end` (exclusive).

    kind    number | text | boolean | null (value) · name (value) · call (value = name, parts = arguments) ·
            unary, binary (value = operator) · member (value = name, parts = base) · filter (parts = base, condition) ·
            in (parts = value, options …)
    """

    kind: str
    start: int
    end: int
    value: object = None
    parts: tuple[Syntax, ...] = ()


class Refused(Exception):
    """The text is no expression: code, place and what the message interpolates."""

    def __init__(
        self,
        code: str,
        start: int,
        end: int,
        hint: Mapping[str, str] | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.start, self.end, self.hint = code, start, end, hint
        self.values = values or empty()


def place(text: str, at: Location | None, start: int, end: int) -> Location:
    """The location of text[start:end] when the text's first character stands at `at`.

    Later lines of a block begin in the same column as the first one.
    """
    first = at or Location("expression", 1, 1)
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    stop = end if line_end < 0 else min(end, line_end)
    return Location(
        first.file, first.line + text.count("\n", 0, start), first.column + start - line_start, max(1, stop - start)
    )


def problem_of(refusal: Refused, text: str, at: Location | None) -> Problem:
    """The refusal as a problem with its exact place."""
    return Problem(refusal.code, refusal.values, place(text, at, refusal.start, refusal.end), hint=refusal.hint)
