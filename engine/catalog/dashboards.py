"""Metrics and dashboards, checked: one definition of a number, and the widgets that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from engine.catalog.forms import Field
from engine.expressions.nodes import Expression, Path
from engine.problems import Location
from engine.values import Label, empty

BUCKETS = ("day", "week", "month", "quarter", "year")
COMPARISONS = ("previous_period", "last_year")
PERIODS = (
    "today", "this_week", "last_week", "this_month", "last_month", "this_quarter", "last_quarter", "this_year",
    "last_year", "last_7_days", "last_30_days", "last_90_days", "last_12_months", "all",
)  # fmt: skip
RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number over the records of one form.

    id      app.metrics.name of a metric; empty for a number that a widget writes itself
    value   an expression over the row source `records`
    where   which records count besides
    format  number | percent | money | duration
    good    up | down | none: which way is better
    period  the date that a board's period is about, when the board names no other field
    """

    id: str
    form: str
    value: Expression
    label: Label
    at: Location
    where: Expression | None = None
    format: str = "number"
    decimals: int | None = None
    unit: Label = attribute(default_factory=empty)
    good: str = "up"
    period: Path | None = None
    help: Label = attribute(default_factory=empty)


@dataclass(frozen=True, slots=True)
class Dimension:
    """What records are grouped by: a field, one behind links, or any expression; dates by `bucket`.

    path   of a field, None of an expression
    field  the field at the end of the path: its options, its stages, where it leads to; None of an expression
    """

    text: str
    value: Expression
    label: Label
    path: Path | None = None
    field: Field | None = None
    bucket: str | None = None

    @property
    def kind(self) -> str:
        """The kind of its values' type."""
        return self.value.type.kind

    @property
    def name(self) -> str:
        """link.region, due_on:month"""
        return f"{self.text}:{self.bucket}" if self.bucket else self.text


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """A filter above all widgets. `fields`: the field by form; a form that is not there is shown as not filtered.

    kind   period | choice | stage | person | department | link | boolean | text | number
    field  one of the fields, for its options and where it leads to
    """

    name: str
    kind: str
    label: Label
    fields: Mapping[str, Path]
    default: tuple[str, ...] = ()
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One number of a widget: its metric, and what it is grouped by on the metric's form (rows, then columns)."""

    name: str
    metric: Metric
    dimensions: tuple[Dimension, ...] = ()
    axis: str = "left"
    shape: str | None = None
    where: Expression | None = None

    @property
    def additive(self) -> bool:
        """Whether the number of several groups together is the sum of theirs."""
        node = self.metric.value.node
        return node.op == "aggregate" and node.value in ("SUM", "COUNT")


@dataclass(frozen=True, slots=True)
class Widget:
    """One tile of a board.

    rows, columns  how many of the dimensions of each series lie down and across (`split` is one across)
    drill          dimensions to which a click on a mark descends, after the first one
    fields         the columns of a table of records
    icon           of a tile; empty for the usual one of its number
    """

    name: str
    type: str
    label: Label
    at: Location
    form: str
    series: tuple[Series, ...] = ()
    rows: tuple[Dimension, ...] = ()
    columns: tuple[Dimension, ...] = ()
    drill: tuple[Dimension, ...] = ()
    where: Expression | None = None
    compare: str | None = None
    target: Series | None = None
    sort: str | None = None
    limit: int | None = None
    trend: str | None = None
    average: int | None = None
    stacked: bool = False
    fields: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start: Path | None = None
    end: Path | None = None
    span: int = 6
    help: Label = attribute(default_factory=empty)
    icon: str = ""

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Those down, then those across."""
        return (*self.rows, *self.columns)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A board. `layout`: rows of widget names; `roles`: who opens it, empty for everybody who sees a form of it.

    home    the roles whose first page it is
    stamp   of a person's own board, which changes while the definitions stay: other for every state of it
    """

    id: str
    label: Label
    icon: str
    widgets: Mapping[str, Widget]
    filters: Mapping[str, BoardFilter]
    layout: tuple[tuple[str, ...], ...]
    roles: frozenset[str]
    at: Location
    help: Label = attribute(default_factory=empty)
    stamp: str = ""
    home: frozenset[str] = frozenset()

    @property
    def app(self) -> str:
        """The app it belongs to."""
        return self.id.partition(".")[0]
