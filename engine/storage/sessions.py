"""Who is signed in, with which passwords and tokens, and who tried: secrets only as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A browser signed in."""

    id: int
    token_hash: str
    person: int
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A personal API token."""

    id: int
    person: int
    name: str
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


def start_session(uow: UnitOfWork, token_hash: str, person: int, ends_at: datetime, address: str, agent: str) -> int:
    """The id of the new session."""
    table = uow.database.tables.system.session
    statement = insert(table).values(
        token_hash=token_hash,
        person=person,
        started_at=uow.now,
        seen_at=uow.now,
        ends_at=ends_at,
        address=address,
        agent=agent,
        facts="{}",
    )
    return int(uow.connection.execute(statement.returning(table.c.id)).scalar_one())


def fetch_sessions(uow: UnitOfWork, person: int) -> list[StoredSession]:
    """A person's sessions, the latest first."""
    table = uow.database.tables.system.session
    query = select(table).where(table.c.person == person).order_by(table.c.seen_at.desc(), table.c.id.desc())
    return [_session(row) for row in uow.connection.execute(query)]


def touch_session(uow: UnitOfWork, session_id: int) -> None:
    """Note that a session is in use."""
    table = uow.database.tables.system.session
    uow.connection.execute(update(table).where(table.c.id == session_id).values(seen_at=uow.now))


def end_sessions(uow: UnitOfWork, person: int, *, only: int | None = None, but: str | None = None) -> None:
    """End a person's sessions: all, only one, or all but the one with a token's hash."""
    table = uow.database.tables.system.session
    statement = delete(table).where(table.c.person == person)
    if only is not None:
        statement = statement.where(table.c.id == only)
    if but is not None:
        statement = statement.where(table.c.token_hash != but)
    uow.connection.execute(statement)


def end_session_of(uow: UnitOfWork, token_hash: str) -> None:
    """End the session of a token."""
    table = uow.database.tables.system.session
    uow.connection.execute(delete(table).where(table.c.token_hash == token_hash))


def fetch_password(uow: UnitOfWork, person: int) -> str | None:
    """The hash of a person's password."""
    table = uow.database.tables.system.password
    return uow.connection.execute(select(table.c.hash).where(table.c.person == person)).scalar()


def keep_password(uow: UnitOfWork, person: int, password_hash: str) -> None:
    """Set a person's password."""
    table = uow.database.tables.system.password
    uow.connection.execute(delete(table).where(table.c.person == person))
    uow.connection.execute(
        insert(table).values(person=person, hash=password_hash, changed_at=uow.now, must_change=False)
    )


def count_passwords(uow: UnitOfWork) -> int:
    """How many persons have a password."""
    table = uow.database.tables.system.password
    return int(uow.connection.execute(select(func.count()).select_from(table)).scalar_one())


def note_attempt(uow: UnitOfWork, login: str, address: str, *, succeeded: bool) -> None:
    """Note a try to sign in."""
    table = uow.database.tables.system.login_attempt
    uow.connection.execute(insert(table).values(login=login, address=address, at=uow.now, succeeded=succeeded))


def fetch_failures(
    uow: UnitOfWork, since: datetime, *, login: str | None = None, address: str | None = None
) -> list[datetime]:
    """When tries for a login (since its last success) or from an address failed, the latest first."""
    table = uow.database.tables.system.login_attempt
    query = select(table.c.at, table.c.succeeded).where(table.c.at > since)
    query = query.where(table.c.login == login) if login is not None else query.where(table.c.address == address)
    failures: list[datetime] = []
    for row in uow.connection.execute(query.order_by(table.c.id.desc())):
        if row.succeeded and login is not None:
            break
        if not row.succeeded:
            failures.append(row.at)
    return failures


def keep_token(uow: UnitOfWork, token_hash: str, person: int, name: str, ends_at: datetime | None) -> int:
    """The id of the new token."""
    table = uow.database.tables.system.token
    statement = insert(table).values(
        token_hash=token_hash, person=person, name=name, created_at=uow.now, ends_at=ends_at
    )
    return int(uow.connection.execute(statement.returning(table.c.id)).scalar_one())


def fetch_tokens(uow: UnitOfWork, person: int) -> list[StoredToken]:
    """A person's tokens that were not revoked."""
    table = uow.database.tables.system.token
    query = select(table).where(table.c.person == person, table.c.revoked_at.is_(None)).order_by(table.c.id)
    return [
        StoredToken(row.id, row.person, row.name, row.created_at, row.ends_at, row.used_at)
        for row in uow.connection.execute(query)
    ]


def touch_token(uow: UnitOfWork, token_id: int) -> None:
    """Note that a token is in use."""
    table = uow.database.tables.system.token
    uow.connection.execute(update(table).where(table.c.id == token_id).values(used_at=uow.now))


def revoke_token(uow: UnitOfWork, person: int, token_id: int) -> bool:
    """Revoke a token of a person; False when there is none."""
    table = uow.database.tables.system.token
    statement = update(table).where(table.c.id == token_id, table.c.person == person, table.c.revoked_at.is_(None))
    return uow.connection.execute(statement.values(revoked_at=uow.now)).rowcount == 1


def _session(row: Any) -> StoredSession:
    return StoredSession(
        row.id,
        row.token_hash,
        row.person,
        row.started_at,
        row.seen_at,
        row.ends_at,
        row.address or "",
        row.agent or "",
    )
