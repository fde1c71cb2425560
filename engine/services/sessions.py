"""Signing in and staying signed in: one random token per browser, kept only as a hash, ended by time and by hand."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from engine.catalog.access import ADMINISTRATOR
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.site import OpenCompany
from engine.services.views_of_pages import SessionInfo
from engine.storage import sessions as stored
from engine.storage.audit import note_audit
from engine.storage.database import UnitOfWork
from engine.storage.persons import StoredPerson, fetch_person, fetch_person_by_login, fetch_signed_in

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
ADMINISTRATOR_IDLE, ADMINISTRATOR_LONGEST = timedelta(minutes=30), timedelta(hours=8)
MOST_SESSIONS = 10
NOTED_EVERY = timedelta(minutes=1)

# Failures before a login has to wait, and how long the last of them blocks at most; the wait doubles from a minute on.
ACCOUNT_FAILURES, ADDRESS_FAILURES, HOURLY_FAILURES = 10, 50, 100
WINDOW, HOUR = timedelta(minutes=15), timedelta(hours=1)


def hash_token(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_from(person: StoredPerson, company: OpenCompany) -> Actor:
    """The person at work, with the language chosen or else the company's."""
    language = person.language or company.catalog.company.language
    return Actor(person.id, person.name, person.login, frozenset(person.roles), language, person.department)


def sign_in(company: OpenCompany, login: str, password: str, address: str, agent: str) -> str:
    """The token of a new session. Raises ProblemsFound: R107 whatever is wrong, R108 after too many failures."""
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "sign-in")
        _require_patience(uow, login, address)
        person = fetch_person_by_login(uow, login)
        password_hash = stored.fetch_password(uow, person.id) if person is not None else None
    # Hashed outside any transaction: it takes long on purpose.
    right = company.passwords.matches(password_hash, password)
    if person is None or password_hash is None or not right:
        _note_failure(company, login, address)
        raise ProblemsFound([Problem("R107")])
    renewed = company.passwords.hash(password) if company.passwords.is_outdated(password_hash) else None
    with company.database.writing() as connection:
        uow = company.unit(connection, actor_from(person, company), "sign-in")
        stored.note_attempt(uow, login.strip().lower(), address, succeeded=True)
        if renewed is not None:
            stored.keep_password(uow, person.id, renewed)
        return _start_session(uow, person, address, agent)


def sign_in_as(company: OpenCompany, person_id: int, address: str, agent: str) -> str:
    """The token of a session as any person of a demo site; NotVisible on any other site."""
    if not company.demo:
        raise NotVisible(str(person_id))
    with company.database.writing() as connection:
        uow = company.unit(connection, SYSTEM, "sign-in")
        person = fetch_person(uow, person_id)
        if person is None:
            raise NotVisible(str(person_id))
        return _start_session(uow, person, address, agent)


def actor_of(company: OpenCompany, token: str) -> Actor | None:
    """Who is signed in with this token; None when the session has ended in any way. One statement, a write a minute."""
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "")
        found = fetch_signed_in(uow, hash_token(token))
    if found is None:
        return None
    session, person = found
    idle = ADMINISTRATOR_IDLE if ADMINISTRATOR in person.roles else IDLE
    if session.ends_at <= uow.now or session.seen_at + idle <= uow.now:
        return None
    if session.seen_at + NOTED_EVERY <= uow.now:
        with company.database.writing() as connection:
            stored.touch_session(company.unit(connection, SYSTEM, ""), session.id)
    return actor_from(person, company)


def sign_out(company: OpenCompany, token: str) -> None:
    """End the session of this token; a token without one is no problem."""
    with company.database.writing() as connection:
        stored.end_session_of(company.unit(connection, SYSTEM, "sign-out"), hash_token(token))


def list_sessions(company: OpenCompany, actor: Actor, token: str) -> tuple[SessionInfo, ...]:
    """The actor's sessions, the latest first; the one of `token` is marked as current."""
    with company.database.reading() as connection:
        uow = company.unit(connection, actor, "")
        kept = stored.fetch_sessions(uow, actor.person)
    here = hash_token(token)
    return tuple(
        SessionInfo(each.id, each.started_at, each.seen_at, each.address, each.agent, each.token_hash == here)
        for each in kept
        if each.ends_at > uow.now
    )


def end_session(company: OpenCompany, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions; nobody else's is touched."""
    with company.database.writing() as connection:
        stored.end_sessions(company.unit(connection, actor, "sign-out"), actor.person, only=session_id)


def _start_session(uow: UnitOfWork, person: StoredPerson, address: str, agent: str) -> str:
    token = secrets.token_urlsafe(32)
    longest = ADMINISTRATOR_LONGEST if ADMINISTRATOR in person.roles else LONGEST
    for oldest in stored.fetch_sessions(uow, person.id)[MOST_SESSIONS - 1 :]:
        stored.end_sessions(uow, person.id, only=oldest.id)
    stored.start_session(uow, hash_token(token), person.id, uow.now + longest, address, agent[:200])
    note_audit(uow, "sign-in", {"person": person.id}, address=address)
    return token


def _note_failure(company: OpenCompany, login: str, address: str) -> None:
    with company.database.writing() as connection:
        uow = company.unit(connection, SYSTEM, "sign-in")
        stored.note_attempt(uow, login.strip().lower()[:200], address, succeeded=False)
        note_audit(uow, "sign-in refused", {"login": login[:200]}, address=address)


def _require_patience(uow: UnitOfWork, login: str, address: str) -> None:
    failures = stored.fetch_failures(uow, uow.now - HOUR, login=login.strip().lower()[:200])
    recent = [at for at in failures if at > uow.now - WINDOW]
    if len(failures) >= HOURLY_FAILURES:
        _refuse(uow.now, failures[-1] + HOUR)
    if len(recent) >= ACCOUNT_FAILURES:
        pause = min(timedelta(minutes=2 ** (len(recent) - ACCOUNT_FAILURES)), WINDOW)
        _refuse(uow.now, recent[0] + pause)
    if len(stored.fetch_failures(uow, uow.now - WINDOW, address=address)) >= ADDRESS_FAILURES:
        _refuse(uow.now, uow.now + WINDOW)


def _refuse(now: datetime, until: datetime) -> None:
    if until > now:
        minutes = -(-int((until - now).total_seconds()) // 60)
        raise ProblemsFound([Problem("R108", {"minutes": minutes})])
