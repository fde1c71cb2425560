"""Addresses of what a widget offers: its explanation, its records, its file; and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from engine.services.dashboards.views import BoardState, Mark, WidgetData
from engine.services.dashboards.widgets import TABLE_ROWS
from engine.web.board_state import write_state

MOST_ROWS = 100
_MOST_KEYS = 10


def read_page(args: MultiDict[str, str]) -> tuple[int, str | None]:
    """How many rows of a table are asked for, and after which."""
    limit = args.get("limit", TABLE_ROWS, type=int)
    return max(1, min(limit, MOST_ROWS)), args.get("after")


def read_keys(args: MultiDict[str, str]) -> tuple[str, ...]:
    """The values of a mark's dimensions."""
    return tuple(args.getlist("key")[:_MOST_KEYS])


def board_address(endpoint: str, board_id: str, state: BoardState, widget: str | None = None) -> str:
    """The address of a page about a board, or about a widget of it, with all that is chosen on it."""
    app, _, name = board_id.partition(".")
    query = urlencode(write_state(state))
    address = url_for(endpoint, app=app, board=name, widget=widget)
    return f"{address}?{query}" if query else address


def why_address(board_id: str, widget: str, state: BoardState, keys: Sequence[str] = ()) -> str:
    """The explanation of a widget's numbers, or of those of one mark."""
    app, _, name = board_id.partition(".")
    query = urlencode([*write_state(state), *(("key", each) for each in keys)])
    address = url_for("board_why", app=app, board=name, widget=widget)
    return f"{address}?{query}" if query else address


def list_address(form_id: str, where: str) -> str:
    """The records of a form that meet a condition, in its list."""
    app, _, form = form_id.partition(".")
    return url_for("list", app=app, form=form, where=where or None)


def widget_links(board_id: str, data: WidgetData, state: BoardState) -> dict[str, object]:
    """What the template of a widget links to; `why(mark)` explains a mark, `why()` the whole."""

    def why(mark: Mark | None = None) -> str:
        keys = [key.word for key in mark.keys] if mark is not None and not mark.others else []
        return why_address(board_id, data.widget.name, state, keys)

    made: Callable[[Mark | None], str] = why
    return {
        "why": made,
        "file_address": board_address("board_widget_file", board_id, state, widget=data.widget.name),
        "list_address": list_address(data.widget.form, data.where),
    }
