"""The persons of a company as sign-in and actors need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select

from engine.storage.database import UnitOfWork
from engine.storage.sessions import StoredSession, StoredToken
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
    row = _with_person(uow, uow.database.tables.system.session, token_hash)
    if row is None:
        return None
    kept = StoredSession(
        row.kept_id, row.kept_token_hash, row.kept_person, row.kept_started_at, row.kept_seen_at,
        row.kept_ends_at, row.kept_address or "", row.kept_agent or "",
    )  # fmt: skip
    return kept, _person(row)


def fetch_token_bearer(uow: UnitOfWork, token_hash: str) -> tuple[StoredToken, StoredPerson] | None:
    """The API token with this hash and its person, in one statement; None when it was revoked or has ended."""
    row = _with_person(uow, uow.database.tables.system.token, token_hash)
    if row is None or row.kept_revoked_at is not None:
        return None
    if row.kept_ends_at is not None and row.kept_ends_at <= uow.now:
        return None
    kept = StoredToken(
        row.kept_id, row.kept_person, row.kept_name, row.kept_created_at, row.kept_ends_at, row.kept_used_at
    )
    return kept, _person(row)


def _with_person(uow: UnitOfWork, table: Table, token_hash: str) -> Any:
    """The row of `table` with this hash, its columns as kept_…, and its person; None when that may not act."""

    def build() -> Select[Any]:
        columns = [column.label(f"kept_{column.name}") for column in table.c]
        person = uow.database.tables.forms[PERSON]
        joined = _select(uow).add_columns(*columns).join(table, table.c.person == person.c.id)
        return joined.where(table.c.token_hash == bindparam("token_hash"))

    query = uow.database.statements.get(("bearer", table.name), build)
    row = uow.connection.execute(query, {"token_hash": token_hash}).first()
    return row if row is not None and row.active else None


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
