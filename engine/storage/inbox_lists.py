"""What approvals are to one person: tasks that wait, tasks done, approvals started, copies received; page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from engine.storage.database import UnitOfWork
from engine.storage.flow_lists import held_by
from engine.storage.flow_tables import FlowTables
from engine.storage.flows import DONE, PENDING, RUNNING

WAITING, DECIDED, STARTED, COPIES = "waiting", "done", "started", "copies"
PAGE = 30


@dataclass(frozen=True, slots=True)
class InboxWanted:
    """Which approvals of a person. `text` is looked for in titles; `overdue`: a task of it is late (of what waits: the
    person's own); `before`: the key after which the list goes on.
    """

    tab: str = WAITING
    text: str = ""
    workflow: str = ""
    overdue: bool = False
    initiator: int | None = None
    before: int | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.workflow or self.overdue or self.initiator)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A line of the inbox. `key` orders the list; `task` is the reader's own, `step` where it stands (or stood)."""

    key: int
    instance: int
    definition_id: int
    workflow: str
    form: str
    record_id: int
    title: str
    state: str
    suspended: bool
    incident: str | None
    initiator: int | None
    at: datetime
    task: int | None = None
    step: str | None = None
    principal: int | None = None
    assignee: int | None = None
    due: datetime | None = None
    read: datetime | None = None
    decision: str | None = None
    rev: int | None = None
    kind: str | None = None
    source: str | None = None
    holders: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()


def list_inbox(uow: UnitOfWork, person: int, wanted: InboxWanted) -> tuple[list[InboxRow], int | None]:
    """A page of a person's approvals, latest first, and the `before` of the next page; at most two statements."""
    tables = uow.database.tables.flow
    key, query = _QUERIES[wanted.tab](tables, person)
    query = query.where(*_conditions(uow, tables, wanted))
    if wanted.before is not None:
        query = query.where(key < wanted.before)
    rows = [InboxRow(**row) for row in uow.connection.execute(query.order_by(key.desc()).limit(PAGE + 1)).mappings()]
    following = rows[PAGE - 1].key if len(rows) > PAGE else None
    return _with_holders(uow, tables, rows[:PAGE], wanted.tab), following


def _conditions(uow: UnitOfWork, tables: FlowTables, wanted: InboxWanted) -> list[ColumnElement[bool]]:
    """What is asked beside the person and the tab."""
    task, instance = tables.task, tables.instance
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(func.lower(instance.c.title).contains(wanted.text.lower(), autoescape=True))
    if wanted.workflow:
        found.append(instance.c.workflow == literal(wanted.workflow))
    if wanted.initiator is not None:
        found.append(instance.c.initiator == literal(wanted.initiator))
    if wanted.overdue and wanted.tab == WAITING:
        found.append(task.c.due_at < uow.now)
    elif wanted.overdue:
        other = task.alias("late")
        late = exists().where(
            other.c.instance_id == instance.c.id, other.c.state == literal(PENDING), other.c.due_at < uow.now
        )
        found += [instance.c.state == literal(RUNNING), late]
    return found


def _with_holders(uow: UnitOfWork, tables: FlowTables, rows: list[InboxRow], tab: str) -> list[InboxRow]:
    if tab == WAITING:
        return rows
    held = held_by(uow, tables, [row.instance for row in rows if row.state == RUNNING])
    shown = ("holders", "steps")
    return [_filled(row, {name: held[row.instance][name] for name in shown if row.instance in held}) for row in rows]


def _filled(row: InboxRow, more: dict[str, Any]) -> InboxRow:
    return InboxRow(**{**{name: getattr(row, name) for name in InboxRow.__slots__}, **more})


def _of_instance(tables: FlowTables) -> list[ColumnElement[Any]]:
    instance = tables.instance
    names = ("definition_id", "workflow", "form", "record_id", "title", "state", "suspended", "incident", "initiator")
    return [instance.c.id.label("instance"), *(instance.c[name] for name in names)]


def _tasks(tables: FlowTables, person: int, state: str, at: str) -> tuple[ColumnElement[Any], Select[Any]]:
    task, instance = tables.task, tables.instance
    own = [
        task.c.id.label("key"),
        task.c.id.label("task"),
        task.c.step,
        task.c.principal,
        task.c.assignee,
        task.c.due_at.label("due"),
        task.c.read_at.label("read"),
        task.c.decision,
        task.c.rev,
        task.c.kind,
        task.c.source,
        task.c[at].label("at"),
    ]
    query = select(*own, *_of_instance(tables)).join(instance, instance.c.id == task.c.instance_id)
    return task.c.id, query.where(task.c.assignee == literal(person), task.c.state == literal(state))


def _waiting(tables: FlowTables, person: int) -> tuple[ColumnElement[Any], Select[Any]]:
    return _tasks(tables, person, PENDING, "created_at")


def _decided(tables: FlowTables, person: int) -> tuple[ColumnElement[Any], Select[Any]]:
    key, query = _tasks(tables, person, DONE, "done_at")
    return key, query.where(tables.task.c.done_by.is_not(None))


def _started(tables: FlowTables, person: int) -> tuple[ColumnElement[Any], Select[Any]]:
    instance = tables.instance
    query = select(instance.c.id.label("key"), instance.c.started_at.label("at"), *_of_instance(tables))
    return instance.c.id, query.where(instance.c.initiator == literal(person))


def _copies(tables: FlowTables, person: int) -> tuple[ColumnElement[Any], Select[Any]]:
    copied, instance = tables.copy, tables.instance
    own = [copied.c.id.label("key"), copied.c.at, copied.c.step, copied.c.read_at.label("read")]
    query = select(*own, *_of_instance(tables)).join(instance, instance.c.id == copied.c.instance_id)
    return copied.c.id, query.where(copied.c.person == literal(person))


_QUERIES = {WAITING: _waiting, DECIDED: _decided, STARTED: _started, COPIES: _copies}
