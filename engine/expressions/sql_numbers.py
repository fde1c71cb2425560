"""What the number operations are in SQL: exact, half away from zero, null where nothing can be said.

On PostgreSQL numbers are `numeric`; what needs an argument more than once is a function of the schema fx. On SQLite
numbers are integers, value times 10^places; what could leave 64 bits is Awkward.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import array

from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import Awkward, Fragment, NotInSql, Sql, twice
from engine.expressions.types import LISTS, TEXTS

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

QUOTIENT_PLACES = 12
MOST_FACTORS = 4
NUMERIC = sa.Numeric()


def number(value: int | Decimal) -> Sql:
    """A number as a parameter of PostgreSQL."""
    return sa.literal(Decimal(value), NUMERIC)


def aligned(writer: Writer, nodes: tuple[Node, ...]) -> tuple[list[Sql], int, int]:
    """The raw numbers of `nodes` with the same decimals (other values as they are), those decimals, the largest."""
    fragments = [writer.exact(node) for node in nodes]
    places = max((fragment.places for fragment in fragments), default=0)
    scaled = [writer.scaled(fragment, places) for fragment in fragments]
    return [each.sql for each in scaled], places, max((each.most for each in scaled), default=0)


def add(writer: Writer, node: Node) -> Fragment:
    (left, right), places, most = aligned(writer, node.args)
    return Fragment(left + right, places, most=2 * most)


def subtract(writer: Writer, node: Node) -> Fragment:
    (left, right), places, most = aligned(writer, node.args)
    return Fragment(left - right, places, most=2 * most)


def multiply(writer: Writer, node: Node) -> Fragment:
    left, right = (writer.exact(arg) for arg in node.args)
    return Fragment(left.sql * right.sql, left.places + right.places, most=left.most * right.most)


def divide(writer: Writer, node: Node) -> Fragment:
    """Truncated at 13 decimals and then rounded: the same as rounding the quotient itself, each operand once."""
    left, right = (writer.exact(arg).sql for arg in node.args)
    if writer.dialect == "sqlite":
        raise NotInSql("/")
    return Fragment(quotient(left, func.nullif(right, number(0), type_=NUMERIC)), QUOTIENT_PLACES)


def quotient(left: Sql, right: Sql) -> Sql:
    """left / right at 12 decimals, half away from zero, on PostgreSQL; `right` is not 0."""
    parts = func.div(left * number(10**13), right, type_=NUMERIC)
    return func.round(parts * number(Decimal("1E-13")), sa.literal(QUOTIENT_PLACES, sa.Integer()), type_=NUMERIC)


def divide_or(writer: Writer, node: Node) -> Fragment:
    if node.args[2].op == "literal" and node.args[2].value is None:
        return divide(writer, Node("/", node.type, node.args[:2]))
    return _call(writer, node, "divide")


def negate(writer: Writer, node: Node) -> Fragment:
    inner = writer.exact(node.args[0])
    return Fragment(-inner.sql, inner.places, most=inner.most)


def absolute(writer: Writer, node: Node) -> Fragment:
    inner = writer.exact(node.args[0])
    return Fragment(func.abs(inner.sql, type_=inner.sql.type), inner.places, most=inner.most)


def sign(writer: Writer, node: Node) -> Fragment:
    inner = writer.exact(node.args[0]).sql
    if writer.dialect != "sqlite":
        return Fragment(func.sign(inner, type_=NUMERIC))
    twice(inner)
    return Fragment(sa.case((inner > 0, 1), (inner < 0, -1), (inner == 0, 0)), most=1)


def floor(writer: Writer, node: Node) -> Fragment:
    return writer.whole(node.args[0])


def round_half_up(writer: Writer, node: Node) -> Fragment:
    return _rounded(writer, node, "round")


def round_down(writer: Writer, node: Node) -> Fragment:
    return _rounded(writer, node, "trunc")


def _rounded(writer: Writer, node: Node, function: str) -> Fragment:
    """ROUND and ROUNDDOWN to the decimals written out; negative ones are tens, hundreds …"""
    inner, places = writer.exact(node.args[0]), _written(node.args[1])
    if writer.dialect != "sqlite":
        rounded = getattr(func, function)(inner.sql, sa.literal(places, sa.Integer()), type_=NUMERIC)
        return Fragment(rounded, max(0, places))
    if places >= inner.places:
        return writer.scaled(inner, places)
    twice(inner.sql)
    unit = 10 ** (inner.places - places)
    if 2 * inner.most + unit > writer.most_integer:
        raise Awkward(node.op)
    size, raw_unit = func.abs(inner.sql, type_=sa.BigInteger()), sa.literal(unit, sa.BigInteger())
    kept = (2 * size + raw_unit) // (2 * raw_unit) if function == "round" else size // raw_unit
    signed = sa.case((inner.sql < 0, -kept), else_=kept)
    most = inner.most // unit + 1
    if places >= 0:
        return Fragment(signed, places, most=most)
    return Fragment(signed * sa.literal(10**-places, sa.BigInteger()), 0, most=most * 10**-places)


def _written(node: Node) -> int:
    """A whole number that is written out."""
    return int(str(node.value))


def round_up(writer: Writer, node: Node) -> Fragment:
    return _to_unit(writer, node, "round_up")


def round_even(writer: Writer, node: Node) -> Fragment:
    return _to_unit(writer, node, "round_even")


def _to_unit(writer: Writer, node: Node, function: str) -> Fragment:
    places = _written(node.args[1])
    inner = writer.exact(node.args[0]).sql
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    unit = number(Decimal(1).scaleb(-places))
    return Fragment(_fx(function, inner, sa.literal(places, sa.Integer()), unit), max(0, places))


def _fx(function: str, *args: Any) -> Sql:
    return getattr(func.fx, function)(*args, type_=NUMERIC)  # type: ignore[no-any-return]


def _call(writer: Writer, node: Node, function: str) -> Fragment:
    """A function of the schema fx on the arguments."""
    args = [writer.exact(arg).sql for arg in node.args]
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    return Fragment(_fx(function, *args), node.type.places or 0)


def to_multiple_up(writer: Writer, node: Node) -> Fragment:
    return _call(writer, node, "multiple_up")


def to_multiple_down(writer: Writer, node: Node) -> Fragment:
    return _call(writer, node, "multiple_down")


def modulo(writer: Writer, node: Node) -> Fragment:
    return _call(writer, node, "modulo")


def clamp(writer: Writer, node: Node) -> Fragment:
    return _call(writer, node, "clamp")


def square_root(writer: Writer, node: Node) -> Fragment:
    return _call(writer, node, "square_root")


def whole_quotient(writer: Writer, node: Node) -> Fragment:
    left, right = (writer.exact(arg).sql for arg in node.args)
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    return Fragment(func.div(left, func.nullif(right, number(0)), type_=NUMERIC))


def power(writer: Writer, node: Node) -> Fragment:
    """Few factors are written out; PostgreSQL's own power() is not exact."""
    inner, exponent = writer.exact(node.args[0]), _written(node.args[1])
    places = inner.places * exponent
    if 1 <= exponent <= MOST_FACTORS:
        try:
            twice(inner.sql)
        except Awkward:
            if writer.dialect == "sqlite":
                raise
        else:
            product = inner.sql
            for _ in range(exponent - 1):
                product = product * inner.sql
            return Fragment(product, places, most=inner.most**exponent)
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    return Fragment(_fx("power", inner.sql, sa.literal(exponent, sa.Integer())), places)


