"""The explanation of a widget's numbers for programs."""

from __future__ import annotations

from decimal import Decimal

from engine.services.dashboards.explaining import NumberExplanation, NumberView
from engine.services.dashboards.views import Chosen
from engine.web.answers import label, say


def number_json(found: NumberExplanation) -> dict[str, object]:
    """The explanation: numbers as texts, words in the reader's language."""
    hidden = not found.numbers or not any(each.available for each in found.numbers)
    return {
        "widget": found.widget.name,
        "label": label(found.widget.label),
        "state": "hidden" if hidden else "ok",
        "keys": [{"label": label(each.label), "text": each.text} for each in found.keys],
        "filters": filters_in_words(found),
        "count": found.count,
        "where": found.where,
        "numbers": [_number(each) for each in found.numbers],
    }


def filters_in_words(found: NumberExplanation) -> list[str]:
    """What narrows the widget, each in a few words."""
    chosen = [f"{label(each.filter.label)}: {chosen_in_words(each)}" for each in found.chosen]
    chips = [f"{label(each.label)}: {each.text}" for each in found.chips]
    return [*chosen, *chips, *([found.only] if found.only else [])]


def chosen_in_words(chosen: Chosen) -> str:
    """The days of a period with its name; otherwise the chosen values."""
    period = chosen.period
    if period is None:
        return say("numbers.between").join(chosen.texts)
    days = f"{period.first or ''} – {period.last or ''}"
    return f"{say('boards.period_' + period.word)} ({days})" if period.word else days


def _number(each: NumberView) -> dict[str, object]:
    metric = each.metric
    body: dict[str, object] = {
        "label": say("numbers.target") if each.target else label(metric.label),
        "metric": metric.id or None,
    }
    if not each.available:
        return {**body, "words": "", "value": None, "available": False}
    body |= {"words": each.words, "value": _plain(each.value), "only": each.only or None}
    body["parts"] = [{"words": part.words, "value": _plain(part.value)} for part in each.parts]
    if each.compared is not None:
        body["before"] = _plain(each.before)
    if each.at is not None:
        body |= {"at": str(each.at), "expression": each.written}
    return body


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
