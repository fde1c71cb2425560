"""One widget with its numbers, in the name of one reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from engine.catalog.dashboards import Dashboard, Dimension, Series, Widget
from engine.problems import NotVisible, ProblemsFound
from engine.runtime.work import Work
from engine.services.dashboards.asking import Answer, Asked, Keys, Numbers, ask_numbers, query_for
from engine.services.dashboards.choosing import Conditions, dimensions_in_effect
from engine.services.dashboards.filling import days_between
from engine.services.dashboards.naming import Names, name_values
from engine.services.dashboards.periods import Period, period_before, year_before
from engine.services.dashboards.pivoting import is_additive, subtotals_of
from engine.services.dashboards.views import BoardState, Mark, MarkKey, WidgetData
from engine.services.lists import ListPlan, fetch_planned
from engine.services.views_of_records import ListRequest, RecordPage
from engine.values import Label

HIDDEN = frozenset({"R101", "A101", "FX010"})
TABLE_ROWS = 20
MOST_FILLED = 400
_MARKS = {"pie": 8, "donut": 8, "ranking": 10, "bar": 12, "column": 24, "funnel": 20}
_BY_KEY = frozenset({"date", "datetime", "stage", "choice", "boolean"})


@dataclass(frozen=True, slots=True)
class Asker:
    """What is the same for all widgets of a board while they are asked."""

    work: Work
    board: Dashboard
    conditions: Conditions
    state: BoardState
    language: str
    limit: int = TABLE_ROWS
    after: str | None = None


def fetch_widget(asker: Asker, widget: Widget) -> WidgetData:
    """The widget with its numbers; what the reader may not see comes as state `hidden`, what fails as `error`."""
    if asker.work.rights.see(widget.form) is None:
        return WidgetData(widget, "hidden")
    try:
        found = _FETCH.get(widget.type, _marks)(asker, widget)
    except ProblemsFound as refused:
        hidden = any(each.code in HIDDEN for each in refused.problems)
        return WidgetData(widget, "hidden" if hidden else "error", problems=() if hidden else refused.problems)
    except NotVisible:  # one of its numbers is of a form that the reader does not see
        return WidgetData(widget, "hidden")
    return replace(found, unfiltered=tuple(_unfiltered(asker, widget)))


def _unfiltered(asker: Asker, widget: Widget) -> list[Label]:
    """The filters in use that do not concern the widget's form."""
    every = asker.board.filters.values()
    chosen = (each for each in every if asker.state.filters.get(each.name, each.default) not in ((), ("all",)))
    return [each.label for each in chosen if widget.form not in each.fields]


# --- records ----------------------------------------------------------------------------------------------------------


def _records(asker: Asker, widget: Widget) -> WidgetData:
    work = asker.work
    rights = work.form_rights(widget.form)
    bounds = (path[0] for path in (widget.start, widget.end) if path)
    wanted = tuple(dict.fromkeys((*widget.fields, *bounds)))
    columns = tuple(name for name in wanted if name in rights.see)
    order = tuple(each for each in widget.order if each[0] in rights.see) or (("id", True),)
    asked = Asked(work, widget, asker.conditions, ())
    plan = ListPlan(rights.form, None, columns, order, None)
    request = ListRequest(limit=asker.limit, after=asker.after)
    page: RecordPage = fetch_planned(work, plan, query_for(asked, widget.form), request)
    where = where_of(asked)
    return WidgetData(widget, "ok" if page.rows else "empty", where=where, page=page, count=page.total or 0)


