"""Reads and writes instances, tasks and the log of approvals, inside a unit of work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage.database import UnitOfWork
from engine.storage.flow_timers import cancel_timers

RUNNING = "running"
WAITING, PENDING, DONE = "waiting", "pending", "done"
OPEN = (WAITING, PENDING)
HANDOVER = "handover"  # the job that gives the tasks of somebody who has left to others


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """A row of wf_instance. `facts` holds guard values, chosen people and the like."""

    id: int
    definition_id: int
    workflow: str
    form: str
    record_id: int
    title: str
    state: str
    suspended: bool
    incident: str | None
    rev: int
    marking: Mapping[str, Any]
    initiator: int | None
    department: int | None
    started_at: datetime
    ended_at: datetime | None
    parent_id: int | None
    parent_visit: int | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A row of wf_task. state: waiting | pending | done | superseded | cancelled | transferred."""

    id: int
    instance_id: int
    visit: int
    step: str
    kind: str
    position: int
    assignee: int
    principal: int
    source: str
    parent_id: int | None
    weight: int
    state: str
    decision: str | None
    opinion: str | None
    signature: str | None
    draft: str | None
    rev: int
    seen: str | None
    read_at: datetime | None
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: int | None
    urged_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still may be decided, now or later."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made."""

    visit: int
    step: str
    kind: str
    assignee: int
    principal: int
    source: str = "who"
    position: int = 0
    parent_id: int | None = None
    weight: int = 1
    state: str = PENDING
    decision: str | None = None
    opinion: str | None = None
    due_at: datetime | None = None
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A row of wf_log, which is only ever appended to."""

    id: int
    at: datetime
    actor: int | None
    on_behalf_of: int | None
    action: str
    step: str | None
    task_id: int | None
    opinion: str | None
    details: Mapping[str, Any]


def keep_definition(uow: UnitOfWork, workflow: str, digest: str, content: Mapping[str, Any]) -> int:
    """The id of a workflow's definition with this content; it is stored when it is new."""
    table = uow.database.tables.flow.definition
    query = select(table.c.id).where(table.c.workflow == workflow, table.c.digest == digest)
    found = uow.connection.execute(query).scalar()
    if found is None:
        values = {
            "workflow": workflow,
            "digest": digest,
            "content": json.dumps(content, ensure_ascii=False),
            "stored_at": uow.now,
        }
        uow.connection.execute(_insert(uow, table).values(values).on_conflict_do_nothing())
        found = uow.connection.execute(query).scalar_one()
    return int(found)


def fetch_definition(uow: UnitOfWork, definition_id: int) -> tuple[str, Mapping[str, Any]]:
    """(digest, content) of a stored definition."""
    table = uow.database.tables.flow.definition
    row = uow.connection.execute(select(table.c.digest, table.c.content).where(table.c.id == definition_id)).one()
    return row.digest, json.loads(row.content)


def insert_instance(uow: UnitOfWork, values: Mapping[str, Any]) -> int:
    """A new instance: its id. `marking` and `facts` are JSON values."""
    table = uow.database.tables.flow.instance
    written = {**values, "marking": json.dumps(values["marking"]), "facts": json.dumps(values["facts"])}
    return int(uow.connection.execute(insert(table).values(written).returning(table.c.id)).scalar_one())


def update_instance(uow: UnitOfWork, instance_id: int, values: Mapping[str, Any]) -> None:
    """Change an instance that is locked."""
    table = uow.database.tables.flow.instance
    written = {key: json.dumps(each) if key in ("marking", "facts") else each for key, each in values.items()}
    uow.connection.execute(update(table).where(table.c.id == instance_id).values(**written))


def lock_instance(uow: UnitOfWork, instance_id: int) -> StoredInstance | None:
    """The instance, locked until the transaction ends: whoever acts on it waits here."""
    table = uow.database.tables.flow.instance
    query = select(table).where(table.c.id == instance_id).with_for_update(key_share=True)
    row = uow.connection.execute(query).mappings().first()
    return _instance(row) if row is not None else None


def fetch_instances(uow: UnitOfWork, form_id: str, record_id: int) -> list[StoredInstance]:
    """The instances of a record, latest first."""
    table = uow.database.tables.flow.instance
    query = select(table).where(table.c.form == form_id, table.c.record_id == record_id).order_by(table.c.id.desc())
    return [_instance(row) for row in uow.connection.execute(query).mappings()]


def fetch_instance(uow: UnitOfWork, instance_id: int) -> StoredInstance | None:
    """The instance as it stands, not locked."""
    table = uow.database.tables.flow.instance
    row = uow.connection.execute(select(table).where(table.c.id == instance_id)).mappings().first()
    return _instance(row) if row is not None else None


def running_ids(uow: UnitOfWork, form_id: str, record_ids: Iterable[int]) -> dict[int, int]:
    """Record id → id of an instance that is running on it."""
    table = uow.database.tables.flow.instance
    ids = list(record_ids)
    query = select(table.c.record_id, table.c.id).where(
        table.c.form == form_id, table.c.record_id.in_(ids), table.c.state == RUNNING
    )
    return {row.record_id: row.id for row in uow.connection.execute(query)} if ids else {}


