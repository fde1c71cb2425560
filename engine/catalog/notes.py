"""Where a builder writes down what is wrong, and how it reads values from definition items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.catalog.field_types.numbers import parse_number
from engine.expressions import compile_expression, compile_literal
from engine.expressions.nodes import Expression, Scope, Type
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.source.tree import Item
from engine.values import Label, empty

BOOLEAN = Type("boolean")
_CHINESE = re.compile("[\u3400-\u9fff]")


class Notes:
    """Collects the problems of one build."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, at: Location | None, **values: object) -> None:
        """Notes one problem; `near` and other values fill its text."""
        self.problems.append(Problem(code, values, at))

    def unknown(self, code: str, item: Item, name: str, known: object, **values: object) -> None:
        """Notes that `name` is not one of `known`, with the nearest of them."""
        names = [str(each) for each in known] if isinstance(known, (Mapping, list, tuple, set, frozenset)) else []
        self.problems.append(Problem(code, {**values, "name": name, "near": near_name(name, names)}, item.at))

    def extend(self, found: ProblemsFound) -> None:
        """Takes over the problems of an exception."""
        self.problems.extend(found.problems)

    def raise_if_any(self) -> None:
        """ProblemsFound when something other than a warning was noted."""
        if any(not problem.warning for problem in self.problems):
            raise ProblemsFound(self.problems)


def label_of(item: Item | None, name: str) -> Label:
    """The label of an entry; without one its name in words."""
    texts = texts_of(item)
    if texts:
        return texts
    if _CHINESE.search(name):
        return {"zh": name}
    return {"en": name.replace("_", " ").capitalize()}


def texts_of(item: Item | None) -> Label:
    """A text by language, empty when there is none."""
    if item is None or not item.map:
        return empty()
    return {language: entry.text for language, entry in item.map.items() if entry.text}


def words_of(item: Item | None) -> tuple[Item, ...]:
    """The words of a list, or the only word, as items."""
    if item is None:
        return ()
    return item.list if isinstance(item.value, tuple) else (item,)


def flag_of(item: Item, key: str, *, default: bool = False) -> bool:
    """The boolean at `key`."""
    found = item.map.get(key)
    return default if found is None else found.value is True


def text_of(item: Item, key: str) -> str | None:
    """The text at `key`, None when it is not there."""
    found = item.map.get(key)
    return None if found is None else found.text


def whole_of(item: Item, key: str, default: int) -> int:
    """The whole number at `key`."""
    found = item.map.get(key)
    return found.value if found is not None and isinstance(found.value, int) else default


def entries_of(item: Item | None) -> Iterator[tuple[str, Item]]:
    """The entries of a map, none when there is no map."""
    if item is not None:
        yield from item.map.items()


def share_of(item: Item) -> object:
    """`20%`, 20% or 0.2 as a fraction; None when it is no share between 0 and 1."""
    text = item.text.strip()
    number = parse_number(text.rstrip("%％")) if text else None
    if number is None:
        return None
    share = number.scaleb(-2) if text.endswith(("%", "％")) else number
    return share if 0 <= share <= 1 else None


class Compiler:
    """Compiles the expressions of one scope; what does not compile is noted and comes out as None."""

    def __init__(self, notes: Notes, scope: Scope, row_scope: Scope | None = None) -> None:
        self.notes = notes
        self.scope = scope
        self.row_scope = row_scope

    def condition(self, item: Item | None) -> Expression | None:
        """A boolean expression or constant."""
        if item is None:
            return None
        if isinstance(item.value, bool):
            return compile_literal(item.value, BOOLEAN)
        return self.expression(item, want="boolean")

    def expression(self, item: Item, want: str | None = None, *, skip: int = 0) -> Expression | None:
        """The expression that the text of `item` writes, after its first `skip` characters."""
        if item.style == "folded":
            self.notes.add("Y117", item.at)
            return None
        if item.style == "commented":
            self.notes.add("Y116", item.at)
            return None
        return self.text(item.text[skip:], _moved(item.at, skip), want)

    def text(self, text: str, at: Location, want: str | None = None) -> Expression | None:
        """The expression `text`, whose first character stands at `at`."""
        try:
            return compile_expression(text, self.scope, at=at, want=want, row_scope=self.row_scope)
        except ProblemsFound as found:
            self.notes.extend(found)
            return None


def _moved(at: Location, skip: int) -> Location:
    return Location(at.file, at.line, at.column + skip, max(1, at.length - skip)) if skip else at
