"""Takes the written-out values out of a condition's comparisons, so that equal questions share one statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from engine.expressions.nodes import Expression, Node

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
# A value that wide is left where it stands: scaled by a column's decimals it might leave the 64 bits of SQLite.
_WIDEST = 10**12


def lift_literals(expression: Expression, taken: int = 0) -> tuple[Expression, tuple[object, ...]]:
    """The expression with "given" nodes in place of the values it compares with, and those values in order.

    The nodes are called g0, g1, …, counted from `taken` on. Empty values, booleans and lists of options stay: what
    SQL becomes depends on them.
    """
    values: list[object] = []
    node = _lift(expression.node, values, taken)
    return replace(expression, node=node), tuple(values)


def _lift(node: Node, values: list[object], taken: int) -> Node:
    args = tuple(_lift(arg, values, taken) for arg in node.args)
    if node.op in COMPARISONS and not all(arg.op == "literal" for arg in args):
        args = tuple(_give(arg, values, taken) if _is_liftable(arg) else arg for arg in args)
    return replace(node, args=args, position=0)


def _is_liftable(node: Node) -> bool:
    value = node.value
    if node.op != "literal" or isinstance(value, bool):
        return False
    if isinstance(value, Decimal):
        return abs(value.scaleb(_decimals(value))) < _WIDEST
    return isinstance(value, (str, int, date, datetime))


def _give(node: Node, values: list[object], taken: int) -> Node:
    name = f"g{taken + len(values)}"
    values.append(node.value)
    places = _decimals(node.value) if isinstance(node.value, Decimal) else None
    return Node("given", replace(node.type, places=places), value=name)


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))
