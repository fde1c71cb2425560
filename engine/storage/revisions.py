"""The applied states of a company's definitions: numbered, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from engine.storage.database import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Revision:
    """An applied state. `definitions` is the resolved source as JSON values."""

    number: int
    digest: str
    definitions: Any
    applied_at: datetime
    applied_by: int | None


def fetch_revision_number(connection: Connection, database: Database) -> int:
    """The number of the revision in force; 0 when nothing has been applied yet."""
    table = database.tables.system.revision
    if not _has_table(connection, database):
        return 0
    statement = database.statements.get("revision number", lambda: select(func.max(table.c.id)))
    return connection.execute(statement).scalar_one() or 0


def fetch_revision(connection: Connection, database: Database, number: int | None = None) -> Revision | None:
    """The revision `number`, or the one in force; None when there is none."""
    wanted = number if number is not None else fetch_revision_number(connection, database)
    table = database.tables.system.revision
    if not wanted:
        return None
    columns = (table.c.id, table.c.digest, table.c.definitions, table.c.applied_at, table.c.applied_by)
    row = connection.execute(select(*columns).where(table.c.id == wanted)).first()
    return Revision(row[0], row[1], json.loads(row[2]), row[3], row[4]) if row is not None else None


def store_revision(uow: UnitOfWork, digest: str, definitions: Any, steps: Sequence[str] = ()) -> int:
    """Note that these definitions are in force from now on: the revision's number."""
    table = uow.database.tables.system.revision
    values = {
        "digest": digest,
        "definitions": json.dumps(definitions, ensure_ascii=False, separators=(",", ":")),
        "applied_at": uow.now,
        "applied_by": uow.actor,
        "steps": json.dumps(list(steps), ensure_ascii=False),
    }
    return int(uow.connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


_LOOK = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sys_revision'",
    "postgresql": "SELECT 1 WHERE to_regclass('sys_revision') IS NOT NULL",
}


def _has_table(connection: Connection, database: Database) -> bool:
    """Whether anything has been applied: asked until it has, since asking a missing table would end a transaction."""
    if database.statements.knows("revisions exist"):
        return True
    found = connection.execute(text(_LOOK[database.dialect])).first() is not None
    if found:
        database.statements.get("revisions exist", lambda: True)
    return found
