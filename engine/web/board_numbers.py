"""The numbers of boards in the reader's language: ¥ 2,361,000, 27.6%, 38 days."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_symbol

from engine.catalog.dashboards import Metric
from engine.web.answers import label, language, say
from engine.web.visit import visit

_LOCALES = {"zh": "zh_CN", "en": "en"}
_PLACES = {"percent": 1}


def figure(metric: Metric, value: Decimal | None) -> str:
    """The number as a tile shows it; a dash when there is none."""
    if value is None:
        return "–"
    text = _digits(metric, value)
    if metric.format == "money":
        sign = currency_sign()
        return f"{sign} {text}" if sign else text
    unit = label(metric.unit) if metric.unit else say("boards.days") if metric.format == "duration" else ""
    return f"{text} {unit}" if unit else text


def _digits(metric: Metric, value: Decimal) -> str:
    if metric.format == "percent":
        places = _PLACES["percent"] if metric.decimals is None else metric.decimals
        return f"{_rounded(value * 100, places):,}%"
    places = _usual(value) if metric.decimals is None else metric.decimals
    return f"{_rounded(value, places):,}"


def _usual(value: Decimal) -> int:
    """Whole numbers without decimals, small fractions with two, large ones with none."""
    if value == value.to_integral_value() or abs(value) >= 10_000:
        return 0
    return 2


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def currency_sign() -> str:
    """The company's currency as the company writes it."""
    company = visit().company.catalog.company
    return get_currency_symbol(company.currency, locale=_LOCALES.get(company.language, company.language))


def change(metric: Metric, now: Decimal | None, before: Decimal | None) -> tuple[str, str, str] | None:
    """(arrow, text, good | bad | same) of a number against an earlier one; None when there is nothing to compare."""
    if now is None or before is None:
        return None
    difference = now - before
    if metric.format == "percent":
        text = f"{_rounded(abs(difference) * 100, 1)} {say('boards.points')}"
    elif before:
        text = f"{_rounded(abs(difference / before) * 100, 1):,}%"
    else:
        return None
    better = "good" if (difference > 0) == (metric.good == "up") else "bad"
    tone = better if difference and metric.good != "none" else "same"
    return ("up" if difference > 0 else "down" if difference < 0 else "same", text, tone)


def speech() -> str:
    """The language of the reader for a browser's own number formats."""
    return "zh-CN" if language() == "zh" else "en"
