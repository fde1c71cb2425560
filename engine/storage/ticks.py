"""Tasks of stages that were ticked by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Tick:
    """Who ticked a task, and when."""

    by: int | None
    at: datetime


def fetch_ticks(uow: UnitOfWork, form_id: str, record_id: int, field: str) -> dict[tuple[str, str], Tick]:
    """(stage, task) → tick of one stage field of one record."""
    table = uow.database.tables.system.task
    query = select(table.c.stage, table.c.task, table.c.done_by, table.c.done_at).where(
        table.c.form == form_id, table.c.record_id == record_id, table.c.field == field
    )
    return {(row.stage, row.task): Tick(row.done_by, row.done_at) for row in uow.connection.execute(query)}


def keep_tick(uow: UnitOfWork, form_id: str, record_id: int, field: str, stage: str, task: str) -> None:
    """Tick a task; ticking it again changes nothing."""
    if (stage, task) in fetch_ticks(uow, form_id, record_id, field):
        return
    table = uow.database.tables.system.task
    uow.connection.execute(
        insert(table).values(
            form=form_id, record_id=record_id, field=field, stage=stage, task=task, done_at=uow.now, done_by=uow.actor
        )
    )


def remove_tick(uow: UnitOfWork, form_id: str, record_id: int, field: str, stage: str, task: str) -> None:
    """Untick a task."""
    table = uow.database.tables.system.task
    uow.connection.execute(
        delete(table).where(
            table.c.form == form_id,
            table.c.record_id == record_id,
            table.c.field == field,
            table.c.stage == stage,
            table.c.task == task,
        )
    )
