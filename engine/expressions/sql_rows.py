"""What aggregates over rows are in SQL: one correlated sub-select each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from engine.expressions.nodes import Node
from engine.expressions.sql_operations import Fragment, NotInSql
from engine.expressions.types import LISTS, TEXTS

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

Sql = ColumnElement[Any]


def aggregate(writer: Writer, node: Node) -> Fragment:
    """SUM, COUNT, COUNTDISTINCT, MIN, MAX, AVG, ANY, ALL over the rows that pass the filter."""
    rows, where, operand = node.args[:3]
    source = rows.value if isinstance(rows.value, tuple) else ()
    tables, tied, scope = writer.scope.rows(source, rows.depth)
    inner = writer.inside(scope)
    conditions = [tied] if where.op == "literal" and where.value is True else [tied, inner.filter(where)]
    name = str(node.value)
    if name in ("ANY", "ALL"):
        return _exists(inner, tables, conditions, name, operand)
    value, places = _value(inner, name, operand, conditions)
    return Fragment(_select(value, tables, conditions).scalar_subquery(), places)


def _select(value: Sql, tables: sa.FromClause, conditions: list[Sql]) -> sa.Select[Any]:
    """Tied to every enclosing SELECT, not only to the next one."""
    return sa.select(value).select_from(tables).where(*conditions).correlate_except(tables)


def _exists(inner: Writer, tables: sa.FromClause, conditions: list[Sql], name: str, operand: Node) -> Fragment:
    wanted = inner.filter(operand) if name == "ANY" else sa.not_(inner.condition(operand))
    found = sa.exists(_select(sa.literal(1), tables, [*conditions, wanted]))
    return Fragment(found if name == "ANY" else sa.not_(found))


def _value(inner: Writer, name: str, operand: Node, conditions: list[Sql]) -> tuple[Sql, int]:
    if name == "COUNT":
        return _count(inner, operand, conditions), 0
    operand_sql = inner.fragment(operand)
    number = operand_sql.sql
    if name == "SUM":
        return func.coalesce(func.sum(number, type_=number.type), sa.literal(0)), operand_sql.places
    if name == "COUNTDISTINCT":
        return func.count(sa.distinct(number)), 0
    if name in ("MIN", "MAX"):
        ordered = inner.ordered(number) if operand.type.kind in TEXTS else number
        return getattr(func, name.lower())(ordered, type_=number.type), operand_sql.places
    if name == "AVG":
        return _average(inner, operand_sql)
    raise NotInSql(name)


def _count(inner: Writer, operand: Node, conditions: list[Sql]) -> Sql:
    if operand.op == "literal":
        return func.count()
    if operand.type.kind in LISTS:
        conditions.append(sa.exists(inner.held(operand)))
        return func.count()
    return func.count(inner.fragment(operand).sql)


def _average(inner: Writer, operand: Fragment) -> tuple[Sql, int]:
    """The quotient at 12 places, half away from zero; on SQLite by whole numbers, in two steps."""
    total, count = func.sum(operand.sql, type_=operand.sql.type), func.count(operand.sql)
    if inner.dialect != "sqlite":
        size = func.div(2 * func.abs(total) * sa.literal(Decimal(10**12)) + count, 2 * func.nullif(count, 0))
        return func.sign(total) * size.op("*", precedence=8)(sa.literal(Decimal(10) ** -12)), 12
    if operand.places > 12:
        raise NotInSql("AVG")
    unit = sa.literal(10 ** (12 - operand.places), sa.BigInteger())
    rest = func.abs(total % count, type_=sa.BigInteger())
    parts = (2 * rest * unit + count) // (2 * count)
    whole = func.abs(total, type_=sa.BigInteger()) // count * unit
    signed = sa.case((total < 0, -(whole + parts)), else_=whole + parts)
    return sa.case((count > 0, signed), else_=sa.null()), 12
