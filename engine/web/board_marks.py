"""The marks of a widget as its template shows them: name, figures, which of them are picked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from engine.services.dashboards.views import BoardState, Mark, WidgetData
from engine.web.answers import say
from engine.web.board_numbers import figure

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class MarkView:
    """One mark. picks: its values by dimension as JSON, "" when it cannot be picked; out: another one is picked."""

    mark: Mark
    name: str
    figures: tuple[str, ...]
    picks: str = ""
    out: bool = False
    on: bool = False

    def number(self, at: int = 0) -> Decimal:
        """One of its numbers, 0 for none."""
        return self.mark.values[at] or Decimal(0)


def mark_views(data: WidgetData, state: BoardState) -> list[MarkView]:
    """All marks of a widget."""
    picked = picked_words(data, state)
    return [_view(data, mark, picked) for mark in data.marks]


def picked_words(data: WidgetData, state: BoardState) -> dict[str, set[str]]:
    """The words that are picked in this widget, by dimension, of those in effect."""
    names = {each.name for each in (*data.rows, *data.columns)}
    found: dict[str, set[str]] = {}
    for pick in state.picks:
        if pick.widget == data.widget.name and pick.dimension in names:
            found.setdefault(pick.dimension, set()).add(pick.value)
    return found


def _view(data: WidgetData, mark: Mark, picked: dict[str, set[str]]) -> MarkView:
    figures = tuple(figure(each.metric, value) for each, value in zip(data.series, mark.values, strict=False))
    if mark.others:
        return MarkView(mark, say("boards.others", count=mark.others), figures, out=bool(picked))
    dimensions = (*data.rows, *data.columns)
    words = [(each.name, key.word) for each, key in zip(dimensions, mark.keys, strict=False)]
    name = " · ".join(key.text for key in mark.keys)
    inside = all(word in picked[each] for each, word in words if each in picked)
    return MarkView(mark, name, figures, picks_of(words), bool(picked) and not inside, bool(picked) and inside)


def picks_of(words: Sequence[tuple[str, str]]) -> str:
    """The values by dimension, as a mark carries them."""
    return json.dumps([list(each) for each in words], ensure_ascii=False)


def share(value: Decimal, most: Decimal) -> Decimal:
    """Percent of the largest, between 0 and 100."""
    if most <= 0 or value <= 0:
        return Decimal(0)
    return min(_HUNDRED, value * _HUNDRED / most).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def percent_text(value: Decimal, whole: Decimal) -> str:
    """48.2%, a dash of nothing."""
    if not whole:
        return "–"
    return f"{(value * _HUNDRED / whole).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP):,}%"
