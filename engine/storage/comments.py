"""What people write to each other about records, and what they are told about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with the persons it mentions."""

    id: int
    at: datetime
    author: int | None
    text: str
    mentions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person is told about; `details` are the notice's own words."""

    id: int
    at: datetime
    kind: str
    form: str
    record_id: int
    details: Mapping[str, object]
    read: bool


def keep_comment(uow: UnitOfWork, form_id: str, record_id: int, text: str, mentions: Iterable[int]) -> int:
    """The id of the new comment."""
    table = uow.database.tables.system.comment
    statement = insert(table).values(
        form=form_id, record_id=record_id, at=uow.now, author=uow.actor, text=text, mentions=json.dumps(list(mentions))
    )
    return int(uow.connection.execute(statement.returning(table.c.id)).scalar_one())


def fetch_comments(
    uow: UnitOfWork, form_id: str, record_id: int, *, until: datetime | None, limit: int
) -> list[Comment]:
    """The comments of a record, newest first, none later than `until`."""
    table = uow.database.tables.system.comment
    query = select(table).where(table.c.form == form_id, table.c.record_id == record_id)
    if until is not None:
        query = query.where(table.c.at <= until)
    rows = uow.connection.execute(query.order_by(table.c.id.desc()).limit(limit))
    return [Comment(row.id, row.at, row.author, row.text, tuple(json.loads(row.mentions))) for row in rows]


def keep_notices(
    uow: UnitOfWork, persons: Iterable[int], kind: str, form_id: str, record_id: int, details: Mapping[str, object]
) -> None:
    """Tell each of these persons."""
    table = uow.database.tables.system.notification
    words = json.dumps(dict(details), ensure_ascii=False)
    rows = [
        {"person": each, "at": uow.now, "kind": kind, "form": form_id, "record_id": record_id, "details": words}
        for each in persons
    ]
    if rows:
        uow.connection.execute(insert(table), rows)


def fetch_notices(uow: UnitOfWork, person: int, limit: int, before: int | None = None) -> list[Notice]:
    """What a person was told, newest first; with `before`, what is older than that notice."""
    table = uow.database.tables.system.notification
    query = select(table).where(table.c.person == person).order_by(table.c.id.desc()).limit(limit)
    rows = uow.connection.execute(query if before is None else query.where(table.c.id < before))
    return [
        Notice(
            row.id,
            row.at,
            row.kind,
            row.form or "",
            row.record_id or 0,
            json.loads(row.details),
            row.read_at is not None,
        )
        for row in rows
    ]


def count_unread(uow: UnitOfWork, person: int) -> int:
    """How much of it was not read."""
    table = uow.database.tables.system.notification
    query = select(func.count()).select_from(table).where(table.c.person == person, table.c.read_at.is_(None))
    return int(uow.connection.execute(query).scalar_one())


def mark_notices_read(uow: UnitOfWork, person: int, notice_id: int | None) -> None:
    """Mark one, or (None) all, as read."""
    table = uow.database.tables.system.notification
    statement = update(table).where(table.c.person == person, table.c.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(table.c.id == notice_id)
    uow.connection.execute(statement.values(read_at=uow.now))
