"""When tasks are due, and what is left to happen around that time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from engine.catalog.workflows import Duration, Step
from engine.storage.flow_timers import arm_timer

if TYPE_CHECKING:
    from engine.services.flow.running import Running

_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_LAST = time(23, 59, 59)  # what is due on a day is due when that day ends


def due_of(running: Running, step: Step) -> datetime | None:
    """When the tasks of a step that begins now are due; None: never. What the record says later does not move it."""
    due = step.policies.due
    if due is None:
        return None
    if due.at is not None:
        return instant_of(running, running.value(due.at))
    return after(running, running.work.uow.now, due.after) if due.after is not None else None


def after(running: Running, start: datetime, length: Duration) -> datetime | None:
    """The instant so long after another; None when work days are counted beyond the calendar that is known."""
    if length.unit != "workday":
        return start + _LENGTHS[length.unit] * length.amount
    local = start.astimezone(running.moment.zone)
    day = _work_day(running, local.date(), length.amount)
    return None if day is None else datetime.combine(day, local.time(), local.tzinfo).astimezone(start.tzinfo)


def arm_timers(
    running: Running,
    step: Step,
    visit: int,
    tasks: Iterable[int],
    due: datetime | None,
    *,
    from_now: bool = False,
) -> None:
    """Leave what happens to these tasks around their due time; what concerns the step happens once for all of them.

    from_now: what should have happened already is left out.
    """
    if due is None:
        return
    for number, timer in enumerate(step.timers):
        fire_at = after(running, due, timer.at)
        if fire_at is None or (from_now and fire_at <= running.work.uow.now):
            continue
        for task in tasks if timer.do != "effect" else (None,):
            action = {"step": step.name, "timer": number, "fired": 0}
            arm_timer(running.work.uow, running.stored.id, visit, task, fire_at, action)


def instant_of(running: Running, value: object) -> datetime | None:
    """A date means its end in the company's time zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, _LAST, running.moment.zone).astimezone(running.work.uow.now.tzinfo)
    return None


def _work_day(running: Running, day: date, amount: int) -> date | None:
    """The work day so many after a day (before it when negative)."""
    calendar = running.moment.calendar
    if calendar is None or amount == 0:
        return day
    position = calendar.position(day)
    if position is None:
        return None
    begun = 1 if amount < 0 and calendar.is_work(day) is False else 0  # back from a day off: the last one is the first
    return calendar.day_at(position + amount + begun)
