"""What aggregates over rows are in SQL: one correlated sub-select each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.names import moved
from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import FIELD_MOST, MOST_INTEGER, Fragment, Sql
from engine.expressions.sql_numbers import NUMERIC, QUOTIENT_PLACES, quotient
from engine.expressions.texts import MOST_JOINED
from engine.expressions.types import BOOLEAN, LISTS, TEXTS

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

MOST_ROWS = 10**7
LOW_PART = 10**9


@dataclass(slots=True)
class _Rows:
    """The rows that an aggregate is of: where from, under which conditions, a writer for what is asked of each."""

    outer: Writer
    inner: Writer
    tables: sa.FromClause
    conditions: list[Sql]

    def select(self, *values: Sql) -> sa.Select[Any]:
        """Tied to every enclosing SELECT, not only to the next one."""
        return sa.select(*values).select_from(self.tables).where(*self.conditions).correlate_except(self.tables)

    def of_all(self, value: Sql, places: int = 0, most: int = 0) -> Fragment:
        """One value of all rows."""
        return Fragment(self.select(value).scalar_subquery(), places, most=most)

    def order(self) -> list[Sql]:
        """What the rows are in order by."""
        return list(self.inner.scope.order())

    def operand(self, node: Node) -> Fragment:
        """What is aggregated. What depends on no row is tied to them, lest it be an aggregate of the outer rows."""
        found = self.inner.as_operand(node)
        if _reads_rows(node, 0):
            return found
        first = self.order()[0]
        # SQLite sees through IS NOT NULL of a column that is never null, and then no row is read any more
        exists = first.is_not(None) if self.outer.dialect != "sqlite" else first > sa.literal_column("-1")
        here = sa.case((exists, found.sql), else_=sa.null())
        return Fragment(sa.type_coerce(here, found.sql.type), found.places, most=found.most)


def aggregate(writer: Writer, node: Node) -> Fragment:
    """Any aggregate over the rows that pass the filter."""
    rows, where, operand, *further = node.args
    if operand.type.kind == "null" and node.type.kind == "null":
        return writer.fragment(Node("literal", node.type))  # of a type that fits whatever reads it
    source = rows.value if isinstance(rows.value, tuple) else ()
    tables, tied, scope = writer.scope.rows(source, rows.depth)
    inner = writer.inside(scope)
    conditions = [tied] if where.op == "literal" and where.value is True else [tied, inner.filter(where)]
    return _AGGREGATES[str(node.value)](_Rows(writer, inner, tables, conditions), operand, further)


def _reads_rows(node: Node, level: int) -> bool:
    if node.op in ("field", "rows") and node.depth == level:
        return True
    if node.op == "aggregate":
        rows, *rest = node.args
        return _reads_rows(rows, level) or any(_reads_rows(arg, level + 1) for arg in rest)
    return any(_reads_rows(arg, level) for arg in node.args)


def _any(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    rows.conditions.append(rows.inner.filter(operand))
    return Fragment(sa.exists(rows.select(sa.literal_column("1"))))


def _all(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    rows.conditions.append(sa.not_(rows.inner.condition(operand)))
    return Fragment(sa.not_(sa.exists(rows.select(sa.literal_column("1")))))


# --- numbers ----------------------------------------------------------------------------------------------------------


def _sum(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    if operand.type.kind == "null":
        return rows.outer.as_number(sa.literal(0, sa.BigInteger()), most=1)
    found = rows.operand(operand)
    most = max(found.most, 1) * MOST_ROWS
    if rows.outer.dialect != "sqlite":
        return rows.of_all(func.coalesce(func.sum(found.sql, type_=NUMERIC), sa.literal_column("0")), found.places)
    if found.wide:
        return rows.of_all(func.coalesce(func.weft_sum(found.sql), 0, type_=sa.BigInteger()), found.places, most)
    if most <= rows.outer.most_integer:
        return rows.of_all(func.coalesce(func.sum(found.sql, type_=sa.BigInteger()), 0), found.places, most)
    high, low = parts_of_sum(found.sql)
    exact = rows.of_all(func.weft_total(high, low, type_=sa.BigInteger()), found.places, most)
    return replace(exact, clamped=rows.of_all(_clamped(high, low)).sql)


def _clamped(high: Sql, low: Sql) -> Sql:
    """The sum of both parts, within 64 bits, by SQLite alone."""
    unit, most = (sa.literal_column(str(each), sa.BigInteger()) for each in (LOW_PART, MOST_INTEGER))
    # a factor of ten below the bound: the sum of the low parts is added
    inside = high.between(sa.literal_column(str(-(10**9))), sa.literal_column(str(10**9)))
    return sa.case((high.is_(None), 0), (inside, high * unit + low), (high > 0, most), else_=-most)


def parts_of_sum(raw: Sql) -> tuple[Sql, Sql]:
    """The sums of what lies above and below 10^9: each within 64 bits for any number of rows."""
    unit = sa.literal_column(str(LOW_PART), sa.BigInteger())
    return func.sum(raw.op("/", precedence=8)(unit)), func.sum(raw.op("%", precedence=8)(unit))


def _average(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    found = rows.operand(operand)
    if rows.outer.dialect != "sqlite":
        total = func.sum(found.sql, type_=NUMERIC)
        count = sa.cast(func.nullif(func.count(found.sql), 0), NUMERIC)
        return rows.of_all(quotient(total, count), QUOTIENT_PLACES)
    places, most = sa.literal(found.places, sa.BigInteger()), max(found.most, FIELD_MOST) * 10**QUOTIENT_PLACES
    if found.wide:
        return rows.of_all(func.weft_avg(found.sql, places, type_=sa.BigInteger()), QUOTIENT_PLACES, most)
    mean = func.weft_mean(*parts_of_sum(found.sql), func.count(found.sql), places, type_=sa.BigInteger())
    return rows.of_all(mean, QUOTIENT_PLACES, most)


def _median(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    if operand.type.kind == "null":
        return rows.outer.as_number(sa.null(), most=1)
    found = rows.operand(operand)
    if rows.outer.dialect != "sqlite":
        return rows.of_all(func.fx.median(func.array_agg(found.sql), type_=NUMERIC), QUOTIENT_PLACES)
    places, most = sa.literal(found.places, sa.BigInteger()), max(found.most, FIELD_MOST) * 10**QUOTIENT_PLACES
    return rows.of_all(func.weft_median(found.sql, places, type_=sa.BigInteger()), QUOTIENT_PLACES, most)


def _count(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    if operand.type.kind in LISTS:
        rows.conditions.append(sa.exists(rows.inner.held(operand)))
    counts_all = operand.op == "literal" and operand.value is None or operand.type.kind in (*LISTS, "boolean")
    value = func.count() if counts_all or operand.op == "literal" else func.count(rows.operand(operand).sql)
    counted = rows.select(value).scalar_subquery()
    return rows.outer.as_number(counted, most=MOST_ROWS)


def _count_distinct(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    if operand.type.kind == "null":
        return rows.outer.as_number(sa.literal(0, sa.BigInteger()), most=1)
    counted = rows.select(func.count(sa.distinct(rows.operand(operand).sql))).scalar_subquery()
    return rows.outer.as_number(counted, most=MOST_ROWS)


def _least(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    return _extreme(rows, operand, "min")


def _greatest(rows: _Rows, operand: Node, _: list[Node]) -> Fragment:
    return _extreme(rows, operand, "max")


def _extreme(rows: _Rows, operand: Node, name: str) -> Fragment:
    if operand.type.kind == "null":
        return Fragment(rows.outer.null_of(operand))
    found = rows.operand(operand)
    value = rows.inner.ordered(found.sql) if operand.type.kind in TEXTS else found.sql
    function = getattr(func, f"weft_{name}" if found.wide else name)
    return rows.of_all(function(value, type_=found.sql.type), found.places, found.most)


def _rank(rows: _Rows, operand: Node, further: list[Node]) -> Fragment:
    """1 + how many rows are greater; of nothing null."""
    asked = further[0]
    rows.conditions.append(rows.inner.filter(Node(">", BOOLEAN, (operand, moved(asked, (), "field", 1)))))
    counted = rows.select(func.count() + sa.literal_column("1")).scalar_subquery()
    known = rows.outer.as_operand(asked).sql.is_not(None)
    return rows.outer.as_number(sa.case((known, counted), else_=sa.null()), most=MOST_ROWS)


# --- in row order -----------------------------------------------------------------------------------------------------


def _join(rows: _Rows, operand: Node, further: list[Node]) -> Fragment:
    """The texts in row order; empty ones are passed over."""
    if operand.type.kind == "null":
        return Fragment(rows.outer.null_of(Node("literal", further[0].type)))
    found = rows.operand(operand).sql
    separator = sa.literal(str(further[0].value or ""), sa.Text())
    if rows.outer.dialect != "sqlite":
        ordered = sa.dialects.postgresql.aggregate_order_by(separator, *rows.order())
        return rows.of_all(_not_too_long(func.string_agg(found, ordered, type_=sa.Text())))
    inner = rows.select(found.label("part")).order_by(*rows.order()).subquery()
    joined = _not_too_long(func.group_concat(inner.c.part, separator, type_=sa.Text()))
    return Fragment(sa.select(joined).scalar_subquery())


def _not_too_long(joined: Sql) -> Sql:
    """The text, null when it is longer than any field's; databases compute equal aggregates once."""
    return sa.case((func.length(joined) <= sa.literal_column(str(MOST_JOINED)), joined), else_=sa.null())


