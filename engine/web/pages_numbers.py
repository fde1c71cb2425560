"""What may be done with the numbers of a board: see where they come from, take them away as a file, print them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible, ProblemsFound
from engine.services.dashboards.boards import open_board
from engine.services.dashboards.explaining import explain_number
from engine.services.dashboards.exporting import Words, export_board
from engine.services.dashboards.views import BoardView
from engine.web.answers import is_fragment, label, language, say
from engine.web.board_links import board_address, list_address, read_keys
from engine.web.board_numbers import change, figure
from engine.web.board_state import read_state
from engine.web.moments import exact
from engine.web.number_json import chosen_in_words, filters_in_words
from engine.web.pages_dashboard import board_values
from engine.web.routes import Route
from engine.web.visit import visit

_NOT_THERE = frozenset({"B203", "B205"})
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def why(app: str, board: str, widget: str) -> ResponseReturnValue:
    """Where the numbers of a widget, or of one mark of it, come from: a panel, or a page of its own."""
    current = visit()
    board_id = f"{app}.{board}"
    try:
        state = read_state(request.args)
        keys = read_keys(request.args)
        found = explain_number(current.company, current.actor, board_id, widget, state, keys, language())
    except ProblemsFound as refused:
        raise _told(refused) from None
    return render_template(
        "boards/why_panel.html" if is_fragment() else "boards/why_page.html",
        found=found,
        filters=filters_in_words(found),
        figure=figure,
        change=change,
        back=board_address("dashboard", board_id, state),
        records=list_address(found.widget.form, found.where),
    )


def widget_file(app: str, board: str, widget: str) -> ResponseReturnValue:
    """A widget as a workbook."""
    return _file(f"{app}.{board}", [widget])


def board_file(app: str, board: str) -> ResponseReturnValue:
    """All widgets of a board as a workbook."""
    return _file(f"{app}.{board}", None)


def _file(board_id: str, names: list[str] | None) -> ResponseReturnValue:
    current, stream = visit(), BytesIO()
    try:
        state = read_state(request.args)
        view = open_board(current.company, current.actor, board_id, state, language())
        words = _words(view)
        export_board(current.company, current.actor, board_id, names, state, language(), words, stream)
    except ProblemsFound as refused:
        raise _told(refused) from None
    stream.seek(0)
    shown = view.board.widgets[names[0]].label if names else view.board.label
    name = say("numbers.file_name", label=label(shown), date=current.company.clock().date().isoformat())
    return send_file(stream, mimetype=_XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _words(view: BoardView) -> Words:
    current = visit()
    about = (
        (say("numbers.about"), label(view.board.label)),
        (say("numbers.about_filters"), " · ".join(chosen_filters(view)) or say("numbers.no_filters")),
        (say("numbers.about_time"), exact(current.company.clock())),
        (say("numbers.about_person"), current.actor.name),
    )
    return Words(
        total=say("numbers.sum"),
        others=say("numbers.others", count="{count}"),
        target=say("numbers.target"),
        before=say("numbers.compared"),
        count=say("numbers.count"),
        about_title=say("numbers.about"),
        about=about,
    )


def chosen_filters(view: BoardView) -> Iterable[str]:
    """What is chosen on a board, each filter and each mark in a few words."""
    for each in view.filters:
        if each.words not in ((), ("all",)):
            yield f"{label(each.filter.label)}: {chosen_in_words(each)}"
    for chip in view.chips:
        yield f"{label(chip.label)}: {chip.text}"


def print_board(app: str, board: str) -> ResponseReturnValue:
    """The board on paper: what is chosen, when and who sees it, then the widgets."""
    current = visit()
    board_id = f"{app}.{board}"
    try:
        state = read_state(request.args)
        view = open_board(current.company, current.actor, board_id, state, language())
    except ProblemsFound as refused:
        raise _told(refused) from None
    return render_template(
        "boards/print.html",
        **board_values(view, state),
        chosen=list(chosen_filters(view)),
        printed=say("numbers.printed", time=exact(current.company.clock()), name=current.actor.name),
        back=board_address("dashboard", board_id, state),
    )


def _told(refused: ProblemsFound) -> Exception:
    return NotVisible() if any(each.code in _NOT_THERE for each in refused.problems) else refused


_BOARD = "/<company>/boards/<app>/<board>"
ROUTES = (
    Route(f"{_BOARD}/widgets/<widget>/why", "board_why", why),
    Route(f"{_BOARD}/widgets/<widget>/file", "board_widget_file", widget_file),
    Route(f"{_BOARD}/file", "board_file", board_file),
    Route(f"{_BOARD}/print", "board_print", print_board),
)
