"""What the aggregates compute over the values of rows, nulls passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from engine.expressions import logic, numbers, texts

Column = Sequence[Any]


def count_distinct(values: Column) -> Decimal:
    return Decimal(len({value for value in values if value is not None}))


def joined(values: Column, separators: Column) -> str | None:
    return texts.join(values, separators[0] or "" if separators else "、")


def first(values: Column, keys: Column) -> object:
    """The value of the first row, or of the row with the smallest key (ties: row order; rows without key last)."""
    return _by_key(values, keys, 0)


def last(values: Column, keys: Column) -> object:
    """The value of the last row, or of the row with the largest key."""
    return _by_key(values, keys, -1)


def _by_key(values: Column, keys: Column, which: int) -> object:
    if not keys:
        return values[which] if values else None
    keyed = sorted((pair for pair in zip(keys, values, strict=True) if pair[0] is not None), key=_key)
    return keyed[which][1] if keyed else None


def _key(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def rank(values: Column, numbers_: Column) -> Decimal | None:
    """1 + how many are greater."""
    number = numbers_[0]
    return None if number is None else Decimal(1 + sum(value is not None and value > number for value in values))


AGGREGATE_FUNCTIONS: Mapping[str, Callable[[Column, Column], object]] = MappingProxyType({
    "SUM": lambda values, _: numbers.total(*values),
    "AVG": lambda values, _: numbers.average(*values),
    "MEDIAN": lambda values, _: numbers.median(*values),
    "MIN": lambda values, _: logic.least(*values),
    "MAX": lambda values, _: logic.greatest(*values),
    "COUNT": lambda values, _: logic.count(*values),
    "COUNTDISTINCT": lambda values, _: count_distinct(values),
    "ANY": lambda values, _: any(values),
    "ALL": lambda values, _: all(values),
    "JOIN": joined,
    "FIRST": first,
    "LAST": last,
    "RANK": rank,
})  # fmt: skip
"""By name: (operand of each row, the further argument: per row for FIRST and LAST, else one) -> value."""

PER_ROW = frozenset({"FIRST", "LAST"})
