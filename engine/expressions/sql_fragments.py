"""What a piece of SQL is made of here: its text, its decimals, its size; and how one says that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.problems import Problem, ProblemsFound

Sql = ColumnElement[Any]
MOST_INTEGER = 2**63 - 1
FIELD_MOST = 10**18


@dataclass(frozen=True, slots=True)
class Fragment:
    """A value in SQL.

    places   decimals of a number: on SQLite the SQL is value · 10^places
    literal  the number itself when it is written out, so that it can be scaled before binding
    most     on SQLite, what the raw number cannot exceed; beyond 2^63 it may be a text of digits ("wide")
    clamped  of a wide number, one within ±(2^63 - 1): enough to compare it with a number that is not wide
    """

    sql: Sql
    places: int = 0
    literal: Decimal | None = None
    most: int = 0
    clamped: Sql | None = None

    @property
    def wide(self) -> bool:
        """Whether the raw number may leave the 64 bits of SQLite."""
        return self.most > MOST_INTEGER


class NotInSql(ProblemsFound):
    """The expression has no native SQL on this dialect; `problem` is FX042."""

    def __init__(self, what: str | Mapping[str, str]) -> None:
        self.problem = Problem("FX042", MappingProxyType({"what": what}))
        super().__init__([self.problem])


class Awkward(NotInSql):
    """There is native SQL for the operation, but here it would be inexact or grow: the registered function serves."""


def is_simple(sql: Sql) -> bool:
    """Whether the SQL may be written twice: a column, a parameter, a constant."""
    while isinstance(sql, (sa.sql.elements.TypeCoerce, sa.sql.elements.Grouping, sa.Cast)):
        sql = sql.typed_expression if isinstance(sql, sa.sql.elements.TypeCoerce) else _inside(sql)
    constants = (sa.sql.elements.Null, sa.sql.elements.True_, sa.sql.elements.False_)
    return isinstance(sql, (sa.sql.elements.ColumnClause, sa.BindParameter, *constants))


def _inside(sql: Any) -> Sql:
    found: Sql = sql.clause if isinstance(sql, sa.Cast) else sql.element
    return found


def twice(*parts: Sql) -> None:
    """Awkward when one of the parts, which a rule is about to write more than once, is not simple."""
    if not all(is_simple(part) for part in parts):
        raise Awkward("")
