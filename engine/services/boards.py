"""Boards: the records of a form in lanes by stage, each lane with its count, its sum and its first cards."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.catalog.forms import Form, View
from engine.catalog.names import ENTERED
from engine.catalog.scopes import compile_filter
from engine.catalog.stages import Stage, StageSet
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.conditions import negated
from engine.runtime.work import Work
from engine.services.lists import build_query, plan_list
from engine.services.reading import build_views, title_fields, with_verbs
from engine.services.site import OpenCompany
from engine.services.stage_states import staleness_of
from engine.services.views_of_pages import Board, Lane
from engine.services.views_of_records import ListRequest
from engine.storage.queries import Group, Record, VisibleQuery
from engine.storage.selects import fetch_groups, fetch_rows


def fetch_board(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    view_id: str,
    where: str | None = None,
    search: str | None = None,
    per_lane: int = 30,
    stage_set: str | None = None,
    lane: str | None = None,
    after: str | None = None,
) -> Board:
    """The board; with `lane` only that lane, from the cursor `after` on."""
    with company.reading(actor) as work:
        request = ListRequest(view=view_id, where=where, search=search)
        plan = plan_list(work, form_id, request)
        view = plan.view
        if view is None or view.type != "board":
            raise ProblemsFound([Problem("R104", {"name": view_id})])
        field = _stage_field(work, plan.form, view)
        sets = work.catalog.stage_sets[form_id, field]
        chosen = next((each for each in sets if each.id == stage_set), sets[0])
        query = _within(build_query(work, plan, request), sets, chosen)
        summed = view.sum if view.sum in work.form_rights(form_id).see else None
        groups = {
            group.value: group for group in fetch_groups(work.uow.connection, query, field, [summed] if summed else [])
        }
        query = query.sorted(*(plan.sort or (("updated_at", True),)))
        stages = [stage for stage in chosen.stages.values() if lane is None or stage.id == lane]
        lanes = tuple(
            _lane(work, query, view, field, stage, groups.get(stage.id), summed, per_lane, after) for stage in stages
        )
        return Board(plan.form, view, field, chosen, tuple(sets), summed, lanes)


def _stage_field(work: Work, form: Form, view: View) -> str:
    names = (view.group, *(name for name, each in form.fields.items() if each.type == "stage"))
    field = next((name for name in names if name and (form.id, name) in work.catalog.stage_sets), None)
    if field is None or field not in work.form_rights(form.id).see:
        raise ProblemsFound([Problem("R101", {"name": view.group or "stage"})])
    return field


def _within(query: VisibleQuery, sets: Iterable[StageSet], chosen: StageSet) -> VisibleQuery:
    """Only the records of the chosen set: its condition holds and that of no earlier set does."""
    for each in sets:
        if each.id == chosen.id:
            return query.limited(each.when) if each.when is not None else query
        if each.when is not None:
            query = query.limited(negated(each.when))
    return query


def _lane(
    work: Work,
    query: VisibleQuery,
    view: View,
    field: str,
    stage: Stage,
    group: Group | None,
    summed: str | None,
    per_lane: int,
    after: str | None,
) -> Lane:
    if group is None:
        return Lane(stage, 0, Decimal(0) if summed else None, (), None)
    form = work.catalog.forms[query.form_id]
    rights = work.form_rights(form.id)
    owner = (form.owner,) if form.owner else ()
    wanted = (*(view.card or view.columns), *owner, *title_fields(form), field)
    fields = tuple(dict.fromkeys(name for name in wanted if name in rights.see))
    in_stage = compile_filter(work.catalog, form.id, f"{field} = '{stage.id}'")
    told = stage.stale_since if stage.stale_since in rights.see - rights.see_rules.keys() else None
    asked = (f"{field}{ENTERED}", *((told,) if told else ())) if stage.stale_after is not None else ()
    columns = tuple(dict.fromkeys((*fields, *asked)))
    paged = with_verbs(work, query.limited(in_stage), rights).columns(columns).page(per_lane, after)
    rows = fetch_rows(work.uow.connection, paged)
    views = build_views(work, form, rows.records, fields)
    total = group.sums.get(summed) if summed else None
    return Lane(stage, group.count, total, views, rows.next, _idle(work, rows.records, field, stage, told))


def _idle(work: Work, rows: Iterable[Record], field: str, stage: Stage, told: str | None) -> dict[int, int]:
    """For how many days nothing has happened with the records that stand here too long."""
    found = {
        row.id: staleness_of(stage, row.values.get(told or ""), row.values.get(f"{field}{ENTERED}"), work.moment)
        for row in rows
    }
    return {record_id: each.days for record_id, each in found.items() if each is not None}
