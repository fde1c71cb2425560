"""What a board is to whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.catalog.dashboards import BoardFilter, Dashboard, Dimension, Series, Widget
from engine.problems import Problem
from engine.services.dashboards.periods import Period
from engine.services.views_of_records import RecordPage
from engine.values import empty


@dataclass(frozen=True, slots=True)
class Pick:
    """A mark that was clicked: which value of which dimension of which widget. "" is the empty value."""

    widget: str
    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class BoardState:
    """What a reader has chosen: values by filter (None: the board's own defaults), and marks."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=empty)
    picks: tuple[Pick, ...] = ()
    drill: Mapping[str, int] = field(default_factory=empty)  # how many steps a widget is opened into


@dataclass(frozen=True, slots=True)
class MarkKey:
    """The value of a dimension of one mark: what it is called, its colour if it has one, which records have it.

    word   the value as the address of the page carries it
    """

    word: str
    text: str
    where: str
    value: object = None
    color: str | None = None
    rank: int | None = None
    outcome: str | None = None  # of a stage: open | won | lost | …


@dataclass(frozen=True, slots=True)
class Mark:
    """One group of a widget. values, before: a number per series, None where there is none."""

    keys: tuple[MarkKey, ...]
    values: tuple[Decimal | None, ...]
    before: tuple[Decimal | None, ...] = ()
    rank_before: int | None = None
    others: int = 0  # how many groups this one sums up


@dataclass(frozen=True, slots=True)
class Option:
    """What may be chosen in a filter of few values."""

    word: str
    text: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Subtotal:
    """Numbers of a pivot over several of its marks: of the first `down` keys, for all columns unless `across`."""

    down: int
    across: bool
    words: tuple[str, ...]
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter with what is chosen in it, for the bar above the widgets."""

    filter: BoardFilter
    words: tuple[str, ...]
    texts: tuple[str, ...]
    period: Period | None = None
    options: tuple[Option, ...] = ()
    picker: tuple[str, str] | None = None  # form and link field whose choices may be asked for


@dataclass(frozen=True, slots=True)
class Chip:
    """A mark that filters the board, in words."""

    pick: Pick
    label: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class WidgetData:
    """A widget with its numbers.

    state       ok | empty | hidden (something in it is not for this reader) | error
    rows, columns  the dimensions in effect, after descending
    totals      a number per series over all marks; `before` the same for the time compared with
    where       the condition that all its records meet, as the list of its form takes it
    unfiltered  labels of filters that do not concern its form
    """

    widget: Widget
    state: str
    series: tuple[Series, ...] = ()
    rows: tuple[Dimension, ...] = ()
    columns: tuple[Dimension, ...] = ()
    marks: tuple[Mark, ...] = ()
    totals: tuple[Decimal | None, ...] = ()
    before: tuple[Decimal | None, ...] = ()
    target: Decimal | None = None
    where: str = ""
    count: int = 0
    page: RecordPage | None = None
    unfiltered: tuple[Mapping[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    subtotals: tuple[Subtotal, ...] = ()
    step: int = 0  # how many levels the reader descended


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board as a reader opens it: without numbers."""

    board: Dashboard
    widgets: tuple[tuple[Widget, ...], ...]  # by row of the layout
    filters: tuple[Chosen, ...]
    chips: tuple[Chip, ...] = ()
