"""New expressions out of checked ones: constants, all of several, any of several."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.checking import FALSE, TRUE
from engine.expressions.nodes import Expression, Node, Type
from engine.expressions.types import BOOLEAN


def compile_literal(value: object, type_: Type) -> Expression:
    """The constant `value` as an expression."""
    return Expression("", Node("literal", type_, value=value), frozenset())


def all_of(*expressions: Expression) -> Expression:
    """True where all of `expressions` (conditions of one scope) are; TRUE when there are none."""
    return _combined("AND", TRUE, FALSE, expressions)


def any_of(*expressions: Expression) -> Expression:
    """True where any of `expressions` is; FALSE when there are none."""
    return _combined("OR", FALSE, TRUE, expressions)


def _combined(name: str, neutral: Node, absorbing: Node, expressions: tuple[Expression, ...]) -> Expression:
    value: Callable[[Expression], object] = lambda each: each.node.value if each.node.op == "literal" else None  # noqa: E731
    if any(value(each) is absorbing.value for each in expressions):
        return compile_literal(absorbing.value, BOOLEAN)
    kept = list({each.node: each for each in expressions if value(each) is not neutral.value}.values())
    if not kept:
        return compile_literal(neutral.value, BOOLEAN)
    if len(kept) == 1:
        return kept[0]
    return Expression(
        f" {name.lower()} ".join(f"({each.text})" for each in kept),
        Node(name, BOOLEAN, tuple(each.node for each in kept)),
        frozenset().union(*(each.references for each in kept)),
        frozenset().union(*(each.volatile for each in kept)),
    )
