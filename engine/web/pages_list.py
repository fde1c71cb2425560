"""The list of a form's records: what is asked of the address, what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Field, Form, View
from engine.problems import ProblemsFound
from engine.services import actions, records
from engine.services.views_of_records import ListRequest, RecordPage, RecordView
from engine.web import pages_board, pages_calendar, pages_tree
from engine.web.answers import language
from engine.web.cells import cells_of, columns_of
from engine.web.facts import why_address
from engine.web.filters import build_filters
from engine.web.list_head import chosen_view, head_values, here_with
from engine.web.list_request import read_list_request, write_sort
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit

_PAGE = 50
MOST_EXPLAINED = 6


def show_list(app: str, form: str) -> ResponseReturnValue:
    """A page of records, or the board, tree or calendar that the view is."""
    definition = fetch_form(app, form)
    asked = read_list_request(request.args, limit=_PAGE, total="cheap")
    view = chosen_view(definition, asked)
    if view.type == "board":
        return pages_board.show_board(definition, view, asked)
    if view.type == "tree":
        return pages_tree.show_tree(definition, view, asked)
    if view.type == "calendar":
        return pages_calendar.show_calendar(definition, view, asked)
    return _show_rows(definition, view, replace(asked, view=view.id))


def _show_rows(form: Form, view: View, asked: ListRequest) -> ResponseReturnValue:
    current = visit()
    sight = records.form_sight(current.company, current.actor, form.id)
    page, refused = _fetch(form, asked)
    filters = build_filters(form, view, sight, asked)
    columns = columns_of(form, page.columns) if page else ()
    values = {
        **head_values(form, view, sight, asked),
        "filters": filters,
        "columns": columns,
        "rows": [(row, cells_of(row, columns)) for row in page.rows] if page else [],
        "page": page,
        "sort": dict(page.sort) if page else {},
        "sort_links": _sort_links(page) if page else {},
        "next_url": here_with(after=page.next) if page and page.next else None,
        "first_url": here_with(after=None) if request.args.get("after") else None,
        "refused": refused,
    }
    return render_template("list.html", **values), 422 if refused else 200


def _fetch(form: Form, asked: ListRequest) -> tuple[RecordPage | None, tuple[str, ...]]:
    """The page, or why the filter cannot be used."""
    current = visit()
    try:
        return records.list_records(current.company, current.actor, form.id, asked), ()
    except ProblemsFound as error:
        speech = language()
        return None, tuple(f"{problem.message(speech)} {problem.advice(speech)}".strip() for problem in error.problems)


def _sort_links(page: RecordPage) -> Mapping[str, str]:
    """Where a click on each column's head leads: ascending, then descending, then the view's own order."""
    given = bool(request.args.get("sort"))
    now = dict(page.sort)
    links = {}
    for name in page.columns:
        if name not in now:
            links[name] = here_with(sort=name)
        elif not now[name]:
            links[name] = here_with(sort=write_sort(((name, True),)))
        else:
            links[name] = here_with(sort=None) if given else here_with(sort=name)
    return links


def show_row_menu(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """The menu of one row: open, edit, what the definition offers, delete."""
    current, definition = visit(), fetch_form(app, form)
    view = records.fetch_record(current.company, current.actor, definition.id, record_id)
    return render_template(
        "list_menu.html", form=definition, view=view, offers=offers_of(view), computed=computed_of(view)
    )


def computed_of(view: RecordView) -> tuple[tuple[Field, str], ...]:
    """The computed values of the list's columns and the record's figures, with where they explain themselves."""
    first = view.form.views.get("list")
    names = dict.fromkeys((*(first.columns if first is not None else ()), *view.form.page.figures))
    shown = (view.form.fields[name] for name in names if name in view.values and name in view.form.fields)
    found = ((field, why_address(view, field)) for field in shown)
    return tuple((field, address) for field, address in found if address)[:MOST_EXPLAINED]


def offers_of(view: RecordView) -> tuple[object, ...]:
    """The actions the reader may use on this record now."""
    current = visit()
    return tuple(offer for offer in actions.list_actions(current.company, current.actor, view) if offer.enabled)


ROUTES = (
    Route("/<company>/<app>/<form>", "list", show_list),
    Route("/<company>/<app>/<form>/<int:record_id>/menu", "row_menu", show_row_menu),
)
