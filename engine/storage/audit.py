"""The record of what people did besides saving records: sign-ins, grants, exports, prints, applied definitions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from engine.storage.database import UnitOfWork
from engine.values import empty


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry as it was noted."""

    id: int
    at: datetime
    actor: int | None
    address: str | None
    action: str
    form: str | None
    record_id: int | None
    details: Mapping[str, Any]


def note_audit(
    uow: UnitOfWork,
    action: str,
    details: Mapping[str, Any] = empty(),
    *,
    form: str | None = None,
    record_id: int | None = None,
    address: str | None = None,
) -> None:
    """Add an entry; entries are never changed."""
    table = uow.database.tables.system.audit
    uow.connection.execute(
        insert(table).inline(),
        {
            "at": uow.now,
            "actor": uow.actor,
            "on_behalf_of": uow.on_behalf_of,
            "address": address,
            "action": action,
            "form": form,
            "record_id": record_id,
            "details": json.dumps(dict(details), ensure_ascii=False),
        },
    )


def fetch_audit(uow: UnitOfWork, *, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """The newest entries, before the one with the id `before`."""
    table = uow.database.tables.system.audit
    columns = (
        table.c.id,
        table.c.at,
        table.c.actor,
        table.c.address,
        table.c.action,
        table.c.form,
        table.c.record_id,
        table.c.details,
    )
    chosen = select(*columns).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(table.c.id < before)
    return [AuditEntry(*row[:7], json.loads(row[7])) for row in uow.connection.execute(chosen)]
