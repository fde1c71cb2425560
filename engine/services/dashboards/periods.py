"""Periods of a board: presets and from–to, the period before, the same period a year earlier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from engine.catalog.dashboards import PERIODS
from engine.problems import Problem, ProblemsFound

FIRST_YEAR, LAST_YEAR = 1900, 2999
MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None: without bound. `word`: the preset, empty for from–to."""

    first: date | None
    last: date | None
    word: str = ""


def read_period(name: str, word: str, today: date, week_starts: str) -> Period:
    """A preset, or "2026-01-01..2026-03-31" with either side left out. Raises ProblemsFound (B201)."""
    preset = _PRESETS.get(word)
    if preset is not None:
        first, last = preset(today, _week(today, week_starts))
        return Period(first, last, word)
    start, dots, end = word.partition("..")
    try:
        first, last = _day(start), _day(end)
    except ValueError:
        dots = ""
    if not dots or (first and last and first > last):
        words = ", ".join((*PERIODS, "2026-01-01..2026-03-31"))
        raise ProblemsFound([Problem("B201", {"name": name, "value": word, "words": words})])
    return Period(first, last)


def period_before(period: Period) -> Period | None:
    """The period of the same kind before; of days from–to as many days before. None when there is none."""
    first, last = period.first, period.last
    if first is None or last is None:
        return None
    months = _WHOLE_MONTHS.get(period.word.partition("_")[2], 0) if period.word else _months(first, last)
    if months:
        return Period(_months_later(first, -months), first - timedelta(1))
    return Period(first - (last - first) - timedelta(1), first - timedelta(1))


def year_before(period: Period) -> Period | None:
    """The same days a year earlier."""
    if period.first is None or period.last is None:
        return None
    last = period.last + timedelta(1)
    return Period(_months_later(period.first, -12), _months_later(last, -12) - timedelta(1))


def _day(text: str) -> date | None:
    """A bound of a period, or none; far from the ends of the calendar, so that periods beside it exist."""
    found = read_day(text) if text else None
    if found is not None and found.year > LAST_YEAR:
        raise ValueError(text)
    return found


def read_day(text: str) -> date:
    """A day that a field may hold, as addresses carry it; ValueError for anything else."""
    found = date.fromisoformat(text)
    if found.year < FIRST_YEAR:
        raise ValueError(text)
    return found


def read_number(text: str) -> Decimal:
    """A number that a field may hold, as addresses carry it; ValueError for anything else."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS or len(text) > 2 * MOST_DIGITS:
        raise ValueError(text)
    return found


def _week(today: date, starts: str) -> date:
    return today - timedelta((today.weekday() + (1 if starts == "sunday" else 0)) % 7)


def _month(day: date) -> date:
    return day.replace(day=1)


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


def _months_later(day: date, months: int) -> date:
    """The first of a month so many months later; another day stays the day, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def _months(first: date, last: date) -> int:
    """How many whole calendar months the days are; 0 when they are none."""
    after = last + timedelta(1)
    if first.day != 1 or after.day != 1:
        return 0
    return (after.year - first.year) * 12 + after.month - first.month


def _span(first: date, months: int) -> tuple[date, date]:
    return first, _months_later(first, months) - timedelta(1)


Preset = Callable[[date, date], tuple[date | None, date | None]]
_PRESETS: Mapping[str, Preset] = MappingProxyType({
    "today": lambda today, _: (today, today),
    "this_week": lambda _, week: (week, week + timedelta(6)),
    "last_week": lambda _, week: (week - timedelta(7), week - timedelta(1)),
    "this_month": lambda today, _: _span(_month(today), 1),
    "last_month": lambda today, _: _span(_months_later(_month(today), -1), 1),
    "this_quarter": lambda today, _: _span(_quarter(today), 3),
    "last_quarter": lambda today, _: _span(_months_later(_quarter(today), -3), 3),
    "this_year": lambda today, _: _span(_year(today), 12),
    "last_year": lambda today, _: _span(_months_later(_year(today), -12), 12),
    "last_7_days": lambda today, _: (today - timedelta(6), today),
    "last_30_days": lambda today, _: (today - timedelta(29), today),
    "last_90_days": lambda today, _: (today - timedelta(89), today),
    "last_12_months": lambda today, _: _span(_months_later(_month(today), -11), 12),
    "all": lambda _, __: (None, None),
})  # fmt: skip
_WHOLE_MONTHS = MappingProxyType({"month": 1, "quarter": 3, "year": 12, "12_months": 12})
