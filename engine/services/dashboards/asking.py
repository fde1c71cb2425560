"""The numbers of a widget: one grouped query per form, with everything the reader chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.catalog.dashboards import Dimension, Series, Widget
from engine.problems import Problem, ProblemsFound
from engine.runtime.conditions import all_met
from engine.runtime.work import Work
from engine.services.dashboards.choosing import Conditions
from engine.services.dashboards.periods import Period
from engine.storage.measures import Cell, Key, Measure, fetch_cells
from engine.storage.queries import VisibleQuery

MOST_GROUPS = 10_000
Keys = tuple[object, ...]
Numbers = tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A widget with what narrows it. `dimensions`: in effect after descending, on the widget's own form."""

    work: Work
    widget: Widget
    conditions: Conditions
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Numbers per series by keys, and how many records of the widget's form each group has."""

    numbers: Mapping[Keys, Numbers]
    counts: Mapping[Keys, int]


def query_for(asked: Asked, form_id: str, period: Period | None = None) -> VisibleQuery:
    """The records of a form that take part in a widget: what the reader chose, and the widget's own condition."""
    work = asked.work
    query = work.query(form_id)
    seen = work.rights.roles.seen()
    for text in asked.conditions.of(form_id, asked.widget.name, period):
        query = query.where(seen.filter(form_id, text))
    if asked.widget.where is not None and form_id == asked.widget.form:
        query = query.where(asked.widget.where)
    return query


def ask_numbers(
    asked: Asked,
    series: Sequence[Series],
    dimensions: Sequence[Dimension],
    period: Period | None = None,
    places: Sequence[int] | None = None,
) -> Answer:
    """The numbers of all series, grouped by `dimensions`. Raises ProblemsFound: R101 hidden, B204 too many groups.

    places  which of the widget's dimensions these are, when they are not the first ones
    """
    numbers: dict[Keys, list[Decimal | None]] = {}
    counts: dict[Keys, int] = {}
    empty = [Decimal(0) if each.additive else None for each in series]  # of a group that only other forms have
    for form_id, columns in _by_form(series).items():
        own = _placed(series[columns[0]], form_id, asked, dimensions, places)
        for cell in _cells(asked, form_id, [series[at] for at in columns], own, period):
            row = numbers.setdefault(cell.keys, list(empty))
            for at, value in zip(columns, cell.values, strict=True):
                row[at] = value if isinstance(value, Decimal) or value is None else Decimal(str(value))
            if form_id == asked.widget.form:
                counts[cell.keys] = cell.count
    return Answer({keys: tuple(row) for keys, row in numbers.items()}, counts)


def _by_form(series: Sequence[Series]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, each in enumerate(series):
        found.setdefault(each.metric.form, []).append(at)
    return found


def _cells(
    asked: Asked, form_id: str, series: Sequence[Series], dimensions: Sequence[Dimension], period: Period | None
) -> Iterator[Cell]:
    work = asked.work
    query = query_for(asked, form_id, period)
    measures = [Measure(each.metric.value, all_met((each.metric.where, each.where))) for each in series]
    shared = measures[0].where
    if shared is not None and all(each.where == shared for each in measures):  # then only such rows are read
        query = query.where(shared)
        measures = [replace(each, where=None) for each in measures]
    keys = [Key(each.value, each.bucket) for each in dimensions]
    cells = fetch_cells(
        work.uow.connection,
        query,
        keys,
        measures,
        at_most=MOST_GROUPS,
        week_starts=work.catalog.company.week_starts,
    )
    if len(cells) > MOST_GROUPS:
        raise ProblemsFound([Problem("B204", {"most": MOST_GROUPS})])
    yield from cells


def _placed(
    series: Series, form_id: str, asked: Asked, dimensions: Sequence[Dimension], places: Sequence[int] | None
) -> Sequence[Dimension]:
    """The dimensions on the form of the series."""
    if form_id == asked.widget.form or not dimensions:
        return dimensions
    if places is None:
        return series.dimensions[: len(dimensions)]
    return [series.dimensions[at] for at in places]
