"""What happened to a record and who talks about it: changes, comments, moves and files in one line; people;
related lists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.catalog.forms import Related
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.access import require
from engine.runtime.actors import Actor
from engine.runtime.drafts import OtherValues
from engine.runtime.matches import related_query
from engine.runtime.work import Work
from engine.services.entries import fetch_entries
from engine.services.files import attach, file_info, require_usable
from engine.services.lists import ListPlan, build_query, fetch_planned
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Collaborator, FileInfo, Timeline
from engine.services.views_of_records import PERSON_FORM, ListRequest, RecordPage
from engine.storage.collaborators import drop_collaborator, fetch_collaborators, put_collaborator
from engine.storage.comments import keep_comment, keep_notices
from engine.storage.files import drop_attachment, fetch_attachments
from engine.storage.persons import fetch_person, fetch_persons
from engine.storage.queries import VisibleQuery
from engine.storage.selects import fetch_total

LONGEST_COMMENT = 10_000
CHEAP_COUNT = 1000
_MENTION = re.compile(r"@\[(\d{1,18})\]|@([\w.\-]{1,60})")


def fetch_timeline(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, before: str | None = None, limit: int = 20
) -> Timeline:
    """The latest entries, or those older than the cursor `before`."""
    with company.reading(actor) as work:
        _require_seen(work, form_id, record_id)
        return fetch_entries(work, form_id, record_id, before, limit)


def add_comment(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, text: str, mentions: Sequence[int] = ()
) -> int:
    """The id of the comment. Persons named `@login`, `@[7]` or in `mentions` are told, if they may see the record."""
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST_COMMENT:
        raise ProblemsFound([Problem("R113", pointer="text")])
    with company.writing(actor, "comment") as work:
        _require_seen(work, form_id, record_id)
        told = [each for each in _mentioned(work, wanted, mentions) if may_see(company, work, each, form_id, record_id)]
        comment = keep_comment(work.uow, form_id, record_id, wanted, told)
        details = {"text": wanted[:200], "by": actor.person, "comment": comment}
        others = [each for each in told if each != actor.person]
        keep_notices(work.uow, others, "mention", form_id, record_id, details)
        return comment


def _mentioned(work: Work, text: str, mentions: Sequence[int]) -> list[int]:
    named = [(match.group(1), match.group(2)) for match in _MENTION.finditer(text)]
    found = dict.fromkeys([*mentions, *(int(number) for number, _ in named if number)])
    logins = {login.casefold() for _, login in named if login}
    if logins:
        found.update(
            dict.fromkeys(
                each.id for each in fetch_persons(work.uow) if {each.login.casefold(), each.name.casefold()} & logins
            )
        )
    return list(found)


def may_see(company: OpenCompany, work: Work, person: int, form_id: str, record_id: int) -> bool:
    """Whether another person sees the record: nobody is told about what they may not read."""
    stored = fetch_person(work.uow, person)
    if stored is None:
        return False
    other = Actor(stored.id, stored.name, stored.login, frozenset(stored.roles), "", stored.department)
    their_work = company.same_work(work, other)
    if their_work.rights.see(form_id) is None:
        return False
    return fetch_total(work.uow.connection, their_work.query(form_id).with_ids([record_id]), 1)[0] > 0


def list_collaborators(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> tuple[Collaborator, ...]:
    """Who sees the record besides those whom a rule lets."""
    with company.reading(actor) as work:
        _require_seen(work, form_id, record_id)
        found = fetch_collaborators(work.uow.connection, work.uow.database, form_id, record_id)
        names = fetch_title_map(work, PERSON_FORM, [person for person, _ in found])
        return tuple(Collaborator(person, names.get(person, ""), may_change) for person, may_change in found)


def add_collaborator(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, person: int, *, may_change: bool = False
) -> None:
    """Let a person see (and change) this record; who may change it may do so."""
    with company.writing(actor, "collaborator") as work:
        require(work.uow, work.form_rights(form_id), "change", record_id, work.moment)
        if fetch_person(work.uow, person) is None:
            raise ProblemsFound([Problem("R114", {"name": person}, pointer="person")])
        put_collaborator(work.uow, form_id, record_id, person, may_change=may_change)


def remove_collaborator(company: OpenCompany, actor: Actor, form_id: str, record_id: int, person: int) -> None:
    """Take a person off the record; a person may take themselves off."""
    with company.writing(actor, "collaborator") as work:
        verb = "see" if person == actor.person else "change"
        require(work.uow, work.form_rights(form_id), verb, record_id, work.moment)
        drop_collaborator(work.uow, form_id, record_id, person)


def list_attachments(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> tuple[FileInfo, ...]:
    """The files beside the record, the latest first."""
    with company.reading(actor) as work:
        _require_seen(work, form_id, record_id)
        found = fetch_attachments(work.uow.connection, work.uow.database, form_id, record_id)
        return tuple(file_info(each.file, each.added_at, each.added_by) for each in found)


def add_attachment(company: OpenCompany, actor: Actor, form_id: str, record_id: int, file_id: int) -> None:
    """Put an uploaded file beside the record; who sees the record may."""
    with company.writing(actor, "file") as work:
        _require_seen(work, form_id, record_id)
        require_usable(work, [file_id], frozenset())
        attach(work, form_id, record_id, file_id)


def remove_attachment(company: OpenCompany, actor: Actor, form_id: str, record_id: int, file_id: int) -> None:
    """Take a file away; who added it, or who may change the record, may."""
    with company.writing(actor, "file") as work:
        found = fetch_attachments(work.uow.connection, work.uow.database, form_id, record_id)
        mine = any(each.file.id == file_id and each.added_by == actor.person for each in found)
        require(work.uow, work.form_rights(form_id), "see" if mine else "change", record_id, work.moment)
        drop_attachment(work.uow, form_id, record_id, file_id)


def fetch_related(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    record_id: int,
    related_name: str,
    after: str | None = None,
    limit: int = 20,
) -> RecordPage:
    """A page of a related list, under the other form's own rule."""
    with company.reading(actor) as work:
        _require_seen(work, form_id, record_id)
        related = _related(work, form_id, related_name)
        rights = work.form_rights(related.form)
        view = rights.form.views.get("list")
        columns = tuple(name for name in (view.columns if view is not None else ()) if name in rights.see)
        shown = tuple(name for name in columns if name != related.field or related.match is not None)
        plan = ListPlan(rights.form, view, shown, view.sort if view is not None else (), None)
        request = ListRequest(limit=limit, after=after)
        query = build_query(work, ListPlan(rights.form, None, shown, plan.sort, None), request)
        narrowed = _narrowed(work, query, form_id, related, record_id)
        return fetch_planned(work, plan, narrowed if narrowed is not None else query.with_ids(()), request)


