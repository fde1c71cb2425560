"""Requests that carried an idempotency key, with what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select

from engine.storage.database import UnitOfWork

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Command:
    """`request` is a digest of what was asked."""

    request: str
    answer: str


def fetch_command(uow: UnitOfWork, person: int, key: str) -> Command | None:
    """The request that this person sent with this key before."""
    table = uow.database.tables.system.command
    query = select(table.c.request, table.c.answer).where(
        table.c.person == person, table.c.key == key, table.c.at > uow.now - KEPT
    )
    row = uow.connection.execute(query).first()
    return None if row is None else Command(row.request, row.answer)


def keep_command(uow: UnitOfWork, person: int, key: str, request: str, answer: str) -> None:
    """Remember an answered request; eldest ones go."""
    table = uow.database.tables.system.command
    uow.connection.execute(delete(table).where(table.c.at <= uow.now - KEPT))
    uow.connection.execute(insert(table).values(person=person, key=key, request=request, answer=answer, at=uow.now))
