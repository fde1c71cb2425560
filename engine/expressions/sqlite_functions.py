"""What SQLite cannot answer by itself and is registered on each connection.

`weft_eval(tree, zone, argument …)` evaluates a whole expression by the Python back end: the same answers by
construction. Numbers come and go raw (value · 10^places): as integers, beyond 64 bits as texts of digits.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine.expressions.closures import compile_closure
from engine.expressions.nodes import Expression, Moment, Node, Path, Type, Values
from engine.expressions.numbers import median
from engine.expressions.types import LISTS, places_of
from engine.values import EXACT, round_half_away

MOST_INTEGER = 2**63 - 1
FIELD_MOST = 10**18
LOW_PART = 10**9
Raw = int | str | None
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def register_functions(connection: sqlite3.Connection) -> None:
    """Make the functions that `to_sql` writes known to `connection`."""
    connection.create_function("weft_local_date", 2, local_date, deterministic=True)
    connection.create_function("weft_eval", -1, evaluate_tree, deterministic=True)
    connection.create_function("weft_fit", 3, fit, deterministic=True)
    connection.create_function("weft_total", 2, total, deterministic=True)
    connection.create_function("weft_mean", 4, mean, deterministic=True)
    connection.create_function("weft_sortable", 1, sortable, deterministic=True)
    for name, aggregate in (("weft_sum", WideSum), ("weft_min", WideMin), ("weft_max", WideMax)):
        connection.create_aggregate(name, 1, aggregate)  # type: ignore[arg-type]
    connection.create_aggregate("weft_avg", 2, WideAverage)  # type: ignore[arg-type]
    connection.create_aggregate("weft_median", 2, WideMedian)  # type: ignore[arg-type]


def local_date(instant: str | None, zone: str) -> str | None:
    """The date (ISO) that an instant (ISO, …Z) has in `zone`."""
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date().isoformat()


# --- a whole expression -------------------------------------------------------------------------------------------


class _Arguments:
    """The arguments of one call as values: ("#0",), ("#1",) …"""

    __slots__ = ("found",)

    def __init__(self, found: dict[Path, object]) -> None:
        self.found = found

    def value(self, path: Path) -> object:
        """The argument of that number."""
        return self.found[path]

    def rows(self, source: Path) -> Sequence[Values]:
        """There are none: aggregates are arguments."""
        return ()


def evaluate_tree(tree: str, zone: str, *arguments: Any) -> Any:
    """The value of a tree (Node.to_json as text) whose leaves are the arguments."""
    return _program(tree, zone)(arguments)


@lru_cache(maxsize=1024)
def _program(tree: str, zone: str) -> Callable[[Sequence[Any]], Any]:
    node = Node.from_json(json.loads(tree))
    kinds: dict[Path, Type] = {}
    _collect(node, kinds)
    closure = compile_closure(Expression("", node, frozenset()))
    moment = Moment(_EPOCH, ZoneInfo(zone))
    readers = [(path, int(path[0][1:]), _reader(type_)) for path, type_ in sorted(kinds.items())]
    written = _writer(node.type)

    def value(arguments: Sequence[Any]) -> Any:
        found: dict[Path, object] = {}
        for path, at, read in readers:
            raw = arguments[at]
            found[path] = None if raw is None else read(raw)
        result = closure(_Arguments(found), moment)
        return None if result is None else written(result)

    return value


def _collect(node: Node, kinds: dict[Path, Type]) -> None:
    if node.op == "field" and isinstance(node.value, tuple):
        kinds[node.value] = node.type
    for arg in node.args:
        _collect(arg, kinds)


def _reader(type_: Type) -> Callable[[Any], object]:
    if type_.kind == "number":
        places = places_of(type_)
        return lambda raw: EXACT.scaleb(Decimal(raw), -places)
    if type_.kind in LISTS:
        return lambda raw: tuple(json.loads(raw))
    readers: dict[str, Callable[[Any], object]] = {
        "boolean": bool, "date": date.fromisoformat, "datetime": datetime.fromisoformat,
    }  # fmt: skip
    return readers.get(type_.kind, _as_it_is)


def _as_it_is(raw: object) -> object:
    return raw


def _writer(type_: Type) -> Callable[[Any], Any]:
    if type_.kind == "number":
        places = places_of(type_)
        return lambda value: raw_number(value, places)
    writers: dict[str, Callable[[Any], Any]] = {
        "boolean": int,
        "date": lambda value: value.isoformat(),
        "datetime": lambda value: value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return writers.get(type_.kind, _as_it_is)


def raw_number(value: Decimal, places: int) -> Raw:
    """value · 10^places as an integer, beyond 64 bits as its digits."""
    return narrowed(int(EXACT.scaleb(round_half_away(value, places), places)))


def narrowed(raw: int) -> Raw:
    """The integer itself, beyond 64 bits its digits."""
    return raw if -MOST_INTEGER <= raw <= MOST_INTEGER else str(raw)


def fit(raw: Raw, places: int, wanted: int) -> Raw:
    """A number as a field with `wanted` decimals keeps it: rounded half away; None when it has too many digits."""
    if raw is None:
        return None
    number = EXACT.scaleb(Decimal(raw), -places)
    found = int(EXACT.scaleb(number.quantize(Decimal(1).scaleb(-wanted), ROUND_HALF_UP, _WIDE_ROUNDING), wanted))
    return found if abs(found) < FIELD_MOST else None


def sortable(raw: Raw) -> str | None:
    """A text that sorts as the raw number does, however large."""
    if raw is None:
        return None
    digits = str(abs(int(raw)))
    if int(raw) >= 0:
        return f"1{len(digits):04}{digits}"
    return f"0{9999 - len(digits):04}" + digits.translate(_NINES)


_NINES = str.maketrans("0123456789", "9876543210")
_WIDE_ROUNDING = EXACT.copy()
_WIDE_ROUNDING.clear_traps()


# --- aggregates that may leave 64 bits ------------------------------------------------------------------------------


def total(high: int | None, low: int | None) -> Raw:
    """The sum whose parts above and below 10^9 have been summed apart; of nothing 0."""
    return narrowed((high or 0) * LOW_PART + (low or 0))


def mean(high: int | None, low: int | None, count: int, places: int) -> Raw:
    """The average at 12 decimals of values with `places` decimals; of nothing None."""
    return _average((high or 0) * LOW_PART + (low or 0), count, places)


def _average(summed: int, count: int, places: int) -> Raw:
    if not count:
        return None
    by = 2 * count * 10**places
    size = (2 * abs(summed) * 10**12 + count * 10**places) // by
    return narrowed(size if summed >= 0 else -size)


class Aggregate(Protocol):
    """What sqlite3 asks of an aggregate."""

    def step(self, *arguments: Any) -> None:
        """One row."""

    def finalize(self) -> Raw:
        """The value."""


class WideSum:
    """The sum of raw numbers; of nothing 0."""

    def __init__(self) -> None:
        self.sum = 0

    def step(self, raw: Raw) -> None:
        """One row."""
        self.sum += int(raw or 0)

    def finalize(self) -> Raw:
        """The sum."""
        return narrowed(self.sum)


class WideMin:
    """The smallest raw number."""

    def __init__(self) -> None:
        self.best: int | None = None

    def step(self, raw: Raw) -> None:
        """One row."""
        if raw is not None and (self.best is None or self.better(int(raw), self.best)):
            self.best = int(raw)

    def better(self, one: int, other: int) -> bool:
        """Whether `one` takes the place of `other`."""
        return one < other

    def finalize(self) -> Raw:
        """The number, None of nothing."""
        return None if self.best is None else narrowed(self.best)


class WideMax(WideMin):
    """The largest raw number."""

    def better(self, one: int, other: int) -> bool:
        """Whether `one` takes the place of `other`."""
        return one > other


class WideAverage:
    """The average at 12 decimals of (raw, places)."""

    def __init__(self) -> None:
        self.sum, self.count, self.places = 0, 0, 0

    def step(self, raw: Raw, places: int) -> None:
        """One row."""
        if raw is not None:
            self.sum, self.count, self.places = self.sum + int(raw), self.count + 1, places

    def finalize(self) -> Raw:
        """The average, None of nothing."""
        return _average(self.sum, self.count, self.places)


class WideMedian:
    """The value in the middle, at 12 decimals, of (raw, places)."""

    def __init__(self) -> None:
        self.known: list[Decimal] = []

    def step(self, raw: Raw, places: int) -> None:
        """One row."""
        if raw is not None:
            self.known.append(EXACT.scaleb(Decimal(raw), -places))

    def finalize(self) -> Raw:
        """The median, None of nothing."""
        with localcontext(EXACT):
            found = median(*self.known)
        return None if found is None else raw_number(found, 12)
