"""Widgets with numbers that are still right are not computed again: exact, whoever saves what in whichever process.

What a widget says depends on its definition, on what the reader may see and has chosen, on the day, and on rows. The
first three are its key; of the rows the versions of all tables read for it are kept beside it, those that rules,
names and departments come from among them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from engine.catalog.dashboards import Dashboard, Widget
from engine.problems import Problem
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.answers import Answers, Kept
from engine.services.dashboards.choosing import find_widget
from engine.services.dashboards.views import BoardState, WidgetData
from engine.services.dashboards.widgets import Asker, fetch_widget
from engine.services.site import OpenCompany
from engine.storage.conflicts import took_too_long
from engine.storage.data_versions import NOT_COUNTED, Noted, fetch_versions, noting


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks of a board. `names` None: all of its widgets."""

    board_id: str
    names: tuple[str, ...] | None
    state: BoardState
    language: str
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is the same for all widgets while they are computed."""

    question: Question
    board: Dashboard
    answers: Answers
    versions: Mapping[str, int]
    noted: Noted


def fetch_remembered(
    company: OpenCompany,
    actor: Actor,
    question: Question,
    find: Callable[[Work, str], Dashboard],
    prepare: Callable[[Work, Dashboard], Asker],
) -> tuple[WidgetData, ...]:
    """The widgets asked for: those known still hold, the others are computed, a few at a time in the whole company."""
    with company.reading(actor) as work:
        board = find(work, question.board_id)
        widgets = _wanted(board, question.names)
        answers = _answers(company, work)
        found = _known(answers, work, [_key(work, question, board, each) for each in widgets])
        if all(each is not None for each in found):
            return tuple(each for each in found if each is not None)
    with answers.turns, company.reading(actor) as work:
        board = find(work, question.board_id)
        versions = fetch_versions(work.uow.connection)  # before any row is read
        with noting(work.uow.connection) as noted:
            asking = _Asking(question, board, _answers(company, work), versions, noted)
            return tuple(_ask_all(asking, prepare(work, board), _wanted(board, question.names)))


def _ask_all(asking: _Asking, asker: Asker, widgets: Iterable[Widget]) -> Iterator[WidgetData]:
    work = asker.work
    for widget in widgets:
        key = _key(work, asking.question, asking.board, widget)
        known = asking.answers.find(key, asking.versions, work.uow.now)
        if isinstance(known, WidgetData):
            yield known
            continue
        data, holds = _ask(asker, widget)
        # What one widget has read serves the next one too: each stands on all tables read up to here.
        tables = asking.noted.tables(_every_table(work))
        if holds and not tables & NOT_COUNTED:
            now = work.uow.now if asking.noted.is_timed or _is_timed(widget) else None
            read = {name: asking.versions.get(name, 0) for name in tables}
            asking.answers.keep(key, Kept(data, read, now, _weight(data)))
        yield data


def _weight(data: WidgetData) -> int:
    return 1 + len(data.marks) + (len(data.page.rows) if data.page is not None else 0)


def _ask(asker: Asker, widget: Widget) -> tuple[WidgetData, bool]:
    """The widget, and whether its answer may be kept; one that the database gave up on says so in its own place."""
    try:
        return fetch_widget(asker, widget), True
    except Exception as error:
        if not took_too_long(error):
            raise
        return WidgetData(widget, "error", problems=(Problem("B206"),)), False


def _wanted(board: Dashboard, names: tuple[str, ...] | None) -> Sequence[Widget]:
    return [find_widget(board, each) for each in (board.widgets if names is None else names)]


def _known(answers: Answers, work: Work, keys: Sequence[Hashable]) -> list[WidgetData | None]:
    versions = fetch_versions(work.uow.connection)
    found = (answers.find(key, versions, work.uow.now) for key in keys)
    return [each if isinstance(each, WidgetData) else None for each in found]


def _answers(company: OpenCompany, work: Work) -> Answers:
    """The memory of the definitions that `work` has; a new one when others have come into force meanwhile."""
    state = company.state
    same = state.catalog is work.catalog and dict(state.pending) == dict(work.pending)
    return state.answers if same else Answers()


def _key(work: Work, question: Question, board: Dashboard, widget: Widget) -> Hashable:
    chosen = tuple(_fixed(getattr(question.state, each.name)) for each in fields(BoardState))
    asked = (board.id, board.stamp, widget.name, question.language, question.limit, question.after)
    return (asked, chosen, work.actor, work.moment.today)


def _fixed(chosen: object) -> Hashable:
    """What was chosen, as a key that nobody changes afterwards."""
    if isinstance(chosen, Mapping):
        return tuple(sorted((name, _fixed(value)) for name, value in chosen.items()))
    return tuple(chosen) if isinstance(chosen, (list, tuple)) else str(chosen)


def _every_table(work: Work) -> Iterable[str]:
    tables = work.uow.database.tables
    return (*tables.metadata.tables, *tables.texts.values())


def _is_timed(widget: Widget) -> bool:
    """Whether a number itself reads the clock, after the database has answered."""
    series = (*widget.series, *((widget.target,) if widget.target is not None else ()))
    return any("now" in each.metric.value.volatile for each in series)
