"""The versions of workflows: which instances run on which, and what changes where one comes over to another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, delete, func, select, update

from engine.storage.database import Database, UnitOfWork
from engine.storage.flow_tables import FlowTables
from engine.storage.flow_timers import ARMED
from engine.storage.flows import RUNNING
from engine.storage.schema_state import read_schema


@dataclass(frozen=True, slots=True)
class Version:
    """A stored definition. `number` counts the versions of its workflow; `running`: how many instances run on it."""

    id: int
    workflow: str
    digest: str
    number: int
    running: int


def fetch_versions(connection: Connection, tables: FlowTables, workflow: str | None = None) -> list[Version]:
    """Every version (of a workflow), oldest first."""
    definition, instance = tables.definition, tables.instance
    counted = select(instance.c.definition_id, func.count().label("running")).where(instance.c.state == RUNNING)
    on_it = counted.group_by(instance.c.definition_id).subquery()
    number = func.row_number().over(partition_by=definition.c.workflow, order_by=definition.c.id)
    running = func.coalesce(on_it.c.running, 0)
    query = select(definition.c.id, definition.c.workflow, definition.c.digest, number, running)
    query = query.outerjoin(on_it, on_it.c.definition_id == definition.c.id)
    if workflow is not None:
        query = query.where(definition.c.workflow == workflow)
    return [Version(*row) for row in connection.execute(query.order_by(definition.c.workflow, definition.c.id))]


def fetch_pinned(connection: Connection, database: Database) -> list[Version]:
    """The versions on which instances run; none in a database that has no such tables yet."""
    tables = database.tables.flow
    if tables.instance.name not in read_schema(connection).columns:
        return []
    return [each for each in fetch_versions(connection, tables) if each.running]


def fetch_stored(connection: Connection, database: Database, version: int) -> Mapping[str, Any]:
    """A version as it was written."""
    table = database.tables.flow.definition
    content = connection.execute(select(table.c.content).where(table.c.id == version)).scalar_one()
    found: Mapping[str, Any] = json.loads(content)
    return found


def fetch_running_ids(uow: UnitOfWork, versions: Iterable[int]) -> list[tuple[int, int]]:
    """(instance, version's id) of the instances that run on these versions, oldest first."""
    table = uow.database.tables.flow.instance
    query = select(table.c.id, table.c.definition_id).where(
        table.c.definition_id.in_(list(versions)), table.c.state == RUNNING
    )
    return [(row.id, row.definition_id) for row in uow.connection.execute(query.order_by(table.c.id))]


def rename_steps(uow: UnitOfWork, instance_id: int, names: Mapping[str, str]) -> None:
    """Steps of an instance are called otherwise from now on: its tasks, copies and timers follow; its log does not."""
    if not names:
        return
    tables = uow.database.tables.flow
    for table in (tables.task, tables.copy):
        here = (table.c.instance_id == instance_id, table.c.step.in_(list(names)))
        renamed = case(names, value=table.c.step, else_=table.c.step)
        uow.connection.execute(update(table).where(*here).values(step=renamed))
    timer = tables.timer
    for row in uow.connection.execute(select(timer).where(timer.c.instance_id == instance_id)).all():
        action = json.loads(row.action)
        if action.get("step") in names:
            written = json.dumps({**action, "step": names[action["step"]]})
            uow.connection.execute(update(timer).where(timer.c.id == row.id).values(action=written))


def drop_timers(uow: UnitOfWork, instance_id: int, visit: int) -> None:
    """Forget what was left to happen at a visit, so that it can be left anew."""
    table = uow.database.tables.flow.timer
    there = (table.c.instance_id == instance_id) & (table.c.visit == visit)
    uow.connection.execute(delete(table).where(there))


def armed_visits(uow: UnitOfWork, instance_id: int, visits: Sequence[int]) -> set[int]:
    """Those of these visits at which something is left to happen."""
    table = uow.database.tables.flow.timer
    armed = (table.c.instance_id == instance_id) & table.c.visit.in_(list(visits)) & (table.c.state == ARMED)
    return set(uow.connection.execute(select(table.c.visit).where(armed)).scalars())
