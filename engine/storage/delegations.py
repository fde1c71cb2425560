"""Who stands in for whom, from when to when, for which workflows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Delegation:
    """`delegate` handles what would come to `principal`; without `workflows` that is everything."""

    id: int
    principal: int
    delegate: int
    starts_at: datetime
    ends_at: datetime
    workflows: tuple[str, ...]
    note: str | None
    created_at: datetime
    revoked_at: datetime | None


def insert_delegation(
    uow: UnitOfWork,
    principal: int,
    delegate: int,
    starts_at: datetime,
    ends_at: datetime,
    workflows: Sequence[str] = (),
    note: str | None = None,
) -> int:
    """A new delegation: its id."""
    table = uow.database.tables.flow.delegation
    values = {
        "principal": principal,
        "delegate": delegate,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "workflows": json.dumps(list(workflows)),
        "note": note,
        "created_at": uow.now,
    }
    return int(uow.connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def revoke_delegation(uow: UnitOfWork, delegation_id: int) -> None:
    """It ends now; what it brought about stays."""
    table = uow.database.tables.flow.delegation
    uow.connection.execute(update(table).where(table.c.id == delegation_id).values(revoked_at=uow.now))


def fetch_delegations(uow: UnitOfWork, *, at: datetime | None = None, principal: int | None = None) -> list[Delegation]:
    """Those in force at an instant, or those of a person; the eldest first."""
    table = uow.database.tables.flow.delegation
    query = select(table).order_by(table.c.id)
    if at is not None:
        query = query.where(table.c.revoked_at.is_(None), table.c.starts_at <= at, table.c.ends_at > at)
    if principal is not None:
        query = query.where(table.c.principal == principal)
    return [_delegation(row) for row in uow.connection.execute(query).mappings()]


def _delegation(row: Any) -> Delegation:
    return Delegation(**{**row, "workflows": tuple(json.loads(row["workflows"]))})
