"""Steps that wait: until something holds, until a date, for a while; and what happens when that takes too long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.catalog.workflows import Step
from engine.runtime.flow.votes import APPROVED, REJECTED
from engine.services.flow.due import after, instant_of
from engine.storage.flow_timers import ARMED, FIRED, StoredTimer, arm_timer, close_timer, fetch_timers

if TYPE_CHECKING:
    from engine.services.flow.running import Running

UNTIL, TIMEOUT, LOOK = "until", "timeout", "look"
WAITS = (UNTIL, TIMEOUT, LOOK)  # what the timers of waits are called
AGAIN = timedelta(hours=1)  # so often a condition is asked again, besides whenever the record is written
_TIMEOUTS = {"continue": APPROVED, "reject": REJECTED, "end": "terminated"}


def open_wait(running: Running, step: Step, visit: int) -> str | None:
    """Begin to wait: approved when there is nothing to wait for, else None."""
    running.log("wait", step=step.name)
    if step.until is not None and running.holds(step.until):
        return APPROVED
    at = _until(running, step)
    if at is not None and at <= running.work.uow.now:
        return APPROVED
    if at is not None:
        _arm(running, step, visit, UNTIL, at)
    else:  # a condition, or a date that the record does not have yet
        _arm(running, step, visit, LOOK, running.work.uow.now + AGAIN)
    late = after(running, running.work.uow.now, step.timeout) if step.timeout is not None else None
    if late is not None:
        _arm(running, step, visit, TIMEOUT, late)
    return None


def ask_wait(running: Running, step: Step, visit: int) -> str | None:
    """What the wait has come to: approved, rejected or terminated; None while it lasts."""
    if step.until is not None and running.holds(step.until):
        return APPROVED
    armed = {timer.action["timer"]: timer for timer in _armed(running, visit)}
    if step.until_at is not None and UNTIL not in armed:
        at = _until(running, step)
        if at is not None and at <= running.work.uow.now:
            return APPROVED
        if at is not None:
            _arm(running, step, visit, UNTIL, at)
    for name in (UNTIL, TIMEOUT):
        timer = armed.get(name)
        if timer is not None and timer.fire_at <= running.work.uow.now:
            close_timer(running.work.uow, timer, FIRED)
            running.log("waited" if name == UNTIL else "timeout", step=step.name)
            return APPROVED if name == UNTIL else _TIMEOUTS[step.on_timeout]
    return None


def _until(running: Running, step: Step) -> datetime | None:
    """When the wait is over; None: that is not known yet."""
    now, length = running.work.uow.now, step.until_after
    if length is not None:  # beyond the calendar that is known a week has five work days
        return after(running, now, length) or now + timedelta(days=length.amount * 7 // 5)
    return instant_of(running, running.value(step.until_at)) if step.until_at is not None else None


def _armed(running: Running, visit: int) -> list[StoredTimer]:
    timers = fetch_timers(running.work.uow, running.stored.id)
    return [timer for timer in timers if timer.visit == visit and timer.state == ARMED]


def _arm(running: Running, step: Step, visit: int, name: str, at: datetime) -> None:
    action = {"step": step.name, "timer": name, "fired": 0}
    arm_timer(running.work.uow, running.stored.id, visit, None, at, action)
