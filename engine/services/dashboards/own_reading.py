"""The boards that a reader made, as they are opened: kept per person, built on the definitions of now."""

from __future__ import annotations

from engine.catalog.dashboards import Dashboard
from engine.catalog.own_boards import PREFIX, Written, build_own_board, own_id, stamp_of
from engine.problems import ProblemsFound
from engine.runtime.work import Work
from engine.storage.saved_views import fetch_preference, fetch_preferences

KEY = "board:"
HOME = "home"


def number_of(board_id: str) -> int | None:
    """The number of somebody's own board, None for a defined one."""
    number = board_id.removeprefix(PREFIX)
    own = board_id.startswith(PREFIX) and number.isascii() and number.isdecimal() and len(number) < 10
    return int(number) if own else None


def fetch_written(work: Work, number: int) -> Written | None:
    """One of the reader's own boards as it is kept."""
    found = fetch_preference(work.uow, work.actor.person, f"{KEY}{number}")
    return found if isinstance(found, dict) else None


def find_own_board(work: Work, board_id: str) -> Dashboard | None:
    """One of the reader's own boards; None for a number that is not the reader's."""
    number = number_of(board_id)
    written = fetch_written(work, number) if number is not None else None
    return _built(work, number or 0, written) if written is not None else None


def list_own_boards(work: Work) -> tuple[Dashboard, ...]:
    """The reader's own boards, the eldest first."""
    kept = fetch_preferences(work.uow, work.actor.person, KEY)
    numbers = sorted(int(key.removeprefix(KEY)) for key in kept)
    found = ((number, kept[f"{KEY}{number}"]) for number in numbers)
    boards = (_built(work, number, written) for number, written in found if isinstance(written, dict))
    return tuple(each for each in boards if each is not None)


def fetch_home(work: Work) -> str | None:
    """The board that is the reader's first page: the one chosen, else the first one that is it for a role; or none."""
    chosen = fetch_preference(work.uow, work.actor.person, HOME)
    if isinstance(chosen, str):
        return chosen or None
    roles = work.actor.roles
    return next((each.id for each in work.catalog.dashboards.values() if each.home & roles), None)


def _built(work: Work, number: int, written: Written) -> Dashboard | None:
    """The board; None when even what is left of it cannot be built."""
    key = ("own board", work.catalog.digest, own_id(number), stamp_of(written))
    try:
        board: Dashboard = work.uow.database.statements.get(key, lambda: build_own_board(work.catalog, number, written))
    except ProblemsFound:
        return None
    return board
