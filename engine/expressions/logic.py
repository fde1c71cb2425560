"""What comparisons, choices and conditions compute: two-valued, null-safe, total."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from engine.expressions.nodes import Node
from engine.values import is_empty

ZERO = Decimal(0)


def equal(a: object, b: object) -> bool:
    return a == b


def differs(a: object, b: object) -> bool:
    return a != b


def less(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a < b)


def at_most(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a <= b)


def greater(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a > b)


def at_least(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a >= b)


def within(value: object, *options: object) -> bool:
    return value in options


def every(*conditions: object) -> bool:
    return all(conditions)


def some(*conditions: object) -> bool:
    return any(conditions)


def negate(condition: object) -> bool:
    return not condition


def either(one: object, other: object) -> bool:
    return bool(one) != bool(other)


def choose(condition: object, then: object, otherwise: object = None) -> object:
    return then if condition else otherwise


def branches(args: tuple[Node, ...]) -> tuple[Node, ...]:
    """The values among (condition, value, condition, value …[, otherwise])."""
    return (*args[1::2], args[-1]) if len(args) % 2 else args[1::2]


def choose_first(*args: object) -> object:
    """(condition, value …[, otherwise]): the value of the first condition that holds."""
    for condition, value in zip(args[::2], args[1::2], strict=False):
        if condition:
            return value
    return args[-1] if len(args) % 2 else None


def switch(value: object, *args: object) -> object:
    """(key, value …[, otherwise]): the value of the first key that equals; null equals null."""
    for key, found in zip(args[::2], args[1::2], strict=False):
        if value == key:
            return found
    return args[-1] if len(args) % 2 else None


def coalesce(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def zero_if_empty(number: Decimal | None) -> Decimal:
    return ZERO if number is None else number


def count(*values: object) -> Decimal:
    return Decimal(sum(not is_empty(value) for value in values))


def least(*values: Any) -> object:
    return min((value for value in values if value is not None), default=None)


def greatest(*values: Any) -> object:
    return max((value for value in values if value is not None), default=None)


def held(values: object) -> tuple[object, ...]:
    """What a field with several values holds."""
    if isinstance(values, (tuple, list, frozenset, set)):
        return tuple(values)
    return () if values is None else (values,)


def has(values: object, wanted: object) -> bool:
    return wanted is not None and wanted in held(values)


def _wanted(wanted: Iterable[object]) -> list[object]:
    return [each for value in wanted for each in held(value)]


def has_any(values: object, *wanted: object) -> bool:
    return any(each in held(values) for each in _wanted(wanted))


def has_all(values: object, *wanted: object) -> bool:
    return all(each in held(values) for each in _wanted(wanted))


def count_of(values: object) -> Decimal:
    return Decimal(len(held(values)))
