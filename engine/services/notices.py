"""What a person is told about: mentions in comments, and what approvals want of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Notification
from engine.services.views_of_records import PERSON_FORM
from engine.storage.comments import Notice, count_unread, fetch_notices, mark_notices_read
from engine.storage.flow_lists import open_tasks_in


def list_notifications(
    company: OpenCompany, actor: Actor, limit: int = 20, language: str = "en", before: int | None = None
) -> tuple[Notification, ...]:
    """The latest notices, or with `before` those older than that one.

    Those of records that the person may not see any more lose title and text.
    """
    with company.reading(actor) as work:
        notices = fetch_notices(work.uow, actor.person, limit, before)
        tasks = _tasks_of(work, actor, notices)
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
        text = _text(each, language) if title is not None else ""
        about = each.details.get("instance")
        instance = about if isinstance(about, int) else None
        view = Notification(each.id, each.kind, each.form, each.record_id, title or "", text, name, each.at, each.read)
        shown.append(replace(view, instance=instance, task=tasks.get(instance or 0)))
    return tuple(shown)


def _text(notice: Notice, language: str) -> str:
    texts = notice.details.get("texts")
    told = texts.get(language) if isinstance(texts, Mapping) else None
    return str(told or notice.details.get("text") or "")


def _tasks_of(work: Work, actor: Actor, notices: Iterable[Notice]) -> dict[int, int]:
    """Instance → the reader's task in it that waits; no statement when no notice is about an approval."""
    found = {about for each in notices if isinstance(about := each.details.get("instance"), int)}
    return open_tasks_in(work.uow, actor.person, sorted(found))


def unread_count(company: OpenCompany, actor: Actor) -> int:
    """How many notices the person has not read."""
    with company.reading(actor) as work:
        return count_unread(work.uow, actor.person)


def mark_read(company: OpenCompany, actor: Actor, notification_id: int | None = None) -> None:
    """Mark one notice, or all, as read."""
    with company.writing(actor, "web") as work:
        mark_notices_read(work.uow, actor.person, notification_id)
