"""What is wrong, where it is and what to do about it: errors as data, rendered late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

from engine.problem_codes import PROBLEM_CODES

LONGEST_LINE = 120  # of a source line as shown; longer ones are cut around the place


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a definition file; line and column count from 1, length in characters."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    code     key of PROBLEM_CODES: the text and the usual hint in each language.
    values   what the text and hint interpolate; the value `near` fills the hint "did you mean".
    at       where in the definitions, when a definition is wrong.
    pointer  which field, when a record is wrong: "amount", "lines/2/quantity"; "" is the whole record.
    hint     a hint by language, when the usual one of the code does not fit.
    text     a message by language written by an administrator (checks); it replaces the code's text.
    warning  True when the definitions can be used all the same.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    at: Location | None = None
    pointer: str = ""
    hint: Mapping[str, str] | None = None
    text: Mapping[str, str] | None = None
    warning: bool = False

    def message(self, language: str = "en") -> str:
        """The sentence that says what is wrong, in `language` ("en" or "zh")."""
        if self.text:
            return _in_language(self.text, language)
        return _fill(_in_language(PROBLEM_CODES[self.code].text, language), self.values, language)

    def advice(self, language: str = "en") -> str:
        """The sentence that says what to do, or ""."""
        if self.hint:
            return _in_language(self.hint, language)
        if self.values.get("near"):
            near = self.values["near"]
            return f"是不是“{near}”？" if language == "zh" else f"Did you mean '{near}'?"
        return _fill(_in_language(PROBLEM_CODES[self.code].hint, language), self.values, language)


class ProblemsFound(Exception):
    """All problems of one stage, raised at its end so that nobody fixes them one by one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message() for problem in self.problems))


class NotVisible(Exception):
    """A record or form that does not exist or that this actor may not see: the answer is the same (404)."""


class NotAllowed(Exception):
    """A visible thing this actor may not do (403)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message())


class Conflict(Exception):
    """What was asked does not fit what has happened meanwhile (409)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message())


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a field from what to what (display texts)."""

    field: str
    label: Mapping[str, str]
    before: str
    after: str
    by: str
    at: str


class Stale(Exception):
    """The record was saved by somebody else since it was read (409)."""

    def __init__(self, version: int, changes: Iterable[Change]) -> None:
        self.version = version
        self.changes = tuple(changes)
        super().__init__(f"The record has meanwhile reached version {version}.")


def near_name(name: str, names: Iterable[str]) -> str:
    """The most similar of `names`, or "" when none is similar."""
    known = sorted(set(names))
    matches = get_close_matches(name, known, n=1, cutoff=0.6)
    if matches:
        return matches[0]
    folded = {known_name.casefold(): known_name for known_name in known}
    return folded.get(name.casefold(), "")


def render_problem(problem: Problem, source_line: str | None, language: str = "en") -> str:
    """The text a terminal shows: code and message, place, the line with a caret, hint."""
    word = ("警告" if language == "zh" else "warning") if problem.warning else ("错误" if language == "zh" else "error")
    lines = [f"{word}[{problem.code}]: {problem.message(language)}"]
    if problem.at is not None:
        lines.append(f"  --> {problem.at}")
        if source_line is not None:
            number = str(problem.at.line)
            margin = " " * len(number)
            shown, at = _window(source_line, problem.at)
            lines += [f" {margin} |", f" {number} | {shown}", f" {margin} | {_caret(shown, at)}"]
    advice = problem.advice(language)
    if advice:
        lines.append(f"  {'提示' if language == 'zh' else 'hint'}: {advice}")
    return "\n".join(lines)


def _window(source_line: str, at: Location) -> tuple[str, Location]:
    """The part of a long line around the place, and the place in it."""
    if len(source_line) <= LONGEST_LINE:
        return source_line, at
    start = max(0, min(at.column - 1 - LONGEST_LINE // 2, len(source_line) - LONGEST_LINE))
    before, after = "…" if start else "", "…" if start + LONGEST_LINE < len(source_line) else ""
    shown = f"{before}{source_line[start : start + LONGEST_LINE]}{after}"
    return shown, Location(at.file, at.line, at.column - start + len(before), min(at.length, LONGEST_LINE))


def _caret(source_line: str, at: Location) -> str:
    blanks = ("\t" if char == "\t" else "　" if ord(char) > 0x2E80 else " " for char in source_line[: at.column - 1])
    before = "".join(blanks)
    return before + "^" * max(1, min(at.length, len(source_line) - at.column + 1))


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _fill(template: str, values: Mapping[str, object], language: str) -> str:
    for name, value in values.items():
        shown = _in_language(value, language) if isinstance(value, Mapping) else value  # a word by language
        template = template.replace("{" + name + "}", str(shown))
    return template
