"""Can a value be empty? Asked of the operands of arithmetic, which is empty as soon as one operand is."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.forms import Field
from engine.catalog.leaves import Forms, Placed, Spot, fields_along, path_of
from engine.expressions.nodes import Node

ARITHMETIC = frozenset({"+", "-", "*", "/", "NEGATE"})
_NEVER = frozenset({
    "=", "<>", "<", "<=", ">", ">=", "IN", "AND", "OR", "NOT", "XOR", "ISEMPTY", "N0", "LEN", "FIND", "COUNT", "SUM",
    "COUNTOF", "HAS", "HASANY", "HASALL", "STARTSWITH", "ENDSWITH", "CONTAINS", "today", "now", "is_new", "rule",
})  # fmt: skip
_NEVER_TOTALS = frozenset({"SUM", "COUNT", "COUNTDISTINCT", "ANY", "ALL", "RANK"})
_ALWAYS_GIVEN = frozenset({"boolean", "stage", "serial", "lines"})
_DEEPEST = 8


def empty_operands(forms: Forms, placed: Placed) -> Iterator[Placed]:
    """The operands of sums, differences, products and quotients that may be empty, unless a condition looks at them."""
    yield from _operands(forms, placed, frozenset())


def _operands(forms: Forms, placed: Placed, asked: frozenset[object]) -> Iterator[Placed]:
    node, around = placed.node, placed.around
    if node.op == "aggregate":
        return  # empty rows are passed over
    if node.op in ("IF", "IFS", "SWITCH"):
        asked |= frozenset(_names(node))
    for arg in node.args:
        inner = Placed(arg, around)
        if node.op in ARITHMETIC and arg.op not in ARITHMETIC and may_be_empty(forms, inner):
            if (arg.op, arg.value) not in asked and arg.op != "literal":
                yield inner
        else:
            yield from _operands(forms, inner, asked)


def _names(node: Node) -> Iterator[object]:
    """What the conditions of a choice mention: who asks `IF(cost > 0, …)` has thought of empty costs."""
    tests = node.args[:1] if node.op in ("IF", "SWITCH") else node.args[:-1:2]
    for test in tests:
        yield from _leaves(test)


def _leaves(node: Node) -> Iterator[object]:
    if node.op == "field":
        yield node.op, node.value
    for arg in node.args:
        yield from _leaves(arg)


def may_be_empty(forms: Forms, placed: Placed, depth: int = 0) -> bool:
    """Whether the node's value may be empty in a record that passes its checks."""
    node = placed.node
    args = [Placed(arg, placed.around) for arg in node.args]
    if node.op == "literal":
        return node.value is None
    if node.op in ("me", "settings", "asked"):
        return node.op == "asked"
    if node.op in _NEVER or depth > _DEEPEST:
        return False
    if node.op == "aggregate":
        return node.value not in _NEVER_TOTALS
    if node.op == "field":
        return _field_may_be_empty(forms, placed, depth)
    if node.op == "COALESCE":
        return all(may_be_empty(forms, arg, depth + 1) for arg in args)
    if node.op in ("IF", "IFS", "SWITCH"):
        return _branches_may_be_empty(forms, placed, depth)
    return any(may_be_empty(forms, arg, depth + 1) for arg in args)


def _branches_may_be_empty(forms: Forms, placed: Placed, depth: int) -> bool:
    args = placed.node.args[1:] if placed.node.op == "SWITCH" else placed.node.args
    without_else = len(args) % 2 == 0
    values = args[1::2] if without_else else (*args[1::2], args[-1])
    return without_else or any(may_be_empty(forms, Placed(each, placed.around), depth + 1) for each in values)


def _field_may_be_empty(forms: Forms, placed: Placed, depth: int) -> bool:
    *links, last = fields_along(forms, placed)
    if any(link is not None and not _always_given(link) for link in links):
        return True
    if last is None or _always_given(last) or len(path_of(placed.node)) == 0:
        return False
    if last.formula is None:
        return True
    spot = placed.around[placed.node.depth] if not links else Spot(_home(links, placed))
    return may_be_empty(forms, Placed(last.formula.node, (spot,)), depth + 1)


def _home(links: list[Field | None], placed: Placed) -> str:
    """The form in which the last field of a path lies."""
    last = links[-1]
    return last.to[0] if last is not None and last.to else placed.around[placed.node.depth].form


def _always_given(field: Field) -> bool:
    required = field.required is not None and field.required.constant is True
    return required or field.default is not None or field.blank_zero or field.type in _ALWAYS_GIVEN
