"""What the date operations are in SQL. On SQLite a date is an ISO text; month ends are clamped on both dialects."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func

from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import Fragment, NotInSql, Sql, twice
from engine.expressions.sql_numbers import number, quotient

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

FIRST_DAY, LAST_DAY = "1900-01-01", "9999-12-31"
MOST_DAYS = 4_000_000
MOST_MONTHS = 100_000
MOST_COUNT = 10**9
DATE, TEXT = sa.Date(), sa.Text()


def _fx(name: str, *args: Any, type_: sa.types.TypeEngine[Any] = DATE) -> Sql:
    return getattr(func.fx, name)(*args, type_=type_)  # type: ignore[no-any-return]


def _postgresql_only(writer: Writer, node: Node) -> None:
    if writer.dialect == "sqlite":
        raise NotInSql(node.op)


def _zone(writer: Writer) -> Sql:
    return sa.literal(writer.scope.zone, TEXT)


def _in_range(writer: Writer, day: Sql) -> Sql:
    """The ISO text if it is a date of ours: SQLite's own range begins in 4713 BC and ends with null."""
    return func.nullif(func.max(day, sa.literal("1899-12-31")), sa.literal("1899-12-31"), type_=TEXT)


def day_between(writer: Writer, day: Sql) -> Sql:
    """The date if it lies in 1900 … 9999, on PostgreSQL by its least and greatest neighbours: written once."""
    if writer.dialect == "sqlite":
        return _in_range(writer, day)
    low, high = writer.day("1899-12-31"), sa.cast(sa.literal("10000-01-01", TEXT), DATE)
    inside = func.nullif(func.greatest(day, low, type_=DATE), low, type_=DATE)
    return func.nullif(func.least(inside, high, type_=DATE), high, type_=DATE)


def to_date(writer: Writer, node: Node) -> Fragment:
    """The date of an instant on the company's clock."""
    instant = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        return Fragment(func.weft_local_date(instant, _zone(writer), type_=TEXT))
    return Fragment(sa.cast(func.timezone(_zone(writer), instant), DATE))


# --- days -------------------------------------------------------------------------------------------------------------


def add_days(writer: Writer, node: Node) -> Fragment:
    return _move_days(writer, node, 1)


def subtract_days(writer: Writer, node: Node) -> Fragment:
    return _move_days(writer, node, -1)


def _move_days(writer: Writer, node: Node, times: int) -> Fragment:
    day, count = writer.fragment(node.args[0]).sql, writer.bounded(node.args[1], MOST_DAYS)
    if times != 1:
        count = count * sa.literal(times, sa.Integer())
    if writer.dialect == "sqlite":
        return Fragment(_in_range(writer, func.date(day, _text_of(count, " days"), type_=TEXT)))
    return Fragment(_fx("add_days", day, count))


def _text_of(count: Sql, unit: str) -> Sql:
    return sa.cast(count, TEXT).concat(sa.literal(unit))


def days_between(writer: Writer, node: Node) -> Fragment:
    end, start = (writer.fragment(arg).sql for arg in node.args)
    if writer.dialect == "sqlite":
        days = sa.cast(func.julianday(end) - func.julianday(start), sa.BigInteger())
        return writer.as_number(days, most=10**7)
    return writer.as_number(sa.type_coerce(end.op("-")(start), sa.Integer()))


def date_difference(writer: Writer, node: Node) -> Fragment:
    start, end, unit = node.args
    if unit.value == "D":
        return days_between(writer, Node("DAYS", node.type, (end, start)))
    _postgresql_only(writer, node)
    months = _fx("months_between", writer.fragment(start).sql, writer.fragment(end).sql, type_=sa.Integer())
    return writer.as_number(months if unit.value == "M" else months.op("/")(sa.literal_column("12")))


