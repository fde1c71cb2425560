"""What is left to happen at approvals when its time has come: a row for each, and a job that is due then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage.database import UnitOfWork
from engine.storage.outbox import add_job

ARMED, FIRED, CANCELLED = "armed", "fired", "cancelled"
TIMER = "approval_timer"  # the job


@dataclass(frozen=True, slots=True)
class StoredTimer:
    """A row of wf_timer. `action`: {"step", "timer": which of the step's, "fired": how often it has been}."""

    id: int
    instance_id: int
    visit: int
    task_id: int | None
    fire_at: datetime
    action: Mapping[str, Any]
    state: str

    @property
    def fired(self) -> int:
        """How often it has been carried out."""
        return int(self.action["fired"])


def arm_timer(
    uow: UnitOfWork, instance_id: int, visit: int, task_id: int | None, fire_at: datetime, action: Mapping[str, Any]
) -> None:
    """Leave something for `fire_at`; once for a task (or visit) and action."""
    table = uow.database.tables.flow.timer
    values = {
        "instance_id": instance_id,
        "visit": visit,
        "task_id": task_id,
        "fire_at": fire_at,
        "action": json.dumps(action),
        "state": ARMED,
        "dedupe": f"{instance_id}:{visit}:{task_id or ''}:{action['timer']}",
    }
    dialect = sqlite if uow.database.dialect == "sqlite" else postgresql
    added = dialect.insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    timer_id = uow.connection.execute(added).scalar()
    if timer_id is not None:
        add_job(uow, TIMER, {"timer": timer_id}, fire_at, key=f"{TIMER}:{timer_id}:0")


def fetch_timer(uow: UnitOfWork, timer_id: int) -> StoredTimer | None:
    """One timer."""
    return next(iter(_fetch(uow, uow.database.tables.flow.timer.c.id == timer_id)), None)


def fetch_timers(uow: UnitOfWork, instance_id: int) -> list[StoredTimer]:
    """The timers of an instance in the order in which they were armed."""
    return _fetch(uow, uow.database.tables.flow.timer.c.instance_id == instance_id)


def close_timer(uow: UnitOfWork, timer: StoredTimer, state: str) -> None:
    """It has been carried out, or called off."""
    table = uow.database.tables.flow.timer
    uow.connection.execute(update(table).where(table.c.id == timer.id).values(state=state))


def arm_again(uow: UnitOfWork, timer: StoredTimer, fire_at: datetime, fired: int) -> None:
    """It happens again."""
    table = uow.database.tables.flow.timer
    action = json.dumps({**timer.action, "fired": fired})
    uow.connection.execute(update(table).where(table.c.id == timer.id).values(fire_at=fire_at, action=action))
    add_job(uow, TIMER, {"timer": timer.id}, fire_at, key=f"{TIMER}:{timer.id}:{fired}")


def follow_task(uow: UnitOfWork, before: int, task_id: int) -> None:
    """What was left for a task happens to the one that took its place, at the same time."""
    table = uow.database.tables.flow.timer
    moved = (table.c.task_id == before) & (table.c.state == ARMED)
    uow.connection.execute(update(table).where(moved).values(task_id=task_id))


def cancel_timers(uow: UnitOfWork, instance_id: int, visits: Iterable[int]) -> None:
    """What was left for these visits is called off."""
    table = uow.database.tables.flow.timer
    armed = (table.c.instance_id == instance_id) & table.c.visit.in_(list(visits)) & (table.c.state == ARMED)
    uow.connection.execute(update(table).where(armed).values(state=CANCELLED))


def _fetch(uow: UnitOfWork, condition: Any) -> list[StoredTimer]:
    table = uow.database.tables.flow.timer
    query = select(table).where(condition).order_by(table.c.id)
    return [
        StoredTimer(row.id, row.instance_id, row.visit, row.task_id, row.fire_at, json.loads(row.action), row.state)
        for row in uow.connection.execute(query)
    ]
