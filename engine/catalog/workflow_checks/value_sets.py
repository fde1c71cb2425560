"""Sets of values of one thing that conditions ask about: ranges of numbers and dates, or options, each with or without
“empty”.

Ranges are held in whole units (hundredths of a money amount, days of a date), so they end at values that exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.expressions.nodes import Type

Span = tuple[int | None, int | None]  # both ends belong to it; None: without end
WHOLE: Span = (None, None)
FINEST = 12
_FIRST = datetime(1, 1, 1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Some values of one thing. Ranges in order and apart; or options, `others`: all that are not among them."""

    spans: tuple[Span, ...] | None = None
    options: frozenset[object] = frozenset()
    others: bool = False
    null: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether no value lies in it."""
        return not (self.null or self.others or self.options or self.spans)

    def both(self, other: ValueSet) -> ValueSet:
        """What lies in both."""
        null = self.null and other.null
        if self.spans is not None and other.spans is not None:
            return ValueSet(tuple(_common(self.spans, other.spans)), null=null)
        if self.others and other.others:
            return ValueSet(None, self.options | other.options, others=True, null=null)
        if self.others or other.others:
            named, rest = (other, self) if self.others else (self, other)
            return ValueSet(None, named.options - rest.options, null=null)
        return ValueSet(None, self.options & other.options, null=null)

    def without(self, other: ValueSet) -> ValueSet:
        """What lies in this, but not in the other."""
        return self.both(other.opposite())

    def opposite(self) -> ValueSet:
        """Every other value."""
        if self.spans is not None:
            return ValueSet(tuple(_gaps(self.spans)), null=not self.null)
        return replace(self, others=not self.others, null=not self.null)


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that conditions compare: a field, or a computation from fields, by its `key`."""

    key: str
    type: Type
    can_be_empty: bool = True

    def everything(self) -> ValueSet:
        """All its values."""
        if self.is_ordered:
            return ValueSet((WHOLE,), null=self.can_be_empty)
        if self.type.kind == "boolean":
            return ValueSet(None, frozenset({True, False}))
        if self.type.options is not None:
            return ValueSet(None, frozenset(self.type.options), null=self.can_be_empty)
        return ValueSet(None, others=True, null=self.can_be_empty)

    @property
    def is_ordered(self) -> bool:
        """Whether it has ranges."""
        return self.type.kind in ("number", "date", "datetime")

    def compared(self, operator: str, value: object) -> ValueSet | None:
        """The values for which `it <operator> value` holds; None when that cannot be said."""
        if value is None and self.type.kind == "boolean":
            return None
        if value is None:
            return {"=": self._empty(), "<>": self._empty().opposite()}.get(operator)
        if not self.is_ordered:
            return {"=": self._one(value), "<>": self._one(value).opposite()}.get(operator)
        units = self._units(value)
        if units is None:
            return None
        low, high = units
        exact = ((low, high),) if low == high else ()
        spans: dict[str, tuple[Span, ...]] = {
            "=": exact, "<": ((None, low - (low == high)),), "<=": ((None, low),),
            ">": ((high + (low == high), None),), ">=": ((high, None),),
        }  # fmt: skip
        if operator == "<>":
            return ValueSet(exact).opposite()
        return ValueSet(spans[operator]) if operator in spans else None

    def listed(self, values: Iterable[object]) -> ValueSet | None:
        """The values of a list."""
        found = ValueSet(() if self.is_ordered else None)
        for value in values:
            each = self.compared("=", value)
            if each is None:
                return None
            found = found.opposite().both(each.opposite()).opposite()
        return found

    def shown(self, units: int) -> object:
        """A value in whole units as the value it is."""
        if self.type.kind == "number":
            return Decimal(units).scaleb(-self.places)
        moment = _FIRST + units * _SECOND
        return moment if self.type.kind == "datetime" else date.fromordinal(units)

    @property
    def places(self) -> int:
        """How many decimals its whole units have."""
        return FINEST if self.type.places is None else self.type.places

    def _empty(self) -> ValueSet:
        return ValueSet(() if self.is_ordered else None, null=True)

    def _one(self, value: object) -> ValueSet:
        return ValueSet(None, frozenset({value}))

    def _units(self, value: object) -> tuple[int, int] | None:
        """The whole units around a value: the same twice when it is one."""
        if isinstance(value, Decimal) and self.type.kind == "number":
            scaled = value.scaleb(self.places)
            return int(scaled.to_integral_value(ROUND_FLOOR)), int(scaled.to_integral_value(ROUND_CEILING))
        if isinstance(value, datetime) or not isinstance(value, date) or self.type.kind != "date":
            return None
        return value.toordinal(), value.toordinal()


def _common(one: tuple[Span, ...], other: tuple[Span, ...]) -> Iterator[Span]:
    for low, high in one:
        for start, end in other:
            first = max((each for each in (low, start) if each is not None), default=None)
            last = min((each for each in (high, end) if each is not None), default=None)
            if first is None or last is None or first <= last:
                yield first, last


def _gaps(spans: tuple[Span, ...]) -> Iterator[Span]:
    start: int | None = None
    for at, (low, high) in enumerate(spans):
        if low is not None:
            yield start, low - 1
        if high is None:
            return
        if at + 1 == len(spans):
            yield high + 1, None
        start = high + 1
    if not spans:
        yield WHOLE
