"""Which stages records have stood in, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Text, bindparam, insert, select, update

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in one stage; left_at None = still there."""

    field: str
    stage: str
    entered_at: datetime
    left_at: datetime | None
    by: int | None


@dataclass(frozen=True, slots=True)
class StageEntry:
    """A record enters a stage (None = stands in none any more). `is_first`: it stood in none before."""

    form: str
    record_id: int
    field: str
    stage: str | None
    is_first: bool = False


def log_stages(uow: UnitOfWork, entries: Sequence[StageEntry]) -> None:
    """Note that records entered stages; the stay before is closed."""
    table = uow.database.tables.system.stage_log
    closing = [(each.form, each.record_id, each.field) for each in entries if not each.is_first]
    if closing:
        statement = uow.database.statements.get(
            "leave",
            lambda: (
                update(table)
                .where(
                    table.c.form == bindparam("the_form", type_=Text()),
                    table.c.record_id == bindparam("the_id", type_=BigInteger()),
                    table.c.field == bindparam("the_field", type_=Text()),
                    table.c.left_at.is_(None),
                )
                .values(left_at=bindparam("now", type_=table.c.left_at.type))
            ),
        )
        keys = [{"the_form": each[0], "the_id": each[1], "the_field": each[2], "now": uow.now} for each in closing]
        uow.connection.execute(statement, keys if len(keys) > 1 else keys[0])
    entering = [
        {
            "form": each.form,
            "record_id": each.record_id,
            "field": each.field,
            "stage": each.stage,
            "entered_at": uow.now,
            "left_at": None,
            "by": uow.actor,
        }
        for each in entries
        if each.stage is not None
    ]
    if entering:
        statement = uow.database.statements.get("enter", lambda: insert(table).inline())
        uow.connection.execute(statement, entering if len(entering) > 1 else entering[0])


def fetch_stage_log(uow: UnitOfWork, form_id: str, record_id: int, field: str | None = None) -> list[Stay]:
    """The stays of a record, oldest first."""
    table = uow.database.tables.system.stage_log
    chosen = select(table.c.field, table.c.stage, table.c.entered_at, table.c.left_at, table.c.by).where(
        table.c.form == form_id, table.c.record_id == record_id
    )
    if field is not None:
        chosen = chosen.where(table.c.field == field)
    return [Stay(*row) for row in uow.connection.execute(chosen.order_by(table.c.id))]
