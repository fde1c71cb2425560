"""Which rows does a row source of a stored record have? For what must be read row by row in Python."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select

from engine.catalog.field_types.columns import BigId
from engine.expressions.nodes import Path
from engine.storage.database import UnitOfWork
from engine.storage.parameters import Parameters
from engine.storage.sql_scope import LineScope, Surroundings, root_scope
from engine.storage.tables import RECORD

RowIds = tuple[str, str | None, list[tuple[int, int]]]


def fetch_row_ids(uow: UnitOfWork, form_id: str, record_id: int, source: Path) -> RowIds:
    """(the rows' form, the lines they stand in, (row, the record it belongs to) of each), read with every right."""

    def build() -> tuple[Select[Any], str, str | None]:
        around = Surroundings(uow.catalog, uow.database.tables, Parameters(uow.database.dialect))
        scope = root_scope(around, form_id, as_reader=False)
        table, tied, rows = scope.rows(source, 0)
        lines = rows.lines.id if isinstance(rows, LineScope) else None
        form = rows.record.form.id if isinstance(rows, LineScope) else rows.form.id
        record = rows.source.c[RECORD] if lines is not None else rows.source.c.id
        chosen = select(rows.source.c.id, record).select_from(scope.source.join(table, tied))
        own = scope.source.c.id == bindparam("the_id", type_=BigId())
        return chosen.where(own).order_by(rows.source.c.id), form, lines

    statement, form, lines = uow.database.statements.get(("row ids", form_id, source), build)
    found = uow.connection.execute(statement, {"the_id": record_id})
    return form, lines, [(row[0], row[1]) for row in found]
