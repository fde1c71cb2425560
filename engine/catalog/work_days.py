"""Which days does a company work? A country's holidays with the days they are moved to, and the company's own days.

Only years whose holidays have been published are known. In countries that move work days around holidays (China's
调休) a coming year is unknown until its notice is part of the `holidays` package, or `until:` says that the company's
own `days:` complete it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

EARLIEST = 1990
YEARS_AHEAD = 2
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """`calendar:` of a company. days: what differs from the country, True = work; until: the last year known."""

    country: str | None = None
    days: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    until: int | None = None


@dataclass(frozen=True, slots=True)
class WorkDays:
    """The days from `first` to `last`, all of them known; `works` are the work days, in order.

    `off` and `on` are what differs from the week: work days of the week that are free, and days of the weekend (ISO
    numbers) that are worked.
    """

    first: date
    last: date
    weekend: frozenset[int]
    works: tuple[date, ...]
    off: tuple[date, ...]
    on: tuple[date, ...]

    def is_work(self, day: date) -> bool | None:
        """Whether `day` is a work day; None when it is not known."""
        position = self.position(day)
        return None if position is None else position > 0 and self.works[position - 1] == day

    def position(self, day: date) -> int | None:
        """How many work days there are up to `day`, itself included; None when it is not known."""
        if not self.first <= day <= self.last:
            return None
        return bisect_left(self.works, day + _DAY) if day < self.last else len(self.works)

    def day_at(self, position: int) -> date | None:
        """The work day with that position; None outside the calendar."""
        return self.works[position - 1] if 1 <= position <= len(self.works) else None

    def days(self) -> Iterator[tuple[date, bool, int]]:
        """Every day: whether it is a work day, and its position."""
        position = 0
        for each in _days(self.first, self.last):
            is_work = position < len(self.works) and self.works[position] == each
            position += is_work
            yield each, is_work, position

    def to_json(self) -> Mapping[str, object]:
        """What a browser needs to answer the same."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "weekend": sorted(self.weekend),
            "off": [each.isoformat() for each in self.off],
            "on": [each.isoformat() for each in self.on],
        }


def work_days(rules: CalendarRules, year: int) -> WorkDays | None:
    """The calendar as it is known in `year`; None when no country and no year is given."""
    return _built(rules.country, tuple(sorted(rules.days.items())), rules.until, year)


def is_country(code: str) -> bool:
    """Whether the holidays of the country `code` are known at all."""
    return len(code) == 2 and code.isupper() and hasattr(_holidays(), code)


def _holidays() -> Any:
    return import_module("holidays")  # only where a calendar is asked for: nobody else waits for it


@lru_cache(maxsize=32)
def _built(country: str | None, own: tuple[tuple[date, bool], ...], until: int | None, year: int) -> WorkDays | None:
    if country is None and until is None:
        return None
    known = _Country.of(country, until, year)
    differing = MappingProxyType(dict(own))
    first, last = date(known.first, 1, 1), date(known.last, 12, 31)
    if last < first:
        return None
    works: list[date] = []
    off: list[date] = []
    on: list[date] = []
    for each in _days(first, last):
        in_week = each.isoweekday() not in known.weekend
        is_work = differing.get(each, each in known.moved or (in_week and each not in known.free))
        if is_work:
            works.append(each)
        if is_work is not in_week:
            (on if is_work else off).append(each)
    return WorkDays(first, last, known.weekend, tuple(works), tuple(off), tuple(on))


@dataclass(frozen=True, slots=True)
class _Country:
    """A country's known years, its weekend, its holidays, and the days of weekends that are worked instead."""

    first: int
    last: int
    weekend: frozenset[int]
    free: frozenset[date]
    moved: frozenset[date]

    @staticmethod
    def of(country: str | None, until: int | None, year: int) -> _Country:
        if country is None:
            return _Country(EARLIEST, until or year, frozenset({6, 7}), frozenset(), frozenset())
        found = _holidays().country_holidays(country)
        first, last = _known_years(found, year)
        last = max(last, until or last)
        holidays = _holidays().country_holidays(country, years=range(first, last + 1))
        weekend = frozenset(each + 1 for each in holidays.weekend)
        return _Country(first, last, weekend, frozenset(holidays), frozenset(holidays.weekend_workdays))


def _known_years(country: Any, year: int) -> tuple[int, int]:
    """Countries that move days are known as far as their notices go without a gap; the others two years ahead."""
    first, last = max(EARLIEST, country.start_year), min(year + YEARS_AHEAD, country.end_year)
    if not country.has_substituted_holidays:
        return first, last
    noticed = set(getattr(country, "special_public_holidays", ()))
    newest = max(noticed, default=last)
    oldest = newest
    while oldest - 1 in noticed:
        oldest -= 1
    return max(first, oldest), min(newest, country.end_year)


def _days(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1))
