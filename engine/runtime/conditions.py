"""Conditions made from checked ones."""

from __future__ import annotations

from engine.expressions.nodes import Expression, Node, Type


def negated(condition: Expression) -> Expression:
    """True where `condition` is not."""
    node = Node("NOT", Type("boolean"), (condition.node,))
    return Expression(f"not ({condition.text})", node, condition.references, condition.volatile)