def insert_tasks(uow: UnitOfWork, instance_id: int, tasks: Sequence[NewTask]) -> list[int]:
    """New tasks of an instance: their ids, in order."""
    table = uow.database.tables.flow.task
    ids = []
    for task in tasks:
        values = {
            "instance_id": instance_id,
            "visit": task.visit,
            "step": task.step,
            "kind": task.kind,
            "position": task.position,
            "assignee": task.assignee,
            "principal": task.principal,
            "source": task.source,
            "parent_id": task.parent_id,
            "weight": task.weight,
            "state": task.state,
            "decision": task.decision,
            "opinion": task.opinion,
            "due_at": task.due_at,
            "draft": task.draft,
            "rev": 1,
            "created_at": uow.now,
            "done_at": uow.now if task.state == DONE else None,
        }
        ids.append(int(uow.connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()))
    return ids


def fetch_task(uow: UnitOfWork, task_id: int) -> StoredTask | None:
    """One task."""
    table = uow.database.tables.flow.task
    row = uow.connection.execute(select(table).where(table.c.id == task_id)).mappings().first()
    return StoredTask(**row) if row is not None else None


def fetch_tasks(uow: UnitOfWork, instance_id: int, visit: int | None = None) -> list[StoredTask]:
    """The tasks of an instance (at one visit) in order."""
    table = uow.database.tables.flow.task
    query = select(table).where(table.c.instance_id == instance_id)
    if visit is not None:
        query = query.where(table.c.visit == visit)
    return [
        StoredTask(**row) for row in uow.connection.execute(query.order_by(table.c.position, table.c.id)).mappings()
    ]


def fetch_open_tasks(uow: UnitOfWork, person: int) -> list[StoredTask]:
    """What waits for a person, in all instances."""
    table = uow.database.tables.flow.task
    query = select(table).where(table.c.assignee == person, table.c.state.in_(OPEN)).order_by(table.c.id)
    return [StoredTask(**row) for row in uow.connection.execute(query).mappings()]


def next_task(task: StoredTask, assignee: int, source: str) -> NewTask:
    """The same task for somebody else: what was transferred, handed over or reassigned. The principal stays."""
    return NewTask(
        task.visit,
        task.step,
        task.kind,
        assignee,
        task.principal,
        source,
        task.position,
        task.parent_id,
        task.weight,
        task.state,
        due_at=task.due_at,
        draft=task.draft,
    )


def update_task(uow: UnitOfWork, task_id: int, values: Mapping[str, Any]) -> None:
    """Change one task; its `rev` rises."""
    table = uow.database.tables.flow.task
    uow.connection.execute(update(table).where(table.c.id == task_id).values(rev=table.c.rev + 1, **values))


def close_tasks(uow: UnitOfWork, instance_id: int, visits: Iterable[int], state: str) -> None:
    """Whatever is open at these visits becomes cancelled or superseded; what was to happen there does not happen."""
    table = uow.database.tables.flow.task
    visits = list(visits)
    chosen = and_(table.c.instance_id == instance_id, table.c.visit.in_(visits), table.c.state.in_(OPEN))
    cancel_timers(uow, instance_id, visits)
    uow.connection.execute(update(table).where(chosen).values(state=state, rev=table.c.rev + 1, done_at=uow.now))


def append_log(
    uow: UnitOfWork,
    instance_id: int,
    action: str,
    *,
    step: str | None = None,
    task_id: int | None = None,
    opinion: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line in the instance's log, in the name of who acts."""
    uow.connection.execute(
        insert(uow.database.tables.flow.log).values(
            instance_id=instance_id,
            at=uow.now,
            actor=uow.actor,
            on_behalf_of=uow.on_behalf_of,
            action=action,
            step=step,
            task_id=task_id,
            opinion=opinion,
            details=json.dumps(details or {}, ensure_ascii=False),
        )
    )


def fetch_log(uow: UnitOfWork, instance_id: int) -> list[LogLine]:
    """The log from its beginning."""
    table = uow.database.tables.flow.log
    query = select(table).where(table.c.instance_id == instance_id).order_by(table.c.id)
    return [
        LogLine(
            row.id,
            row.at,
            row.actor,
            row.on_behalf_of,
            row.action,
            row.step,
            row.task_id,
            row.opinion,
            json.loads(row.details),
        )
        for row in uow.connection.execute(query)
    ]


def take_key(uow: UnitOfWork, workflow: str, key: str, instance_id: int) -> int | None:
    """Claim a key of `unique_active`; the id of the instance that holds it when it is taken."""
    table = uow.database.tables.flow.busy
    values = {"workflow": workflow, "key": key, "instance_id": instance_id}
    uow.connection.execute(_insert(uow, table).values(values).on_conflict_do_nothing())
    query = select(table.c.instance_id).where(table.c.workflow == workflow, table.c.key == key)
    holder = uow.connection.execute(query).scalar()
    if holder is None:  # it was given back between the two statements
        return take_key(uow, workflow, key, instance_id)
    return int(holder) if holder != instance_id else None


def free_keys(uow: UnitOfWork, instance_id: int) -> None:
    """Give back what an instance claimed."""
    table = uow.database.tables.flow.busy
    uow.connection.execute(delete(table).where(table.c.instance_id == instance_id))


def count_open_tasks(uow: UnitOfWork, person: int) -> int:
    """How many tasks wait for a person."""
    table = uow.database.tables.flow.task
    query = select(func.count()).select_from(table).where(table.c.assignee == person, table.c.state == PENDING)
    return int(uow.connection.execute(query).scalar_one())


def _instance(row: Any) -> StoredInstance:
    return StoredInstance(**{**row, "marking": json.loads(row["marking"]), "facts": json.loads(row["facts"])})


def _insert(uow: UnitOfWork, table: Table) -> Any:
    """An insert that can pass over rows that are there already."""
    return sqlite.insert(table) if uow.database.dialect == "sqlite" else postgresql.insert(table)
