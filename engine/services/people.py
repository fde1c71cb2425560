"""Sign-in and sign-out, who a session or token belongs to, and what a person keeps about themselves."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from engine.catalog.access import ADMINISTRATOR
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.known_people import make_actor, person_actor
from engine.services.notices import list_notifications, mark_read, unread_count
from engine.services.passwords import require_strong
from engine.services.reading import fetch_title_map
from engine.services.records import save_record
from engine.services.setup import is_setup_token
from engine.services.site import OpenCompany
from engine.services.throttle import require_patience
from engine.services.tokens import actor_of_token, create_token, list_tokens, revoke_token
from engine.services.views_of_pages import DemoPerson, SessionInfo
from engine.services.views_of_records import DEPARTMENT_FORM, PERSON_FORM
from engine.storage.audit import note_audit
from engine.storage.database import UnitOfWork
from engine.storage.persons import StoredPerson, fetch_person, fetch_person_by_login, fetch_persons, fetch_signed_in
from engine.storage.sessions import (
    StoredSession,
    end_session_of,
    end_sessions,
    fetch_password,
    fetch_sessions,
    keep_password,
    note_attempt,
    start_session,
    touch_session,
)
from engine.storage.titles import fetch_titles

__all__ = [
    "SYSTEM",
    "Actor",
    "actor_of",
    "actor_of_token",
    "add_person",
    "change_password",
    "create_first_account",
    "create_token",
    "end_session",
    "list_notifications",
    "list_people",
    "list_sessions",
    "list_tokens",
    "mark_read",
    "names_of",
    "people_for_demo",
    "person_actor",
    "revoke_token",
    "set_language",
    "set_password",
    "sign_in",
    "sign_in_as",
    "sign_out",
    "unread_count",
]

IDLE, ABSOLUTE = timedelta(hours=2), timedelta(hours=12)
ADMINISTRATOR_IDLE, ADMINISTRATOR_ABSOLUTE = timedelta(minutes=30), timedelta(hours=8)
TOUCH_AFTER = timedelta(minutes=1)
MOST_SESSIONS = 10


def names_of(company: OpenCompany, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """What persons are called; nobody that the actor may not see."""
    wanted = set(ids)
    if not wanted:
        return {}
    with company.reading(actor) as work:
        return fetch_title_map(work, PERSON_FORM, wanted)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(company: OpenCompany, login: str, password: str, address: str, agent: str = "") -> str:
    """A session's token. R107 for a wrong login or password alike, R108 after too many tries."""
    tried = login.strip().casefold()[:60]
    with company.reading(SYSTEM) as work:
        require_patience(work, tried, address)
        person = fetch_person_by_login(work.uow, tried) if tried else None
        kept = fetch_password(work.uow, person.id) if person is not None else None
    fits = company.passwords.matches(kept, password[:1000])
    with company.writing(SYSTEM, "sign-in") as work:
        note_attempt(work.uow, tried, address, succeeded=fits)
        if fits and person is not None and kept is not None:
            if company.passwords.is_outdated(kept):
                keep_password(work.uow, person.id, company.passwords.hash(password))
            return _start(work.uow, person, address, agent)
    raise ProblemsFound([Problem("R107")])


def sign_in_as(company: OpenCompany, person: int, address: str, agent: str = "") -> str:
    """A session's token without password: only on a demo site, NotVisible anywhere else."""
    if not company.demo:
        raise NotVisible("demo")
    with company.writing(SYSTEM, "sign-in") as work:
        found = fetch_person(work.uow, person)
        if found is None:
            raise NotVisible(str(person))
        return _start(work.uow, found, address, agent)


def _start(uow: UnitOfWork, person: StoredPerson, address: str, agent: str) -> str:
    token = secrets.token_urlsafe(32)
    longest = ADMINISTRATOR_ABSOLUTE if ADMINISTRATOR in person.roles else ABSOLUTE
    for old in fetch_sessions(uow, person.id)[MOST_SESSIONS - 1 :]:
        end_sessions(uow, person.id, only=old.id)
    start_session(uow, digest(token), person.id, uow.now + longest, address, agent[:200])
    note_audit(uow, "sign-in", {"person": person.id}, address=address)
    return token


def sign_out(company: OpenCompany, token: str) -> None:
    """End the session of a token."""
    with company.writing(SYSTEM, "sign-in") as work:
        end_session_of(work.uow, digest(token))


