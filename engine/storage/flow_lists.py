"""Lists of approvals for those who watch over them: filtered, latest first, page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from engine.storage.database import UnitOfWork
from engine.storage.flow_tables import FlowTables
from engine.storage.flows import PENDING, RUNNING

PAGE = 50
COUNTED = 1_000  # shown as 999+


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which approvals. `state`: of the instance, or "late", "incident", "suspended", "" (all). `before`: the id after
    which the list goes on. `person`: who has a task, or started it. `step`: where it stands; `asks` when people are
    asked there.
    """

    workflows: Sequence[str]
    state: str = RUNNING
    workflow: str = ""
    person: int | None = None
    text: str = ""
    before: int | None = None
    step: str = ""
    asks: bool = True


@dataclass(frozen=True, slots=True)
class ListedInstance:
    """A row of the list; `holders` are the persons who have it now, `due` the earliest due time of their tasks,
    `marking` is JSON.
    """

    id: int
    workflow: str
    form: str
    record_id: int
    title: str
    state: str
    suspended: bool
    incident: str | None
    initiator: int | None
    started_at: datetime
    ended_at: datetime | None
    marking: str
    definition_id: int
    holders: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()
    due: datetime | None = None
    since: datetime | None = None


def list_instances(uow: UnitOfWork, wanted: Wanted) -> tuple[list[ListedInstance], int | None]:
    """A page of approvals, and the `before` of the next page; two statements."""
    tables = uow.database.tables.flow
    instance = tables.instance
    columns = [instance.c[name] for name in _COLUMNS]
    query = select(*columns).where(_condition(uow, tables, wanted)).order_by(instance.c.id.desc()).limit(PAGE + 1)
    if wanted.before is not None:
        query = query.where(instance.c.id < wanted.before)
    rows = list(uow.connection.execute(query).mappings())
    following = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
    held = held_by(uow, tables, [row["id"] for row in rows[:PAGE] if row["state"] == RUNNING])
    return [ListedInstance(**row, **held.get(row["id"], {})) for row in rows[:PAGE]], following


def count_states(uow: UnitOfWork, workflows: Sequence[str]) -> dict[str, int]:
    """How many approvals run, are late, are suspended, have an incident."""
    tables = uow.database.tables.flow
    instance = tables.instance
    running = and_(instance.c.workflow.in_(list(workflows)), instance.c.state == RUNNING)
    counts = [
        func.count().label(RUNNING),
        *(func.sum(_as_number(_special(uow, tables, name))).label(name) for name in ("late", "suspended", "incident")),
    ]
    row = uow.connection.execute(select(*counts).where(running)).mappings().one()
    return {name: int(value or 0) for name, value in row.items()}


def count_waiting(uow: UnitOfWork, person: int) -> tuple[int, int]:
    """(notices not read, open tasks) of a person, in one statement; nobody counts further than COUNTED."""
    notice, task = uow.database.tables.system.notification, uow.database.tables.flow.task
    unread = select(notice.c.id).where(notice.c.person == person, notice.c.read_at.is_(None)).limit(COUNTED).subquery()
    waiting = select(task.c.id).where(task.c.assignee == person, task.c.state == PENDING).limit(COUNTED).subquery()
    counts = (select(func.count()).select_from(each).scalar_subquery() for each in (unread, waiting))
    row = uow.connection.execute(select(*counts)).one()
    return int(row[0]), int(row[1])


def open_tasks_in(uow: UnitOfWork, person: int, instances: Sequence[int]) -> dict[int, int]:
    """Instance → the task in it that waits for a person."""
    task = uow.database.tables.flow.task
    query = select(task.c.instance_id, task.c.id).where(
        task.c.instance_id.in_(list(instances)), task.c.assignee == person, task.c.state == PENDING
    )
    return {row.instance_id: row.id for row in uow.connection.execute(query)} if instances else {}


def fetch_incidents(uow: UnitOfWork, instances: Sequence[int]) -> dict[int, dict[str, str]]:
    """Instance → what has stopped it last: {"code", "text", "zh"}."""
    if not instances:
        return {}
    log = uow.database.tables.flow.log
    query = select(log.c.instance_id, log.c.details).where(
        log.c.instance_id.in_(list(instances)), log.c.action == "incident"
    )
    return {row.instance_id: json.loads(row.details) for row in uow.connection.execute(query.order_by(log.c.id))}


def _condition(uow: UnitOfWork, tables: FlowTables, wanted: Wanted) -> ColumnElement[bool]:
    instance = tables.instance
    found: list[ColumnElement[bool]] = [instance.c.workflow.in_(list(wanted.workflows))]
    if wanted.workflow:
        found.append(instance.c.workflow == wanted.workflow)
    if wanted.state in _SPECIAL:
        found += [instance.c.state == RUNNING, _special(uow, tables, wanted.state)]
    elif wanted.state:
        found.append(instance.c.state == wanted.state)
    if wanted.step:
        found += [instance.c.state == RUNNING, _stands_at(tables, wanted)]
    if wanted.person is not None:
        found.append(_concerns(tables, wanted.person))
    if wanted.text:
        found.append(func.lower(instance.c.title).contains(wanted.text.lower(), autoescape=True))
    return and_(*found)


def _stands_at(tables: FlowTables, wanted: Wanted) -> ColumnElement[bool]:
    """Tasks tell where people are asked; of another step only the marking knows, in which nothing else has its name."""
    task, instance = tables.task, tables.instance
    if wanted.asks:
        return exists().where(task.c.instance_id == instance.c.id, task.c.step == wanted.step, task.c.state == PENDING)
    return instance.c.marking.contains(f'"name": {json.dumps(wanted.step)}', autoescape=True)


def _concerns(tables: FlowTables, person: int) -> ColumnElement[bool]:
    task, instance = tables.task, tables.instance
    has = exists().where(task.c.instance_id == instance.c.id, task.c.assignee == person, task.c.state == PENDING)
    return or_(instance.c.initiator == person, has)


def _special(uow: UnitOfWork, tables: FlowTables, state: str) -> ColumnElement[bool]:
    task, instance = tables.task, tables.instance
    if state == "suspended":
        return instance.c.suspended
    if state == "incident":
        return instance.c.incident.is_not(None)
    return exists().where(task.c.instance_id == instance.c.id, task.c.state == PENDING, task.c.due_at < uow.now)


def _as_number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def held_by(uow: UnitOfWork, tables: FlowTables, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Instance id → who has it, at which steps, due when, since when."""
    if not ids:
        return {}
    task = tables.task
    query = select(task.c.instance_id, task.c.assignee, task.c.step, task.c.due_at, task.c.created_at)
    query = query.where(task.c.instance_id.in_(list(ids)), task.c.state == PENDING).order_by(task.c.id)
    found: dict[int, dict[str, Any]] = {}
    for row in uow.connection.execute(query):
        each = found.setdefault(row.instance_id, {"holders": (), "steps": (), "due": None, "since": row.created_at})
        each["holders"] = tuple(dict.fromkeys((*each["holders"], row.assignee)))
        each["steps"] = tuple(dict.fromkeys((*each["steps"], row.step)))
        each["due"] = min((due for due in (each["due"], row.due_at) if due is not None), default=None)
    return found


_SPECIAL = ("late", "suspended", "incident")
_COLUMNS = (
    "id",
    "workflow",
    "form",
    "record_id",
    "title",
    "state",
    "suspended",
    "incident",
    "initiator",
    "started_at",
    "ended_at",
    "marking",
    "definition_id",
)
