"""What a person is told about: mentions and whatever else asks for attention."""

from __future__ import annotations

from engine.runtime.actors import Actor
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Notification
from engine.storage.comments import Notice, count_unread, fetch_notices, mark_notices_read


def list_notifications(company: OpenCompany, actor: Actor, limit: int = 50) -> tuple[Notification, ...]:
    """What the actor was told, newest first."""
    with company.database.reading() as connection:
        kept = fetch_notices(company.unit(connection, actor, ""), actor.person, limit)
    return tuple(_notification(each) for each in kept)


def unread_count(company: OpenCompany, actor: Actor) -> int:
    """How much of it was not read."""
    with company.database.reading() as connection:
        return count_unread(company.unit(connection, actor, ""), actor.person)


def mark_read(company: OpenCompany, actor: Actor, notification_id: int | None) -> None:
    """Mark one of the actor's notifications, or (None) all, as read."""
    with company.database.writing() as connection:
        mark_notices_read(company.unit(connection, actor, ""), actor.person, notification_id)


def _notification(notice: Notice) -> Notification:
    words = {key: str(value) for key, value in notice.details.items()}
    return Notification(
        notice.id, notice.kind, notice.form, notice.record_id, words.get("title", ""), words.get("text", ""),
        words.get("by", ""), notice.at, notice.read,
    )