def count_related(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> dict[str, tuple[int, bool]]:
    """How many records each related list has for this reader, and whether that is exact."""
    counts = {}
    with company.reading(actor) as work:
        _require_seen(work, form_id, record_id)
        for name, related in work.catalog.forms[form_id].related.items():
            if work.rights.see(related.form) is None or not _may_list(work, form_id, related):
                continue
            query = _narrowed(work, work.query(related.form), form_id, related, record_id)
            counts[name] = fetch_total(work.uow.connection, query, CHEAP_COUNT) if query is not None else (0, True)
    return counts


def _seen(work: Work, related: Related) -> frozenset[str]:
    return frozenset(name.split(".")[-1] for name in work.form_rights(related.form).see)


def _may_list(work: Work, form_id: str, related: Related) -> bool:
    """Whether the reader sees, on every record, what the rows are listed by: else the list would tell it."""
    if related.match is None:
        return related.field in _seen(work, related)
    seen = work.rights.roles.seen().forms.get(form_id)
    if seen is None or related.name not in seen.related:
        return False
    sometimes = work.form_rights(form_id).see_rules
    return all(each.path[0] not in sometimes for each in related.match.references if each.outer)


def _narrowed(work: Work, query: VisibleQuery, form_id: str, related: Related, record_id: int) -> VisibleQuery | None:
    """The query for the rows of one record; None when it has none."""
    if related.match is None:
        return query.linked(_link_name(related), record_id)
    fields = work.catalog.forms[form_id].fields.get
    return related_query(query, form_id, related, OtherValues(form_id, record_id, work.links, {}, fields))


def _link_name(related: Related) -> str:
    return related.field if related.lines is None else f"{related.lines}.{related.field}"


def _related(work: Work, form_id: str, name: str) -> Related:
    related = work.catalog.forms[form_id].related.get(name)
    if related is None or work.rights.see(related.form) is None:
        raise NotVisible(f"{form_id}.{name}")
    if related.match is not None and not _may_list(work, form_id, related):
        raise NotVisible(f"{form_id}.{name}")
    return related


def _require_seen(work: Work, form_id: str, record_id: int) -> None:
    query = work.query(form_id).with_ids([record_id])
    if not fetch_total(work.uow.connection, query, 1)[0]:
        raise NotVisible(f"{form_id}/{record_id}")
