"""Personal API tokens: shown once, stored as hashes, no more rights than their person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from engine.catalog.access import ADMINISTRATOR
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.site import OpenCompany
from engine.services.views_of_pages import TokenInfo
from engine.storage.audit import note_audit
from engine.storage.persons import fetch_token_bearer
from engine.storage.sessions import fetch_tokens, keep_token, touch_token
from engine.storage.sessions import revoke_token as revoke_stored

PREFIX = "weft_"
LONGEST_NAME = 60
TOUCH_AFTER = timedelta(minutes=5)


def create_token(company: OpenCompany, actor: Actor, name: str, days: int | None = 90) -> str:
    """The secret of a new token; it cannot be shown again. days None = until revoked."""
    wanted = name.strip()[:LONGEST_NAME]
    if not wanted:
        raise ProblemsFound([Problem("R117", pointer="name")])
    secret = PREFIX + secrets.token_urlsafe(32)
    with company.writing(actor, "token") as work:
        ends_at = None if days is None else work.uow.now + timedelta(days=days)
        keep_token(work.uow, _digest(secret), actor.person, wanted, ends_at)
        note_audit(work.uow, "token", {"name": wanted})
    return secret


def list_tokens(company: OpenCompany, actor: Actor) -> tuple[TokenInfo, ...]:
    """The person's tokens."""
    with company.reading(actor) as work:
        found = fetch_tokens(work.uow, actor.person)
    return tuple(TokenInfo(each.id, each.name, each.created_at, each.used_at, each.ends_at) for each in found)


def revoke_token(company: OpenCompany, actor: Actor, token_id: int) -> None:
    """From the next request on the token is worth nothing; NotVisible when it is not the person's."""
    with company.writing(actor, "token") as work:
        if not revoke_stored(work.uow, actor.person, token_id):
            raise NotVisible(str(token_id))


def actor_of_token(company: OpenCompany, secret: str) -> Actor | None:
    """Who a token belongs to; None when it is unknown, revoked or over."""
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "token")
        found = fetch_token_bearer(uow, _digest(secret))
        now = uow.now
    if found is None:
        return None
    token, person = found
    if token.used_at is None or now - token.used_at > TOUCH_AFTER:
        with company.writing(SYSTEM, "token") as work:
            touch_token(work.uow, token.id)
    known = frozenset(person.roles) & (company.catalog.roles.keys() | {ADMINISTRATOR})
    language = person.language or company.catalog.company.language
    return Actor(person.id, person.name, person.login, known, language, person.department)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
