"""What becomes of a computed value before a field keeps or shows it: rounding, emptiness, the range of numbers."""

from __future__ import annotations

from decimal import Decimal

from engine.catalog.forms import Field
from engine.values import normal_text, round_half_away

NUMBERS = frozenset({"number", "money", "percent", "rating"})
DIGITS = 18


def finish(definition: Field, value: object) -> object:
    """A computed value as the field keeps it: rounded to its places, integers whole, empty text as nothing."""
    if definition.type == "boolean":
        return bool(value)
    if isinstance(value, str):
        return normal_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if definition.type in NUMBERS and isinstance(value, (Decimal, int)):
        return round_half_away(Decimal(value), definition.places)
    if definition.type in ("integer", "duration") and isinstance(value, Decimal):
        return int(round_half_away(value, 0))
    return value


def computed(definition: Field, value: object) -> object:
    """A value computed on reading as the field shows it: nothing where a column could not hold it."""
    found = finish(definition, value)
    return None if out_of_range(definition, found) else found


def out_of_range(definition: Field, value: object) -> bool:
    """Whether a number has more digits than its column."""
    if not isinstance(value, (Decimal, int)) or isinstance(value, bool):
        return False
    places = definition.places if definition.type in NUMBERS else 0
    return bool(abs(value) >= 10 ** (DIGITS - places))
