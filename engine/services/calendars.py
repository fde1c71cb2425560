"""Calendars: the records of some days, by the date field of the view."""

from __future__ import annotations

from datetime import date

from engine.catalog.scopes import compile_filter
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.services.lists import build_query, plan_list
from engine.services.reading import build_views, title_fields
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Month
from engine.services.views_of_records import ListRequest, RecordView
from engine.storage.queries import MOST_ROWS
from engine.storage.selects import fetch_rows


def fetch_days(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    view_id: str,
    first: date,
    last: date,
    where: str | None = None,
    search: str | None = None,
) -> Month:
    """The records that stand on the days from `first` to `last`, both included; at most 1,000."""
    with company.reading(actor) as work:
        request = ListRequest(view=view_id, where=where, search=search)
        plan = plan_list(work, form_id, request)
        view, rights = plan.view, work.form_rights(form_id)
        if view is None or view.type != "calendar" or view.date is None:
            raise ProblemsFound([Problem("R104", {"name": view_id})])
        if view.date not in rights.see:
            raise ProblemsFound([Problem("R101", {"name": view.date})])
        between = f"{view.date} >= {_day(first)} and {view.date} <= {_day(last)}"
        query = build_query(work, plan, request).where(compile_filter(work.catalog, form_id, between))
        wanted = dict.fromkeys((view.date, *(view.card or view.columns), *title_fields(plan.form)))
        fields = tuple(name for name in wanted if name in rights.see)
        order = ((view.date, False), *(each for each in plan.sort if each[0] != view.date))
        rows = fetch_rows(work.uow.connection, query.columns(fields).sorted(*order).page(MOST_ROWS))
        days: dict[date, tuple[RecordView, ...]] = {}
        for record in build_views(work, plan.form, rows.records, fields):
            day = record.values.get(view.date)
            if isinstance(day, date):
                days[day] = (*days.get(day, ()), record)
        return Month(plan.form, view, view.date, days, len(rows.records), rows.next is not None)


def _day(day: date) -> str:
    return f"DATE({day.year}, {day.month}, {day.day})"
