"""The numbers of a widget as plain text: for the command line and for mails."""

from __future__ import annotations

from decimal import Decimal

from engine.catalog.dashboards import Series
from engine.services.dashboards.views import Mark, WidgetData

_PLACES = {"money": 2, "percent": 0}


def number_text(series: Series, value: Decimal | None) -> str:
    """1,234.50, 63.15%, – for none."""
    if value is None:
        return "–"
    metric = series.metric
    places = _PLACES.get(metric.format, 0) if metric.decimals is None else metric.decimals
    return f"{value * 100:,.{places}f}%" if metric.format == "percent" else f"{value:,.{places}f}"


def mark_text(data: WidgetData, mark: Mark) -> str:
    """East · 2026-03: 1,234.50  12"""
    name = f"({mark.others})" if mark.others else " · ".join(key.text for key in mark.keys)
    return f"{name}: {_numbers(data, mark.values)}"


def totals_text(data: WidgetData) -> str:
    """The totals beside each other."""
    return _numbers(data, data.totals)


def _numbers(data: WidgetData, values: tuple[Decimal | None, ...]) -> str:
    return "  ".join(number_text(series, value) for series, value in zip(data.series, values, strict=False))
