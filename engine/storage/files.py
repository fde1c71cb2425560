"""Which files are stored and which records they belong to; their bytes lie on disk, by hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from engine.storage.database import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. `bound` once a record has it."""

    id: int
    sha256: str
    name: str
    media_type: str
    size: int
    stored_at: datetime
    stored_by: int | None
    bound: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file put beside a record, in no field of it."""

    file: StoredFile
    added_at: datetime
    added_by: int | None


def keep_file(uow: UnitOfWork, sha256: str, name: str, media_type: str, size: int) -> int:
    """The id of a file whose bytes are on disk."""
    table = uow.database.tables.system.file
    statement = insert(table).values(
        sha256=sha256, name=name, media_type=media_type, size=size, stored_at=uow.now, stored_by=uow.actor, bound=False
    )
    return int(uow.connection.execute(statement.returning(table.c.id)).scalar_one())


def fetch_files(connection: Connection, database: Database, ids: Iterable[int]) -> dict[int, StoredFile]:
    """Files by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = database.tables.system.file
    return {row.id: _file(row) for row in connection.execute(select(table).where(table.c.id.in_(wanted)))}


def bind_files(uow: UnitOfWork, ids: Iterable[int]) -> None:
    """Note that records have these files, so that they are kept."""
    wanted = sorted(set(ids))
    if wanted:
        table = uow.database.tables.system.file
        uow.connection.execute(update(table).where(table.c.id.in_(wanted), ~table.c.bound).values(bound=True))


def drop_unused_files(uow: UnitOfWork, before: datetime) -> list[str]:
    """Forget files that were stored before a moment and that no record has; hashes that no file has any more."""
    table = uow.database.tables.system.file
    statement = delete(table).where(~table.c.bound, table.c.stored_at < before).returning(table.c.sha256)
    dropped = set(uow.connection.execute(statement).scalars())
    kept: set[str] = set()
    for some in batched(sorted(dropped)):
        kept.update(uow.connection.execute(select(table.c.sha256).where(table.c.sha256.in_(some))).scalars())
    return sorted(dropped - kept)


def batched(found: list[str], size: int = 500) -> Iterator[list[str]]:
    """The hashes in lists that fit into one statement."""
    return (found[at : at + size] for at in range(0, len(found), size))


def fetch_attachments(connection: Connection, database: Database, form_id: str, record_id: int) -> list[Attachment]:
    """The files beside a record, the latest first."""
    files, table = database.tables.system.file, database.tables.system.attachment
    query = (
        select(files, table.c.added_at, table.c.added_by)
        .join(table, table.c.file_id == files.c.id)
        .where(table.c.form == form_id, table.c.record_id == record_id)
    )
    rows = connection.execute(query.order_by(table.c.id.desc()))
    return [Attachment(_file(row), row.added_at, row.added_by) for row in rows]


def attach_file(uow: UnitOfWork, form_id: str, record_id: int, file_id: int) -> None:
    """Put a file beside a record; a second time changes nothing."""
    table = uow.database.tables.system.attachment
    drop_attachment(uow, form_id, record_id, file_id)
    uow.connection.execute(
        insert(table).values(form=form_id, record_id=record_id, file_id=file_id, added_at=uow.now, added_by=uow.actor)
    )
    bind_files(uow, [file_id])


def drop_attachment(uow: UnitOfWork, form_id: str, record_id: int, file_id: int) -> None:
    """Take a file away from a record; the file stays on disk."""
    table = uow.database.tables.system.attachment
    uow.connection.execute(
        delete(table).where(table.c.form == form_id, table.c.record_id == record_id, table.c.file_id == file_id)
    )


def records_with(connection: Connection, database: Database, file_id: int) -> list[tuple[str, int]]:
    """The records (form, id) that a file is put beside."""
    table = database.tables.system.attachment
    rows = connection.execute(select(table.c.form, table.c.record_id).where(table.c.file_id == file_id))
    return [(row.form, row.record_id) for row in rows]


def fields_with(connection: Connection, database: Database, file_id: int) -> list[tuple[str, int, str]]:
    """(form, record, field) of every record in use that holds a file in a field."""
    found: list[tuple[str, int, str]] = []
    for form in database.catalog.forms.values():
        table = database.tables.forms[form.id]
        for field in form.fields.values():
            if field.type not in ("file", "image", "signature"):
                continue
            if field.many:
                pairs = database.tables.many[form.id, field.id]
                query = select(pairs.c._record).where(pairs.c._target == file_id)
            else:
                query = select(table.c.id).where(table.c[field.column] == file_id, table.c.deleted_at.is_(None))
            found += [(form.id, row[0], field.id) for row in connection.execute(query.limit(20))]
    return found


def _file(row: Any) -> StoredFile:
    return StoredFile(
        row.id,
        row.sha256,
        row.name,
        row.media_type,
        row.size,
        row.stored_at,
        row.stored_by,
        bool(row.bound),
    )
