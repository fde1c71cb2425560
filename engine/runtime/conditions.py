"""Conditions made from checked ones."""

from __future__ import annotations

from collections.abc import Iterable

from engine.expressions import all_of
from engine.expressions.nodes import Expression, Node, Type


def negated(condition: Expression) -> Expression:
    """True where `condition` is not."""
    node = Node("NOT", Type("boolean"), (condition.node,))
    return Expression(f"not ({condition.text})", node, condition.references, condition.volatile)


def all_met(conditions: Iterable[Expression | None]) -> Expression | None:
    """True where every one that there is holds; None when there is none."""
    known = [each for each in conditions if each is not None]
    return all_of(*known) if known else None
