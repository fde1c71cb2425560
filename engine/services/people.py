"""Everything about who is at work, on one page for web and commands."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM, Actor
from engine.services.accounts import (
    actor_named,
    actor_of_person,
    add_person,
    change_password,
    list_people,
    people_for_demo,
    set_language,
    set_password,
)
from engine.services.notices import list_notifications, mark_read, unread_count
from engine.services.sessions import actor_of, end_session, list_sessions, sign_in, sign_in_as, sign_out
from engine.services.tokens import actor_of_token, create_token, list_tokens, revoke_token

__all__ = [
    "SYSTEM",
    "Actor",
    "actor_named",
    "actor_of",
    "actor_of_person",
    "actor_of_token",
    "add_person",
    "change_password",
    "create_token",
    "end_session",
    "list_notifications",
    "list_people",
    "list_sessions",
    "list_tokens",
    "mark_read",
    "people_for_demo",
    "revoke_token",
    "set_language",
    "set_password",
    "sign_in",
    "sign_in_as",
    "sign_out",
    "unread_count",
]
