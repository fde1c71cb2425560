"""What happened to records: one row per record and save, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A save to be noted. `changes` = {field: [old, new]} and for lines {added, removed, changed}, in wire form."""

    form: str
    record_id: int
    version: int
    action: str  # create | change | delete | restore | …
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Save:
    """A save as it was noted."""

    id: int
    version: int
    at: datetime
    actor: int | None
    on_behalf_of: int | None
    cause: str
    action: str
    changes: Mapping[str, Any]


def note_changes(uow: UnitOfWork, rows: Iterable[HistoryRow]) -> None:
    """Note saves of this unit of work: one statement."""
    prepared = [
        {
            "form": row.form,
            "record_id": row.record_id,
            "version": row.version,
            "at": uow.now,
            "actor": uow.actor,
            "on_behalf_of": uow.on_behalf_of,
            "cause": uow.cause,
            "action": row.action,
            "changes": json.dumps(row.changes, ensure_ascii=False, separators=(",", ":")),
        }
        for row in rows
    ]
    if prepared:
        table = uow.database.tables.system.history
        statement = uow.database.statements.get("note", lambda: insert(table).inline())
        uow.connection.execute(statement, prepared if len(prepared) > 1 else prepared[0])


def fetch_history(
    uow: UnitOfWork, form_id: str, record_id: int, *, before: int | None = None, limit: int = 20
) -> list[Save]:
    """The saves of a record, newest first; `before` is the id of the last one seen."""
    table = uow.database.tables.system.history
    columns = (
        table.c.id,
        table.c.version,
        table.c.at,
        table.c.actor,
        table.c.on_behalf_of,
        table.c.cause,
        table.c.action,
        table.c.changes,
    )
    chosen = select(*columns).where(table.c.form == form_id, table.c.record_id == record_id)
    if before is not None:
        chosen = chosen.where(table.c.id < before)
    found = uow.connection.execute(chosen.order_by(table.c.id.desc()).limit(limit))
    return [Save(*row[:7], json.loads(row[7])) for row in found]
