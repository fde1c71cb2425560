"""The persons of a company as sign-in and actors need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from engine.storage.database import UnitOfWork
from engine.storage.sessions import StoredSession
from engine.storage.shapes import PERSON


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A person. `active` False or deleted persons may not act."""

    id: int
    name: str
    login: str
    roles: tuple[str, ...]
    department: int | None
    language: str | None
    active: bool


def fetch_person(uow: UnitOfWork, person: int) -> StoredPerson | None:
    """A person who may act, by id."""
    table = uow.database.tables.forms[PERSON]
    return _one(uow, _select(uow).where(table.c.id == person))


def fetch_person_by_login(uow: UnitOfWork, login: str) -> StoredPerson | None:
    """A person who may act, by login; capital letters make no difference."""
    column = uow.database.tables.forms[PERSON].c[uow.catalog.forms[PERSON].fields["login"].column]
    return _one(uow, _select(uow).where(func.lower(column) == login.strip().lower()))


def fetch_persons(uow: UnitOfWork, *, only_active: bool = True) -> list[StoredPerson]:
    """Everybody who may act (or everybody), in the order they were made."""
    table = uow.database.tables.forms[PERSON]
    persons = [_person(row) for row in uow.connection.execute(_select(uow).order_by(table.c.id))]
    return [person for person in persons if person.active or not only_active]


def fetch_signed_in(uow: UnitOfWork, token_hash: str) -> tuple[StoredSession, StoredPerson] | None:
    """The session of a token with its person, in one statement; the caller says whether the session still holds."""
    session = uow.database.tables.system.session

    def build() -> Select[Any]:
        columns = [column.label(f"session_{column.name}") for column in session.c]
        person = uow.database.tables.forms[PERSON]
        joined = _select(uow).add_columns(*columns).join(session, session.c.person == person.c.id)
        return joined.where(session.c.token_hash == bindparam("token_hash"))

    query = uow.database.statements.get("signed in", build)
    row = uow.connection.execute(query, {"token_hash": token_hash}).first()
    if row is None or not row.active:
        return None
    kept = StoredSession(
        row.session_id, row.session_token_hash, row.session_person, row.session_started_at, row.session_seen_at,
        row.session_ends_at, row.session_address or "", row.session_agent or "",
    )
    return kept, _person(row)


def _one(uow: UnitOfWork, query: Select[Any]) -> StoredPerson | None:
    row = uow.connection.execute(query).first()
    if row is None:
        return None
    person = _person(row)
    return person if person.active else None


def _select(uow: UnitOfWork) -> Select[Any]:
    table = uow.database.tables.forms[PERSON]
    fields = uow.catalog.forms[PERSON].fields
    names = ("name", "login", "roles", "department", "language", "active")
    columns = [table.c[fields[name].column].label(name) for name in names]
    return select(table.c.id, *columns).where(table.c.deleted_at.is_(None))


def _person(row: Any) -> StoredPerson:
    return StoredPerson(
        row.id, row.name or "", row.login or "", tuple(row.roles or ()), row.department, row.language, bool(row.active)
    )
