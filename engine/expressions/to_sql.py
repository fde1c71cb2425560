"""An expression as SQL for SQLite or PostgreSQL, or NotInSql where the two could answer differently from Python."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, func

from engine.expressions.fold import fold
from engine.expressions.nodes import Expression, Path, SqlScope, Type
from engine.expressions.sql_fragments import FIELD_MOST, MOST_INTEGER, Fragment, NotInSql, Sql
from engine.expressions.sql_writer import Given, Writer


def to_sql(expression: Expression, scope: SqlScope, given: Given | None = None) -> Sql:
    """The expression as SQL. A condition is for WHERE: null counts as false, so that indexes can serve it.

    Numbers come raw (see to_sql_number). `given` makes the parameters of lifted literals. Raises NotInSql (FX042).
    """
    writer = Writer(scope, given)
    if expression.type.kind == "boolean":
        return writer.filter(fold(expression.node, scope.zone))
    return writer.as_operand(fold(expression.node, scope.zone)).sql


def to_sql_value(expression: Expression, scope: SqlScope) -> Sql:
    """As to_sql, but a condition is true or false also outside WHERE: for columns, NOT, GROUP BY."""
    return Writer(scope).as_operand(fold(expression.node, scope.zone)).sql


def to_sql_number(expression: Expression, scope: SqlScope) -> tuple[Sql, int]:
    """A number and its decimals: on SQLite the SQL is value · 10^decimals, on PostgreSQL the value itself.

    Beyond 64 bits SQLite has the digits as a text.
    """
    fragment: Fragment = Writer(scope).as_operand(fold(expression.node, scope.zone))
    return fragment.sql, fragment.places


def to_sql_field(expression: Expression, scope: SqlScope, places: int) -> Sql:
    """A number as a field with `places` decimals keeps it: rounded half away, null when it has too many digits."""
    node = fold(expression.node, scope.zone)
    found = Writer(scope).as_operand(node)
    if scope.dialect == "sqlite":
        return _raw_field(found, places)
    rounded = found.sql
    if node.type.places is None or node.type.places > places:
        rounded = func.round(rounded, sa.literal_column(str(places), sa.Integer()), type_=sa.Numeric())
    most = sa.literal_column(f"{FIELD_MOST // 10**places}::numeric", sa.Numeric())
    least = sa.literal_column(f"(-{FIELD_MOST // 10**places})::numeric", sa.Numeric())
    kept = func.nullif(func.greatest(rounded, least, type_=sa.Numeric()), least, type_=sa.Numeric())
    return func.nullif(func.least(kept, most, type_=sa.Numeric()), most, type_=sa.Numeric())


def _raw_field(found: Fragment, places: int) -> Sql:
    """On SQLite: natively where nothing is rounded and 64 bits hold it."""
    unit = 10 ** max(0, places - found.places)
    if found.places > places or found.most * unit > MOST_INTEGER:
        return func.weft_fit(found.sql, found.places, places, type_=sa.BigInteger())
    raw = found.sql if unit == 1 else found.sql * sa.literal(unit, sa.BigInteger())
    if found.most * unit <= FIELD_MOST:
        return raw
    most, least = (sa.literal_column(str(each), sa.BigInteger()) for each in (FIELD_MOST, -FIELD_MOST))
    kept = func.min(func.max(raw, least), most)
    return func.nullif(func.nullif(kept, most), least, type_=sa.BigInteger())


def sql_supported(expression: Expression, dialect: str) -> bool:
    """Whether `to_sql` succeeds on `dialect` ("sqlite" or "postgresql"), by the registered function if need be."""
    return _succeeds(expression, Writer(_Anything(dialect)))


def sql_native(expression: Expression, dialect: str) -> bool:
    """Whether every operation has SQL of its own on `dialect`, as filters and access rules of definitions need."""
    return _succeeds(expression, Writer(_Anything(dialect), native=True))


def _succeeds(expression: Expression, writer: Writer) -> bool:
    try:
        writer.as_operand(fold(expression.node, "UTC"))
    except NotInSql:
        return False
    return True


class _Anything:
    """A SqlScope that has every column: enough to see whether a tree can be written."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.zone = "UTC"

    def column(self, path: Path, depth: int) -> tuple[Sql, int]:
        return sa.column("_".join(path)), 2

    def rows(self, source: Path, depth: int) -> tuple[FromClause, ColumnElement[bool], SqlScope]:
        return sa.table("_".join(source)), sa.true(), self

    def members(self, path: Path, depth: int) -> Sql:
        return sa.select(sa.column("value")).select_from(sa.table("_".join(path))).scalar_subquery()

    def rule(self, word: str) -> ColumnElement[bool]:
        return sa.true()

    def me(self, path: Path) -> Sql:
        return sa.bindparam("me")

    def mine(self, path: Path) -> Sql:
        return self.members(("me", *path), 0)

    def has_reader(self) -> bool:
        return True

    def moment(self, which: str) -> Sql:
        return sa.bindparam(which)

    def setting(self, path: Path) -> tuple[Sql, int]:
        return sa.bindparam("_".join(("settings", *path))), 2

    def asked(self, name: str, type_: Type) -> tuple[Sql, int]:
        return sa.bindparam(f"asked_{name}"), 2

    def order(self) -> Sequence[Sql]:
        return (sa.column("id"),)

    def work_days(self) -> FromClause:
        return sa.table("calendar", sa.column("day"), sa.column("is_work"), sa.column("position"))
