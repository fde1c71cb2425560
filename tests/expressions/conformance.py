"""Reads the conformance table and gives each case its scope, its values and its row in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from engine.catalog.field_types.columns import IsoDate
from engine.expressions import Expression, Scope, SqlScope, Symbol, Type, compile_expression
from engine.values import EXACT
from tests.expressions.surroundings import CALENDAR, NOW, Names, Record

TYPES = {
    **dict.fromkeys("abcx", Type("number", 4)),
    **dict.fromkeys("tu", Type("text")),
    **dict.fromkeys("de", Type("date")),
    **dict.fromkeys("mn", Type("datetime")),
    **dict.fromkeys("pq", Type("boolean")),
    "z": Type("duration"),
    "k": Type("choices", options=("x", "y", "w")),
}
ROW_TYPES = {
    "金额": Type("number", 2), "数量": Type("number", 2), "单价": Type("number", 2),
    "状态": Type("text"), "日期": Type("date"),
}  # fmt: skip


def symbols(types: Mapping[str, Type]) -> dict[str, Symbol]:
    return {name: Symbol(name, type_) for name, type_ in types.items()}


ROWS = Names("sample.order.lines", symbols(ROW_TYPES))
FORM = Names("sample.order", symbols(TYPES) | {"明细": Symbol("明细", Type("rows", form="sample.order.lines"), ROWS)})


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    given: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    gives: object = None
    refused: str | None = None
    not_on: tuple[str, ...] = ()

    def expression(self, scope: Scope = FORM) -> Expression:
        return compile_expression(self.text, scope)

    def record(self) -> Record:
        lines = [
            Record({name: from_wire(row.get(name), type_) for name, type_ in ROW_TYPES.items()}) for row in self.rows
        ]
        values = {name: from_wire(self.given.get(name), type_) for name, type_ in TYPES.items()}
        return Record(values, {"明细": lines})


def read_cases() -> list[Case]:
    table = yaml.safe_load(Path(__file__).with_name("conformance.yaml").read_text(encoding="utf-8"))
    return [_case(entry) for group in table.values() for entry in group]


def _case(entry: Mapping[str, Any]) -> Case:
    given = {name: _plain(value) for name, value in entry.get("given", {}).items()}
    rows = [{name: _plain(value) for name, value in row.items()} for row in entry.get("rows", [])]
    return Case(
        entry["is"],
        entry["text"],
        given,
        rows,
        _plain(entry.get("gives")),
        entry.get("refused"),
        tuple(entry.get("not_on", [])),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def from_wire(value: Any, type_: Type) -> object:
    if value is None:
        return None
    match type_.kind:
        case "number":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "duration":
            return int(value)
        case "choices":
            return tuple(value)
    return value


def to_wire(value: object, places: int = 0) -> object:
    """The wire form, numbers without trailing zeros; raw numbers of SQLite and texts of dates included."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (Decimal, int)):
        number = EXACT.scaleb(Decimal(value), -places)
        text = format(number, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value


# --- the calendar in SQL ---

_METADATA = sa.MetaData()
WORK_DAYS = sa.Table(
    "work_days", _METADATA, sa.Column("day", IsoDate()), sa.Column("is_work", sa.Boolean), sa.Column("position", sa.Integer),
    prefixes=["TEMPORARY"],
)  # fmt: skip


def add_work_days(connection: sa.Connection) -> None:
    """The days of the moment's calendar as a table of this connection alone."""
    WORK_DAYS.create(connection)
    rows = [{"day": day, "is_work": work, "position": at} for day, work, at in CALENDAR.days()] if CALENDAR else []
    connection.execute(WORK_DAYS.insert(), rows)


# --- one row in SQL -------------------------------------------------------------------------------------------------


def sql_type(type_: Type, dialect: str) -> sa.types.TypeEngine[Any]:
    if dialect == "sqlite" and type_.kind in ("number", "duration"):
        return sa.BigInteger()
    kinds = {
        "number": sa.Numeric(),
        "date": sa.Date(),
        "datetime": sa.DateTime(timezone=True),
        "boolean": sa.Boolean(),
        "duration": sa.BigInteger(),
    }
    if dialect == "sqlite":
        kinds = {"boolean": sa.Boolean()}
    return kinds.get(type_.kind, sa.Text() if dialect == "sqlite" else sa.Text(collation="C"))


def sql_value(value: Any, type_: Type, dialect: str) -> sa.ColumnElement[Any]:
    known = from_wire(value, type_)
    if dialect == "sqlite" and known is not None:
        if type_.kind == "number":
            known = int(Decimal(known).scaleb(type_.places or 0))
        elif type_.kind in ("date", "datetime"):
            known = value
    elif isinstance(known, bool):
        known = bool(known)
    plain = sa.Text() if isinstance(sql_type(type_, dialect), sa.Text) else sql_type(type_, dialect)
    typed = sa.cast(sa.literal(known, plain), plain)
    return sa.collate(typed, "C") if type_.kind == "text" and dialect == "postgresql" else typed


def one_row(values: Mapping[str, Any], types: Mapping[str, Type], dialect: str, at: int = 0) -> sa.Select[Any]:
    columns = [sql_value(values.get(name), type_, dialect).label(name) for name, type_ in types.items()]
    return sa.select(*columns, sa.literal_column(str(at), sa.Integer()).label("_at"))


class OneRow:
    """The SqlScope over a case's record, or over its rows (with the record outside)."""

    zone = "Asia/Shanghai"

    def __init__(self, case: Case, dialect: str) -> None:
        self.case, self.dialect = case, dialect
        scalars = {name: type_ for name, type_ in TYPES.items() if type_.kind != "choices"}
        self.record = one_row(case.given, scalars, dialect).subquery("record")
        lines = [one_row(row, ROW_TYPES, dialect, at) for at, row in enumerate(case.rows)]
        empty = one_row({}, ROW_TYPES, dialect, 0).where(sa.false())
        self.lines = sa.union_all(*lines, empty).subquery("lines")
        self.around: tuple[tuple[sa.Subquery, Mapping[str, Type]], ...] = ((self.record, TYPES),)

    def column(self, path: tuple[str, ...], depth: int) -> tuple[sa.ColumnElement[Any], int]:
        table, types = self.around[depth]
        type_ = types[path[0]]
        return table.c[path[0]], type_.places or 0

    def rows(self, source: tuple[str, ...], depth: int) -> tuple[sa.FromClause, sa.ColumnElement[bool], SqlScope]:
        inner = OneRow.__new__(OneRow)
        inner.__dict__ = {**self.__dict__, "around": ((self.lines, ROW_TYPES), *self.around)}
        return self.lines, sa.true(), inner

    def members(self, path: tuple[str, ...], depth: int) -> sa.ColumnElement[Any]:
        held = [sa.select(sa.literal(value, sa.Text()).label("value")) for value in self.case.given.get(path[0]) or []]
        none = sa.select(sa.literal("", sa.Text()).label("value")).where(sa.false())
        return sa.select(sa.union_all(*held, none).subquery().c.value).scalar_subquery()

    def rule(self, word: str) -> sa.ColumnElement[bool]:
        return sa.true()

    def work_days(self) -> sa.FromClause:
        return WORK_DAYS.alias()

    def me(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return sa.literal(7, sa.BigInteger())

    def mine(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return self.members(path, 0)

    def has_reader(self) -> bool:
        return True

    def setting(self, path: tuple[str, ...]) -> tuple[sa.ColumnElement[Any], int]:
        return sa.null(), 0

    def asked(self, name: str, type_: Type) -> tuple[sa.ColumnElement[Any], int]:
        return sa.null(), 0

    def order(self) -> tuple[sa.ColumnElement[Any], ...]:
        return (self.around[0][0].c["_at"],)

    def moment(self, which: str) -> sa.ColumnElement[Any]:
        if which == "today":
            return sa.literal("2024-06-15", sa.Text()) if self.dialect == "sqlite" else sa.literal(date(2024, 6, 15))
        if self.dialect == "sqlite":
            return sa.literal("2024-06-15T04:00:00Z", sa.Text())
        return sa.literal(NOW, sa.DateTime(timezone=True))
