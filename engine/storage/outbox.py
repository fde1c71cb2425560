"""Work to be done after a transaction has been committed: written inside it, taken by workers one at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage.database import UnitOfWork

WAITING, RUNNING, DONE, DEAD = "waiting", "running", "done", "dead"
MOST_TRIES = 8
BACKFILL = "backfill"  # formulas for every record of their forms; readers ask for what is still to be done
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)


class LeaseLost(Exception):
    """Another worker has the job now; what this one was about to write must not be kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job taken by a worker until its lease ends."""

    id: int
    kind: str
    payload: Any
    tries: int


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as it stands: how far it is (`done` of `total`, None where nobody counts) and why it failed last."""

    id: int
    kind: str
    payload: Any
    status: str
    tries: int
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    error: str | None
    done: int | None
    total: int | None


def add_job(
    uow: UnitOfWork,
    kind: str,
    payload: Mapping[str, Any],
    due_at: datetime | None = None,
    *,
    key: str | None = None,
    total: int | None = None,
) -> None:
    """Leave work for later; it exists only if the transaction is committed. A `key` is taken once and for all."""
    table = uow.database.tables.system.job
    values = {
        "kind": kind,
        "payload": json.dumps(payload, ensure_ascii=False),
        "status": WAITING,
        "tries": 0,
        "created_at": uow.now,
        "due_at": due_at or uow.now,
        "leased_until": None,
        "finished_at": None,
        "error": None,
        "key": key,
        "done": None,
        "total": total,
    }
    if uow.database.dialect == "sqlite":
        uow.connection.execute(sqlite.insert(table).inline().on_conflict_do_nothing(), values)
    else:
        uow.connection.execute(postgresql.insert(table).inline().on_conflict_do_nothing(), values)


def is_job_due(uow: UnitOfWork, kinds: Collection[str]) -> bool:
    """Whether `take_job` would find anything: a look that locks nothing."""
    table = uow.database.tables.system.job
    return uow.connection.execute(select(table.c.id).where(_free(uow, kinds)).limit(1)).first() is not None


def take_job(
    uow: UnitOfWork, lease: timedelta = LEASE, *, kind: str | None = None, kinds: Collection[str] = ()
) -> Job | None:
    """The eldest job (of a kind, of some kinds) that is due, leased to the caller; None when nothing is due.

    A lost worker's job comes again; one that was lost on its last try is dead.
    """
    table = uow.database.tables.system.job
    chosen = select(table.c.id, table.c.kind, table.c.payload, table.c.tries)
    chosen = chosen.where(_free(uow, (kind,) if kind is not None else kinds))
    chosen = chosen.order_by(table.c.due_at, table.c.id).limit(1)
    row = uow.connection.execute(chosen.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    if row.tries >= MOST_TRIES:
        gone = {"status": DEAD, "leased_until": None, "error": "its worker was lost again and again"}
        uow.connection.execute(update(table).where(table.c.id == row.id).values(**gone))
        return take_job(uow, lease, kind=kind, kinds=kinds)
    leased = {"status": RUNNING, "leased_until": uow.now + lease, "tries": row.tries + 1}
    uow.connection.execute(update(table).where(table.c.id == row.id).values(**leased))
    return Job(row.id, row.kind, json.loads(row.payload), row.tries + 1)


def _free(uow: UnitOfWork, kinds: Collection[str]) -> ColumnElement[bool]:
    table = uow.database.tables.system.job
    free = or_(table.c.status == WAITING, (table.c.status == RUNNING) & (table.c.leased_until < uow.now))
    due = free & (table.c.due_at <= uow.now)
    return due & table.c.kind.in_(sorted(kinds)) if kinds else due


def keep_job(uow: UnitOfWork, job: Job, lease: timedelta = LEASE, **columns: Any) -> None:
    """Lengthen the lease, and write `payload`, `done` or `total`; LeaseLost when another worker has taken the job."""
    table = uow.database.tables.system.job
    if "payload" in columns:
        columns["payload"] = json.dumps(columns["payload"], ensure_ascii=False)
    mine = (table.c.id == job.id) & (table.c.status == RUNNING) & (table.c.tries == job.tries)
    found = uow.connection.execute(update(table).where(mine).values(leased_until=uow.now + lease, **columns))
    if found.rowcount != 1:
        raise LeaseLost(job.id)


def finish_job(uow: UnitOfWork, job_id: int) -> None:
    """The job has been done."""
    table = uow.database.tables.system.job
    done = {"status": DONE, "finished_at": uow.now, "error": None, "leased_until": None}
    uow.connection.execute(update(table).where(table.c.id == job_id).values(**done))


def fail_job(uow: UnitOfWork, job: Job, error: str, *, hopeless: bool = False) -> None:
    """The job has failed: it is tried again later and later, and is dead after the last try, or when it is hopeless."""
    table = uow.database.tables.system.job
    again = {
        "status": DEAD if hopeless or job.tries >= MOST_TRIES else WAITING,
        "error": error[:2000],
        "leased_until": None,
        "due_at": uow.now + timedelta(seconds=15 * 2**job.tries),
    }
    mine = (table.c.id == job.id) & (table.c.tries == job.tries)
    uow.connection.execute(update(table).where(mine).values(**again))


def release_job(uow: UnitOfWork, job: Job) -> None:
    """Give a job back that was not finished because its worker stops: it is due at once, and no try is counted."""
    table = uow.database.tables.system.job
    back = {"status": WAITING, "leased_until": None, "tries": job.tries - 1}
    mine = (table.c.id == job.id) & (table.c.status == RUNNING) & (table.c.tries == job.tries)
    uow.connection.execute(update(table).where(mine).values(**back))


def revive_job(uow: UnitOfWork, job_id: int) -> bool:
    """Let a dead job be tried again, from now on; False when there is no such dead job."""
    table = uow.database.tables.system.job
    again = {"status": WAITING, "tries": 0, "due_at": uow.now, "error": None}
    dead = (table.c.id == job_id) & (table.c.status == DEAD)
    return uow.connection.execute(update(table).where(dead).values(**again)).rowcount == 1


def revive_jobs(uow: UnitOfWork, prefix: str) -> int:
    """Let the dead jobs whose key begins like this be tried again, from now on: how many."""
    table = uow.database.tables.system.job
    again = {"status": WAITING, "tries": 0, "due_at": uow.now, "error": None}
    dead = table.c.key.startswith(prefix, autoescape=True) & (table.c.status == DEAD)
    return uow.connection.execute(update(table).where(dead).values(**again)).rowcount


def fetch_jobs(uow: UnitOfWork, statuses: Collection[str], limit: int = 100) -> list[JobState]:
    """Jobs of some statuses, newest first."""
    table = uow.database.tables.system.job
    columns = [table.c[name] for name in JobState.__dataclass_fields__]
    chosen = select(*columns).where(table.c.status.in_(sorted(statuses))).order_by(table.c.id.desc()).limit(limit)
    found = uow.connection.execute(chosen)
    return [JobState(**{**row._asdict(), "payload": json.loads(row.payload)}) for row in found]


def count_jobs(uow: UnitOfWork) -> dict[str, int]:
    """How many jobs there are by status."""
    table = uow.database.tables.system.job
    found = uow.connection.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return {row[0]: row[1] for row in found}


def drop_finished(uow: UnitOfWork, kept: timedelta = KEPT) -> int:
    """Forget what was done long ago: how many jobs."""
    table = uow.database.tables.system.job
    old = (table.c.status == DONE) & (table.c.finished_at < uow.now - kept)
    return uow.connection.execute(delete(table).where(old)).rowcount
