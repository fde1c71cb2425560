"""How the numbers of a widget came about: in words, of which records, by which parts, defined where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.catalog.build_metrics import aggregates_of
from engine.catalog.dashboards import Dimension, Metric, Series, Widget
from engine.problems import Location, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.metric_words import condition_words, metric_words
from engine.runtime.work import Work
from engine.services.dashboards.asking import Asked, ask_numbers
from engine.services.dashboards.boards import find_board, open_board
from engine.services.dashboards.choosing import Conditions, choose, dimensions_in_effect, find_widget, value_of
from engine.services.dashboards.conditions import condition_of
from engine.services.dashboards.naming import name_values
from engine.services.dashboards.periods import Period
from engine.services.dashboards.views import BoardState, BoardView, Chip, Chosen, Pick
from engine.services.dashboards.widgets import HIDDEN, compared_period, where_of
from engine.services.site import OpenCompany
from engine.values import Label, empty

_EVERYTHING = ((), ("all",), ("*",))


@dataclass(frozen=True, slots=True)
class KeyView:
    """Of which mark the numbers are: a dimension and its value in words."""

    label: Label
    text: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a number: one aggregate of its expression."""

    words: str
    metric: Metric
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class NumberView:
    """One number of the widget.

    available   False: something in it is not for this reader, who learns nothing else about it
    only        which records count for it besides, in words
    before      the number of the time it is compared with, and those days
    at          where it is defined, for administrators; `written` what stands there
    """

    metric: Metric
    words: str
    value: Decimal | None
    available: bool = True
    only: str = ""
    parts: tuple[PartView, ...] = ()
    before: Decimal | None = None
    compared: Period | None = None
    target: bool = False
    at: Location | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class NumberExplanation:
    """The numbers of a widget, or of one mark of it.

    keys         what the mark stands for; nothing: all records of the widget
    chosen, chips  the filters and the marks of other widgets that narrow it
    only         the widget's own condition in words
    count, where   how many records it is of, and their condition as a list takes it
    """

    board: str
    widget: Widget
    keys: tuple[KeyView, ...]
    chosen: tuple[Chosen, ...]
    chips: tuple[Chip, ...]
    only: str
    numbers: tuple[NumberView, ...]
    count: int
    where: str


def explain_number(
    company: OpenCompany,
    actor: Actor,
    board_id: str,
    widget_name: str,
    state: BoardState,
    keys: Sequence[str],
    language: str,
) -> NumberExplanation:
    """The explanation; `keys` are the words of one mark's values, in the order of the widget's dimensions.

    Raises ProblemsFound: B205 and B203 for what is not there, B201 for keys that the widget does not have.
    """
    view = open_board(company, actor, board_id, state, language)
    with company.reading(actor) as work:
        board = find_board(work, board_id)
        widget = find_widget(board, widget_name)
        conditions = choose(work, board, state)
        telling = _Telling(work, view, widget, state, language)
        if work.rights.see(widget.form) is None:
            return telling.nothing()
        return telling.explanation(conditions, tuple(keys))


