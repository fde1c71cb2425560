"""Work to be done after a transaction has been committed: written inside it, taken by workers one at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from engine.storage.database import UnitOfWork

WAITING, RUNNING, DONE, DEAD = "waiting", "running", "done", "dead"
MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Job:
    """A job taken by a worker until its lease ends."""

    id: int
    kind: str
    payload: Any
    tries: int


def add_job(uow: UnitOfWork, kind: str, payload: Mapping[str, Any], due_at: datetime | None = None) -> None:
    """Leave work for later; it exists only if the transaction is committed."""
    table = uow.database.tables.system.job
    uow.connection.execute(
        insert(table).inline(),
        {
            "kind": kind,
            "payload": json.dumps(payload, ensure_ascii=False),
            "status": WAITING,
            "tries": 0,
            "created_at": uow.now,
            "due_at": due_at or uow.now,
            "leased_until": None,
            "finished_at": None,
            "error": None,
        },
    )


def take_job(uow: UnitOfWork, lease: timedelta = timedelta(minutes=5), *, kind: str | None = None) -> Job | None:
    """The eldest job (of a kind) that is due, leased to the caller; None when nothing is due.

    A lost worker's job comes again.
    """
    table = uow.database.tables.system.job
    free = or_(table.c.status == WAITING, (table.c.status == RUNNING) & (table.c.leased_until < uow.now))
    chosen = select(table.c.id, table.c.kind, table.c.payload, table.c.tries)
    if kind is not None:
        chosen = chosen.where(table.c.kind == kind)
    chosen = chosen.where(free, table.c.due_at <= uow.now).order_by(table.c.due_at, table.c.id).limit(1)
    row = uow.connection.execute(chosen.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    leased = {"status": RUNNING, "leased_until": uow.now + lease, "tries": row.tries + 1}
    uow.connection.execute(update(table).where(table.c.id == row.id).values(**leased))
    return Job(row.id, row.kind, json.loads(row.payload), row.tries + 1)


def finish_job(uow: UnitOfWork, job_id: int) -> None:
    """The job has been done."""
    table = uow.database.tables.system.job
    done = {"status": DONE, "finished_at": uow.now, "error": None, "leased_until": None}
    uow.connection.execute(update(table).where(table.c.id == job_id).values(**done))


def fail_job(uow: UnitOfWork, job: Job, error: str) -> None:
    """The job has failed: it is tried again later and later, and is dead after the last try."""
    table = uow.database.tables.system.job
    again = {
        "status": DEAD if job.tries >= MOST_TRIES else WAITING,
        "error": error[:2000],
        "leased_until": None,
        "due_at": uow.now + timedelta(seconds=15 * 2**job.tries),
    }
    uow.connection.execute(update(table).where(table.c.id == job.id).values(**again))
