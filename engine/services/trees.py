"""Trees: the records of a form below each other along its tree link, opened branch by branch.

A record whose parent the reader may not see stands at the top. What is searched or filtered is shown with everything
above it that the reader sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.catalog.forms import Form, View
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.links import DEEPEST_TREE
from engine.runtime.work import Work
from engine.services.lists import ListPlan, build_query, plan_list
from engine.services.reading import build_views, fetch_title_map, title_fields, with_verbs
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Branch, Place, Tree
from engine.services.views_of_records import ListRequest, RecordView
from engine.storage.lookups import fetch_above
from engine.storage.queries import Record, VisibleQuery
from engine.storage.selects import fetch_groups, fetch_rows, fetch_total

AT_ONCE = 100
MOST_FOUND = 300
MOST_IN_PLACE = 20


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a tree is built with: the plan of its view, the tree's link, the fields shown."""

    work: Work
    plan: ListPlan
    link: str
    fields: tuple[str, ...]

    @property
    def form(self) -> Form:
        return self.plan.form

    def query(self) -> VisibleQuery:
        """Every record the reader sees, in the tree's order."""
        rights = self.work.form_rights(self.form.id)
        query = with_verbs(self.work, self.work.query(self.form.id), rights).columns(self.fields)
        return query.sorted(*self.plan.sort)


def fetch_tree(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    view_id: str,
    where: str | None = None,
    search: str | None = None,
    after: str | None = None,
) -> Tree:
    """The top of the tree; with a filter or a search everything found with what stands above it, already opened."""
    with company.reading(actor) as work:
        request = ListRequest(view=view_id, where=where, search=search)
        asked = _asked(work, form_id, request)
        narrow = build_query(work, asked.plan, request)
        count, exact = fetch_total(work.uow.connection, narrow)
        if narrow.conditions or narrow.words is not None:
            branches, more = _found(asked, narrow), None
        else:
            branches, more = _level(asked, asked.query().at_the_top(asked.link), after)
        return Tree(asked.form, asked.plan.view, asked.link, asked.plan.columns, branches, more, count, exact)


def fetch_branch(
    company: OpenCompany, actor: Actor, form_id: str, view_id: str, record_id: int, after: str | None = None
) -> Tree:
    """The records directly below one; `count` is how many are at hand."""
    with company.reading(actor) as work:
        asked = _asked(work, form_id, ListRequest(view=view_id))
        branches, more = _level(asked, asked.query().under(asked.link, (record_id,)), after)
        return Tree(asked.form, asked.plan.view, asked.link, asked.plan.columns, branches, more, len(branches))


def fetch_place(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> Place | None:
    """Where a record that the reader sees stands in its form's tree; None when the form has none they see."""
    with company.reading(actor) as work:
        rights = work.form_rights(form_id)
        tree = rights.form.tree
        if tree is None or tree.id not in rights.see:
            return None
        above = fetch_above(work.uow, form_id, tree.id, record_id, DEEPEST_TREE + 1)[1:]
        below = work.query(form_id).under(tree.id, (record_id,))
        fields = tuple(name for name in title_fields(rights.form) if name in rights.see)
        page = below.columns(fields).sorted(*_title_order(fields)).page(MOST_IN_PLACE)
        rows = fetch_rows(work.uow.connection, page)
        views = build_views(work, rights.form, rows.records, fields)
        count, exact = (len(views), True) if rows.next is None else fetch_total(work.uow.connection, below)
        titles = fetch_title_map(work, form_id, above) if above else {}
        return Place(tuple(_seen_above(above, titles)), views, count, exact)


def _title_order(fields: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    return tuple((name, False) for name in fields)[:1] or (("id", False),)


def _seen_above(above: Iterable[int], titles: Mapping[int, str]) -> list[tuple[int, str]]:
    """From the top down; what stands above a record that the reader may not see is out of sight as well."""
    path: list[tuple[int, str]] = []
    for each in above:
        if each not in titles:
            break
        path.insert(0, (each, titles[each]))
    return path


def _asked(work: Work, form_id: str, request: ListRequest) -> _Asked:
    plan = plan_list(work, form_id, request)
    tree = plan.form.tree
    if plan.view is None or plan.view.type != "tree" or tree is None:
        raise ProblemsFound([Problem("R104", {"name": request.view or ""})])
    rights = work.form_rights(form_id)
    if tree.id not in rights.see:
        raise ProblemsFound([Problem("R101", {"name": tree.id})])
    wanted = dict.fromkeys((*plan.columns, *title_fields(plan.form), tree.id))
    return _Asked(work, plan, tree.id, tuple(name for name in wanted if name in rights.see))


def _level(asked: _Asked, query: VisibleQuery, after: str | None) -> tuple[tuple[Branch, ...], str | None]:
    rows = fetch_rows(asked.work.uow.connection, query.page(AT_ONCE, after))
    views = build_views(asked.work, asked.form, rows.records, asked.fields)
    counts = _count_below(asked, [view.id or 0 for view in views])
    return tuple(Branch(view, counts.get(view.id or 0, 0)) for view in views), rows.next


def _count_below(asked: _Asked, ids: list[int]) -> dict[int, int]:
    """How many records the reader sees directly below each."""
    if not ids:
        return {}
    query = asked.work.query(asked.form.id).under(asked.link, ids)
    return {group.value: group.count for group in fetch_groups(asked.work.uow.connection, query, asked.link)}


def _found(asked: _Asked, narrow: VisibleQuery) -> tuple[Branch, ...]:
    """The first records found, and what is above them."""
    rights = asked.work.form_rights(asked.form.id)
    query = with_verbs(asked.work, narrow, rights).columns(asked.fields).sorted(*asked.plan.sort).page(MOST_FOUND)
    records = list(fetch_rows(asked.work.uow.connection, query).records)
    matching = frozenset(record.id for record in records)
    records += _fetch_above(asked, records)
    views = {view.id or 0: view for view in build_views(asked.work, asked.form, records, asked.fields)}
    below: dict[int | None, list[RecordView]] = {}
    for record in records:
        above = _above(asked, record)
        below.setdefault(above if above in views else None, []).append(views[record.id])
    counts = _count_below(asked, list(views))
    return _branches(below, None, counts, matching)


def _fetch_above(asked: _Asked, records: list[Record]) -> list[Record]:
    known = {record.id for record in records}
    found: list[Record] = []
    level = records
    for _ in range(DEEPEST_TREE):
        wanted = {above for record in level if (above := _above(asked, record)) is not None} - known
        if not wanted:
            break
        level = list(fetch_rows(asked.work.uow.connection, asked.query().with_ids(wanted).page(len(wanted))).records)
        known |= wanted
        found += level
    return found


def _above(asked: _Asked, record: Record) -> int | None:
    value = record.values.get(asked.link)
    return value if isinstance(value, int) and asked.link not in record.unseen else None


def _branches(
    below: Mapping[int | None, list[RecordView]],
    record_id: int | None,
    counts: Mapping[int, int],
    matching: frozenset[int],
) -> tuple[Branch, ...]:
    return tuple(
        Branch(
            view,
            counts.get(view.id or 0, 0),
            _branches(below, view.id, counts, matching),
            view.id in matching,
        )
        for view in below.get(record_id, ())
    )


def tree_view(form: Form) -> View | None:
    """The form's first view that is a tree."""
    return next((view for view in form.views.values() if view.type == "tree"), None)
