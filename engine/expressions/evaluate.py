"""What is the value of an expression? The reference: simpleeval over a Python tree of Call, Name and IfExp only.

Every name in that tree was generated here; nothing a user wrote becomes a Python name, attribute or string.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import localcontext
from typing import Any

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from engine.expressions.leaves import Surroundings, read_leaf, surroundings
from engine.expressions.nodes import Expression, Moment, Node, Values
from engine.expressions.operations import OPERATIONS
from engine.expressions.rows import AGGREGATE_FUNCTIONS, PER_ROW
from engine.values import EXACT


def evaluate(expression: Expression, values: Values, moment: Moment) -> object:
    """The value of `expression` on `values`. Total: what cannot be computed is None, a condition is True or False."""
    with localcontext(EXACT):
        return _value(expression.node, surroundings(values, moment))


def _value(node: Node, around: Surroundings) -> object:
    if not node.args and node.op not in OPERATIONS:
        return _leaf(node, around)
    lowered = _Lowered({}, {})
    tree = lowered.lower(node)
    evaluator = _Evaluator(lowered.functions, _names(lowered.slots, around))
    return evaluator.eval("", previously_parsed=tree)


def _leaf(node: Node, around: Surroundings) -> object:
    return _rows_value(node, around) if node.op == "aggregate" else read_leaf(node, around)


def _names(slots: Mapping[str, Node], around: Surroundings) -> dict[str, object]:
    moment = {"zone": around.moment.zone, "calendar": around.moment.calendar}
    return {name: _leaf(node, around) for name, node in slots.items()} | moment


@dataclass(frozen=True)
class _Lowered:
    """Slots (leaves by generated name) and the functions that the lowered tree calls."""

    slots: dict[str, Node]
    functions: dict[str, Callable[..., object]]

    def lower(self, node: Node) -> ast.expr:
        if node.op == "aggregate" or node.op not in OPERATIONS:
            name = f"s{len(self.slots)}"
            self.slots[name] = node
            return ast.Name(name, ast.Load())
        args = [self.lower(arg) for arg in node.args]
        if node.op == "IF":
            return ast.IfExp(*args)
        operation = OPERATIONS[node.op]
        name = f"f{len(self.functions)}"
        self.functions[name] = operation.apply
        moment = ["zone"] * operation.zoned + ["calendar"] * operation.planned
        before: list[ast.expr] = [ast.Name(each, ast.Load()) for each in moment]
        return ast.Call(ast.Name(name, ast.Load()), [*before, *args], [])


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """simpleeval reduced to three kinds of node and to the names given."""

    def __init__(self, functions: dict[str, Callable[..., object]], names: dict[str, object]) -> None:
        # Instead of SimpleEval's own, which admits two dozen kinds of node and silences warnings of the whole process.
        self.operators: dict[type, Callable[..., object]] = {}
        self.functions = functions
        self.names = names
        self.allowed_attrs: dict[type, set[str]] = {}
        self.ATTR_INDEX_FALLBACK = False
        self.nodes: dict[type, Callable[[Any], Any]] = {
            ast.Call: self._eval_call,
            ast.Name: self._eval_name,
            ast.IfExp: self._eval_ifexp,
        }


def _rows_value(node: Node, around: Surroundings) -> object:
    source, where, operand, *further = node.args
    name = str(node.value)
    inner = [around.inside(row) for row in around.rows(source)]
    kept = [row for row in inner if _value(where, row)]
    if name == "COUNT" and operand.op == "literal":
        column: list[object] = [True] * len(kept)
    else:
        column = [_value(operand, row) for row in kept]
    if not further:
        return AGGREGATE_FUNCTIONS[name](column, [])
    extra = [_value(further[0], row) for row in kept] if name in PER_ROW else [_value(further[0], around)]
    return AGGREGATE_FUNCTIONS[name](column, extra)
