"""The calendar: a month of records by their date, and going on from a day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.catalog.forms import Form, View
from engine.problems import ProblemsFound
from engine.services import calendars, records
from engine.services.views_of_pages import Month
from engine.services.views_of_records import ListRequest, RecordView
from engine.web.answers import language
from engine.web.cells import Cell, cells_of, columns_of
from engine.web.filters import build_filters
from engine.web.list_head import head_values, here_with
from engine.web.moments import company_zone
from engine.web.visit import visit

_MOST_A_DAY = 4
_FIRST_WEEKDAY = {"monday": 0, "sunday": 6, "saturday": 5}
_WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": ("一", "二", "三", "四", "五", "六", "日")}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of a day: its chip gives the colour, the rest stands below on phones."""

    record: RecordView
    cells: tuple[Cell, ...]

    @property
    def colour(self) -> tuple[str, str]:
        """Colour and outcome of the first chip."""
        return next(((chip[1], chip[2]) for cell in self.cells for chip in cell.chips), ("", ""))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the grid; `new` is the address of a new record on it, `all` that of the list of its records."""

    day: date
    name: str
    inside: bool
    today: bool
    entries: tuple[Entry, ...]
    new: str
    all: str

    @property
    def shown(self) -> tuple[Entry, ...]:
        """As many as fit into the grid; phones show all."""
        return self.entries if len(self.entries) <= _MOST_A_DAY else self.entries[: _MOST_A_DAY - 1]


def show_calendar(form: Form, view: View, asked: ListRequest) -> ResponseReturnValue:
    """The page of a view that is a calendar."""
    current = visit()
    today = current.company.clock().astimezone(company_zone()).date()
    first = _month_of(request.args.get("month", ""), today)
    weeks = calendar.Calendar(_FIRST_WEEKDAY.get(current.company.catalog.company.week_starts, 0))
    days = list(weeks.itermonthdates(first.year, first.month))
    sight = records.form_sight(current.company, current.actor, form.id)
    month, refused = _fetch(form, view, asked, days)
    page = render_template(
        "calendar.html",
        **head_values(form, view, sight, asked),
        filters=build_filters(form, view, sight, asked),
        month=month,
        month_name=_month_name(first),
        weekdays=[_WEEKDAYS[_speech()][day.weekday()] for day in days[:7]],
        days=[_day(form, view, month, day, first, today) for day in days] if month else [],
        around=_around(first, today),
        refused=refused,
    )
    return page, 422 if refused else 200


def _fetch(form: Form, view: View, asked: ListRequest, days: list[date]) -> tuple[Month | None, tuple[str, ...]]:
    current = visit()
    try:
        found = calendars.fetch_days(
            current.company, current.actor, form.id, view.id, days[0], days[-1], asked.where, asked.search
        )
    except ProblemsFound as error:
        speech = language()
        return None, tuple(f"{problem.message(speech)} {problem.advice(speech)}".strip() for problem in error.problems)
    return found, ()


def _month_of(text: str, today: date) -> date:
    """The first day of the month `2026-03`; BadRequest for anything else, the present month for nothing."""
    if not text:
        return today.replace(day=1)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise BadRequest from error
    if not 1900 <= first.year <= 2200:
        raise BadRequest
    return first


def _around(first: date, today: date) -> Mapping[str, str]:
    """Where the month before, the month after and today are."""
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    words = {"previous": before, "next": after, "today": today}
    return {name: f"{here_with()}{'&' if '?' in here_with() else '?'}month={day:%Y-%m}" for name, day in words.items()}


def _day(form: Form, view: View, month: Month, day: date, first: date, today: date) -> Day:
    exact = f"{month.field} = DATE({day.year}, {day.month}, {day.day})"
    where = f"({request.args['where']}) and {exact}" if request.args.get("where") else exact
    prefilled: Mapping[str, Any] = {month.field: day.isoformat()}
    return Day(
        day,
        _day_name(day),
        day.month == first.month,
        day == today,
        tuple(_entries(form, view, month, day)),
        url_for("new", app=form.app, form=form.name, **prefilled),
        url_for("list", app=form.app, form=form.name, where=where),
    )


def _entries(form: Form, view: View, month: Month, day: date) -> Iterator[Entry]:
    title = {part[0] for part in form.title.parts if not isinstance(part, str)}
    names = [name for name in (view.card or view.columns) if name not in title and name != month.field]
    for record in month.days.get(day, ()):
        shown = columns_of(form, [name for name in names if name in record.values])
        yield Entry(record, cells_of(record, shown))


def _speech() -> str:
    return "zh" if language() == "zh" else "en"


def _month_name(first: date) -> str:
    return f"{first.year}年{first.month}月" if _speech() == "zh" else f"{calendar.month_name[first.month]} {first.year}"


def _day_name(day: date) -> str:
    weekday = _WEEKDAYS[_speech()][day.weekday()]
    if _speech() == "zh":
        return f"{day.month}月{day.day}日 周{weekday}"
    return f"{weekday} {day.day} {calendar.month_abbr[day.month]}"
