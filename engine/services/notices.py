"""What a person is told about: mentions in comments."""

from __future__ import annotations

from engine.runtime.actors import Actor
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Notification
from engine.services.views_of_records import PERSON_FORM
from engine.storage.comments import count_unread, fetch_notices, mark_notices_read


def list_notifications(company: OpenCompany, actor: Actor, limit: int = 20) -> tuple[Notification, ...]:
    """The latest notices; those of records that the person may not see any more lose title and text."""
    with company.reading(actor) as work:
        notices = fetch_notices(work.uow, actor.person, limit)
        titles = {
            form_id: fetch_title_map(work, form_id, {each.record_id for each in notices if each.form == form_id})
            for form_id in {each.form for each in notices}
        }
        names = fetch_title_map(
            work, PERSON_FORM, {by for each in notices if isinstance(by := each.details.get("by"), int)}
        )
    shown = []
    for each in notices:
        title = titles.get(each.form, {}).get(each.record_id)
        by = each.details.get("by")
        name = names.get(by, "") if isinstance(by, int) else ""
        text = str(each.details.get("text", "")) if title is not None else ""
        shown.append(
            Notification(each.id, each.kind, each.form, each.record_id, title or "", text, name, each.at, each.read)
        )
    return tuple(shown)


def unread_count(company: OpenCompany, actor: Actor) -> int:
    """How many notices the person has not read."""
    with company.reading(actor) as work:
        return count_unread(work.uow, actor.person)


def mark_read(company: OpenCompany, actor: Actor, notification_id: int | None = None) -> None:
    """Mark one notice, or all, as read."""
    with company.writing(actor, "web") as work:
        mark_notices_read(work.uow, actor.person, notification_id)
