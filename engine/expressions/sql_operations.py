"""What the operations are in SQL, for SQLite and PostgreSQL: the same answers as the Python, or NotInSql.

Numbers on SQLite are integers, value times 10^places; `Fragment.places` says which power, statically. Beyond 18 digits
SQLite goes over to approximate numbers by itself. Conditions come out two-valued; `plain_*` leave null for false, which
is what WHERE and CASE need and indexes like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from engine.expressions.nodes import Node
from engine.expressions.types import BOOLEAN, LISTS, TEXTS
from engine.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

Sql = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A value in SQL. `literal`: the number itself when it is written out, so that it can be scaled before binding."""

    sql: Sql
    places: int = 0
    literal: Decimal | None = None


class NotInSql(ProblemsFound):
    """The expression has no native SQL on this dialect; `problem` is FX042."""

    def __init__(self, what: str | Mapping[str, str]) -> None:
        self.problem = Problem("FX042", MappingProxyType({"what": what}))
        super().__init__([self.problem])


# --- numbers ----------------------------------------------------------------------------------------------------


def aligned(writer: Writer, nodes: tuple[Node, ...]) -> tuple[list[Sql], int]:
    """The raw numbers of `nodes` with the same decimals; other values as they are."""
    fragments = [writer.fragment(node) for node in nodes]
    places = max((fragment.places for fragment in fragments), default=0)
    return [writer.scaled(fragment, places) for fragment in fragments], places


def add(writer: Writer, node: Node) -> Fragment:
    (left, right), places = aligned(writer, node.args)
    return Fragment(left + right, places)


def subtract(writer: Writer, node: Node) -> Fragment:
    (left, right), places = aligned(writer, node.args)
    return Fragment(left - right, places)


def multiply(writer: Writer, node: Node) -> Fragment:
    left, right = (writer.fragment(arg) for arg in node.args)
    return Fragment(left.sql * right.sql, left.places + right.places)


def negate(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0])
    return Fragment(-inner.sql, inner.places)


def absolute(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0])
    return Fragment(func.abs(inner.sql, type_=inner.sql.type), inner.places)


def sign(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0]).sql
    return Fragment(sa.case((inner > 0, 1), (inner < 0, -1), (inner == 0, 0)))


def floor(writer: Writer, node: Node) -> Fragment:
    return Fragment(writer.whole(node.args[0]))


def round_half_up(writer: Writer, node: Node) -> Fragment:
    return _rounded(writer, node, "half")


def round_down(writer: Writer, node: Node) -> Fragment:
    return _rounded(writer, node, "down")


def _rounded(writer: Writer, node: Node, mode: str) -> Fragment:
    """ROUND and ROUNDDOWN to the decimals written out; negative ones are tens, hundreds …"""
    number, places = writer.fragment(node.args[0]), int(str(node.args[1].value))
    if writer.dialect != "sqlite":
        name = func.round if mode == "half" else func.trunc
        return Fragment(name(number.sql, sa.literal(places, sa.Integer()), type_=sa.Numeric()), max(0, places))
    if places >= number.places:
        return Fragment(writer.scaled(number, places), places)
    unit = sa.literal(10 ** (number.places - places), sa.BigInteger())
    size = func.abs(number.sql, type_=sa.BigInteger())
    kept = (2 * size + unit) // (2 * unit) if mode == "half" else size // unit
    signed = sa.case((number.sql < 0, -kept), else_=kept)
    return Fragment(signed if places >= 0 else signed * sa.literal(10**-places, sa.BigInteger()), max(0, places))


def zero_if_empty(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0])
    return Fragment(func.coalesce(inner.sql, sa.literal(0)), inner.places)


def total(writer: Writer, node: Node) -> Fragment:
    values, places = aligned(writer, node.args)
    found: Sql = func.coalesce(values[0], sa.literal(0))
    for value in values[1:]:
        found = found + func.coalesce(value, sa.literal(0))
    return Fragment(found, places)


def least(writer: Writer, node: Node) -> Fragment:
    return _extreme(writer, node, "least", "min")


def greatest(writer: Writer, node: Node) -> Fragment:
    return _extreme(writer, node, "greatest", "max")


