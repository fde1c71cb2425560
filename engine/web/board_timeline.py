"""The timeline of a board: records as bars from their first day to their last, on a scale of weeks, months or years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.services.dashboards.views import WidgetData
from engine.services.views_of_records import RecordView
from engine.web.board_marks import share
from engine.web.cells import Cell, cells_of, columns_of
from engine.web.moments import company_zone

_DAYS_OF_WEEKS, _DAYS_OF_MONTHS = 70, 760
_MOST_TICKS = 12
_LEAST_WIDTH = Decimal("0.8")
Tones = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One record: `left` and `width` in percent of the scale; a record with one date only is a point."""

    row: RecordView
    cells: tuple[Cell, ...]
    left: Decimal
    width: Decimal
    point: bool
    first: str
    last: str
    tone: Tones


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, and the ticks of the scale as (percent, text); `today` in percent, None when it is out of sight."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[Decimal, str], ...]
    today: Decimal | None
    undated: int


def timeline(data: WidgetData, today: date) -> Timeline:
    """The records of the page that have a date."""
    if data.page is None:
        return Timeline((), (), None, 0)
    start, end = (path[0] if path else "" for path in (data.widget.start, data.widget.end))
    dated = [(row, days) for row in data.page.rows if (days := _days(row, start, end)) is not None]
    if not dated:
        return Timeline((), (), None, len(data.page.rows))
    first = min(days[0] for _, days in dated)
    last = max(days[1] for _, days in dated) + timedelta(1)
    first, last = first - timedelta(_margin(first, last)), last + timedelta(_margin(first, last))
    columns = columns_of(data.page.form, [name for name in data.page.columns if name not in (start, end)])
    bars = []
    for row, (begins, ends) in dated:
        cells = cells_of(row, columns)
        left = _at(begins, first, last)
        width = max(_LEAST_WIDTH, _at(ends + timedelta(1), first, last) - left)
        point = begins == ends
        bars.append(Bar(row, cells, left, width, point, begins.isoformat(), ends.isoformat(), _tone(cells)))
    now = _at(today, first, last) if first <= today <= last else None
    return Timeline(tuple(bars), tuple(_ticks(first, last)), now, len(data.page.rows) - len(dated))


def _margin(first: date, last: date) -> int:
    return max(1, (last - first).days // 40)


def _days(row: RecordView, start: str, end: str) -> tuple[date, date] | None:
    one, other = _day(row.values.get(start)), _day(row.values.get(end))
    begins, ends = one or other, other or one
    if begins is None or ends is None:
        return None
    return (begins, ends) if begins <= ends else (ends, begins)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(company_zone()).date()
    return value if isinstance(value, date) else None


def _at(day: date, first: date, last: date) -> Decimal:
    return share(Decimal((day - first).days), Decimal((last - first).days))


def _ticks(first: date, last: date) -> list[tuple[Decimal, str]]:
    days = (last - first).days
    if days <= _DAYS_OF_WEEKS:
        at = first + timedelta((7 - first.weekday()) % 7)
        found = [at + timedelta(7 * step) for step in range(days // 7 + 1)]
        texts = [f"{each.month}-{each.day:02}" for each in found]
    else:
        months = max(1, -(-days // 30 // _MOST_TICKS))
        step = months if days <= _DAYS_OF_MONTHS else 12 * max(1, days // 365 // _MOST_TICKS)
        found = _months(first, last, step)
        texts = [f"{each.year}" if step >= 12 else f"{each.year}-{each.month:02}" for each in found]
    return [(_at(day, first, last), text) for day, text in zip(found, texts, strict=True) if first <= day <= last]


def _months(first: date, last: date, step: int) -> list[date]:
    found = []
    month = first.year * 12 + (0 if step >= 12 else first.month - 1)
    while (day := date(month // 12, month % 12 + 1, 1)) <= last:
        found.append(day)
        month += step
    return found


def _tone(cells: tuple[Cell, ...]) -> Tones:
    """Colour and outcome of the first option or stage among the columns."""
    for cell in cells:
        if cell.chips:
            return cell.chips[0][1], cell.chips[0][2]
    return "", ""
