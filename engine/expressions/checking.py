"""What the checker carries along: the scopes around the current place, and the problems found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.expressions.nodes import Node, Scope, Type
from engine.expressions.syntax import Syntax, place
from engine.expressions.types import BOOLEAN, NULL, type_words
from engine.problems import Location, Problem

MOST_ROW_LEVELS = 2
Hint = Mapping[str, str]


def hint(en: str, zh: str) -> Hint:
    """A targeted hint in both languages."""
    return MappingProxyType({"en": en, "zh": zh})


@dataclass(frozen=True, slots=True)
class Checking:
    """One expression being checked. `scopes`: innermost first; `problems` is filled as they are found.

    `implicit_rows` names the rows that an aggregate is of when it names none: `SUM(amount)` among measures.
    `check` turns any construct into a node; a refused construct becomes a null, which fits every type, so that one
    mistake is told once.
    """

    text: str
    at: Location | None
    scopes: tuple[Scope, ...]
    problems: list[Problem]
    check_with: Callable[[Checking, Syntax], Node]
    row_levels: int = 0
    implicit_rows: str | None = None

    def check(self, syntax: Syntax) -> Node:
        """The node of `syntax`."""
        return self.check_with(self, syntax)

    def inside(self, rows: Scope) -> Checking:
        """The checking of what is asked of each row."""
        return replace(self, scopes=(rows, *self.scopes), row_levels=self.row_levels + 1, implicit_rows=None)

    def refuse(self, code: str, syntax: Syntax, advice: Hint | None = None, **values: object) -> Node:
        """Note a problem at `syntax`; the null that stands in its place."""
        where = place(self.text, self.at, syntax.start, syntax.end)
        self.problems.append(Problem(code, MappingProxyType(values), where, hint=advice))
        return null_at(syntax)

    def condition(self, syntax: Syntax) -> Node:
        """The node of a construct that must be a condition."""
        node = self.check(syntax)
        if node.type.kind not in ("boolean", "null"):
            return self.refuse("FX012", syntax, got=type_words(node.type.kind))
        return FALSE if node.type.kind == "null" else node

    def source(self, syntax: Syntax) -> str:
        """The characters of `syntax`."""
        return self.text[syntax.start : syntax.end]


FALSE = Node("literal", BOOLEAN, value=False)
TRUE = Node("literal", BOOLEAN, value=True)


def null_at(syntax: Syntax) -> Node:
    """The literal NULL at the place of `syntax`."""
    return Node("literal", NULL, position=syntax.start)


def literal(value: object, type_: Type, syntax: Syntax) -> Node:
    """A literal at the place of `syntax`."""
    return Node("literal", type_, value=value, position=syntax.start)


def is_literal(node: Node) -> bool:
    """Whether the value is written out."""
    return node.op == "literal"
