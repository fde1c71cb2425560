"""Read, make, change, move and delete records: one function per thing a user does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.catalog.forms import Form
from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import refusal, require
from engine.runtime.actors import Actor
from engine.runtime.seen import SeenDefinitions
from engine.services.actions import link_back
from engine.services.commands import answer_once
from engine.services.deleting import delete_one, restore_one
from engine.services.drafting import draft_view, preview_of
from engine.services.flow.commands.following import finish_moves
from engine.services.flow.saving_moves import save_moving
from engine.services.lists import fetch_groups_of, fetch_page
from engine.services.one_record import answer_of, fetch_view
from engine.services.saving import Given, prepare_batch
from engine.services.site import OpenCompany
from engine.services.tasks import tick
from engine.services.views_of_records import BulkResult, ListRequest, Preview, RecordPage, RecordView
from engine.values import empty

__all__ = [
    "FormSight",
    "bulk_change",
    "bulk_delete",
    "delete_record",
    "fetch_record",
    "form_sight",
    "list_groups",
    "list_records",
    "move_record",
    "new_record",
    "preview_record",
    "restore_record",
    "save_record",
    "seen_definitions",
    "tick_task",
]

MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class FormSight:
    """What a reader may do with a form at all: fields seen and written, verbs allowed on some record."""

    form: Form
    see: frozenset[str]
    change: frozenset[str]
    verbs: frozenset[str]


def form_sight(company: OpenCompany, actor: Actor, form_id: str) -> FormSight:
    """No statement; NotVisible when the reader sees nothing of the form."""
    rights = company.access.rights(actor).of(form_id)
    numbers = {name for name, each in rights.form.fields.items() if each.type == "serial"}
    return FormSight(rights.form, rights.see, rights.change - numbers, frozenset(rights.verbs))


def seen_definitions(company: OpenCompany, actor: Actor) -> SeenDefinitions:
    """The definitions without what the actor may not see: what a filter of the actor may name."""
    return company.access.rights(actor).roles.seen()


def list_records(company: OpenCompany, actor: Actor, form_id: str, request: ListRequest) -> RecordPage:
    """A page of records."""
    with company.reading(actor) as work:
        return fetch_page(work, form_id, request)


def list_groups(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    by: str,
    sums: Sequence[str] = (),
    where: str | None = None,
    search: str | None = None,
) -> list[dict[str, object]]:
    """[{"value", "count", "sums": {field: wire}}] of the records the actor may see."""
    with company.reading(actor) as work:
        return fetch_groups_of(work, form_id, by, tuple(sums), ListRequest(where=where, search=search))


def fetch_record(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> RecordView:
    """One record with all its page needs; NotVisible when it is not there for the actor."""
    with company.reading(actor) as work:
        return fetch_view(work, form_id, record_id)


def new_record(company: OpenCompany, actor: Actor, form_id: str, given: Mapping[str, object] = empty()) -> RecordView:
    """An empty record with its defaults and fills done; nothing is written."""
    with company.reading(actor) as work:
        rights = work.form_rights(form_id)
        if "create" not in rights.verbs:
            raise NotAllowed(refusal("create"))
        saving = prepare_batch(work, form_id, [Given(None, given)], lock=False)
        return draft_view(saving)


def preview_record(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int | None, values: Mapping[str, object]
) -> Preview:
    """What save would make of these values and what it would say; nothing is written."""
    with company.reading(actor) as work:
        if record_id is not None:
            require(work.uow, work.form_rights(form_id), "see", record_id, work.moment)
        saving = prepare_batch(work, form_id, [Given(record_id, values)], lock=False)
        return preview_of(saving)


def save_record(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    record_id: int | None,
    values: Mapping[str, object],
    *,
    version: int | None = None,
    cause: str = "web",
    key: str | None = None,
    origin: tuple[str, int, str] | None = None,
) -> RecordView:
    """Make (record_id None) or change a record. Raises ProblemsFound, Stale, NotVisible, NotAllowed: then nothing
    changed. A stage that an approval guards is entered later: the approval begins, the record stays.

    key     an idempotency key: the same request again answers the same record without writing again
    origin  (form, record, action) whose action opened the form of this new record: its link back is set as well
    """

    def save() -> RecordView:
        with company.writing(actor, cause) as work:
            request = {"form": form_id, "id": record_id, "values": dict(values), "version": version}
            with answer_once(work, key, request) as once:
                if once.answer is not None:
                    return fetch_view(work, form_id, once.answer)
                draft, saving = save_moving(company, work, form_id, Given(record_id, values, version))
                once.answer = draft.record_id
                if origin is not None and record_id is None:
                    link_back(work, origin, draft.record_id or 0)
                    finish_moves(company, work)
                return answer_of(work, saving, draft)

    return company.again(save)


def move_record(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    record_id: int,
    field: str,
    stage: str,
    *,
    version: int | None = None,
    cause: str = "web",
) -> RecordView:
    """Bring a record to a stage, with all that the stage asks; NotVisible or R101 when `field` holds no stage."""
    definition = company.access.rights(actor).of(form_id).form.fields.get(field)
    if definition is None or definition.type != "stage":
        fetch_record(company, actor, form_id, record_id)
        raise ProblemsFound([Problem("R101", {"name": field}, pointer="field")])
    return save_record(company, actor, form_id, record_id, {field: stage}, version=version, cause=cause)


def tick_task(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, field: str, task: str, *, done: bool
) -> RecordView:
    """Tick or untick a task of the stage the record stands in."""
    with company.writing(actor, "web") as work:
        tick(work, form_id, record_id, field, task, done=done)
        return fetch_view(work, form_id, record_id)


def delete_record(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, *, version: int | None = None, cause: str = "web"
) -> None:
    """Put a record into the recycle bin, with what must go along; ProblemsFound names what still points to it."""

    def delete() -> None:
        with company.writing(actor, cause) as work:
            delete_one(work, form_id, record_id, version)

    company.again(delete)


def restore_record(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, *, version: int | None = None, cause: str = "web"
) -> RecordView:
    """Take a record, and what went along, back out of the recycle bin."""

    def restore() -> RecordView:
        with company.writing(actor, cause) as work:
            restore_one(work, form_id, record_id, version)
            return fetch_view(work, form_id, record_id)

    return company.again(restore)


def bulk_change(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    ids: Sequence[int],
    values: Mapping[str, object],
    *,
    cause: str = "web",
) -> BulkResult:
    """Change several records the same way; each is its own transaction, one refusal does not stop the others."""
    return _one_by_one(ids, lambda each: save_record(company, actor, form_id, each, values, cause=cause))


def bulk_delete(
    company: OpenCompany, actor: Actor, form_id: str, ids: Sequence[int], *, cause: str = "web"
) -> BulkResult:
    """Delete several records, each in its own transaction."""
    return _one_by_one(ids, lambda each: delete_record(company, actor, form_id, each, cause=cause))


def _one_by_one(ids: Sequence[int], act: Callable[[int], object]) -> BulkResult:
    if len(ids) > MOST_AT_ONCE:
        raise ProblemsFound([Problem("R106", {"most": MOST_AT_ONCE})])
    done: list[int] = []
    problems: dict[int, tuple[Problem, ...]] = {}
    for record_id in dict.fromkeys(ids):
        try:
            act(record_id)
            done.append(record_id)
        except ProblemsFound as found:
            problems[record_id] = found.problems
        except NotAllowed as refused:
            problems[record_id] = (refused.problem,)
        except NotVisible:
            problems[record_id] = (Problem("R102", {"verb": "see"}),)
    return BulkResult(tuple(done), problems)
