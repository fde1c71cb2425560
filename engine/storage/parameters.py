"""Values that a statement is given each time it runs: the reader, the moment, the record that chooses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, Numeric, Text, bindparam
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from engine.expressions.nodes import Moment, Node, Path, Values

LISTED = -1  # in place of decimals: several values


@dataclass(slots=True)
class Parameters:
    """Collects which values a statement needs while it is built: (source, path) by the parameter's name."""

    dialect: str
    needs: dict[str, tuple[str, Path, int]] = field(default_factory=dict)

    def person(self) -> ColumnElement[Any]:
        """The reader's id."""
        self.needs["me"] = ("me", (), 0)
        return bindparam("me", type_=BigInteger())

    def moment(self, which: str) -> ColumnElement[Any]:
        """'today', 'now' or 'is_new'."""
        self.needs[which] = (which, (), 0)
        if which == "is_new":
            return bindparam(which, type_=Boolean())
        kinds: dict[str, TypeEngine[Any]] = {"today": Date(), "now": TIMESTAMP(timezone=True)}
        return bindparam(which, type_=Text() if self.dialect == "sqlite" else kinds[which])

    def listed(self, source: str, path: Path) -> ColumnElement[Any]:
        """The values of a field with several values below `source`, as the text of a JSON array."""
        name = "_".join((source, *path))
        self.needs[name] = (source, path, LISTED)
        return bindparam(name, type_=Text())

    def below(self, source: str, path: Path, kind: str, places: int) -> ColumnElement[Any]:
        """A value of `source` ("me", "this" or "asked") at `path`, whose expression kind is `kind`."""
        name = "_".join((source, *path))
        self.needs[name] = (source, path, places)
        return bindparam(name, type_=_raw_type(kind, self.dialect))

    def given(self, node: Node) -> ColumnElement[Any]:
        """A value that was lifted out of a condition; the query knows it."""
        return bindparam(str(node.value), type_=_raw_type(node.type.kind, self.dialect))

    def values(self, moment: Moment, this: Values | None) -> dict[str, Any]:
        """What to execute the statement with."""
        return {name: self._value(need, moment, this) for name, need in self.needs.items()}

    def _value(self, need: tuple[str, Path, int], moment: Moment, this: Values | None) -> Any:
        source, path, places = need
        if source in ("today", "now", "is_new"):
            value = getattr(moment, source)
            return raw(value.replace(microsecond=0) if source == "now" else value, self.dialect, 0)
        if source == "asked":
            return raw(moment.asked.get(path[0]), self.dialect, places)
        if source == "me" and not path:
            return moment.me
        values = moment.me_values if source == "me" else this
        found = None if values is None else values.value(path)
        if places == LISTED:
            return json.dumps(list(found if isinstance(found, (tuple, list, frozenset, set)) else ()))
        return raw(found, self.dialect, places)


def raw(value: object, dialect: str, places: int) -> Any:
    """A value as it lies in the column: on SQLite numbers are scaled integers and dates ISO text."""
    if dialect != "sqlite":
        return value
    if isinstance(value, Decimal):
        return int(value.scaleb(places))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if hasattr(value, "isoformat") else value


def written(value: object, dialect: str) -> Any:
    """A value that was written out in a condition: a number is raw with the decimals it has itself."""
    decimals = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
    return raw(value, dialect, decimals)


def _raw_type(kind: str, dialect: str) -> TypeEngine[Any]:
    if kind == "number":
        return BigInteger() if dialect == "sqlite" else Numeric()
    if kind == "boolean":
        return Boolean()
    if kind in ("link", "person", "department", "file", "duration"):
        return BigInteger()
    if dialect == "sqlite":
        return Text()
    kinds: dict[str, TypeEngine[Any]] = {"date": Date(), "datetime": TIMESTAMP(timezone=True)}
    return kinds.get(kind, Text())
