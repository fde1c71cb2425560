"""Days, instants, times of day and months. Instants are UTC; the company's zone belongs to whoever shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.base import FieldType, is_blank, wrong
from engine.catalog.field_types.columns import IsoDate, IsoTime, UtcDateTime
from engine.catalog.forms import Field
from engine.values import in_utc

_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?\Z")
_MONTH = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?\Z")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?\Z")
_FIRST, _LAST = date(1900, 1, 1), date(9999, 12, 31)


def parse_day(text: str) -> date | None:
    """The day that `text` writes (2026-11-22, 2026/11/22, 2026年11月22日), None when it writes none."""
    match = _DAY.match(text.strip())
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None


def parse_time(text: str) -> time | None:
    """The time of day that `text` writes: 8:05 or 08:05:30."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def instant_of_local(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant of a local "2026-11-22T08:15" (or with a space), as date-time inputs and imports give it."""
    day_text, _, time_text = text.strip().replace("T", " ").partition(" ")
    day, clock = parse_day(day_text), parse_time(time_text or "00:00")
    if day is None or clock is None:
        return None
    return in_utc(datetime.combine(day, clock, zone))


@dataclass(frozen=True)
class DateType(FieldType):
    """A day without a zone."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Sorts as dates do on both databases."""
        return IsoDate()

    def parse(self, field: Field, raw: object) -> object:
        """The day; limits are the field's min and max."""
        if is_blank(raw):
            return None
        day = raw if isinstance(raw, date) and not isinstance(raw, datetime) else parse_day(str(raw))
        if day is None:
            raise wrong(field, raw, "a date such as 2026-11-22", "日期，如 2026-11-22")
        if isinstance(field.minimum, date) and day < field.minimum:
            raise wrong(field, raw, f"{field.minimum} or later", f"{field.minimum} 或之后")
        if isinstance(field.maximum, date) and day > field.maximum:
            raise wrong(field, raw, f"{field.maximum} or earlier", f"{field.maximum} 或之前")
        return day

    def to_wire(self, field: Field, value: object) -> object:
        """ISO: 2026-11-22."""
        return value.isoformat() if isinstance(value, date) else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """ISO, in every language."""
        return value.isoformat() if isinstance(value, date) else ""


@dataclass(frozen=True)
class MonthType(FieldType):
    """A month, kept as its first day."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """A date."""
        return IsoDate()

    def parse(self, field: Field, raw: object) -> object:
        """The first day of the month."""
        if is_blank(raw):
            return None
        if isinstance(raw, date):
            return date(raw.year, raw.month, 1)
        match = _MONTH.match(str(raw).strip())
        day = (
            date(int(match[1]), int(match[2]), 1)
            if match and 1 <= int(match[2]) <= 12 and int(match[1]) >= 1900
            else None
        )
        day = day or parse_day(str(raw))
        if day is None:
            raise wrong(field, raw, "a month such as 2026-11", "月份，如 2026-11")
        return day.replace(day=1)

    def to_wire(self, field: Field, value: object) -> object:
        """2026-11."""
        return f"{value:%Y-%m}" if isinstance(value, date) else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """2026-11, 2026年11月."""
        if not isinstance(value, date):
            return ""
        return f"{value.year}年{value.month}月" if language == "zh" else f"{value:%Y-%m}"


@dataclass(frozen=True)
class DateTimeType(FieldType):
    """An instant in whole seconds, UTC."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Sorts as instants do on both databases."""
        return UtcDateTime()

    def parse(self, field: Field, raw: object) -> object:
        """The aware instant; a text without zone is refused (`instant_of_local` reads what people type)."""
        if is_blank(raw):
            return None
        written = raw if isinstance(raw, datetime) else _instant(str(raw).strip())
        instant = in_utc(written) if written is not None and written.tzinfo is not None else None
        if instant is None:
            raise wrong(field, raw, "a time such as 2026-11-22T08:15:00Z", "时间，如 2026-11-22T08:15:00Z")
        return instant.replace(microsecond=0)

    def to_wire(self, field: Field, value: object) -> object:
        """2026-11-22T08:15:00Z."""
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """Date and minutes in the zone that the value carries: convert to the company's zone first."""
        return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else ""


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class TimeType(FieldType):
    """A time of day."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Whole seconds."""
        return IsoTime()

    def parse(self, field: Field, raw: object) -> object:
        """The time of day."""
        if is_blank(raw):
            return None
        clock = raw if isinstance(raw, time) else parse_time(str(raw))
        if clock is None:
            raise wrong(field, raw, "a time such as 08:30", "时间，如 08:30")
        return clock.replace(microsecond=0)

    def to_wire(self, field: Field, value: object) -> object:
        """08:30:00."""
        return value.isoformat("seconds") if isinstance(value, time) else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """08:30."""
        return f"{value:%H:%M}" if isinstance(value, time) else ""


_LIMITS = frozenset({"min", "max"})
TYPES: tuple[FieldType, ...] = (
    DateType("date", "date", "date", "date", _LIMITS),
    DateTimeType("datetime", "date", "datetime", "datetime"),
    TimeType("time", "date", "time", "time"),
    MonthType("month", "date", "date", "month"),
)