def tier(writer: Writer, node: Node) -> Fragment:
    value, *bands = (writer.exact(arg).sql for arg in node.args)
    return _tiers(writer, node, "tier", value, bands)


def tier_sum(writer: Writer, node: Node) -> Fragment:
    value, *bands = (writer.exact(arg).sql for arg in node.args)
    return _tiers(writer, node, "tier_sum", value, bands)


def _tiers(writer: Writer, node: Node, function: str, value: Sql, bands: list[Sql]) -> Fragment:
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    starts, values = (array(part, type_=NUMERIC) for part in (bands[::2], bands[1::2]))
    return Fragment(_fx(function, value, starts, values), node.type.places or 0)


def capital_money(writer: Writer, node: Node) -> Fragment:
    inner = writer.exact(node.args[0]).sql
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    return Fragment(func.fx.capital_money(inner, type_=sa.Text()))


def zero_if_empty(writer: Writer, node: Node) -> Fragment:
    inner = writer.exact(node.args[0])
    return Fragment(func.coalesce(inner.sql, _zero(writer), type_=inner.sql.type), inner.places, most=inner.most)


def _zero(writer: Writer) -> Sql:
    return sa.literal(0, sa.BigInteger()) if writer.dialect == "sqlite" else sa.literal_column("0", NUMERIC)


# --- scalar forms of the aggregates ---------------------------------------------------------------------------------


def total(writer: Writer, node: Node) -> Fragment:
    values, places, most = aligned(writer, node.args)
    found: Sql = func.coalesce(values[0], _zero(writer), type_=values[0].type)
    for value in values[1:]:
        found = found + func.coalesce(value, _zero(writer), type_=value.type)
    return Fragment(found, places, most=most * len(values))


def average(writer: Writer, node: Node) -> Fragment:
    return _of_array(writer, node, "average")


def median(writer: Writer, node: Node) -> Fragment:
    return _of_array(writer, node, "median")


def _of_array(writer: Writer, node: Node, function: str) -> Fragment:
    values = [writer.exact(arg).sql for arg in node.args]
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)
    return Fragment(_fx(function, array(values, type_=NUMERIC)), QUOTIENT_PLACES)


def count(writer: Writer, node: Node) -> Fragment:
    """How many of the values are not empty; a condition always counts."""
    found = [_counts(writer, arg) for arg in node.args]
    one, none = (sa.literal(each, sa.BigInteger()) for each in (1, 0))
    summed: Sql = sa.case((found[0], one), else_=none)
    for each in found[1:]:
        summed = summed + sa.case((each, one), else_=none)
    return writer.as_number(summed, most=len(found))


def _counts(writer: Writer, node: Node) -> Sql:
    if node.type.kind == "boolean":
        return sa.true()
    if node.type.kind in LISTS:
        return sa.exists(writer.held(node))
    return writer.fragment(node).sql.is_not(None)


def least(writer: Writer, node: Node) -> Fragment:
    return _extreme(writer, node, "least", "min")


def greatest(writer: Writer, node: Node) -> Fragment:
    return _extreme(writer, node, "greatest", "max")


def _extreme(writer: Writer, node: Node, postgresql: str, sqlite: str) -> Fragment:
    values, places, most = aligned(writer, node.args)
    if node.type.kind in TEXTS:
        values = [writer.ordered(value) for value in values]
    type_ = writer.type_of(node)
    if len(values) == 1 or writer.dialect != "sqlite":
        found = getattr(func, postgresql)(*values, type_=type_) if len(values) > 1 else values[0]
        return Fragment(found, places, most=most)
    twice(*values)
    if len(values) > 2:
        raise Awkward(node.op)
    one, other = values  # SQLite's min(a, b) is null as soon as one is
    return Fragment(
        getattr(func, sqlite)(func.coalesce(one, other), func.coalesce(other, one), type_=type_), places, most=most
    )
