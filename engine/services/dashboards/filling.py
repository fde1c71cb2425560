"""The days, weeks, months … of a time axis, those without records too."""

from __future__ import annotations

from datetime import date, timedelta

from engine.services.dashboards.conditions import last_day
from engine.services.dashboards.periods import Period

MOST = 1_000  # no axis shows more


def next_of(first: date, bucket: str) -> date:
    """The first day of the next bucket; the last day of all where the calendar ends."""
    last = last_day(first, bucket)
    return last + min(timedelta(1), date.max - last)


def days_between(first: date, last: date, period: Period, bucket: str) -> list[date]:
    """The first days of the buckets from `first` to `last`, widened to a bounded period; the first MOST of them."""
    earlier = [first]
    while period.first is not None and len(earlier) < MOST and _before(earlier[-1], bucket) >= period.first:
        earlier.append(_before(earlier[-1], bucket))
    end = max(last, period.last) if period.last is not None and period.first is not None else last
    days = earlier[::-1]
    while len(days) < MOST and (days[-1] < last or next_of(days[-1], bucket) <= end):
        days.append(next_of(days[-1], bucket))
    return days


def _before(first: date, bucket: str) -> date:
    """The first day of the bucket before."""
    if bucket in ("day", "week"):
        return first - timedelta(1 if bucket == "day" else 7)
    months = {"month": 1, "quarter": 3, "year": 12}[bucket]
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1)
