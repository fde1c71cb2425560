"""When tasks are due, and what happens around that time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.catalog.workflows import Duration, Step

if TYPE_CHECKING:
    from engine.services.flow.running import Running

_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def due_of(running: Running, step: Step) -> datetime | None:
    """When the tasks of a step that begins now are due; None: never."""
    due = step.policies.due
    if due is None or due.after is None:
        return None
    return after(running, running.work.uow.now, due.after)


def after(running: Running, start: datetime, length: Duration) -> datetime:
    """The instant so long after another."""
    return start + _LENGTHS.get(length.unit, timedelta(days=1)) * length.amount


def arm_timers(running: Running, step: Step, visit: int, tasks: Sequence[int]) -> None:
    """Note what happens to these tasks around their due time."""
