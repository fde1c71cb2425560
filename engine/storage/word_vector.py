"""PostgreSQL's column of a record's search words: taken apart once, when the record is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Text, cast, func, literal_column
from sqlalchemy.types import UserDefinedType


class WordVector(UserDefinedType[str]):
    """A tsvector; a search text given to it becomes one."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        """The column type."""
        return "TSVECTOR"

    def bind_expression(self, bindvalue: BindParameter[str]) -> ColumnElement[str] | None:
        """The search text, taken apart at white space."""
        return func.to_tsvector(literal_column("'simple'::regconfig"), cast(bindvalue, Text()), type_=self)
