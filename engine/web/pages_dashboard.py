"""Boards: the page with its filters, and its widgets one by one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.dashboards import PERIODS, Widget
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.services.dashboards.boards import fetch_widgets, list_boards, open_board
from engine.services.dashboards.views import BoardState, BoardView, Chosen
from engine.web.answers import language, say
from engine.web.board_links import board_address, read_page
from engine.web.board_numbers import currency_sign, speech
from engine.web.board_state import read_state
from engine.web.board_widgets import widget_values
from engine.web.routes import Route
from engine.web.visit import visit

_COLUMNS = 12
_USUAL_PERIODS = ("this_month", "this_quarter", "this_year", "all")
_BROWSER_WORDS = ("others", "total", "trend", "average", "off_map", "nothing_on_map")


def boards() -> ResponseReturnValue:
    """The boards that the reader may open."""
    current = visit()
    return render_template("boards/index.html", boards=list_boards(current.company, current.actor))


def dashboard(app: str, board: str) -> ResponseReturnValue:
    """The board: filters and frames; each widget then asks for itself. `part=bar`: only what changes with a choice."""
    current = visit()
    board_id = f"{app}.{board}"
    template = "boards/bar.html" if request.args.get("part") == "bar" else "boards/board.html"
    try:
        state = read_state(request.args)
        view = open_board(current.company, current.actor, board_id, state, language())
    except ProblemsFound as found:
        if any(each.code == "B205" for each in found.problems):
            raise NotVisible from None
        view = open_board(current.company, current.actor, board_id, BoardState(), language())
        return render_template(template, **board_values(view, BoardState()), problems=found.problems), 422
    return _fresh(render_template(template, **board_values(view, state), problems=()))


def _fresh(text: str) -> Response:
    """An answer that the browser asks for anew each time, also on the way back."""
    answer = make_response(text)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def board_values(view: BoardView, state: BoardState) -> dict[str, object]:
    """What the templates of a board show: the page, its bar, its print."""
    board = view.board
    app, _, name = board.id.partition(".")

    def without(index: int) -> str:
        """The words of one mark, as a chip that takes it out carries them."""
        pick = state.picks[index]
        return f"{pick.widget}~{pick.dimension}~{pick.value}"

    return {
        "view": view,
        "board": board,
        "state": state,
        "periods": PERIODS,
        "usual_periods": _USUAL_PERIODS,
        "board_path": url_for("dashboard", app=app, board=name),
        "widget_path": lambda widget: url_for("board_widget", app=app, board=name, widget=widget),
        "picker_path": _picker_path,
        "without": without,
        "spans": spans_of,
        "board_links": {
            "print": board_address("board_print", board.id, state),
            "file": board_address("board_file", board.id, state),
        },
        "chosen_by_reader": bool(state.picks or state.filters or state.drill),
        "speech": speech(),
        "sign": currency_sign(),
        "words": {each: say(f"boards.{each}") for each in _BROWSER_WORDS},
    }


def _picker_path(chosen: Chosen) -> str:
    """Where the choices of a filter are asked for; empty when the reader may not look them up."""
    if chosen.picker is None:
        return ""
    app, _, form = chosen.picker[0].partition(".")
    return url_for("choices", app=app, form=form, path=chosen.picker[1])


def spans_of(row: Sequence[Widget]) -> tuple[int, ...]:
    """How many of twelve columns each widget of a row takes: what a line leaves over is shared out in it."""
    lines: list[list[int]] = [[]]
    for widget in row:
        if sum(lines[-1]) + widget.span > _COLUMNS:
            lines.append([])
        lines[-1].append(widget.span)
    return tuple(span for line in lines for span in _wider(line))


def _wider(spans: list[int]) -> list[int]:
    total = sum(spans)
    wider = [each * _COLUMNS // total for each in spans]
    for at in range(_COLUMNS - sum(wider) if wider else 0):
        wider[at % len(wider)] += 1
    return wider


def board_widget(app: str, board: str, widget: str) -> ResponseReturnValue:
    """One widget with its numbers, as a part of the page; a failing one says so itself."""
    current = visit()
    limit, after = read_page(request.args)
    try:
        state = read_state(request.args)
        found = fetch_widgets(
            current.company,
            current.actor,
            f"{app}.{board}",
            [widget],
            state,
            language(),
            limit=limit,
            after=after,
        )[0]
    except ProblemsFound as refused:
        if any(_is_missing(each, widget) for each in refused.problems):
            raise NotVisible from None
        return render_template("boards/refused.html", problems=refused.problems)
    return _fresh(render_template("boards/widget.html", **widget_values(f"{app}.{board}", found, state)))


def _is_missing(problem: Problem, widget: str) -> bool:
    """Whether there is no such board or no such widget on it; a mark of an unknown widget is a fault of the choice."""
    return problem.code == "B205" or (problem.code == "B203" and problem.values.get("name") == widget)


ROUTES = (
    Route("/<company>/boards", "boards", boards),
    Route("/<company>/boards/<app>/<board>", "dashboard", dashboard),
    Route("/<company>/boards/<app>/<board>/widgets/<widget>", "board_widget", board_widget),
)
