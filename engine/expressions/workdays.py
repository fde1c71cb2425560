"""What the functions of work days compute: the company's calendar decides, days it does not know give null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.expressions.nodes import WorkCalendar
from engine.expressions.texts import whole


def is_work_day(calendar: WorkCalendar | None, day: date | None) -> bool:
    """Whether `day` is a work day; a day that is not known is none."""
    return calendar is not None and day is not None and calendar.is_work(day) is True


def work_day(calendar: WorkCalendar, start: date, count: Decimal) -> date | None:
    """The day so many work days after `start` (before, when negative); `start` itself for 0."""
    position, steps = calendar.position(start), whole(count)
    if position is None:
        return None
    if steps == 0:
        return start
    begun = steps < 0 and not calendar.is_work(start)  # the work day before a day off is the first step back
    return calendar.day_at(position + steps + (1 if begun else 0))


def work_days_between(calendar: WorkCalendar, start: date, end: date) -> Decimal | None:
    """Work days from `start` to `end`, both included; negative when `end` lies before."""
    if end < start:
        found = work_days_between(calendar, end, start)
        return None if found is None else -found
    first, last = calendar.position(start), calendar.position(end)
    if first is None or last is None:
        return None
    return Decimal(last - first + (1 if calendar.is_work(start) else 0))
