"""What aggregates are in SQL when the rows are those of a GROUP BY: plain aggregate functions, no sub-select."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.fold import fold
from engine.expressions.nodes import Node, SqlScope
from engine.expressions.sql_fragments import FIELD_MOST, Fragment, NotInSql, Sql
from engine.expressions.sql_numbers import NUMERIC, QUOTIENT_PLACES, quotient
from engine.expressions.sql_rows import parts_of_sum
from engine.expressions.sql_writer import Given, Writer
from engine.expressions.types import LISTS, TEXTS


@dataclass(frozen=True, slots=True)
class _Grouped:
    """An aggregate over the rows of a group: `where` is its own filter, None when every row counts."""

    writer: Writer
    where: Sql | None
    operand: Node
    plain_sums: bool

    def value(self) -> Fragment:
        """What is aggregated; null in rows that the filter leaves out, which no aggregate counts."""
        found = self.writer.as_operand(self.operand)
        return Fragment(self.filtered(found.sql), found.places, most=found.most)

    def filtered(self, value: Sql) -> Sql:
        """The value in rows that the filter lets through."""
        if self.where is None:
            return value
        return sa.type_coerce(sa.case((self.where, value), else_=sa.null()), value.type)


def sql_group_aggregate(
    node: Node, scope: SqlScope, given: Given | None = None, *, plain_sums: bool = False
) -> tuple[Sql, int]:
    """An aggregate over the rows that `scope` stands for, and its decimals: raw, as `to_sql_number` has numbers.

    `plain_sums`: SQLite's own sum(), which fails beyond 64 bits with "integer overflow" instead of answering.
    Raises NotInSql for the aggregates in row order, which a group does not have.
    """
    make = _AGGREGATES.get(str(node.value))
    if node.op != "aggregate" or make is None:
        raise NotInSql(str(node.value))
    writer = Writer(scope, given)
    _, where, operand = (fold(arg, scope.zone) for arg in node.args[:3])
    everything = where.op == "literal" and where.value is True
    found = make(_Grouped(writer, None if everything else writer.filter(where), operand, plain_sums))
    return found.sql, found.places


def can_group(node: Node) -> bool:
    """Whether the aggregate can be asked of a group: it does not depend on the order of rows."""
    return str(node.value) in _AGGREGATES


def _sum(asked: _Grouped) -> Fragment:
    if asked.operand.type.kind == "null":
        return Fragment(sa.literal_column("0", sa.BigInteger()))
    found = asked.value()
    if asked.writer.dialect != "sqlite":
        return Fragment(func.coalesce(func.sum(found.sql, type_=NUMERIC), sa.literal_column("0")), found.places)
    if found.wide:
        total: Sql = func.weft_sum(found.sql)
    elif asked.plain_sums:
        total = func.sum(found.sql, type_=sa.BigInteger())
    else:
        total = func.weft_total(*parts_of_sum(found.sql), type_=sa.BigInteger())
    return Fragment(func.coalesce(total, 0, type_=sa.BigInteger()), found.places)


def _average(asked: _Grouped) -> Fragment:
    found = asked.value()
    if asked.writer.dialect != "sqlite":
        count = sa.cast(func.nullif(func.count(found.sql), 0), NUMERIC)
        return Fragment(quotient(func.sum(found.sql, type_=NUMERIC), count), QUOTIENT_PLACES)
    places = sa.literal_column(str(found.places), sa.BigInteger())
    if found.wide:
        return Fragment(func.weft_avg(found.sql, places, type_=sa.BigInteger()), QUOTIENT_PLACES)
    mean = func.weft_mean(*parts_of_sum(found.sql), func.count(found.sql), places, type_=sa.BigInteger())
    return Fragment(mean, QUOTIENT_PLACES)


def _median(asked: _Grouped) -> Fragment:
    if asked.operand.type.kind == "null":
        return Fragment(sa.null())
    found = asked.value()
    if asked.writer.dialect != "sqlite":
        known = func.array_remove(func.array_agg(found.sql), sa.null())
        return Fragment(func.fx.median(known, type_=NUMERIC), QUOTIENT_PLACES)
    places = sa.literal_column(str(found.places), sa.BigInteger())
    return Fragment(func.weft_median(found.sql, places, type_=sa.BigInteger()), QUOTIENT_PLACES)


def _count(asked: _Grouped) -> Fragment:
    operand, one = asked.operand, sa.literal_column("1", sa.Integer())
    if operand.type.kind in LISTS:
        return Fragment(func.count(asked.filtered(sa.case((sa.exists(asked.writer.held(operand)), one)))))
    if operand.op == "literal" or operand.type.kind == "boolean":
        return Fragment(func.count() if asked.where is None else func.count(asked.filtered(one)))
    return Fragment(func.count(asked.value().sql))


def _count_distinct(asked: _Grouped) -> Fragment:
    if asked.operand.type.kind == "null":
        return Fragment(sa.literal_column("0", sa.BigInteger()))
    return Fragment(func.count(sa.distinct(asked.value().sql)))


def _least(asked: _Grouped) -> Fragment:
    return _extreme(asked, "min")


def _greatest(asked: _Grouped) -> Fragment:
    return _extreme(asked, "max")


def _extreme(asked: _Grouped, name: str) -> Fragment:
    if asked.operand.type.kind == "null":
        return Fragment(sa.null())
    found = asked.value()
    value = asked.writer.ordered(found.sql) if asked.operand.type.kind in TEXTS else found.sql
    function = getattr(func, f"weft_{name}" if found.wide else name)
    return Fragment(function(value, type_=found.sql.type), found.places, most=max(found.most, FIELD_MOST))


def _any(asked: _Grouped) -> Fragment:
    passing = asked.writer.filter(asked.operand)
    return Fragment(func.count(asked.filtered(sa.case((passing, 1)))) > sa.literal_column("0"))


def _all(asked: _Grouped) -> Fragment:
    failing = sa.not_(asked.writer.condition(asked.operand))
    return Fragment(func.count(asked.filtered(sa.case((failing, 1)))) == sa.literal_column("0"))


_AGGREGATES: Mapping[str, Callable[[_Grouped], Fragment]] = MappingProxyType({
    "SUM": _sum, "AVG": _average, "MEDIAN": _median, "COUNT": _count, "COUNTDISTINCT": _count_distinct,
    "MIN": _least, "MAX": _greatest, "ANY": _any, "ALL": _all,
})  # fmt: skip
