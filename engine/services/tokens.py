"""Personal API tokens: they act as their person, are shown once and can be revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.sessions import actor_from, hash_token
from engine.services.site import OpenCompany
from engine.services.views_of_pages import TokenInfo
from engine.storage import sessions as stored
from engine.storage.audit import note_audit
from engine.storage.persons import fetch_person

PREFIX = "weft_"  # lets secret scanners know what they found
NOTED_EVERY = timedelta(minutes=1)


def create_token(company: OpenCompany, actor: Actor, name: str, days: int | None) -> str:
    """The secret of a new token, never to be seen again; it ends after `days`, None = it does not end by itself."""
    if not name.strip():
        raise ProblemsFound([Problem("R117", pointer="name")])
    secret = PREFIX + secrets.token_urlsafe(32)
    with company.database.writing() as connection:
        uow = company.unit(connection, actor, "token")
        ends_at = None if days is None else uow.now + timedelta(days=days)
        token_id = stored.keep_token(uow, hash_token(secret), actor.person, name.strip()[:80], ends_at)
        note_audit(uow, "token made", {"token": token_id, "name": name.strip()[:80]})
    return secret


def list_tokens(company: OpenCompany, actor: Actor) -> tuple[TokenInfo, ...]:
    """The actor's tokens that were not revoked."""
    with company.database.reading() as connection:
        kept = stored.fetch_tokens(company.unit(connection, actor, ""), actor.person)
    return tuple(TokenInfo(each.id, each.name, each.created_at, each.used_at, each.ends_at) for each in kept)


def revoke_token(company: OpenCompany, actor: Actor, token_id: int) -> None:
    """End a token of the actor; NotVisible when there is none."""
    with company.database.writing() as connection:
        uow = company.unit(connection, actor, "token")
        if not stored.revoke_token(uow, actor.person, token_id):
            raise NotVisible(str(token_id))
        note_audit(uow, "token revoked", {"token": token_id})


def actor_of_token(company: OpenCompany, secret: str) -> Actor | None:
    """Who acts with this secret; None when it is unknown, revoked or past its end, or the person may not act."""
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "")
        token = stored.fetch_token(uow, hash_token(secret))
        person = fetch_person(uow, token.person) if token is not None else None
    if token is None or person is None:
        return None
    if token.used_at is None or token.used_at + NOTED_EVERY <= uow.now:
        with company.database.writing() as connection:
            stored.touch_token(company.unit(connection, SYSTEM, ""), token.id)
    return actor_from(person, company)
