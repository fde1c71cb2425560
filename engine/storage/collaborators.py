"""Persons who see (or change) a single record though no rule of their roles says so."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from engine.storage.database import Database, UnitOfWork


def is_collaborator(uow: UnitOfWork, form_id: str, record_id: int, person: int, *, may_change: bool) -> bool:
    """Whether a person collaborates on a record, with the right to change it when that is asked."""
    table = uow.database.tables.system.collaborator
    query = select(table.c.may_change).where(
        table.c.form == form_id, table.c.record_id == record_id, table.c.person == person
    )
    found = uow.connection.execute(query).first()
    return found is not None and (bool(found.may_change) or not may_change)


def fetch_collaborators(
    connection: Connection, database: Database, form_id: str, record_id: int
) -> list[tuple[int, bool]]:
    """(person, may change) of a record, in the order they were added."""
    table = database.tables.system.collaborator
    query = select(table.c.person, table.c.may_change).where(table.c.form == form_id, table.c.record_id == record_id)
    return [(row.person, bool(row.may_change)) for row in connection.execute(query.order_by(table.c.id))]


def put_collaborator(uow: UnitOfWork, form_id: str, record_id: int, person: int, *, may_change: bool) -> None:
    """Add a person, or change what they may do."""
    drop_collaborator(uow, form_id, record_id, person)
    table = uow.database.tables.system.collaborator
    uow.connection.execute(
        insert(table).values(
            form=form_id,
            record_id=record_id,
            person=person,
            may_change=may_change,
            added_at=uow.now,
            added_by=uow.actor,
        )
    )


def drop_collaborator(uow: UnitOfWork, form_id: str, record_id: int, person: int) -> None:
    """Take a person off a record."""
    table = uow.database.tables.system.collaborator
    uow.connection.execute(
        delete(table).where(table.c.form == form_id, table.c.record_id == record_id, table.c.person == person)
    )