def where_of(asked: Asked) -> str:
    """The condition that all records of a widget meet, as a list takes it."""
    texts = [*asked.conditions.of(asked.widget.form, asked.widget.name)]
    if asked.widget.where is not None:
        texts.append(asked.widget.where.text)
    wheres = {each.metric.where.text for each in asked.widget.series if each.metric.where is not None}
    if len(wheres) == 1 and all(each.metric.where is not None for each in asked.widget.series):
        texts += wheres
    return " and ".join(f"({each})" if " or " in each else each for each in texts)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _number(asker: Asker, widget: Widget) -> WidgetData:
    """One number, with what it is compared with, its target, and its course as marks."""
    asked = Asked(asker.work, widget, asker.conditions, ())
    series = (*widget.series, widget.target) if widget.target is not None else widget.series
    answer = ask_numbers(asked, series, ())
    totals = answer.numbers.get((), (None,) * len(series))
    course = _course(asker, widget) if widget.rows else ()
    own = len(widget.series)
    return WidgetData(
        widget,
        "ok",
        widget.series,
        rows=widget.rows,
        marks=course,
        totals=totals[:own],
        before=_before(asked, widget),
        target=totals[own] if widget.target is not None else None,
        where=where_of(asked),
        count=answer.counts.get((), 0),
    )


def _course(asker: Asker, widget: Widget) -> tuple[Mark, ...]:
    """The number along its dimension; of a progress with the target of each mark beside it."""
    aims = (widget.target,) if widget.target is not None and widget.type == "progress" else ()
    return _marks(asker, replace(widget, compare=None, series=(*widget.series, *aims))).marks


def compared_period(asked: Asked) -> Period | None:
    """The days that a widget is compared with; None when it is not, or when the period has no bounds."""
    dated = asked.conditions.periods.get(asked.widget.form)
    if dated is None or asked.widget.compare is None:
        return None
    return period_before(dated[2]) if asked.widget.compare == "previous_period" else year_before(dated[2])


def _before(asked: Asked, widget: Widget) -> Numbers:
    period = compared_period(asked)
    if period is None:
        return ()
    return ask_numbers(asked, widget.series, (), period).numbers.get((), ())


# --- marks ------------------------------------------------------------------------------------------------------------


def _marks(asker: Asker, widget: Widget) -> WidgetData:
    step = min(asker.state.drill.get(widget.name, 0), len(widget.drill))
    dimensions = dimensions_in_effect(widget, step)
    rows, columns = dimensions[: len(widget.rows)], widget.columns
    asked = Asked(asker.work, widget, asker.conditions, dimensions)
    answer = ask_numbers(asked, widget.series, asked.dimensions)
    names = [_names(asker, widget, each, at, answer) for at, each in enumerate(asked.dimensions)]
    before = _marks_before(asked, widget)
    keys = _ordered(widget, answer, names)
    marks = [_mark(each, answer, names, before) for each in keys]
    if len(rows) == 1 and not columns:
        marks = _filled(asked, rows[0], marks, names[0], len(widget.series))
    shown, others = _cut(widget, marks, len(rows) == 1 and not columns)
    totals = _totals(asked, widget, answer)
    if before is not None:
        shown = _ranked(shown, widget, before)
    return WidgetData(
        widget,
        "ok" if answer.counts or answer.numbers else "empty",
        widget.series,
        rows,
        columns,
        (*shown, *others),
        totals,
        where=where_of(asked),
        count=sum(answer.counts.values()),
        subtotals=subtotals_of(asked, answer, len(rows)) if widget.type == "pivot" else (),
        step=step,
    )


def _names(asker: Asker, widget: Widget, dimension: Dimension, at: int, answer: Answer) -> Names:
    values = dict.fromkeys(keys[at] for keys in answer.numbers)
    return name_values(asker.work, widget.form, dimension, values, asker.language)


def _marks_before(asked: Asked, widget: Widget) -> Answer | None:
    """The same marks in the time compared with; dates cannot be compared mark by mark."""
    period = compared_period(asked)
    if period is None or any(each.bucket is not None for each in asked.dimensions):
        return None
    return ask_numbers(asked, widget.series, asked.dimensions, period)


def _mark(keys: Keys, answer: Answer, names: Sequence[Names], before: Answer | None) -> Mark:
    found = tuple(each.key(value) for each, value in zip(names, keys, strict=True))
    earlier = before.numbers.get(keys, ()) if before is not None else ()
    return Mark(found, answer.numbers[keys], earlier)


