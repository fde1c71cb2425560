"""Subtotals of a pivot: of each level of its rows, by columns and over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.catalog.dashboards import Series
from engine.services.dashboards.asking import Answer, Asked, Keys, Numbers, ask_numbers
from engine.services.dashboards.naming import word_of
from engine.services.dashboards.views import Subtotal


def is_additive(series: Series) -> bool:
    """Whether the number of several groups together is the sum of theirs."""
    return series.additive


def subtotals_of(asked: Asked, answer: Answer, down: int) -> tuple[Subtotal, ...]:
    """Of sums the sums of the groups; of everything else, such as rates, asked again."""
    return tuple(_subtotals(asked, answer, down))


def _subtotals(asked: Asked, answer: Answer, down: int) -> Iterator[Subtotal]:
    added = all(is_additive(each) for each in asked.widget.series)
    columns = len(asked.dimensions) - down
    for level in range(down + 1):
        for across in (False, True) if columns else (False,):
            if level == down and (across or not columns):
                continue  # those are the marks themselves
            places = (*range(level), *(range(down, down + columns) if across else ()))
            found = _summed(answer, places) if added else _asked(asked, places)
            for keys, numbers in found.items():
                yield Subtotal(level, across, tuple(word_of(key) for key in keys), numbers)


def _summed(answer: Answer, places: tuple[int, ...]) -> Mapping[Keys, Numbers]:
    sums: dict[Keys, Numbers] = {}
    for keys, numbers in answer.numbers.items():
        place = tuple(keys[at] for at in places)
        known = sums.get(place)
        sums[place] = numbers if known is None else tuple(map(_plus, known, numbers))
    return sums


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _asked(asked: Asked, places: tuple[int, ...]) -> Mapping[Keys, Numbers]:
    dimensions = [asked.dimensions[at] for at in places]
    return ask_numbers(asked, asked.widget.series, dimensions, places=places).numbers
