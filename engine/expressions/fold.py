"""Which parts of a tree are known without any record? They become literals, so that SQL binds values instead."""

from __future__ import annotations

from dataclasses import replace
from decimal import localcontext
from zoneinfo import ZoneInfo

from engine.expressions.nodes import Node
from engine.expressions.operations import OPERATIONS
from engine.values import EXACT


def fold(node: Node, zone: str) -> Node:
    """The tree with every operation on literals replaced by its value; the same answers everywhere."""
    with localcontext(EXACT):
        return _fold(node, ZoneInfo(zone))


def _fold(node: Node, zone: ZoneInfo) -> Node:
    if not node.args:
        return node
    args = tuple(_fold(arg, zone) for arg in node.args)
    folded = node if args == node.args else replace(node, args=args)
    if node.type.kind == "null":
        return _literal(node, None)
    operation = OPERATIONS.get(node.op)
    if operation is None or operation.planned:  # the calendar may change under a statement that is kept
        return folded
    if not operation.nulls and any(_is_null(arg) for arg in args):
        return _literal(node, None)
    if all(arg.op == "literal" for arg in args):
        before = (zone,) if operation.zoned else ()
        return _literal(node, operation.apply(*before, *(arg.value for arg in args)))
    return folded


def _is_null(node: Node) -> bool:
    return node.op == "literal" and node.value is None


def _literal(node: Node, value: object) -> Node:
    return Node("literal", node.type, value=value, position=node.position)
