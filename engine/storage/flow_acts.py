"""Writes what people do around the tasks of approvals: reading, copies, order of signers; and who closed a task."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage.database import UnitOfWork
from engine.storage.flows import OPEN, StoredTask

ADDED = "addsign"  # the kind of tasks of people who were asked before or after somebody: no votes of their step
BEFORE, AFTER, WITH = "addsign_before", "addsign_after", "addsign_with"  # their sources


def insert_copies(uow: UnitOfWork, instance_id: int, step: str, people: Iterable[int]) -> list[int]:
    """Give these people a copy; those who get their first."""
    table = uow.database.tables.flow.copy
    dialect = sqlite if uow.database.dialect == "sqlite" else postgresql
    rows = [
        {"instance_id": instance_id, "person": each, "step": step, "at": uow.now, "by": uow.actor}
        for each in dict.fromkeys(people)
    ]
    told: list[int] = []
    for row in rows:
        added = dialect.insert(table).values(row).on_conflict_do_nothing().returning(table.c.person)
        told += uow.connection.execute(added).scalars().all()
    return told


def mark_seen(uow: UnitOfWork, instance_id: int, person: int, seen: Mapping[str, Any] | None) -> None:
    """The person has read the instance now: copies, and open tasks with what was shown. No task's `rev` rises."""
    copied, task = uow.database.tables.flow.copy, uow.database.tables.flow.task
    mine = (copied.c.instance_id == instance_id) & (copied.c.person == person) & copied.c.read_at.is_(None)
    uow.connection.execute(update(copied).where(mine).values(read_at=uow.now))
    open_ones = (task.c.instance_id == instance_id) & (task.c.assignee == person) & task.c.state.in_(OPEN)
    values: dict[str, Any] = {"read_at": uow.now}
    if seen is not None:
        values["seen"] = json.dumps(seen, ensure_ascii=False)
    uow.connection.execute(update(task).where(open_ones).values(**values))


def mark_urged(uow: UnitOfWork, tasks: Sequence[int]) -> None:
    """Note that the handlers of these tasks were urged now."""
    table = uow.database.tables.flow.task
    uow.connection.execute(update(table).where(table.c.id.in_(tasks)).values(urged_at=uow.now))


def make_room(uow: UnitOfWork, instance_id: int, visit: int, after: int, places: int) -> None:
    """Move the tasks of a visit that come after a position back by so many places."""
    table = uow.database.tables.flow.task
    later = (table.c.instance_id == instance_id) & (table.c.visit == visit) & (table.c.position > after)
    uow.connection.execute(update(table).where(later).values(position=table.c.position + places))


def adopt_added(uow: UnitOfWork, before: int, task_id: int) -> None:
    """Who was added to a task now belongs to the one that took its place."""
    table = uow.database.tables.flow.task
    uow.connection.execute(update(table).where(table.c.parent_id == before).values(parent_id=task_id))


def rearm_timers(uow: UnitOfWork, instance_id: int, visits: Iterable[int]) -> None:
    """What was called off at these visits happens after all, as far as its time has not passed."""
    table = uow.database.tables.flow.timer
    called_off = (table.c.instance_id == instance_id) & table.c.visit.in_(list(visits)) & (table.c.state == "cancelled")
    uow.connection.execute(update(table).where(called_off, table.c.fire_at > uow.now).values(state="armed"))


def fetch_closing_line(uow: UnitOfWork, instance_id: int, at: datetime) -> int | None:
    """Who acted on the instance at that moment; None when the engine did."""
    table = uow.database.tables.flow.log
    then = (table.c.instance_id == instance_id) & (table.c.at == at) & table.c.actor.is_not(None)
    found = select(table.c.actor).where(then).order_by(table.c.id.desc()).limit(1)
    actor = uow.connection.execute(found).scalar()
    return int(actor) if actor is not None else None


def close_task_list(uow: UnitOfWork, tasks: Iterable[StoredTask], state: str) -> None:
    """Those of these tasks that are open become cancelled or superseded."""
    table = uow.database.tables.flow.task
    ids = [each.id for each in tasks if each.is_open]
    if ids:
        closed = {"state": state, "rev": table.c.rev + 1, "done_at": uow.now}
        uow.connection.execute(update(table).where(table.c.id.in_(ids)).values(**closed))