def _extreme(writer: Writer, node: Node, postgresql: str, sqlite: str) -> Fragment:
    values, places = aligned(writer, node.args)
    if node.type.kind in TEXTS:
        values = [writer.ordered(value) for value in values]
    found = values[0]
    for value in values[1:]:
        if writer.dialect == "sqlite":  # its min(a, b) is null as soon as one is
            found = getattr(func, sqlite)(func.coalesce(found, value), func.coalesce(value, found), type_=found.type)
        else:
            found = getattr(func, postgresql)(found, value, type_=found.type)
    return Fragment(found, places)


# --- comparisons ------------------------------------------------------------------------------------------------


def _total(condition: Sql) -> Fragment:
    return Fragment(func.coalesce(condition, sa.false()))


def plain_equal(writer: Writer, node: Node) -> Sql | None:
    """`a = b` where one side is known not to be null; else None."""
    if "boolean" in (arg.type.kind for arg in node.args):
        return _plain_truth(writer, node)
    if not any(_never_null(arg) for arg in node.args):
        return None
    (left, right), _ = aligned(writer, node.args)
    return left == right


def _plain_truth(writer: Writer, node: Node) -> Sql | None:
    """`open = TRUE` is `open`, `open = FALSE` is `not open`; an empty condition is false."""
    for literal, other in (node.args, reversed(node.args)):
        if literal.op == "literal":
            return writer.filter(other) if literal.value else sa.not_(writer.condition(other))
    return None


def _never_null(node: Node) -> bool:
    if node.op == "given":
        return True
    return (node.op == "literal" and node.value is not None) or node.op in ("me", "today", "now") and not node.value


def equal(writer: Writer, node: Node) -> Fragment:
    plain = plain_equal(writer, node)
    if plain is not None:
        return _total(plain)
    left, right = node.args
    if "boolean" in (left.type.kind, right.type.kind):
        return Fragment(writer.condition(left) == writer.condition(right))
    for one, other in ((left, right), (right, left)):
        if one.op == "literal" and one.value is None:
            return is_empty(writer, Node("ISEMPTY", BOOLEAN, (other,)))
    (left_sql, right_sql), _ = aligned(writer, node.args)
    return Fragment(left_sql.is_not_distinct_from(right_sql))


def differs(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.not_(equal(writer, node).sql))


def plain_compare(writer: Writer, node: Node) -> Sql:
    """`a < b`, null when one of them is."""
    (left, right), _ = aligned(writer, node.args)
    if node.args[0].type.kind in TEXTS:
        left = writer.ordered(left)
    comparisons = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return comparisons[node.op]


def compare(writer: Writer, node: Node) -> Fragment:
    return _total(plain_compare(writer, node))


def plain_within(writer: Writer, node: Node) -> Sql:
    """`a IN (…)` for the options that are literals, OR the others one by one."""
    value, *options = node.args
    if value.type.kind == "boolean":
        return sa.or_(sa.false(), *(writer.filter(Node("=", BOOLEAN, (value, option))) for option in options))
    literals = [option for option in options if option.op == "literal" and option.value is not None]
    others = [Node("=", BOOLEAN, (value, option)) for option in options if option not in literals]
    conditions = [writer.filter(each) for each in others]
    if literals:
        (left, *rights), _ = aligned(writer, (value, *literals))
        conditions.append(left.in_(rights))
    return sa.or_(sa.false(), *conditions) if len(conditions) != 1 else conditions[0]


def within(writer: Writer, node: Node) -> Fragment:
    return _total(plain_within(writer, node))


# --- logic ------------------------------------------------------------------------------------------------------


def every(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.and_(sa.true(), *(writer.condition(arg) for arg in node.args)))


def some(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.or_(sa.false(), *(writer.condition(arg) for arg in node.args)))


def negation(writer: Writer, node: Node) -> Fragment:
    return Fragment(sa.not_(writer.condition(node.args[0])))


def either(writer: Writer, node: Node) -> Fragment:
    left, right = (writer.condition(arg) for arg in node.args)
    return Fragment(sa.or_(sa.and_(left, sa.not_(right)), sa.and_(sa.not_(left), right)))