def _ordered(widget: Widget, answer: Answer, names: Sequence[Names]) -> list[Keys]:
    """Options and dates in their own order, everything else by the first number, the largest first."""
    own = widget.sort or ("key" if names and names[0].dimension.kind in _BY_KEY else "value")
    keys = sorted(answer.numbers, key=lambda each: tuple(_key_order(names, each)))
    if own in ("value", "-value"):
        largest = own == "value"
        keys.sort(key=lambda each: _number_order(answer.numbers[each], largest=largest))
    elif own == "label":
        keys.sort(key=lambda each: tuple(name.name(value)[0] for name, value in zip(names, each, strict=True)))
    return keys


def _key_order(names: Sequence[Names], keys: Keys) -> list[tuple[int, int, str]]:
    found = []
    for name, value in zip(names, keys, strict=True):
        rank = name.ranks.get(value)
        if value is None:
            found.append((2, 0, ""))
        elif rank is not None:
            found.append((0, rank, ""))
        else:
            found.append((1, 0, value.isoformat() if isinstance(value, date) else _sortable(value)))
    return found


def _sortable(value: object) -> str:
    if isinstance(value, (int, Decimal)):
        return f"{Decimal(value) + 10**20:040.12f}"
    return str(value)


def _number_order(numbers: Numbers, *, largest: bool) -> tuple[bool, Decimal]:
    first = numbers[0] if numbers else None
    return (first is None, Decimal(0) if first is None else (-first if largest else first))


def _filled(asked: Asked, dimension: Dimension, marks: list[Mark], names: Names, width: int) -> list[Mark]:
    """Along a time the days, months … without records stand too, with nothing in them."""
    if dimension.bucket is None:
        return marks
    known = {key.value: mark for mark in marks for key in mark.keys if isinstance(key.value, date)}
    if not known:
        return marks
    dated = asked.conditions.periods.get(asked.widget.form)
    period = dated[2] if dated is not None and ".".join(dimension.path or ()) == dated[0] else Period(None, None)
    days = days_between(min(known), max(known), period, dimension.bucket)
    if len(days) > MOST_FILLED:
        return marks
    nothing: Numbers = tuple(_nothing(each) for each in asked.widget.series[:width])
    filled = [known.get(day) or Mark((names.key(day),), nothing) for day in days]
    return [*filled, *(mark for mark in marks if mark.keys[0].value is None)]


def _nothing(series: Series) -> Decimal | None:
    """What a sum or a count of no records is."""
    return Decimal(0) if is_additive(series) else None


def _cut(widget: Widget, marks: list[Mark], single: bool) -> tuple[list[Mark], list[Mark]]:  # noqa: FBT001
    """The marks that are shown, and the one that sums up the others where they can be summed."""
    most = widget.limit or _MARKS.get(widget.type)
    if not single or most is None or len(marks) <= most or (widget.rows and widget.rows[0].bucket is not None):
        return marks, []
    rest = marks[most:]
    if widget.type == "ranking" or not all(is_additive(each) for each in widget.series):
        return marks[:most], []
    sums = tuple(sum((mark.values[at] or Decimal(0) for mark in rest), Decimal(0)) for at in range(len(widget.series)))
    return marks[:most], [Mark((MarkKey("", "", ""),), sums, others=len(rest))]


def _totals(asked: Asked, widget: Widget, answer: Answer) -> Numbers:
    """The numbers of all records together: of sums the sum of the marks, of everything else asked again."""
    if all(is_additive(each) for each in widget.series):
        every = list(answer.numbers.values())
        return tuple(sum((row[at] or Decimal(0) for row in every), Decimal(0)) for at in range(len(widget.series)))
    return ask_numbers(asked, widget.series, ()).numbers.get((), ())


def _ranked(marks: list[Mark], widget: Widget, before: Answer) -> list[Mark]:
    """Each mark with the rank it had in the time compared with."""
    largest = widget.sort != "-value"
    order = sorted(before.numbers, key=lambda each: _number_order(before.numbers[each], largest=largest))
    ranks = {keys: at for at, keys in enumerate(order, 1)}
    return [replace(each, rank_before=ranks.get(tuple(key.value for key in each.keys))) for each in marks]


_FETCH: Mapping[str, Callable[[Asker, Widget], WidgetData]] = {
    "number": _number, "gauge": _number, "progress": _number, "table": _records, "timeline": _records,
}  # fmt: skip
