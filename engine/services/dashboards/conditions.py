"""Conditions as a person would write them: of a group, of a period, of chosen values.

The same text narrows a widget and opens the list of the records behind a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.catalog.dashboards import Dimension
from engine.services.dashboards.periods import Period

LINKS = frozenset({"person", "department", "link"})
NOBODY = ""
ME = "me"
OWN_ID = "id"  # where a filter is about the records themselves: `field: {crm.contract: this}`


def condition_of(dimension: Dimension, value: object) -> str:
    """Which records have `value` in this dimension: option id, record id, first day of a bucket, number, text."""
    text = f"({dimension.text})" if dimension.path is None else dimension.text
    if dimension.bucket is not None:
        return _of_dates(text, dimension, value)
    if dimension.kind in LINKS:
        return among_ids(text, (value,))
    if value is None or value == "":
        return f"ISEMPTY({text})"
    if isinstance(value, bool):
        return text if value else f"not {text}"
    if isinstance(value, Decimal):
        return f"{text} = {value:f}"
    return f"{text} = {quoted(str(value))}"


def _of_dates(text: str, dimension: Dimension, value: object) -> str:
    if not isinstance(value, date):
        return f"ISEMPTY({text})"
    first = value.date() if isinstance(value, datetime) else value
    return within(text, dimension.kind, Period(first, last_day(first, dimension.bucket or "day")))


def last_day(first: date, bucket: str) -> date:
    """The last day of the bucket that begins on `first`; the last one of all where the calendar ends."""
    days = {"day": 1, "week": 7}.get(bucket)
    if days is not None:
        return first + min(timedelta(days - 1), date.max - first)
    months = {"month": 1, "quarter": 3, "year": 12}[bucket]
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date.max if year > date.max.year else date(year, month + 1, 1) - timedelta(1)


def within(text: str, kind: str, period: Period) -> str:
    """Which records have the date in a period; empty when the period has no bound."""
    day = f"TODATE({text})" if kind == "datetime" else text
    bounds = [f"{day} {sign} {_written(each)}" for sign, each in ((">=", period.first), ("<=", period.last)) if each]
    return " and ".join(bounds)


def _written(day: date) -> str:
    return f"DATE({day.year}, {day.month}, {day.day})"


def among_words(text: str, values: Iterable[str]) -> str:
    """Which records have one of these options or texts; "" stands for none at all."""
    named = [each for each in values if each != NOBODY]
    parts = [f"{text} in [{', '.join(quoted(each) for each in named)}]"] if named else []
    return _either(parts, text, empty=NOBODY in tuple(values))


def among_ids(text: str, ids: Iterable[object]) -> str:
    """Which records lead to one of these records; None stands for none at all, "me" for the reader."""
    wanted = tuple(ids)
    numbers = [str(each) for each in wanted if isinstance(each, int)]
    parts = [f"{text} = me"] if ME in wanted else []
    if numbers:
        parts.append(f"{text if text == OWN_ID else f'{text}.id'} in [{', '.join(numbers)}]")
    return _either(parts, text, empty=None in wanted)


def _either(parts: list[str], text: str, *, empty: bool) -> str:
    every = [*parts, f"ISEMPTY({text})"] if empty else parts
    return every[0] if len(every) == 1 else f"({' or '.join(every)})"


def quoted(text: str) -> str:
    """`text` as a literal of the language."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
