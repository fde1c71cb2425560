"""Rows of lines and the members of several-valued fields, for several records at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from engine.catalog.forms import Field, Form
from engine.storage.conditions import among, ids_value
from engine.storage.database import Database
from engine.storage.line_formulas import fetch_computed_cells
from engine.storage.queries import Record, VisibleQuery
from engine.storage.shapes import has_column, is_lines, is_many, is_polymorphic
from engine.storage.tables import POSITION, RECORD, TARGET

Line = dict[str, Any]


def attach_children(connection: Connection, query: VisibleQuery, records: Sequence[Record]) -> None:
    """Put lines and members into the records' values, where the query asks for such fields."""
    form = query.catalog.forms[query.form_id]
    for name in query.fields or ():
        own = form.fields.get(name)
        if own is None or not records:
            continue
        ids = [record.id for record in records if name not in record.unseen]
        found: Mapping[int, Any]
        if is_many(own):
            found = fetch_many(connection, query.database, form.id, name, ids)
        elif is_lines(own):
            allowed = _visible_columns(query, own)
            found = fetch_lines(connection, query.database, form.id, name, ids, allowed)
            cells = fetch_computed_cells(connection, query, own, allowed, ids)
            for row in (row for rows in found.values() for row in rows if cells):
                row.update(cells.get(row["id"], {}))
            _withhold(own, records, found)
        else:
            continue
        for record in records:
            record.values[name] = found.get(record.id, () if is_many(own) else [])


def _withhold(lines: Field, records: Sequence[Record], found: Mapping[int, list[Line]]) -> None:
    """Take columns out that are seen in other records only."""
    for record in records:
        for name in record.unseen:
            field, _, column = name.partition(".")
            if field == lines.id and column:
                for row in found.get(record.id, ()):
                    row.pop(column, None)


def fetch_lines(
    connection: Connection,
    database: Database,
    form_id: str,
    field_id: str,
    record_ids: Iterable[int],
    columns: Iterable[str] | None = None,
) -> dict[int, list[Line]]:
    """The rows of a lines field by record id, in order: {"id", column: value}; records without rows are absent."""
    form = database.catalog.forms[form_id]
    lines = form.fields[field_id]
    names = tuple(name for name, inner in lines.fields.items() if has_column(inner))
    if columns is not None:
        allowed = set(columns)
        names = tuple(name for name in names if name in allowed)
    statement = database.statements.get(
        ("lines", form_id, field_id, names), lambda: _lines_select(database, form, lines, names)
    )
    found: dict[int, list[Line]] = {}
    several = tuple(name for name in names if is_polymorphic(lines.fields[name]))
    ids = ids_value(record_ids, database.dialect)
    for row in connection.execute(statement, {"ids": ids}):
        line: Line = {"id": row[1], **dict(zip(names, row[2:], strict=False))}
        for at, name in enumerate(several):
            form_of = row[2 + len(names) + at]
            line[name] = (form_of, line[name]) if line[name] is not None else None
        found.setdefault(row[0], []).append(line)
    return found


def fetch_many(
    connection: Connection, database: Database, form_id: str, field_id: str, record_ids: Iterable[int]
) -> dict[int, tuple[int, ...]]:
    """The members of a several-valued field by record id, in order; records without members are absent."""

    def build() -> Select[Any]:
        table = database.tables.many[form_id, field_id]
        chosen = among(table.c[RECORD], "ids", database.dialect)
        return select(table.c[RECORD], table.c[TARGET]).where(chosen).order_by(table.c[RECORD], table.c[POSITION])

    statement = database.statements.get(("many", form_id, field_id), build)
    found: dict[int, tuple[int, ...]] = {}
    for record_id, target in connection.execute(statement, {"ids": ids_value(record_ids, database.dialect)}):
        found[record_id] = (*found.get(record_id, ()), target)
    return found


def _lines_select(database: Database, form: Form, lines: Field, names: tuple[str, ...]) -> Select[Any]:
    table = database.tables.lines[form.id, lines.id]
    columns = [table.c[lines.fields[name].column] for name in names]
    forms = [table.c[f"{lines.fields[name].column}_form"] for name in names if is_polymorphic(lines.fields[name])]
    chosen = among(table.c[RECORD], "ids", database.dialect)
    ordered = select(table.c[RECORD], table.c.id, *columns, *forms).where(chosen)
    return ordered.order_by(table.c[RECORD], table.c[POSITION], table.c.id)


def _visible_columns(query: VisibleQuery, lines: Field) -> list[str]:
    if query.rights is None:
        return list(lines.fields)
    right = query.rights.see(query.form_id)
    allowed = right.fields if right is not None else frozenset()
    return [name for name in lines.fields if f"{lines.id}.{name}" in allowed]
