"""Widgets that the server draws: tiles with their course, funnels, rankings, progress, gauges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.catalog.dashboards import Metric
from engine.services.dashboards.views import WidgetData
from engine.web.answers import say
from engine.web.board_marks import MarkView, percent_text, share
from engine.web.board_numbers import currency_sign, figure

_ICONS = {"percent": "percentage", "duration": "clock", "number": "hash"}
_CURRENCIES = {"¥": "currency-yuan", "$": "currency-dollar", "€": "currency-euro", "£": "currency-pound"}
_AWAY = frozenset({"lost", "void", "cancelled"})
_NARROWEST = Decimal(12)
_TINTS = 4
HEIGHT, _MARGIN = 32, 3


def tile_icon(data: WidgetData) -> str:
    """The icon of a tile: its own, or one that fits its number."""
    if data.widget.icon:
        return data.widget.icon
    metric: Metric = data.series[0].metric
    if metric.format == "money":
        return _CURRENCIES.get(currency_sign(), "coin")
    return _ICONS[metric.format]


def course(data: WidgetData) -> tuple[str, str]:
    """The course of a tile's number as two SVG paths, line and area, in a box of 100 × 32; empty for too few points."""
    values = [mark.values[0] for mark in data.marks if mark.keys and mark.keys[0].value is not None]
    known = [each for each in values if each is not None]
    if len(known) < 2:
        return "", ""
    low, high = min(known), max(known)
    spread = (high - low) or Decimal(1)
    step = Decimal(100) / (len(known) - 1)
    points = [
        (_short(step * at), _short(HEIGHT - _MARGIN - (each - low) / spread * (HEIGHT - 2 * _MARGIN)))
        for at, each in enumerate(known)
    ]
    line = f"M{points[0][0]},{points[0][1]}" + "".join(_curve(*pair) for pair in zip(points, points[1:], strict=False))
    return line, f"{line}L100,{HEIGHT}L0,{HEIGHT}Z"


def _curve(start: tuple[Decimal, Decimal], end: tuple[Decimal, Decimal]) -> str:
    middle = _short((start[0] + end[0]) / 2)
    return f"C{middle},{start[1]} {middle},{end[1]} {end[0]},{end[1]}"


def _short(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


# --- funnels ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a funnel: `points` of its shape in a box of 100 × 100, `tint` 0-3 or "end"."""

    view: MarkView
    points: str
    tint: str
    reached: str
    rate: str


def funnel(views: Sequence[MarkView], *, staged: bool) -> tuple[list[Step], list[MarkView]]:
    """The steps, and the marks that left the way (lost ones).

    staged  the marks are where records stand now: whoever stands later has come through the earlier steps
    """
    away = [each for each in views if each.mark.keys and each.mark.keys[0].outcome in _AWAY] if staged else []
    on_way = [each for each in views if each not in away]
    reached = [sum((each.number() for each in on_way[at:]), Decimal(0)) for at in range(len(on_way))]
    sizes = reached if staged else [each.number() for each in on_way]
    widths = [max(_NARROWEST, share(each, max(sizes, default=Decimal(0)))) for each in sizes]
    widths.append(widths[-1] * Decimal("0.6") if widths else _NARROWEST)
    steps = []
    for at, view in enumerate(on_way):
        last = at == len(on_way) - 1 and len(on_way) > 1
        tint = "end" if last else str(min(at * _TINTS // max(len(on_way) - 1, 1), _TINTS - 1))
        rate = percent_text(sizes[at], sizes[at - 1]) if at else ""
        told = f"{sizes[at]:,.0f}" if staged and at < len(on_way) - 1 else ""
        steps.append(Step(view, _trapezoid(widths[at], widths[at + 1]), tint, told, rate))
    return steps, away


def _trapezoid(top: Decimal, bottom: Decimal) -> str:
    """Sides that lean in as far as the next step is narrower."""
    left, right = (100 - top) / 2, (100 + top) / 2
    low = min(top, bottom)
    return f"{_short(left)},0 {_short(right)},0 {_short((100 + low) / 2)},100 {_short((100 - low) / 2)},100"


# --- rankings and targets ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of a ranking. change: (up | down | same | new, text), None when nothing is compared."""

    view: MarkView
    place: int
    share: Decimal
    change: tuple[str, str] | None


def ranking(data: WidgetData, views: Sequence[MarkView]) -> list[Rank]:
    """The lines in their order, each with its share of the first one."""
    compared = any(view.mark.before or view.mark.rank_before for view in views)
    most = max((each.number() for each in views), default=Decimal(0))
    return [
        Rank(view, at, share(view.number(), most), _moved(at, view.mark.rank_before) if compared else None)
        for at, view in enumerate(views, 1)
    ]


def _moved(now: int, before: int | None) -> tuple[str, str]:
    if before is None:
        return "new", say("boards.rank_new")
    if before == now:
        return "same", ""
    return ("up" if before > now else "down"), str(abs(before - now))


@dataclass(frozen=True, slots=True)
class Aim:
    """A number against its target: `share` at most 100, `text` beyond that too."""

    name: str
    value: str
    target: str
    share: Decimal
    text: str
    reached: bool
    view: MarkView | None = None


def aims(data: WidgetData, views: Sequence[MarkView]) -> list[Aim]:
    """The whole number against its target, then each mark against its own."""
    metric = data.series[0].metric
    found = [_aim(metric, "", data.totals[0] if data.totals else None, data.target)]
    for view in views:
        values = view.mark.values
        found.append(_aim(metric, view.name, values[0], values[1] if len(values) > 1 else None, view))
    return found


def _aim(metric: Metric, name: str, value: Decimal | None, target: Decimal | None, view: MarkView | None = None) -> Aim:
    now, wanted = value or Decimal(0), target or Decimal(0)
    reached = bool(wanted) and (now <= wanted if metric.good == "down" else now >= wanted)
    text = percent_text(now, wanted)
    return Aim(name, figure(metric, value), figure(metric, target), share(now, wanted), text, reached, view)
