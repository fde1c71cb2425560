"""What the date operations are in SQL. On SQLite a date is an ISO text; month ends are clamped on both dialects."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from engine.expressions.nodes import Node
from engine.expressions.sql_operations import Fragment

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

Sql = ColumnElement[Any]
FIRST_DAY, LAST_DAY = "1900-01-01", "9999-12-31"
LAST_NUMBER = 2_958_463  # days between the two


def _in_range(writer: Writer, day: Sql) -> Sql:
    return sa.case((day.between(writer.day(FIRST_DAY), writer.day(LAST_DAY)), day), else_=sa.null())


def to_date(writer: Writer, node: Node) -> Fragment:
    """The date of an instant on the company's clock."""
    instant, zone = writer.fragment(node.args[0]).sql, sa.literal(writer.scope.zone, sa.Text())
    if writer.dialect == "sqlite":
        return Fragment(func.weft_local_date(instant, zone, type_=sa.Text()))
    return Fragment(sa.cast(func.timezone(zone, instant), sa.Date()))


def add_days(writer: Writer, node: Node) -> Fragment:
    return _move_days(writer, node, 1)


def subtract_days(writer: Writer, node: Node) -> Fragment:
    return _move_days(writer, node, -1)


def _move_days(writer: Writer, node: Node, direction: int) -> Fragment:
    day, count = writer.fragment(node.args[0]).sql, writer.whole(node.args[1]) * direction
    bounded = writer.bounded(count, 4_000_000)
    if writer.dialect == "sqlite":
        return Fragment(_in_range(writer, func.date(day, _text_of(bounded, " days"), type_=sa.Text())))
    first = writer.day(FIRST_DAY)  # by whole numbers: PostgreSQL's own dates end in 4713 BC with an error
    number = sa.type_coerce(day.op("-")(first), sa.Integer()) + sa.cast(bounded, sa.Integer())
    moved = sa.type_coerce(first.op("+")(number), sa.Date())
    return Fragment(sa.case((number.between(0, LAST_NUMBER), moved), else_=sa.null()))


def _text_of(number: Sql, unit: str) -> Sql:
    return sa.cast(number, sa.Text()).concat(sa.literal(unit))


def days_between(writer: Writer, node: Node) -> Fragment:
    end, start = (writer.fragment(arg).sql for arg in node.args)
    if writer.dialect == "sqlite":
        return Fragment(sa.cast(func.julianday(end) - func.julianday(start), sa.BigInteger()))
    return Fragment(sa.type_coerce(end.op("-")(start), sa.Integer()))


_PARTS = MappingProxyType({"YEAR": "%Y", "MONTH": "%m", "DAY": "%d"})


def date_part(writer: Writer, node: Node) -> Fragment:
    return Fragment(_part(writer, writer.fragment(node.args[0]).sql, node.op))


def _part(writer: Writer, day: Sql, part: str) -> Sql:
    if writer.dialect == "sqlite":
        return sa.cast(func.strftime(sa.literal(_PARTS[part]), day), sa.BigInteger())
    return sa.cast(sa.extract(part.lower(), day), sa.Integer())


def quarter(writer: Writer, node: Node) -> Fragment:
    return Fragment((_part(writer, writer.fragment(node.args[0]).sql, "MONTH") + 2) // sa.literal(3))


def weekday(writer: Writer, node: Node) -> Fragment:
    day = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        return Fragment((sa.cast(func.strftime(sa.literal("%w"), day), sa.BigInteger()) + 6) % 7 + 1)
    return Fragment(sa.cast(sa.extract("isodow", day), sa.Integer()))


def _truncated(writer: Writer, node: Node, unit: str, *modifiers: Sql) -> Fragment:
    day = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        return Fragment(func.date(day, *modifiers, type_=sa.Text()))
    return Fragment(sa.cast(func.date_trunc(sa.literal(unit), sa.cast(day, sa.DateTime())), sa.Date()))


def month_start(writer: Writer, node: Node) -> Fragment:
    return _truncated(writer, node, "month", sa.literal("start of month"))


def year_start(writer: Writer, node: Node) -> Fragment:
    return _truncated(writer, node, "year", sa.literal("start of year"))


def week_start(writer: Writer, node: Node) -> Fragment:
    started = _truncated(writer, node, "week", sa.literal("-6 days"), sa.literal("weekday 1"))
    return Fragment(_in_range(writer, started.sql))


def quarter_start(writer: Writer, node: Node) -> Fragment:
    if writer.dialect != "sqlite":
        return _truncated(writer, node, "quarter")
    over = (_part(writer, writer.fragment(node.args[0]).sql, "MONTH") - 1) % 3
    back = sa.literal("-").concat(sa.cast(over, sa.Text())).concat(sa.literal(" months"))
    return _truncated(writer, node, "quarter", sa.literal("start of month"), back)


def add_months(writer: Writer, node: Node) -> Fragment:
    day, count = _months(writer, node)
    if writer.dialect != "sqlite":
        moved: Sql = sa.cast(sa.cast(day, sa.DateTime()).op("+")(_interval(count)), sa.Date())
        return Fragment(_if_month_exists(writer, day, count, moved))
    start = func.date(day, "start of month", _months_text(count), type_=sa.Text())
    same_day = func.date(start, sa.cast(_part(writer, day, "DAY") - 1, sa.Text()).concat(" days"), type_=sa.Text())
    moved = func.min(same_day, _sqlite_month_end(start), type_=sa.Text())
    return Fragment(_if_month_exists(writer, day, count, moved))


def month_end(writer: Writer, node: Node) -> Fragment:
    day, count = _months(writer, node)
    if writer.dialect != "sqlite":
        start = func.date_trunc(sa.literal("month"), sa.cast(day, sa.DateTime()))
        end = start.op("+")(_interval(count + 1)).op("-")(_interval(sa.literal(0), 1))
        return Fragment(_if_month_exists(writer, day, count, sa.cast(end, sa.Date())))
    moved = _sqlite_month_end(func.date(day, "start of month", _months_text(count), type_=sa.Text()))
    return Fragment(_if_month_exists(writer, day, count, moved))


def _sqlite_month_end(start: Sql) -> Sql:
    """The last day of the month that begins on `start`; SQLite cannot step over the end of 9999."""
    return func.coalesce(func.date(start, "+1 month", "-1 day"), sa.literal(LAST_DAY), type_=sa.Text())


def _months(writer: Writer, node: Node) -> tuple[Sql, Sql]:
    return writer.fragment(node.args[0]).sql, writer.bounded(writer.whole(node.args[1]), 200_000)


def _months_text(count: Sql) -> Sql:
    return _text_of(count, " months")


def _interval(months: Sql, days: int = 0) -> Sql:
    return func.make_interval(0, sa.cast(months, sa.Integer()), 0, sa.literal(days, sa.Integer()))


def _if_month_exists(writer: Writer, day: Sql, count: Sql, moved: Sql) -> Sql:
    month = _part(writer, day, "YEAR") * 12 + _part(writer, day, "MONTH") - 1 + count
    return sa.case((month.between(1900 * 12, 9999 * 12 + 11), moved), else_=sa.null())
