"""Writes rows of lines and members of several-valued fields; rows keep their ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, insert, update

from engine.catalog.forms import Field, Form
from engine.storage.children import Line
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.inserting import insert_rows
from engine.storage.shapes import has_column, is_polymorphic
from engine.storage.tables import POSITION, RECORD, TARGET


def insert_lines(uow: UnitOfWork, form: Form, field: Field, rows: Sequence[tuple[int, int, Line]]) -> None:
    """Write new rows (record id, position, line) in one statement; each line is given its "id"."""
    table = uow.database.tables.lines[form.id, field.id]
    prepared = [{RECORD: record_id, POSITION: at, **_line_columns(field, line)} for record_id, at, line in rows]
    ids = insert_rows(uow, table, prepared)
    for (_, _, line), line_id in zip(rows, ids, strict=True):
        line["id"] = line_id


def delete_children_left_out(
    uow: UnitOfWork, form: Form, field: Field, before: Iterable[Line], after: Iterable[Line]
) -> None:
    """Remove the rows of `before` that are not in `after`."""
    gone = {line["id"] for line in before} - {line.get("id") for line in after}
    if gone:
        table = uow.database.tables.lines[form.id, field.id]
        statement = delete(table).where(among(table.c.id, "ids", uow.database.dialect))
        uow.connection.execute(statement, {"ids": ids_value(sorted(gone), uow.database.dialect)})


def write_lines(
    uow: UnitOfWork, form: Form, field: Field, record_id: int, after: Sequence[Line], before: Sequence[Line]
) -> None:
    """Insert the new rows and update the changed ones; positions follow the order given."""
    known = {line["id"]: (at, line) for at, line in enumerate(before)}
    new = [(record_id, at, line) for at, line in enumerate(after) if line.get("id") not in known]
    changed = []
    for at, line in enumerate(after):
        old_at, old = known.get(line.get("id"), (at, line))
        if old is not line and (old_at != at or any(old.get(name) != value for name, value in line.items())):
            columns = _line_columns(field, {**old, **line})
            changed.append(
                {"the_id": line["id"], "v__position": at, **{f"v_{name}": columns[name] for name in columns}}
            )
    if new:
        insert_lines(uow, form, field, new)
    if changed:
        table = uow.database.tables.lines[form.id, field.id]
        names = [name.removeprefix("v_") for name in changed[0] if name != "the_id"]
        statement = update(table).where(table.c.id == bindparam("the_id", type_=BigInteger()))
        uow.connection.execute(
            statement.values({name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}), changed
        )


def write_many(
    uow: UnitOfWork, form: Form, field: Field, record_id: int, after: Iterable[int], before: Iterable[int]
) -> None:
    """Make the members of a several-valued field those of `after`, in that order."""
    wanted, known = list(dict.fromkeys(after)), list(before)
    if wanted == known:
        return
    table = uow.database.tables.many[form.id, field.id]
    if known:
        uow.connection.execute(delete(table).where(table.c[RECORD] == record_id))
    if wanted:
        rows = [{RECORD: record_id, TARGET: target, POSITION: at} for at, target in enumerate(wanted)]
        uow.connection.execute(insert(table), rows)


def _line_columns(field: Field, line: Line) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for inner in field.fields.values():
        if not has_column(inner):
            continue
        value = line.get(inner.id)
        if inner.type == "boolean":
            value = bool(value)
        if is_polymorphic(inner):
            form, value = value if value else (None, None)
            columns[f"{inner.column}_form"] = form
        columns[inner.column] = value
        if inner.type == "stage":
            columns[f"{inner.column}_entered"] = None
    return columns