def _first(rows: _Rows, operand: Node, further: list[Node]) -> Fragment:
    return _picked(rows, operand, further, last=False)


def _last(rows: _Rows, operand: Node, further: list[Node]) -> Fragment:
    return _picked(rows, operand, further, last=True)


def _picked(rows: _Rows, operand: Node, further: list[Node], *, last: bool) -> Fragment:
    """The value of the first or last row, by a key or in row order; rows without the key do not count."""
    if further and further[0].type.kind == "null":
        return Fragment(rows.outer.null_of(operand))
    found = rows.inner.as_operand(operand)
    order = rows.order()
    if further:
        key = _key(rows.inner, further[0])
        if further[0].type.kind != "boolean":
            rows.conditions.append(key.is_not(None))
        order = [key, *order]
    if rows.outer.dialect != "sqlite":
        chosen = rows.select(found.sql).order_by(*_directed(order, last=last))
    else:  # which knows no columns of outer rows in ORDER BY
        labels = [each.label(f"o{at}") for at, each in enumerate(order)]
        inner = rows.select(found.sql.label("found"), *labels).subquery()
        keys: list[Sql] = [inner.c[label.name] for label in labels]
        chosen = sa.select(sa.type_coerce(inner.c.found, found.sql.type)).order_by(*_directed(keys, last=last))
    return Fragment(chosen.limit(sa.literal_column("1")).scalar_subquery(), found.places, most=found.most)


def _key(writer: Writer, node: Node) -> Sql:
    """What rows are ordered by."""
    if node.type.kind == "boolean":
        return writer.condition(node)
    key = writer.fragment(node)
    if key.wide:
        return func.weft_sortable(key.sql, type_=sa.Text())
    return writer.ordered(key.sql) if node.type.kind in TEXTS else key.sql


def _directed(keys: list[Sql], *, last: bool) -> list[Sql]:
    return [key.desc() if last else key for key in keys]


_AGGREGATES: MappingProxyType[str, Callable[[_Rows, Node, list[Node]], Fragment]] = MappingProxyType({
    "ANY": _any, "ALL": _all, "SUM": _sum, "AVG": _average, "MEDIAN": _median, "COUNT": _count,
    "COUNTDISTINCT": _count_distinct, "MIN": _least, "MAX": _greatest, "RANK": _rank, "JOIN": _join,
    "FIRST": _first, "LAST": _last,
})  # fmt: skip
