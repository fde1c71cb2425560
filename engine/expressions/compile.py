"""From a text to a checked expression: parse, resolve and type, bound, list what is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.expressions import calls, names, operators
from engine.expressions.checking import Checking, literal, null_at
from engine.expressions.limits import find_excess
from engine.expressions.nodes import Expression, Node, Scope, Type
from engine.expressions.parser import parse
from engine.expressions.references import find_references, find_volatile
from engine.expressions.syntax import Refused, Syntax, place, problem_of
from engine.expressions.types import BOOLEAN, TEXT, fits, type_words
from engine.problems import Location, Problem, ProblemsFound


def compile_expression(
    text: str,
    scope: Scope,
    *,
    at: Location | None = None,
    want: str | None = None,
    row_scope: Scope | None = None,
    implicit_rows: str | None = None,
) -> Expression:
    """The checked expression that `text` is. Raises ProblemsFound with every problem (FX…) at its exact place.

    at          where the text's first character stands
    want        the type kind that the place needs: "boolean" for conditions
    row_scope   the scope of the row that the text is asked of, inside the record of `scope` (`this`)
    implicit_rows  the row source of `scope` that aggregates are of when they name none: SUM(amount), COUNT()
    """
    try:
        syntax = parse(text)
    except Refused as refusal:
        raise ProblemsFound([problem_of(refusal, text, at)]) from None
    problems: list[Problem] = []
    scopes = (scope,) if row_scope is None else (row_scope, scope)
    checking = Checking(text, at, scopes, problems, _check, implicit_rows=implicit_rows)
    node = _wanted(checking, syntax, want)
    if not problems:
        _check_size(checking, node)
    if problems:
        raise ProblemsFound(problems)
    return Expression(text, node, find_references(node), find_volatile(node), at)


def _check(checking: Checking, syntax: Syntax) -> Node:
    kinds: Mapping[str, Callable[[Checking, Syntax], Node]] = _KINDS
    return kinds[syntax.kind](checking, syntax)


def _number(checking: Checking, syntax: Syntax) -> Node:
    number = syntax.value
    places = max(0, -number.as_tuple().exponent)  # type: ignore[attr-defined]
    return literal(number, Type("number", places), syntax)


_KINDS: Mapping[str, Callable[[Checking, Syntax], Node]] = MappingProxyType({
    "number": _number,
    "text": lambda _, syntax: literal(syntax.value, TEXT, syntax),
    "boolean": lambda _, syntax: literal(syntax.value, BOOLEAN, syntax),
    "null": lambda _, syntax: null_at(syntax),
    "name": names.resolve,
    "member": names.resolve,
    "filter": names.resolve,
    "call": calls.call,
    "unary": operators.unary,
    "binary": operators.binary,
    "in": operators.within,
})  # fmt: skip


def _wanted(checking: Checking, syntax: Syntax, want: str | None) -> Node:
    if want == "boolean":
        return checking.condition(syntax)
    node = checking.check(syntax)
    if want is not None and not fits(want, node.type):
        return checking.refuse("FX017", syntax, got=type_words(node.type.kind), expected=type_words(want))
    return node


def _check_size(checking: Checking, node: Node) -> None:
    for code, found in find_excess(node):
        where = place(checking.text, checking.at, found.position, found.position + 1)
        checking.problems.append(Problem(code, at=where))