def choose(writer: Writer, node: Node) -> Fragment:
    """IF and IFS: (condition, value …[, otherwise])."""
    tests = [writer.filter(test) for test in node.args[: len(node.args) // 2 * 2 : 2]]
    return _case(writer, tests, node.args[1::2], node.args[-1] if len(node.args) % 2 else None)


def switch(writer: Writer, node: Node) -> Fragment:
    value, *rest = node.args
    keys = rest[: len(rest) // 2 * 2 : 2]
    tests = [writer.filter(Node("=", BOOLEAN, (value, key))) for key in keys]
    return _case(writer, tests, tuple(rest[1::2]), rest[-1] if len(rest) % 2 else None)


def _case(writer: Writer, tests: list[Sql], values: tuple[Node, ...], otherwise: Node | None) -> Fragment:
    found, places = aligned(writer, (*values, *((otherwise,) if otherwise else ())))
    last = found[len(tests)] if otherwise else sa.null()
    if not tests:
        return Fragment(last, places)
    return Fragment(sa.case(*zip(tests, found[: len(tests)], strict=True), else_=last), places)


def coalesce(writer: Writer, node: Node) -> Fragment:
    values, places = aligned(writer, node.args)
    return Fragment(func.coalesce(*values) if len(values) > 1 else values[0], places)


def is_empty(writer: Writer, node: Node) -> Fragment:
    inner = node.args[0]
    if inner.type.kind in LISTS:
        return Fragment(sa.not_(sa.exists(writer.held(inner))))
    if inner.type.kind == "boolean":
        return Fragment(sa.false())
    return Fragment(writer.fragment(inner).sql.is_(None))


def has(writer: Writer, node: Node) -> Fragment:
    """HAS, HASANY, HASALL for single values."""
    holder, *wanted = node.args
    if any(each.type.kind in LISTS for each in wanted):
        raise NotInSql(node.op)
    held = writer.held(holder)
    found = [func.coalesce(writer.fragment(each).sql.in_(held), sa.false()) for each in wanted]
    return Fragment(sa.and_(*found) if node.op == "HASALL" else sa.or_(*found))


def count_of(writer: Writer, node: Node) -> Fragment:
    held = writer.held(node.args[0]).subquery()
    return Fragment(sa.select(func.count()).select_from(held).scalar_subquery())


# --- texts ------------------------------------------------------------------------------------------------------


def concat(writer: Writer, node: Node) -> Fragment:
    parts: list[Sql] = [func.coalesce(writer.fragment(arg).sql, sa.literal("")) for arg in node.args]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.concat(part)
    return Fragment(func.nullif(joined, sa.literal(""), type_=sa.Text()))


def text(writer: Writer, node: Node) -> Fragment:
    value = node.args[0]
    if len(node.args) > 1 or value.type.kind in ("datetime", "time", "duration"):
        raise NotInSql("TEXT")
    if value.type.kind == "boolean":
        return Fragment(sa.case((writer.filter(value), sa.literal("是")), else_=sa.literal("否")))
    inner = writer.fragment(value)
    if value.type.kind == "number":
        return Fragment(_number_text(writer, inner))
    if value.type.kind == "date" and writer.dialect != "sqlite":
        return Fragment(func.to_char(inner.sql, sa.literal("YYYY-MM-DD"), type_=sa.Text()))
    return Fragment(inner.sql if value.type.kind in TEXTS else sa.cast(inner.sql, sa.Text()))


def _number_text(writer: Writer, number: Fragment) -> Sql:
    if writer.dialect != "sqlite":
        return sa.cast(func.trim_scale(number.sql), sa.Text())
    if number.places:
        raise NotInSql("TEXT")
    return sa.cast(number.sql, sa.Text())


def length(writer: Writer, node: Node) -> Fragment:
    inner = writer.fragment(node.args[0]).sql
    return Fragment(func.coalesce(func.length(inner, type_=sa.BigInteger()), sa.literal(0)))


def _position(writer: Writer, needle: Node, hay: Node) -> Sql:
    needle_sql, hay_sql = writer.fragment(needle).sql, writer.fragment(hay).sql
    name = "instr" if writer.dialect == "sqlite" else "strpos"
    return func.coalesce(getattr(func, name)(hay_sql, needle_sql, type_=sa.BigInteger()), sa.literal(0))


def find(writer: Writer, node: Node) -> Fragment:
    return Fragment(_position(writer, *node.args))


def contains(writer: Writer, node: Node) -> Fragment:
    return Fragment(_position(writer, node.args[1], node.args[0]) > 0)


def starts_with(writer: Writer, node: Node) -> Fragment:
    hay, start = (writer.fragment(arg).sql for arg in node.args)
    return _total(func.substr(hay, 1, func.length(start), type_=sa.Text()) == start)
