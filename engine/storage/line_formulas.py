"""Columns of lines that are computed on reading: their values for the rows of several records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, type_coerce

from engine.catalog.forms import Field
from engine.storage.conditions import among, ids_value
from engine.storage.outputs import kind_type
from engine.storage.parameters import Parameters
from engine.storage.queries import VisibleQuery
from engine.storage.shapes import is_computed
from engine.storage.sql_scope import LineScope, Surroundings, computed, root_scope
from engine.storage.tables import RECORD

Cells = dict[int, dict[str, Any]]


def fetch_computed_cells(
    connection: Connection, query: VisibleQuery, lines: Field, allowed: Iterable[str], record_ids: Sequence[int]
) -> Cells:
    """{row id: {column: value}}; no statement when no allowed column is computed on reading."""
    wanted = set(allowed)
    names = tuple(name for name, inner in lines.fields.items() if name in wanted and is_computed(inner))
    if not names or not record_ids:
        return {}
    shape = ("computed cells", query.form_id, lines.id, names)
    statement, parameters = query.database.statements.get(shape, lambda: _build(query, lines, names))
    values = {**parameters.values(query.moment, None), "ids": ids_value(record_ids, query.database.dialect)}
    found = connection.execute(statement, values)
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _build(query: VisibleQuery, lines: Field, names: Sequence[str]) -> tuple[Select[Any], Parameters]:
    parameters = Parameters(query.database.dialect)
    around = Surroundings(query.catalog, query.database.tables, parameters)
    # As below a link, what stands in the record itself is read by sub-selects: rows are what is selected here.
    record = root_scope(around, query.form_id, as_reader=False)
    rows = LineScope(record, lines, around.alias(query.database.tables.lines[query.form_id, lines.id]))
    record.joins = None
    columns = []
    for name in names:
        value, decimals = computed(lines.fields[name], rows)
        columns.append(type_coerce(value, kind_type(lines.fields[name], decimals)).label(None))
    source = rows.source.join(record.source, rows.source.c[RECORD] == record.source.c.id)
    chosen = among(rows.source.c[RECORD], "ids", query.database.dialect)
    return select(rows.source.c.id, *columns).select_from(source).where(chosen), parameters
