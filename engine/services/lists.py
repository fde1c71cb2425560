"""What a list shows: the request, the saved view and the view it names become one query."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalog.forms import Field, Form, View
from engine.problems import Problem, ProblemsFound
from engine.runtime.access import FormRights
from engine.runtime.journal import to_wire
from engine.runtime.work import Work
from engine.services.reading import build_views, computing_columns, title_fields, with_verbs
from engine.services.views_of_records import ListRequest, RecordPage
from engine.storage.queries import VisibleQuery
from engine.storage.saved_views import StoredView, fetch_saved_view
from engine.storage.selects import fetch_groups, fetch_rows, fetch_total

LARGEST_PAGE = 200
CHEAP_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class ListPlan:
    """A request with everything it left out: the view, columns that exist for the reader, order, filter."""

    form: Form
    view: View | None
    columns: tuple[str, ...]
    sort: tuple[tuple[str, bool], ...]
    where: str | None


def plan_list(work: Work, form_id: str, request: ListRequest) -> ListPlan:
    """Raises R104 for a view, R101 for a field that is not there for this reader."""
    rights = work.form_rights(form_id)
    form = rights.form
    saved = _saved(work, rights, request.saved_view)
    view = _view(form, request.view or (saved.view if saved else None))
    wanted = request.fields or (saved.columns if saved else ())
    columns = require_fields(rights, wanted) if wanted else _columns(rights, view)
    sort = request.sort or (saved.sort if saved else ()) or (view.sort if view else ())
    if request.sort:
        require_fields(rights, tuple(name.split(".")[0] for name, _ in request.sort))
    else:
        sort = tuple(each for each in sort if each[0].split(".")[0] in rights.see)
    return ListPlan(form, view, columns, sort, request.where or (saved.where if saved else None))


def _saved(work: Work, rights: FormRights, view_id: int | None) -> StoredView | None:
    """The saved view; another's that names what the reader may not see is not there."""
    found = None if view_id is None else fetch_saved_view(work.uow, view_id, work.actor.person)
    return found if found is not None and may_use(work, rights, found) else None


def may_use(work: Work, rights: FormRights, saved: StoredView) -> bool:
    """Whether a saved view is one's own, or names nothing that the reader may not see."""
    if saved.person == work.actor.person:
        return True
    try:
        require_fields(rights, (*saved.columns, *(name.split(".")[0] for name, _ in saved.sort)))
        work.rights.roles.seen().filter(rights.form.id, saved.where or "true")
    except ProblemsFound:
        return False
    return True


def require_fields(rights: FormRights, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, when all are fields the reader may see; else R101 for each, misspelt or hidden alike."""
    unknown = [name for name in names if name not in rights.see]
    if unknown:
        raise ProblemsFound(Problem("R101", {"name": name}) for name in unknown)
    return names


def _view(form: Form, name: str | None) -> View | None:
    if name is None:
        return form.views.get("list") or next(iter(form.views.values()), None)
    if name not in form.views:
        raise ProblemsFound([Problem("R104", {"name": name})])
    return form.views[name]


def _columns(rights: FormRights, view: View | None) -> tuple[str, ...]:
    columns = (view.columns or view.card) if view is not None else ()
    return tuple(name for name in columns or rights.form.fields if name in rights.see)


def build_query(work: Work, plan: ListPlan, request: ListRequest) -> VisibleQuery:
    """The records of a list, without order and page."""
    query = work.query(plan.form.id).deleted(only=request.deleted)
    if plan.view is not None and plan.view.where is not None and not request.deleted:
        query = query.limited(plan.view.where)
    if plan.where:
        query = query.where(work.rights.roles.seen().filter(plan.form.id, plan.where))
    if request.search:
        query = query.containing(request.search)
    return query


def fetch_page(work: Work, form_id: str, request: ListRequest) -> RecordPage:
    """One page of a list."""
    if not 0 < request.limit <= LARGEST_PAGE:
        raise ProblemsFound([Problem("R106", {"most": LARGEST_PAGE})])
    plan = plan_list(work, form_id, request)
    return fetch_planned(work, plan, build_query(work, plan, request), request)


def fetch_planned(work: Work, plan: ListPlan, query: VisibleQuery, request: ListRequest) -> RecordPage:
    """One page of a query, in the columns and order of a plan."""
    rights = work.form_rights(plan.form.id)
    fields = tuple(dict.fromkeys((*plan.columns, *title_fields(plan.form))))
    fields = tuple(name for name in fields if name in rights.see)
    shown = (*fields, *computing_columns(work, plan.form))
    paged = with_verbs(work, query, rights).columns(shown).sorted(*plan.sort).page(request.limit, request.after)
    rows = fetch_rows(work.uow.connection, paged)
    views = build_views(work, plan.form, rows.records, fields)
    total, exact = _total(work, query, request, len(rows.records), last=rows.next is None)
    return RecordPage(plan.form, views, rows.next, total, exact, plan.columns, plan.view, plan.sort)


def _total(work: Work, query: VisibleQuery, request: ListRequest, found: int, *, last: bool) -> tuple[int | None, bool]:
    """How many there are; a first page that is also the last one has been counted already."""
    if request.total == "none":
        return None, False
    if last and request.after is None:
        return found, True
    most = None if request.total == "exact" else CHEAP_TOTAL
    return fetch_total(work.uow.connection, query, most)


def fetch_groups_of(
    work: Work, form_id: str, by: str, sums: tuple[str, ...], request: ListRequest
) -> list[dict[str, object]]:
    """Counts and sums of the records by the values of a field, in wire form."""
    rights = work.form_rights(form_id)
    require_fields(rights, (by.split(".")[0], *(name.split(".")[0] for name in sums)))
    plan = ListPlan(rights.form, None, (), (), request.where)
    groups = fetch_groups(work.uow.connection, build_query(work, plan, request), by, sums)
    by_field = rights.form.fields.get(by)
    pending = work.pending.get(form_id)
    waiting = pending is not None and any(key in sums for key, after, upto in pending.waiting if after < upto)
    return [
        {
            "value": to_wire(by_field, group.value) if by_field is not None else group.value,
            "count": group.count,
            "sums": {name: _sum_to_wire(rights.form.fields.get(name), group.sums[name]) for name in sums},
            **({"stale": True} if group.stale or waiting else {}),
        }
        for group in groups
    ]


def _sum_to_wire(definition: Field | None, value: object) -> object:
    return to_wire(definition, value) if definition is not None else str(value)
