"""Who handles the approvals of a record: they see it, less what is hidden where they stand; and what is held then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    delete,
    exists,
    insert,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Form
from engine.catalog.hiding import Hidden, Steps
from engine.catalog.workflows import workflows_of
from engine.storage.database import UnitOfWork
from engine.storage.flow_tables import FlowTables
from engine.storage.flows import RUNNING, WAITING

if TYPE_CHECKING:
    from engine.storage.parameters import Parameters
    from engine.storage.tables import Tables

UNHIDDEN = "unhidden:"  # the access word for "not hidden at the step that I handle", with the field behind it


def handled_records(tables: FlowTables, form_id: str, person: ColumnElement[Any]) -> Select[Any]:
    """The ids of the records of a form that a person started, handles, has handled, or got a copy of."""
    instance, task, copied = tables.instance, tables.task, tables.copy
    of_form = instance.c.form == literal(form_id)
    started = select(instance.c.record_id).where(of_form, instance.c.initiator == person)
    handled = select(instance.c.record_id).join(task, task.c.instance_id == instance.c.id)
    handled = handled.where(of_form, task.c.assignee == person, task.c.state != WAITING)
    told = select(instance.c.record_id).join(copied, copied.c.instance_id == instance.c.id)
    told = told.where(of_form, copied.c.person == person)
    return select(union_all(started, handled, told).subquery().c.record_id)


class Around(Protocol):
    """What a statement is written in: the definitions, the tables, its parameters."""

    @property
    def catalog(self) -> Catalog:
        """The definitions."""

    @property
    def tables(self) -> Tables:
        """The tables."""

    @property
    def parameters(self) -> Parameters:
        """The parameters of the statement."""


def with_handled(visible: ColumnElement[bool], form: Form, source: FromClause, around: Around) -> ColumnElement[bool]:
    """The records that are visible anyhow, and those whose approvals the reader handles."""
    if not workflows_of(around.catalog.workflows, form.id):
        return visible
    handled = handled_records(around.tables.flow, form.id, around.parameters.person())
    return visible | source.c.id.in_(handled)


def unhidden(
    tables: FlowTables, form_id: str, hidden: Hidden, person: ColumnElement[Any], record: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a person handles neither the record, nor records that it is computed from, where something is hidden."""
    conditions: list[ColumnElement[bool]] = []
    if hidden.here:
        conditions.append(not_(record.in_(_handled_at(tables, form_id, hidden.here, person))))
    for other, steps in (hidden.elsewhere or {}).items():
        conditions.append(not_(exists(_handled_at(tables, other, steps, person))))
    return and_(*conditions)


def handles_hiding(uow: UnitOfWork, form_id: str, hidden: Hidden, person: int) -> bool:
    """Whether a person handles any record where something is hidden from him."""
    places = {form_id: hidden.here, **(hidden.elsewhere or {})}
    asked = [
        exists(_handled_at(uow.database.tables.flow, form, steps, literal(person)))
        for form, steps in places.items()
        if steps
    ]
    return bool(asked) and bool(uow.connection.execute(select(or_(*asked))).scalar())


def _handled_at(tables: FlowTables, form_id: str, steps: Steps, person: ColumnElement[Any]) -> Select[Any]:
    """The records of a form that a person handles at one of these steps while their approvals run."""
    instance, task = tables.instance, tables.task
    hiding = or_(*(and_(instance.c.workflow == workflow, task.c.step == step) for workflow, step in steps))
    ids = select(instance.c.record_id).join(task, task.c.instance_id == instance.c.id)
    ids = ids.where(instance.c.form == literal(form_id), instance.c.state == RUNNING)
    return ids.where(task.c.assignee == person, hiding)


def is_handler(uow: UnitOfWork, form_id: str, record_id: int, person: int) -> bool:
    """Whether a person sees the record because of its approvals."""
    ids = handled_records(uow.database.tables.flow, form_id, literal(person)).subquery()
    query = select(ids.c.record_id).where(ids.c.record_id == record_id).limit(1)
    return uow.connection.execute(query).first() is not None


def handles_any(uow: UnitOfWork, form_id: str, person: int) -> bool:
    """Whether a person sees any record of a form because of its approvals."""
    ids = handled_records(uow.database.tables.flow, form_id, literal(person)).subquery()
    return uow.connection.execute(select(ids.c.record_id).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Hold:
    """What may not be changed by hand. running: everything but `free`; locked None: everything but `free`."""

    running: bool
    locked: frozenset[str] | None
    free: frozenset[str]

    def holds(self, field: str) -> bool:
        """Whether a field is held."""
        if field in self.free:
            return False
        return self.running or self.locked is None or field in self.locked


def fetch_holds(uow: UnitOfWork, form_id: str, record_ids: Sequence[int]) -> dict[int, Hold]:
    """The records that a running approval or a lock holds."""
    tables = uow.database.tables.flow
    instance, lock = tables.instance, tables.lock
    running = select(instance.c.record_id.label("id"), literal(None).label("fields")).where(
        instance.c.form == form_id, instance.c.record_id.in_(record_ids), instance.c.state == RUNNING
    )
    locked = select(lock.c.record_id.label("id"), lock.c.fields).where(
        lock.c.form == form_id, lock.c.record_id.in_(record_ids)
    )
    found: dict[int, Hold] = {}
    for row in uow.connection.execute(union_all(running, locked)):
        before = found.get(row.id, Hold(running=False, locked=frozenset(), free=frozenset()))
        if row.fields is None:
            found[row.id] = Hold(running=True, locked=before.locked, free=before.free)
            continue
        kept = json.loads(row.fields)
        names = None if kept["locked"] is None else frozenset(kept["locked"])
        found[row.id] = Hold(before.running, names, frozenset(kept["free"]))
    return {record_id: hold for record_id, hold in found.items() if hold.running or hold.locked != frozenset()}


def put_lock(uow: UnitOfWork, form_id: str, record_id: int, locked: Iterable[str] | None, free: Iterable[str]) -> None:
    """Hold fields of a record (None: all) but those that are free; nothing held and nothing free drops the lock."""
    table = uow.database.tables.flow.lock
    uow.connection.execute(delete(table).where(table.c.form == form_id, table.c.record_id == record_id))
    names = None if locked is None else sorted(locked)
    freed = sorted(free)
    if names or names is None or freed:
        fields: Mapping[str, Any] = {"locked": names, "free": freed}
        uow.connection.execute(insert(table).values(form=form_id, record_id=record_id, fields=json.dumps(fields)))


def fetch_lock(uow: UnitOfWork, form_id: str, record_id: int) -> tuple[frozenset[str] | None, frozenset[str]]:
    """(fields held, None for all; fields freed) by effects."""
    table = uow.database.tables.flow.lock
    query = select(table.c.fields).where(table.c.form == form_id, table.c.record_id == record_id)
    kept = uow.connection.execute(query).scalar()
    if kept is None:
        return frozenset(), frozenset()
    found = json.loads(kept)
    return (None if found["locked"] is None else frozenset(found["locked"])), frozenset(found["free"])
