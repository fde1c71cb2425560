"""What the work day operations are in SQL: the calendar's table, looked up by day or by the number of a work day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.nodes import Node
from engine.expressions.sql_fragments import Fragment, Sql

if TYPE_CHECKING:
    from engine.expressions.sql_writer import Writer

MOST_STEPS = 10**6


def _day(writer: Writer, day: Sql) -> Sql:
    """The calendar's column of days as expressions compare it: ISO text on SQLite."""
    return sa.type_coerce(day, sa.Text() if writer.dialect == "sqlite" else sa.Date())


def is_work_day(writer: Writer, node: Node) -> Fragment:
    """Whether the calendar has the day as a work day; a day that it does not know is none."""
    days = writer.scope.work_days()
    known: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(days)
    found = known.where(_day(writer, days.c.day) == writer.fragment(node.args[0]).sql, days.c.is_work)
    return Fragment(sa.exists(found.correlate_except(days)))


def work_day(writer: Writer, node: Node) -> Fragment:
    """The day so many work days after the first; a start on a day off counts back from the work day before it."""
    start, days = writer.scope.work_days(), writer.scope.work_days()
    steps = writer.bounded(node.args[1], MOST_STEPS)
    begun = sa.case((sa.and_(steps < sa.literal_column("0"), sa.not_(start.c.is_work)), 1), else_=0)
    there = sa.and_(days.c.position == start.c.position + steps + begun, days.c.is_work)
    found = sa.select(_day(writer, days.c.day)).select_from(days).where(there).correlate_except(days).scalar_subquery()
    chosen = sa.case((steps == sa.literal_column("0"), _day(writer, start.c.day)), else_=found)
    query = sa.select(chosen).select_from(start)
    query = query.where(_day(writer, start.c.day) == writer.fragment(node.args[0]).sql)
    return Fragment(query.correlate_except(start).scalar_subquery())


def work_days_between(writer: Writer, node: Node) -> Fragment:
    """Work days from the first to the second, both included; negative when the second lies before."""
    first, last = writer.scope.work_days(), writer.scope.work_days()
    start, end = (writer.fragment(arg).sql for arg in node.args)
    forwards = last.c.position - first.c.position + sa.case((first.c.is_work, 1), else_=0)
    backwards = first.c.position - last.c.position + sa.case((last.c.is_work, 1), else_=0)
    both = first.join(last, _day(writer, last.c.day) == end)
    query = sa.select(sa.case((last.c.day < first.c.day, -backwards), else_=forwards)).select_from(both)
    query = query.where(_day(writer, first.c.day) == start).correlate_except(first, last)
    return writer.as_number(query.scalar_subquery(), most=10**7)
