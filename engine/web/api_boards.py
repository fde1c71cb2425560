"""Boards for programs: which there are, one with all its numbers, one widget, how a number came about."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.dashboards import Dashboard
from engine.problems import NotVisible, ProblemsFound
from engine.services.dashboards.boards import fetch_widgets, list_boards, open_board
from engine.services.dashboards.explaining import explain_number
from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, Chosen, WidgetData
from engine.web.answers import json_answer, label, language
from engine.web.board_links import read_keys, read_page
from engine.web.board_state import read_state
from engine.web.number_json import number_json
from engine.web.routes import Route
from engine.web.visit import visit

_NOT_THERE = frozenset({"B203", "B205"})


def show_boards() -> ResponseReturnValue:
    """The boards that the reader may open."""
    current = visit()
    return json_answer({"boards": [_listed(each) for each in list_boards(current.company, current.actor)]})


def _listed(board: Dashboard) -> dict[str, object]:
    app, _, name = board.id.partition(".")
    return {
        "id": board.id,
        "label": label(board.label),
        "help": label(board.help) if board.help else None,
        "icon": board.icon,
        "url": url_for("api_board", app=app, board=name),
    }


def show_board(app: str, board: str) -> ResponseReturnValue:
    """A board with its numbers: `?f.period=this_year&pick=…&drill=…`, `&widget=` asks for some of them only."""
    current = visit()
    board_id = f"{app}.{board}"
    try:
        state = read_state(request.args)
        view = open_board(current.company, current.actor, board_id, state, language())
        found = _fetch(board_id, request.args.getlist("widget") or None, state)
    except ProblemsFound as refused:
        raise _told(refused) from None
    return json_answer(
        {
            **_listed(view.board),
            "filters": [_filter(each) for each in view.filters],
            "chips": [
                {"pick": [chip.pick.widget, chip.pick.dimension, chip.pick.value], "text": chip.text}
                for chip in view.chips
            ],
            "layout": [[widget.name for widget in row] for row in view.widgets],
            "widgets": {each.widget.name: widget_to_wire(each, language()) for each in found},
        }
    )


def show_widget(app: str, board: str, widget: str) -> ResponseReturnValue:
    """One widget with its numbers; of a table a page: `?limit=50&after=…`."""
    try:
        found = _fetch(f"{app}.{board}", [widget], read_state(request.args))[0]
    except ProblemsFound as refused:
        raise _told(refused) from None
    return json_answer(widget_to_wire(found, language()))


def explain(app: str, board: str, widget: str) -> ResponseReturnValue:
    """How the numbers of a widget came about; `?key=…` once for each dimension: those of one mark."""
    current = visit()
    try:
        found = explain_number(
            current.company,
            current.actor,
            f"{app}.{board}",
            widget,
            read_state(request.args),
            read_keys(request.args),
            language(),
        )
    except ProblemsFound as refused:
        raise _told(refused) from None
    return json_answer(number_json(found))


def _fetch(board_id: str, names: list[str] | None, state: BoardState) -> tuple[WidgetData, ...]:
    current = visit()
    limit, after = read_page(request.args)
    return fetch_widgets(current.company, current.actor, board_id, names, state, language(), limit=limit, after=after)


def _filter(chosen: Chosen) -> dict[str, object]:
    found: dict[str, object] = {
        "name": chosen.filter.name,
        "label": label(chosen.filter.label),
        "kind": chosen.filter.kind,
        "values": list(chosen.words),
        "texts": list(chosen.texts),
    }
    if chosen.period is not None:
        first, last = chosen.period.first, chosen.period.last
        found |= {"from": first and first.isoformat(), "until": last and last.isoformat()}
    return found


def _told(refused: ProblemsFound) -> Exception:
    """A board or a widget that is not there is answered as everything that is not there."""
    return NotVisible() if any(each.code in _NOT_THERE for each in refused.problems) else refused


_BOARD = "/<company>/api/v1/boards/<app>/<board>"
ROUTES = (
    Route("/<company>/api/v1/boards", "api_boards", show_boards),
    Route(_BOARD, "api_board", show_board),
    Route(f"{_BOARD}/widgets/<widget>", "api_board_widget", show_widget),
    Route(f"{_BOARD}/widgets/<widget>/explain", "api_board_explain", explain),
)