def days_360(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    days = (writer.fragment(arg).sql for arg in node.args)
    return writer.as_number(_fx("days_360", *days, type_=sa.Integer()))


# --- parts of a date ----------------------------------------------------------------------------------------------


_PARTS = MappingProxyType({"YEAR": "%Y", "MONTH": "%m", "DAY": "%d"})


def date_part(writer: Writer, node: Node) -> Fragment:
    return writer.as_number(_part(writer, writer.fragment(node.args[0]).sql, node.op), most=9999)


def _part(writer: Writer, day: Sql, part: str) -> Sql:
    if writer.dialect == "sqlite":
        return sa.cast(func.strftime(sa.literal(_PARTS[part]), day), sa.BigInteger())
    return sa.type_coerce(sa.extract(part.lower(), day), sa.Numeric())


def quarter(writer: Writer, node: Node) -> Fragment:
    day = writer.fragment(node.args[0]).sql
    if writer.dialect != "sqlite":
        return writer.as_number(sa.type_coerce(sa.extract("quarter", day), sa.Numeric()))
    return writer.as_number((_part(writer, day, "MONTH") + 2) // sa.literal(3), most=4)


def weekday(writer: Writer, node: Node) -> Fragment:
    day = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        found = (sa.cast(func.strftime(sa.literal("%w"), day), sa.BigInteger()) + 6) % 7 + 1
        return writer.as_number(found, most=7)
    return writer.as_number(sa.type_coerce(sa.extract("isodow", day), sa.Numeric()))


def iso_week(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    return writer.as_number(sa.type_coerce(sa.extract("week", writer.fragment(node.args[0]).sql), sa.Numeric()))


def clock_part(writer: Writer, node: Node) -> Fragment:
    """HOUR, MINUTE, SECOND on the company's clock."""
    _postgresql_only(writer, node)
    local = func.timezone(_zone(writer), writer.fragment(node.args[0]).sql)
    return writer.as_number(func.floor(sa.extract(node.op.lower(), local), type_=sa.Numeric()))


# --- first and last days ------------------------------------------------------------------------------------------


def _truncated(writer: Writer, node: Node, unit: str, *modifiers: Sql) -> Fragment:
    day = writer.fragment(node.args[0]).sql
    if writer.dialect == "sqlite":
        return Fragment(func.date(day, *modifiers, type_=TEXT))
    return Fragment(sa.cast(func.date_trunc(sa.literal(unit), sa.cast(day, sa.DateTime())), DATE))


def _truncated_end(writer: Writer, node: Node, unit: str, months: int) -> Fragment:
    _postgresql_only(writer, node)
    start = func.date_trunc(sa.literal(unit), sa.cast(writer.fragment(node.args[0]).sql, sa.DateTime()))
    interval = func.make_interval(0, sa.literal(months, sa.Integer()), 0, sa.literal(-1, sa.Integer()))
    return Fragment(sa.cast(start.op("+")(interval), DATE))


def month_start(writer: Writer, node: Node) -> Fragment:
    return _truncated(writer, node, "month", sa.literal("start of month"))


def year_start(writer: Writer, node: Node) -> Fragment:
    return _truncated(writer, node, "year", sa.literal("start of year"))


def year_end(writer: Writer, node: Node) -> Fragment:
    return _truncated_end(writer, node, "year", 12)


def week_start(writer: Writer, node: Node) -> Fragment:
    started = _truncated(writer, node, "week", sa.literal("-6 days"), sa.literal("weekday 1"))
    return Fragment(day_between(writer, started.sql))


def quarter_start(writer: Writer, node: Node) -> Fragment:
    if writer.dialect != "sqlite":
        return _truncated(writer, node, "quarter")
    day = writer.fragment(node.args[0]).sql
    twice(day)
    over = (_part(writer, day, "MONTH") - 1) % 3
    back = sa.literal("-").concat(sa.cast(over, TEXT)).concat(sa.literal(" months"))
    return _truncated(writer, node, "quarter", sa.literal("start of month"), back)


def quarter_end(writer: Writer, node: Node) -> Fragment:
    return _truncated_end(writer, node, "quarter", 3)


# --- months -----------------------------------------------------------------------------------------------------------


def add_months(writer: Writer, node: Node) -> Fragment:
    return _move_months(writer, node, 1)


def _move_months(writer: Writer, node: Node, times: int) -> Fragment:
    day, count = _day_and_months(writer, node, times)
    if writer.dialect != "sqlite":
        return Fragment(_fx("add_months", day, count))
    twice(day, count)
    start = func.date(day, "start of month", _text_of(count, " months"), type_=TEXT)
    same_day = func.date(start, sa.cast(_part(writer, day, "DAY") - 1, TEXT).concat(" days"), type_=TEXT)
    moved = func.min(same_day, _sqlite_month_end(start), type_=TEXT)
    return Fragment(_if_month_exists(writer, day, count, moved))


def month_end(writer: Writer, node: Node) -> Fragment:
    day, count = _day_and_months(writer, node, 1)
    if writer.dialect != "sqlite":
        return Fragment(_fx("month_end", day, count))
    twice(day, count)
    moved = _sqlite_month_end(func.date(day, "start of month", _text_of(count, " months"), type_=TEXT))
    return Fragment(_if_month_exists(writer, day, count, moved))


def _day_and_months(writer: Writer, node: Node, times: int) -> tuple[Sql, Sql]:
    count = writer.bounded(node.args[1], MOST_MONTHS)
    if times != 1:
        count = count * sa.literal(times, sa.Integer())
    return writer.fragment(node.args[0]).sql, count


def _sqlite_month_end(start: Sql) -> Sql:
    """The last day of the month that begins on `start`; SQLite cannot step over the end of 9999."""
    return func.coalesce(func.date(start, "+1 month", "-1 day"), sa.literal(LAST_DAY), type_=TEXT)


def _if_month_exists(writer: Writer, day: Sql, count: Sql, moved: Sql) -> Sql:
    month = _part(writer, day, "YEAR") * 12 + _part(writer, day, "MONTH") - 1 + count
    return sa.case((month.between(1900 * 12, 9999 * 12 + 11), moved), else_=sa.null())


# --- made of other values ---------------------------------------------------------------------------------------------


def date_of(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    return Fragment(_fx("make_date", *(writer.bounded(arg, MOST_COUNT) for arg in node.args)))


def date_value(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    return Fragment(_fx("date_value", writer.fragment(node.args[0]).sql))


def date_time(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    day, *clock = node.args
    counts = (writer.bounded(arg, MOST_COUNT) for arg in clock)
    instant = _fx("instant_of", writer.fragment(day).sql, *counts, _zone(writer), type_=sa.DateTime(timezone=True))
    return Fragment(instant)


# --- instants and durations -------------------------------------------------------------------------------------------


def add_seconds(writer: Writer, node: Node) -> Fragment:
    return _move_instant(writer, node, 1)


def subtract_seconds(writer: Writer, node: Node) -> Fragment:
    return _move_instant(writer, node, -1)


def _move_instant(writer: Writer, node: Node, times: int) -> Fragment:
    _postgresql_only(writer, node)
    instant, seconds = (writer.fragment(arg).sql for arg in node.args)
    return Fragment(_after(instant, sa.cast(seconds, sa.Numeric()) * number(times)))


def _after(instant: Sql, seconds: Sql) -> Sql:
    return _fx("add_seconds", instant, seconds, type_=sa.DateTime(timezone=True))


def seconds_between(writer: Writer, node: Node) -> Fragment:
    _postgresql_only(writer, node)
    end, start = (writer.fragment(arg).sql for arg in node.args)
    return Fragment(sa.cast(func.trunc(sa.extract("epoch", end.op("-")(start))), sa.BigInteger()))


def plus_seconds(writer: Writer, node: Node) -> Fragment:
    return _durations(writer, node, "+")


def minus_seconds(writer: Writer, node: Node) -> Fragment:
    return _durations(writer, node, "-")


def _durations(writer: Writer, node: Node, operator: str) -> Fragment:
    left, right = (writer.fragment(arg).sql for arg in node.args)
    return Fragment(sa.type_coerce(left.op(operator)(right).self_group(), sa.BigInteger()))


def hours(writer: Writer, node: Node) -> Fragment:
    return _per(writer, node, 3600)


def minutes(writer: Writer, node: Node) -> Fragment:
    return _per(writer, node, 60)


def _per(writer: Writer, node: Node, size: int) -> Fragment:
    _postgresql_only(writer, node)
    seconds = sa.cast(writer.fragment(node.args[0]).sql, sa.Numeric())
    return Fragment(quotient(seconds, number(size)), 12)


def date_add(writer: Writer, node: Node) -> Fragment:
    """DATEADD of a date or instant by D(ays), W(eeks), M(onths), Y(ears), h(ours), m(inutes)."""
    start, _, unit = node.args
    sizes = {"D": 1, "W": 7, "M": 1, "Y": 12, "h": 3600, "m": 60}
    size = sizes[str(unit.value)]
    if start.type.kind == "date":
        if unit.value in ("h", "m"):
            return Fragment(writer.null_of(node))
        move = _move_days if unit.value in ("D", "W") else _move_months
        return move(writer, node, size)
    _postgresql_only(writer, node)
    instant = writer.fragment(start).sql
    if unit.value in ("h", "m"):
        return Fragment(_after(instant, sa.cast(writer.bounded(node.args[1], MOST_COUNT), sa.Numeric()) * number(size)))
    months = unit.value in ("M", "Y")
    count = writer.bounded(node.args[1], MOST_MONTHS if months else MOST_DAYS) * sa.literal(size, sa.Integer())
    none = sa.literal(0, sa.Integer())
    moved = (count, none) if months else (none, count)
    return Fragment(_fx("move_instant", instant, _zone(writer), *moved, type_=sa.DateTime(timezone=True)))
