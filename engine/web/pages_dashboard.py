"""Boards: the page with its filters, and its widgets one by one."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.dashboards import PERIODS
from engine.problems import NotVisible, ProblemsFound
from engine.services.dashboards.boards import fetch_widgets, list_boards, open_board
from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, BoardView, WidgetData
from engine.services.dashboards.widgets import TABLE_ROWS
from engine.web.answers import label, language, say
from engine.web.board_numbers import change, currency_sign, figure, speech
from engine.web.board_state import read_state, write_state
from engine.web.cells import cells_of, columns_of
from engine.web.routes import Route
from engine.web.visit import visit

MOST_ROWS = 100


def boards() -> ResponseReturnValue:
    """The boards that the reader may open."""
    current = visit()
    return render_template("boards/index.html", boards=list_boards(current.company, current.actor))


def dashboard(app: str, board: str) -> ResponseReturnValue:
    """The board: filters and frames; each widget then asks for itself."""
    current = visit()
    board_id = f"{app}.{board}"
    try:
        state = read_state(request.args)
        view = open_board(current.company, current.actor, board_id, state, language())
    except ProblemsFound as found:
        if any(each.code == "B205" for each in found.problems):
            raise NotVisible from None
        view = open_board(current.company, current.actor, board_id, BoardState(), language())
        return render_template("boards/board.html", **_values(view, BoardState()), problems=found.problems), 422
    return render_template("boards/board.html", **_values(view, state), problems=())


def _values(view: BoardView, state: BoardState) -> dict[str, object]:
    board = view.board
    app, _, name = board.id.partition(".")

    def widget_address(widget: str) -> str:
        query = urlencode(write_state(state))
        address = url_for("board_widget", app=app, board=name, widget=widget)
        return f"{address}?{query}" if query else address

    def without(index: int) -> str:
        left = tuple(each for at, each in enumerate(state.picks) if at != index)
        return f"?{urlencode(write_state(BoardState(state.filters, left, state.drill)))}"

    def with_filter(filter_name: str, *words: str) -> str:
        filters = {**state.filters, filter_name: words}
        return f"?{urlencode(write_state(BoardState(filters, state.picks, state.drill)))}"

    return {
        "view": view,
        "board": board,
        "state": state,
        "periods": PERIODS,
        "widget_address": widget_address,
        "without": without,
        "with_filter": with_filter,
        "speech": speech(),
        "sign": currency_sign(),
    }


def board_widget(app: str, board: str, widget: str) -> ResponseReturnValue:
    """One widget with its numbers, as a part of the page; a failing one says so itself."""
    current = visit()
    try:
        found = fetch_widgets(
            current.company,
            current.actor,
            f"{app}.{board}",
            [widget],
            read_state(request.args),
            language(),
            limit=min(request.args.get("limit", TABLE_ROWS, type=int), MOST_ROWS),
            after=request.args.get("after"),
        )[0]
    except ProblemsFound as refused:
        if any(each.code in ("B203", "B205") for each in refused.problems):
            raise NotVisible from None
        return render_template("boards/refused.html", problems=refused.problems)
    answer = make_response(render_template("boards/widget.html", **widget_values(found)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def widget_values(data: WidgetData) -> dict[str, object]:
    """What the template of a widget shows."""
    totals = [figure(series.metric, value) for series, value in zip(data.series, data.totals, strict=False)]
    changes = [
        change(series.metric, now, before)
        for series, now, before in zip(data.series, data.totals, data.before, strict=False)
    ]
    rows = []
    if data.page is not None:
        columns = columns_of(data.page.form, list(data.page.columns))
        rows = [(row, cells_of(row, columns)) for row in data.page.rows]
    return {
        "data": data,
        "widget": data.widget,
        "totals": totals,
        "changes": changes,
        "figure": figure,
        "chart": json.dumps(widget_to_wire(data, language()), ensure_ascii=False),
        "table_rows": rows,
        "table_columns": columns_of(data.page.form, list(data.page.columns)) if data.page is not None else (),
        "records_url": _records_url(data),
        "unfiltered": [label(each) for each in data.unfiltered],
        "compared": say(f"boards.than_{data.widget.compare}") if data.widget.compare else "",
    }


def _records_url(data: WidgetData) -> str:
    app, _, form = data.widget.form.partition(".")
    return url_for("list", app=app, form=form, where=data.where or None)


ROUTES = (
    Route("/<company>/boards", "boards", boards),
    Route("/<company>/boards/<app>/<board>", "dashboard", dashboard),
    Route("/<company>/boards/<app>/<board>/widgets/<widget>", "board_widget", board_widget),
)
