"""What the date functions compute: dates without zone, instants read in the company's zone, month ends clamped."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.expressions.numbers import divide
from engine.expressions.texts import whole
from engine.values import in_utc

FIRST, LAST = date(1900, 1, 1), date(9999, 12, 31)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def make_date(year: int, month: int, day: int) -> date | None:
    """The date, None when it does not exist or lies outside 1900 … 9999."""
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def date_of(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    return make_date(whole(year), whole(month), whole(day))


def date_value(text: str) -> date | None:
    if not ISO_DATE.fullmatch(text.strip()):
        return None
    year, month, day = text.strip().split("-")
    return make_date(int(year), int(month), int(day))


def to_date(zone: ZoneInfo, instant: datetime) -> date:
    return instant.astimezone(zone).date()


def date_time(zone: ZoneInfo, day: date, hour: Decimal, minute: Decimal, second: Decimal) -> datetime | None:
    """The instant of a wall clock time: a skipped hour counts as the later one, a doubled hour as the earlier one."""
    clock = whole(hour), whole(minute), whole(second)
    if not (0 <= clock[0] <= 23 and 0 <= clock[1] <= 59 and 0 <= clock[2] <= 59):
        return None
    local = datetime(day.year, day.month, day.day, *clock, tzinfo=zone)  # fold=0: before a gap's jump, hence later
    return in_utc(local)


def year(day: date) -> Decimal:
    return Decimal(day.year)


def month(day: date) -> Decimal:
    return Decimal(day.month)


def day_of_month(day: date) -> Decimal:
    return Decimal(day.day)


def quarter(day: date) -> Decimal:
    return Decimal((day.month + 2) // 3)


def hour(zone: ZoneInfo, instant: datetime) -> Decimal:
    return Decimal(instant.astimezone(zone).hour)


def minute(zone: ZoneInfo, instant: datetime) -> Decimal:
    return Decimal(instant.astimezone(zone).minute)


def second(zone: ZoneInfo, instant: datetime) -> Decimal:
    return Decimal(instant.astimezone(zone).second)


def weekday(day: date) -> Decimal:
    return Decimal(day.isoweekday())


def iso_week(day: date) -> Decimal:
    return Decimal(day.isocalendar().week)


def add_days(day: date, count: Decimal) -> date | None:
    ordinal = day.toordinal() + whole(count)
    return date.fromordinal(ordinal) if FIRST.toordinal() <= ordinal <= LAST.toordinal() else None


def subtract_days(day: date, count: Decimal) -> date | None:
    return add_days(day, -Decimal(whole(count)))


def days_between(end: date, start: date) -> Decimal:
    return Decimal(end.toordinal() - start.toordinal())


def add_months(day: date, count: Decimal) -> date | None:
    """The same day of another month, clamped to its last day."""
    months = day.year * 12 + day.month - 1 + whole(count)
    year_, month_ = divmod(months, 12)
    if not 1900 <= year_ <= 9999:
        return None
    return date(year_, month_ + 1, min(day.day, monthrange(year_, month_ + 1)[1]))


def month_end(day: date, count: Decimal) -> date | None:
    moved = add_months(day, count)
    return moved and moved.replace(day=monthrange(moved.year, moved.month)[1])


def month_start(day: date) -> date:
    return day.replace(day=1)


def quarter_start(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def quarter_end(day: date) -> date | None:
    return month_end(quarter_start(day), Decimal(2))


def year_start(day: date) -> date:
    return day.replace(month=1, day=1)


def year_end(day: date) -> date:
    return day.replace(month=12, day=31)


def week_start(day: date) -> date | None:
    return add_days(day, Decimal(1 - day.isoweekday()))


def date_difference(start: date, end: date, unit: str) -> Decimal:
    """Complete days, months or years from `start` to `end`; negative when `end` lies before."""
    if unit == "D":
        return days_between(end, start)
    if end < start:
        return -date_difference(end, start, unit)
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return Decimal(months if unit == "M" else months // 12)


def days_360(start: date, end: date) -> Decimal:
    """Days of a year of twelve months of 30 days, US method."""
    first, last = start.day, end.day
    if _ends_february(start):
        last = 30 if _ends_february(end) else last
        first = 30
    if last == 31 and first >= 30:
        last = 30
    first = min(first, 30)
    return Decimal((end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first)


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == monthrange(day.year, 2)[1]


def date_add(zone: ZoneInfo, start: date, count: Decimal, unit: str) -> date | None:
    """A date or instant moved by D(ays), W(eeks), M(onths), Y(ears); an instant also by h(ours) and m(inutes)."""
    if isinstance(start, datetime):
        return _instant_add(zone, start, count, unit)
    if unit in ("D", "W"):
        return add_days(start, Decimal(whole(count)) * (7 if unit == "W" else 1))
    if unit in ("M", "Y"):
        return add_months(start, Decimal(whole(count)) * (12 if unit == "Y" else 1))
    return None


def _instant_add(zone: ZoneInfo, start: datetime, count: Decimal, unit: str) -> datetime | None:
    if unit in ("h", "m"):
        return add_seconds(start, whole(count) * (3600 if unit == "h" else 60))
    local = start.astimezone(zone)
    moved = date_add(zone, local.date(), count, unit)
    if moved is None:
        return None
    return in_utc(datetime.combine(moved, local.time(), tzinfo=zone))


def add_seconds(start: datetime, seconds: int) -> datetime | None:
    """The instant that much later, None at the ends of time."""
    try:
        return in_utc(start + timedelta(seconds=seconds))
    except OverflowError:
        return None


def subtract_seconds(start: datetime, seconds: int) -> datetime | None:
    return add_seconds(start, -seconds)


def seconds_between(end: datetime, start: datetime) -> int:
    return int((end - start).total_seconds())


def hours(seconds: int) -> Decimal | None:
    return _per(seconds, 3600)


def minutes(seconds: int) -> Decimal | None:
    return _per(seconds, 60)


def _per(seconds: int, size: int) -> Decimal | None:
    return divide(Decimal(seconds), Decimal(size))
