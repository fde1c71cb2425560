"""An expression as SQL for SQLite or PostgreSQL, or NotInSql where the two could answer differently from Python."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from engine.expressions.fold import fold
from engine.expressions.nodes import Expression, Path, SqlScope
from engine.expressions.sql_operations import Fragment, NotInSql
from engine.expressions.sql_writer import Given, Writer

Sql = ColumnElement[Any]


def to_sql(expression: Expression, scope: SqlScope, given: Given | None = None) -> Sql:
    """The expression as SQL. A condition is for WHERE: null counts as false, so that indexes can serve it.

    Numbers come raw (see to_sql_number). `given` makes the parameters of lifted literals. Raises NotInSql (FX042).
    """
    writer = Writer(scope, given)
    if expression.type.kind == "boolean":
        return writer.filter(fold(expression.node, scope.zone))
    return writer.fragment(fold(expression.node, scope.zone)).sql


def to_sql_value(expression: Expression, scope: SqlScope) -> Sql:
    """As to_sql, but a condition is true or false also outside WHERE: for columns, NOT, GROUP BY."""
    writer = Writer(scope)
    if expression.type.kind == "boolean":
        return writer.condition(fold(expression.node, scope.zone))
    return writer.fragment(fold(expression.node, scope.zone)).sql


def to_sql_number(expression: Expression, scope: SqlScope) -> tuple[Sql, int]:
    """A number and its decimals: on SQLite the SQL is value · 10^decimals, on PostgreSQL the value itself."""
    fragment: Fragment = Writer(scope).fragment(fold(expression.node, scope.zone))
    return fragment.sql, fragment.places


def sql_supported(expression: Expression, dialect: str) -> bool:
    """Whether `to_sql` succeeds on `dialect` ("sqlite" or "postgresql")."""
    try:
        to_sql(expression, _Anything(dialect))
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

    def moment(self, which: str) -> Sql:
        return sa.bindparam(which)
