"""Requests that carried an idempotency key, with what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

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


def claim_command(uow: UnitOfWork, person: int, key: str, request: str) -> bool:
    """Note that a request is being answered; False when one with this key was answered before.

    Of two at the same moment the second waits here until the first has been committed, or undone.
    """
    table = uow.database.tables.system.command
    dialect = sqlite if uow.database.dialect == "sqlite" else postgresql
    values = {"person": person, "key": key, "request": request, "answer": "", "at": uow.now}
    claimed = dialect.insert(table).values(values)
    claimed = claimed.on_conflict_do_update(
        index_elements=[table.c.person, table.c.key],
        set_={"request": request, "answer": "", "at": uow.now},
        where=table.c.at <= uow.now - KEPT,
    )
    return uow.connection.execute(claimed.returning(table.c.id)).first() is not None


def keep_answer(uow: UnitOfWork, person: int, key: str, answer: str) -> None:
    """Remember what the request was answered; eldest ones go."""
    table = uow.database.tables.system.command
    mine = (table.c.person == person) & (table.c.key == key)
    uow.connection.execute(update(table).where(mine).values(answer=answer))
    uow.connection.execute(delete(table).where(table.c.at <= uow.now - KEPT))
