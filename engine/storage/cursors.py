"""Where a page of a list begins: after the last row of the one before, whatever was inserted meanwhile (keyset).

Empty values count as smallest. Databases cannot seek "smaller or empty" in one go, so a page that may cross from empty
to filled values of the first sort column is read in two parts.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, bindparam, false, or_, tuple_

from engine.problems import Problem, ProblemsFound

CURSOR_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class SortKey:
    """One sort column: its SQL, its direction, whether it can be empty."""

    sql: ColumnElement[Any]
    descending: bool
    nullable: bool


def encode_cursor(names: Sequence[str], values: Sequence[object]) -> str:
    """An opaque text for the place of a row in an order; names tell orders apart."""
    packed = json.dumps([list(names), [_pack(value) for value in values]], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor(text: str, names: Sequence[str]) -> tuple[object, ...]:
    """The values in a cursor of this order; R110 for anything else."""
    try:
        padded = text[:CURSOR_LENGTH].encode() + b"=" * (-len(text[:CURSOR_LENGTH]) % 4)
        found, values = json.loads(base64.urlsafe_b64decode(padded))
        if found != list(names) or len(values) != len(names):
            raise ValueError(text)
        return tuple(_unpack(value) for value in values)
    except (ValueError, TypeError, KeyError, binascii.Error, InvalidOperation, RecursionError) as error:
        raise ProblemsFound([Problem("R110")]) from error


def parts_of_page(keys: Sequence[SortKey], cursor: tuple[object, ...] | None) -> tuple[str, ...]:
    """Which parts a page is read in: "all", or "same" (from the cursor on, while as empty as it) and then "rest"."""
    if cursor is None:
        return ("all",)
    first, empty = keys[0], cursor[0] is None
    crosses = first.nullable and (empty != first.descending)
    return ("same", "rest") if crosses else ("same",)


def condition_of_part(keys: Sequence[SortKey], part: str, empty: tuple[bool, ...]) -> ColumnElement[bool] | None:
    """The rows of a part. The cursor's values are the parameters c0, c1, … ; `empty` says which of them are null."""
    first = keys[0]
    if part == "all":
        return None
    if part == "rest":
        return first.sql.is_(None) if first.descending else first.sql.is_not(None)
    if empty[0]:
        return and_(first.sql.is_(None), _after(keys[1:], empty[1:], 1))
    one_way = all(key.descending == first.descending and not key.nullable for key in keys[1:])
    if one_way:
        return _seek(keys)
    bound = first.sql <= _value(first, 0) if first.descending else first.sql >= _value(first, 0)
    return and_(bound, _after(keys, empty, 0))


def order_by(keys: Sequence[SortKey], dialect: str) -> list[ColumnElement[Any]]:
    """The ORDER BY of these keys."""
    ordered: list[ColumnElement[Any]] = []
    for key in keys:
        sql: UnaryExpression[Any] = key.sql.desc() if key.descending else key.sql.asc()
        if dialect == "postgresql" and key.nullable:
            sql = sql.nulls_last() if key.descending else sql.nulls_first()
        ordered.append(sql)
    return ordered


def _seek(keys: Sequence[SortKey]) -> ColumnElement[bool]:
    if len(keys) == 1:
        return keys[0].sql < _value(keys[0], 0) if keys[0].descending else keys[0].sql > _value(keys[0], 0)
    columns, values = tuple_(*(key.sql for key in keys)), tuple_(*(_value(key, at) for at, key in enumerate(keys)))
    return columns < values if keys[0].descending else columns > values


def _after(keys: Sequence[SortKey], empty: Sequence[bool], at: int) -> ColumnElement[bool]:
    """What comes after the cursor: greater in the first key, or equal there and after in the others."""
    key = keys[0]
    further: ColumnElement[bool]
    equal: ColumnElement[bool]
    if empty[0]:
        further = false() if key.descending else key.sql.is_not(None)
        equal = key.sql.is_(None)
    else:
        value = _value(key, at)
        further = (
            or_(key.sql < value, key.sql.is_(None))
            if key.descending and key.nullable
            else (key.sql < value if key.descending else key.sql > value)
        )
        equal = key.sql == value
    return further if len(keys) == 1 else or_(further, and_(equal, _after(keys[1:], empty[1:], at + 1)))


def _value(key: SortKey, at: int) -> ColumnElement[Any]:
    return bindparam(f"c{at}", type_=key.sql.type)


def _pack(value: object) -> object:
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"h": value.isoformat()} if isinstance(value, time) else value


def _unpack(value: object) -> object:
    if not isinstance(value, dict):
        if value is None or isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) < 2**63):
            return value
        raise ValueError("no value of a cursor")
    ((kind, text),) = value.items()
    if kind == "n":
        number = Decimal(text)
        if not number.is_finite() or abs(number.adjusted()) > 40:
            raise ValueError("no number")
        return number
    return {"t": datetime.fromisoformat, "d": date.fromisoformat, "h": time.fromisoformat}[kind](text)
