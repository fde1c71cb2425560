"""How values lie in columns: exact decimals, dates and instants that sort the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, Dialect, Integer, Numeric, Text, Time
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from engine.values import round_half_away

DIGITS = 18


class ScaledInteger(UserDefinedType[int]):
    """SQLite's column of a number: the value times 10^places. The declared type keeps the places for the plan."""

    cache_ok = True

    def __init__(self, places: int) -> None:
        self.places = places

    def get_col_spec(self, **kw: Any) -> str:
        """The declared type; "INT" in it gives the column SQLite's integer affinity."""
        return f"INTEGER({DIGITS},{self.places})"


class IsoText(UserDefinedType[str]):
    """SQLite's column of a date, time, instant or list. The declared type keeps which, for the plan."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **kw: Any) -> str:
        """The declared type; "TEXT" in it gives the column SQLite's text affinity."""
        return f"TEXT_{self.kind}"


class ScaledDecimal(TypeDecorator[Decimal]):
    """Decimal with fixed places: numeric(18, places) on PostgreSQL, an integer times 10^places on SQLite."""

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        if dialect.name == "sqlite":
            return ScaledInteger(self.places)
        return dialect.type_descriptor(Numeric(DIGITS, self.places))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Round half away to the places; on SQLite the scaled integer."""
        if value is None:
            return None
        rounded = round_half_away(Decimal(value), self.places)
        return int(rounded.scaleb(self.places)) if dialect.name == "sqlite" else rounded

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """A Decimal with exactly `places` decimals."""
        if value is None:
            return None
        if dialect.name != "sqlite":
            return Decimal(value)
        return Decimal(value).scaleb(-self.places)


class IsoDate(TypeDecorator[date]):
    """A date: DATE on PostgreSQL, ISO text on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        return IsoText("DATE") if dialect.name == "sqlite" else dialect.type_descriptor(Date())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """ISO text for SQLite."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """The date."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class IsoTime(TypeDecorator[time]):
    """A time of day in whole seconds: TIME on PostgreSQL, HH:MM:SS on SQLite."""

    impl = Time
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        return IsoText("TIME") if dialect.name == "sqlite" else dialect.type_descriptor(Time())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """ISO text for SQLite."""
        if value is None:
            return None
        return value.isoformat("seconds") if dialect.name == "sqlite" else value.replace(microsecond=0)

    def process_result_value(self, value: Any, dialect: Dialect) -> time | None:
        """The time."""
        return time.fromisoformat(value) if isinstance(value, str) else value


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in whole seconds: timestamptz(0) on PostgreSQL, fixed width "2026-11-22T08:15:00Z" on SQLite."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        if dialect.name == "sqlite":
            return IsoText("INSTANT")
        return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=0))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """UTC, whole seconds; a datetime without zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        moment = value.astimezone(UTC).replace(microsecond=0)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware datetime in UTC."""
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if value is not None else None


class WordList(TypeDecorator[tuple[str, ...]]):
    """Several option ids in one column, as a JSON array; NULL when none is chosen."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        if dialect.name == "sqlite":
            return IsoText("WORDS")
        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """JSON text for SQLite, a list for PostgreSQL; nothing chosen is NULL."""
        if not value:
            return None
        return json.dumps(list(value), ensure_ascii=False) if dialect.name == "sqlite" else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:
        """The ids in the order chosen; () when none is."""
        if value is None:
            return ()
        return tuple(json.loads(value) if isinstance(value, str) else value)


class BigId(TypeDecorator[int]):
    """An id: bigint, and on SQLite INTEGER so that a primary key is the row id."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database at hand."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def plain_text() -> TypeEngine[str]:
    """Text that is compared and sorted by code point on both databases."""
    return Text().with_variant(Text(collation="C"), "postgresql")
