"""Boards: which there are for a reader, how one is opened, its widgets one by one."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog.dashboards import BoardFilter, Dashboard, Widget
from engine.catalog.field_types.links import DEPARTMENT_FORM, PERSON_FORM
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.dashboards.choosing import choose, find_dimension, find_widget, period_of, value_of, words_of
from engine.services.dashboards.conditions import LINKS, ME
from engine.services.dashboards.filter_options import options_of, picker_of
from engine.services.dashboards.naming import NOTHING, name_values
from engine.services.dashboards.own_reading import fetch_home, find_own_board, list_own_boards
from engine.services.dashboards.remembering import Question, fetch_remembered
from engine.services.dashboards.views import BoardState, BoardView, Chip, Chosen, Option, WidgetData
from engine.services.dashboards.widgets import TABLE_ROWS, Asker
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany


def list_boards(company: OpenCompany, actor: Actor) -> tuple[Dashboard, ...]:
    """The boards that the actor may open, in the order of their definition, then those that the actor made."""
    with company.reading(actor) as work:
        defined = tuple(each for each in work.catalog.dashboards.values() if may_open_board(work, each))
        return (*defined, *list_own_boards(work))


def may_open_board(work: Work, board: Dashboard) -> bool:
    """Whether the actor has one of its roles, and sees a form that it shows."""
    if board.roles and not (work.actor.is_administrator or board.roles & work.actor.roles):
        return False
    return any(work.rights.see(widget.form) is not None for widget in board.widgets.values())


def find_board(work: Work, board_id: str) -> Dashboard:
    """The board; B205 for one that does not exist and for one that is not for the actor alike."""
    own = find_own_board(work, board_id)
    if own is not None:
        return own
    board = work.catalog.dashboards.get(board_id)
    if board is None or not may_open_board(work, board):
        raise ProblemsFound([Problem("B205", {"name": board_id})])
    return board


def find_home(company: OpenCompany, actor: Actor) -> str | None:
    """The board that is the actor's first page; None when there is none, or it cannot be opened any more."""
    with company.reading(actor) as work:
        board_id = fetch_home(work)
        try:
            return find_board(work, board_id).id if board_id is not None else None
        except ProblemsFound:
            return None


def open_board(company: OpenCompany, actor: Actor, board_id: str, state: BoardState, language: str) -> BoardView:
    """The board without numbers: layout, filters with what is chosen in them, chips of marks."""
    with company.reading(actor) as work:
        board = find_board(work, board_id)
        choose(work, board, state)
        filters = tuple(_chosen(work, each, words_of(each, state), language) for each in board.filters.values())
        layout = tuple(tuple(board.widgets[name] for name in row) for row in board.layout)
        return BoardView(board, layout, filters, tuple(_chips(work, board, state, language)))


def fetch_widgets(
    company: OpenCompany,
    actor: Actor,
    board_id: str,
    names: Iterable[str] | None,
    state: BoardState,
    language: str,
    *,
    limit: int = TABLE_ROWS,
    after: str | None = None,
) -> tuple[WidgetData, ...]:
    """Widgets of a board with their numbers, all of them when `names` is None; a failing one fails alone.

    limit, after  of tables: rows of a page and its cursor
    """

    def prepare(work: Work, board: Dashboard) -> Asker:
        return Asker(work, board, choose(work, board, state), state, language, limit, after)

    question = Question(board_id, None if names is None else tuple(names), state, language, limit, after)
    return fetch_remembered(company, actor, question, find_board, prepare)


def _chosen(work: Work, filter_: BoardFilter, words: tuple[str, ...], language: str) -> Chosen:
    if filter_.kind == "period":
        return Chosen(filter_, words or ("all",), (), period_of(work, filter_, words))
    options = options_of(work, filter_, language)
    texts = tuple(_texts(work, filter_, words, options, language))
    return Chosen(filter_, words, texts, options=options, picker=picker_of(work, filter_))


def _texts(
    work: Work, filter_: BoardFilter, words: tuple[str, ...], options: Iterable[Option], language: str
) -> Iterable[str]:
    """What the chosen values are called."""
    nothing = NOTHING.get(language, NOTHING["en"])
    if filter_.kind in LINKS:
        usual = {"person": PERSON_FORM, "department": DEPARTMENT_FORM}.get(filter_.kind)
        form_id = usual or (filter_.field.to[0] if filter_.field is not None and filter_.field.to else "")
        ids = {int(word) for word in words if word.isascii() and word.isdecimal()}
        titles = fetch_title_map(work, form_id, ids) if ids else {}
        for word in words:
            if word == "":
                yield nothing
            else:
                yield work.actor.name if word == ME else titles.get(int(word) if word.isdecimal() else 0, f"#{word}")
        return
    known = {each.word: each.text for each in options}
    yield from (known.get(word, word) or nothing for word in words)


def _chips(work: Work, board: Dashboard, state: BoardState, language: str) -> Iterable[Chip]:
    for pick in state.picks:
        widget: Widget = find_widget(board, pick.widget)
        dimension = find_dimension(widget, pick)
        value = value_of(dimension, pick)
        names = name_values(work, widget.form, dimension, [value], language)
        yield Chip(pick, dimension.label, names.key(value).text)
