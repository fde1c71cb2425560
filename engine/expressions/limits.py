"""How large can a value become? Digits and characters are bounded without evaluating anything."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.expressions.nodes import Node
from engine.expressions.types import places_of

MOST_DIGITS = 1000
MOST_CHARACTERS = 1_000_000
FIELD_DIGITS = 18
MOST_ROW_CHARACTERS = 100_000  # of each row that an aggregate reads: all of them are held at once
FIELD_CHARACTERS = 10_000
ROWS_DIGITS = 7
QUOTIENT_DIGITS = 12


def find_excess(node: Node) -> Iterator[tuple[str, Node]]:
    """(FX030 | FX031, node) for the innermost operations whose result may be too large."""
    inner = [found for arg in node.args for found in find_excess(arg)]
    yield from inner
    if inner:
        return
    if node.type.kind == "number" and digits(node) > MOST_DIGITS:
        yield "FX030", node
    if node.type.kind == "text" and characters(node) > MOST_CHARACTERS:
        yield "FX031", node
    if node.op == "aggregate" and characters(node.args[2]) > MOST_ROW_CHARACTERS:
        yield "FX031", node.args[2]


def digits(node: Node) -> int:
    """At most so many digits, decimals among them."""
    return whole_digits(node) + places_of(node.type)


def whole_digits(node: Node) -> int:
    """At most so many digits before the point."""
    if node.op == "literal":
        value = node.value
        return max(1, value.adjusted() + 1) if isinstance(value, Decimal) else 1
    sizes = [whole_digits(arg) for arg in node.args if arg.type.kind in ("number", "null")]
    most = max(sizes, default=1)
    if node.op == "field" or node.op in ("me", "asked", "settings"):
        return FIELD_DIGITS
    if node.op == "aggregate":
        return (whole_digits(node.args[2]) if node.args[2].type.kind == "number" else 1) + ROWS_DIGITS
    if node.op in ("*", "TIERSUM"):
        return sum(sizes[:2]) if node.op == "*" else 2 * most + len(sizes)
    if node.op == "POWER":
        return sizes[0] * max(1, int(node.args[1].value)) if isinstance(node.args[1].value, Decimal) else most
    if node.op in ("/", "DIVIDE"):
        return sizes[0] + places_of(node.args[1].type) + 1
    if node.op in ("+", "-", "SUM"):
        return most + len(str(len(sizes)))
    known = {
        "VALUE": 18,
        "LEN": 7,
        "FIND": 7,
        "HOURS": 15,
        "MINUTES": 15,
        "DAYS": 7,
        "DATEDIF": 7,
        "DAYS360": 7,
        "NETWORKDAYS": 7,
        "COUNTOF": 7,
        "COUNT": 7,
    }
    return known.get(node.op, most + 1)


def characters(node: Node) -> int:
    """At most so many characters."""
    if node.op == "literal":
        return len(str(node.value or ""))
    if node.type.kind == "number":
        return digits(node) * 4 // 3 + 3  # sign, point, thousands separators
    if node.type.kind != "text":
        return FIELD_CHARACTERS if node.type.kind in ("choice", "stage") else 30
    sizes = [characters(arg) for arg in node.args]
    if node.op == "CONCAT":
        return sum(sizes)
    if node.op == "SUBSTITUTE":
        return sizes[0] * max(1, sizes[2])
    if node.op == "REPLACE":
        return sizes[0] + sizes[3]
    if node.op == "REPT":
        return sizes[0] * int(node.args[1].value) if isinstance(node.args[1].value, Decimal) else sizes[0]
    if node.op == "LPAD":
        return max(sizes[0], 64)
    if node.op == "RMBCAP":
        return 100
    if node.op == "aggregate":  # what JOIN gives is never longer than a field
        return characters(node.args[2]) if node.value != "JOIN" else FIELD_CHARACTERS
    return max(sizes, default=FIELD_CHARACTERS)
