"""Which stored values of a record wait to be computed again: a mark for each formula, " total grade "."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, func

from engine.storage.tables import STALE


def has_mark(table: FromClause, key: str) -> ColumnElement[bool]:
    """Whether the value of the formula `key` is waiting to be computed again."""
    marks = table.c[STALE]
    return marks.is_not(None) & (func.replace(marks, f" {key} ", " ") != marks)