@dataclass(frozen=True, slots=True)
class _Telling:
    """Explains one widget to one reader."""

    work: Work
    view: BoardView
    widget: Widget
    state: BoardState
    language: str

    def nothing(self) -> NumberExplanation:
        """Of a widget whose records are not for this reader."""
        return NumberExplanation(self.view.board.id, self.widget, (), (), (), "", (), 0, "")

    def explanation(self, conditions: Conditions, words: tuple[str, ...]) -> NumberExplanation:
        """The whole answer."""
        widget = self.widget
        dimensions = self._dimensions()
        if len(words) > len(dimensions):
            raise ProblemsFound([Problem("B201", {"name": widget.name, "value": words[-1], "words": ""})])
        shown = dimensions[: len(words)]
        values = [value_of(each, Pick(widget.name, each.name, word)) for each, word in zip(shown, words, strict=True)]
        narrowed = self._narrowed(conditions, shown, values)
        asked = Asked(self.work, widget, narrowed, ())
        series = (*widget.series, *((widget.target,) if widget.target is not None else ()))
        numbers = tuple(self._number(asked, each) for each in series)
        return NumberExplanation(
            self.view.board.id,
            widget,
            tuple(self._keys(shown, values)),
            tuple(self._chosen()),
            tuple(self._chips(conditions)),
            self._words(widget.form, widget.where) if widget.where is not None else "",
            numbers,
            self._count(asked),
            where_of(asked),
        )

    def _dimensions(self) -> tuple[Dimension, ...]:
        return dimensions_in_effect(self.widget, self.state.drill.get(self.widget.name, 0))

    def _narrowed(self, conditions: Conditions, shown: Sequence[Dimension], values: Sequence[object]) -> Conditions:
        """The conditions of the mark besides, on every form that the widget counts."""
        filters = {key: tuple(texts) for key, texts in conditions.filters.items()}
        by_form = {series.metric.form: series.dimensions for series in self.widget.series}
        for form_id, own in {**by_form, self.widget.form: shown}.items():
            texts = [condition_of(each, value) for each, value in zip(own, values, strict=False)]
            filters[form_id] = (*filters.get(form_id, ()), *texts)
        return replace(conditions, filters=filters)

    def _keys(self, shown: Sequence[Dimension], values: Sequence[object]) -> Iterator[KeyView]:
        for each, value in zip(shown, values, strict=True):
            names = name_values(self.work, self.widget.form, each, [value], self.language)
            yield KeyView(each.label, names.key(value).text)

    def _chosen(self) -> Iterator[Chosen]:
        for each in self.view.filters:
            if self.widget.form in each.filter.fields and each.words not in _EVERYTHING:
                yield each

    def _chips(self, conditions: Conditions) -> Iterator[Chip]:
        by = {name for name, _ in conditions.picked.get(self.widget.form, ())} - {self.widget.name}
        yield from (chip for chip in self.view.chips if chip.pick.widget in by)

    def _count(self, asked: Asked) -> int:
        """How many records meet the condition that is told: that of the numbers is part of it where they share one."""
        own = next((each for each in self.widget.series if each.metric.form == self.widget.form), None)
        if own is None:
            return 0
        wheres = {each.metric.where.text if each.metric.where else None for each in self.widget.series}
        metric = own.metric if len(wheres) == 1 else replace(own.metric, where=None)
        try:
            return ask_numbers(asked, [replace(own, metric=metric, where=None)], ()).counts.get((), 0)
        except ProblemsFound:
            return 0

    def _words(self, form_id: str, condition: object) -> str:
        form, node = self.work.catalog.forms[form_id], getattr(condition, "node", None)
        if node is None:
            return ""
        return condition_words(self.work.catalog, self.work.rights, form, node, self.language)

    def _number(self, asked: Asked, series: Series) -> NumberView:
        metric = series.metric
        nodes = list(aggregates_of(metric.value.node))
        alone = len(nodes) == 1 and nodes[0] is metric.value.node
        parts = [] if alone else [_part(series, each) for each in nodes]
        period = compared_period(asked)
        try:
            found = ask_numbers(asked, [series, *parts], ()).numbers.get((), ())
            before = ask_numbers(asked, [series], (), period).numbers.get((), ()) if period is not None else ()
        except ProblemsFound as refused:
            if not any(each.code in HIDDEN for each in refused.problems):
                raise
            return NumberView(metric, "", None, available=False)
        values = dict(enumerate(found))
        tells_all = self.work.actor.is_administrator and (metric.id != "" or not self.view.board.stamp)
        return NumberView(
            metric,
            self._metric_words(series),
            values.get(0),
            only=" · ".join(
                self._words(metric.form, each) for each in (metric.where, series.where) if each is not None
            ),
            parts=tuple(
                PartView(self._metric_words(each), each.metric, values.get(at)) for at, each in enumerate(parts, 1)
            ),
            before=before[0] if before else None,
            compared=period if before else None,
            target=series is self.widget.target,
            at=metric.at if tells_all else None,
            written=metric.value.text if tells_all else "",
        )

    def _metric_words(self, series: Series) -> str:
        form = self.work.catalog.forms[series.metric.form]
        return metric_words(self.work.catalog, self.work.rights, form, series.metric.value.node, self.language)


def _part(series: Series, node: object) -> Series:
    """The aggregate alone as a number: of ratios the parts are plain numbers."""
    metric = series.metric
    value = replace(metric.value, node=node)  # type: ignore[arg-type]
    counts = value.node.value in ("COUNT", "COUNTDISTINCT", "ANY", "ALL")
    shown = "number" if counts or metric.format in ("percent", "duration") else metric.format
    return replace(series, metric=replace(metric, value=value, format=shown, decimals=None, unit=empty()))