def actor_of(company: OpenCompany, token: str) -> Actor | None:
    """Who a session belongs to; None when it has ended, or its person may not act any more."""
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "sign-in")
        found = fetch_signed_in(uow, digest(token))
        now = uow.now
    if found is None or not _holds(*found, now):
        return None
    session, person = found
    if now - session.seen_at > TOUCH_AFTER:
        with company.writing(SYSTEM, "sign-in") as work:
            touch_session(work.uow, session.id)
    return make_actor(company, person)


def _holds(session: StoredSession, person: StoredPerson, now: datetime) -> bool:
    idle = ADMINISTRATOR_IDLE if ADMINISTRATOR in person.roles else IDLE
    return now < session.ends_at and now - session.seen_at <= idle


def people_for_demo(company: OpenCompany) -> tuple[DemoPerson, ...]:
    """Everybody to sign in as on a demo site, who has a login; nobody elsewhere."""
    if not company.demo:
        return ()
    with company.reading(SYSTEM) as work:
        uow = work.uow
        persons = [person for person in fetch_persons(uow) if person.login]
        ids = {person.department for person in persons if person.department is not None}
        titles = fetch_titles(
            uow.connection, uow.database, uow.catalog, None, work.moment, DEPARTMENT_FORM, sorted(ids)
        )
    return tuple(
        DemoPerson(each.id, each.name, each.login, each.roles, titles.get(each.department or 0, "")) for each in persons
    )


def change_password(company: OpenCompany, actor: Actor, old: str, new: str, keep_token: str | None = None) -> None:
    """R111 when `old` is wrong. All other sessions of the person end."""
    with company.reading(SYSTEM) as work:
        kept = fetch_password(work.uow, actor.person)
    if not company.passwords.matches(kept, old[:1000]):
        raise ProblemsFound([Problem("R111", pointer="old")])
    _keep(company, actor.person, actor.login, new, keep_token)


def set_password(company: OpenCompany, login: str, password: str) -> None:
    """Set a person's password without knowing the old one; all sessions of the person end."""
    _keep(company, person_actor(company, login).person, login, password, None)


def _keep(company: OpenCompany, person: int, login: str, password: str, keep_token: str | None) -> None:
    require_strong(password, (login, company.id, *company.catalog.company.label.values()))
    hashed = company.passwords.hash(password)
    with company.writing(SYSTEM, "password") as work:
        keep_password(work.uow, person, hashed)
        end_sessions(work.uow, person, but=digest(keep_token) if keep_token else None)
        note_audit(work.uow, "password", {"person": person})


def add_person(
    company: OpenCompany,
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    email: str | None = None,
    password: str | None = None,
) -> int:
    """The id of a new person who may sign in (once a password is set)."""
    if password is not None:
        require_strong(password, (login, company.id))
    values = {"name": name, "login": login, "email": email, "roles": list(roles), "active": True}
    person = save_record(company, SYSTEM, PERSON_FORM, None, values, cause="command")
    if password is not None:
        set_password(company, login, password)
    return person.id or 0


def create_first_account(company: OpenCompany, token: str, login: str, name: str, password: str) -> int:
    """The first administrator, made with the one-time setup link; R115 when the link has been used."""
    if not is_setup_token(company, token):
        raise ProblemsFound([Problem("R115")])
    return add_person(company, login=login, name=name, roles=[ADMINISTRATOR], password=password)


def list_people(company: OpenCompany) -> tuple[tuple[str, str, tuple[str, ...], bool], ...]:
    """(login, name, roles, active) of everybody who may act."""
    with company.reading(SYSTEM) as work:
        return tuple((each.login, each.name, each.roles, each.active) for each in fetch_persons(work.uow))


def set_language(company: OpenCompany, actor: Actor, language: str) -> None:
    """The language the person reads the product in."""
    if not actor.system:
        save_record(company, SYSTEM, PERSON_FORM, actor.person, {"language": language}, cause="language")


def list_sessions(company: OpenCompany, actor: Actor, token: str = "") -> tuple[SessionInfo, ...]:
    """The person's sessions; the one of `token` is the current one."""
    with company.reading(SYSTEM) as work:
        found = fetch_sessions(work.uow, actor.person)
    here = digest(token)
    return tuple(
        SessionInfo(each.id, each.started_at, each.seen_at, each.address, each.agent, each.token_hash == here)
        for each in found
    )


def end_session(company: OpenCompany, actor: Actor, session_id: int) -> None:
    """End one of the person's own sessions."""
    with company.writing(SYSTEM, "sign-in") as work:
        end_sessions(work.uow, actor.person, only=session_id)
