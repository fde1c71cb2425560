"""Reads and writes whole records in the engine's own name, inside a unit of work. Who may do it was asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Select, Update, bindparam, select, update

from engine.catalog.forms import Field, Form
from engine.problems import Stale
from engine.storage.aggregates import fetch_aggregates
from engine.storage.children import fetch_lines, fetch_many
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.inserting import insert_rows
from engine.storage.lookups import fetch_above, fetch_link_values, satisfies, satisfying, which_hold
from engine.storage.shapes import column_fields, has_column, is_lines, is_many, is_polymorphic
from engine.storage.words import write_words
from engine.storage.write_children import delete_children_left_out, insert_lines, write_lines, write_many

__all__ = [
    "Stored",
    "fetch_above",
    "fetch_aggregates",
    "fetch_for_update",
    "fetch_link_values",
    "fetch_system_rows",
    "insert_record",
    "insert_records",
    "lock_owners",
    "mark_deleted",
    "mark_restored",
    "satisfies",
    "satisfying",
    "update_computed",
    "update_record",
    "update_records",
    "which_hold",
]

SEARCH_TEXT = "search_text"
Values = Mapping[str, Any]


@dataclass(slots=True)
class Stored:
    """A record as it is in the database: every field with a column, lines as rows with "id", members as tuples."""

    id: int
    version: int
    values: dict[str, Any]
    entered: dict[str, datetime | None]
    created_at: datetime
    created_by: int | None
    updated_at: datetime
    updated_by: int | None
    deleted_at: datetime | None
    deleted_by: int | None


def fetch_system_rows(uow: UnitOfWork, form_id: str, ids: Iterable[int], *, lock: bool = False) -> dict[int, Stored]:
    """Whole records by id, the recycle bin included; locked in the order of their ids until the transaction ends."""
    form = uow.catalog.forms[form_id]
    statement = uow.database.statements.get(("whole", form_id, lock), lambda: _whole_select(uow, form, lock=lock))
    found = uow.connection.execute(statement, {"ids": ids_value(ids, uow.database.dialect)})
    plan = uow.database.statements.get(("whole fields", form_id), lambda: _Reading.of(form))
    records = {row[0]: plan.record(row) for row in found}
    for field in plan.children if records else ():
        _attach(uow, form_id, field, records)
    return records


def fetch_for_update(uow: UnitOfWork, form_id: str, record_id: int) -> Stored | None:
    """One record, locked until the transaction ends; None when there is none."""
    return fetch_system_rows(uow, form_id, [record_id], lock=True).get(record_id)


def lock_owners(uow: UnitOfWork, form_id: str, ids: Iterable[int], *, share: bool = False) -> None:
    """Lock records before their rows are read, in the order of their ids; with `share` others may read, not write them.

    SQLite's writers are alone anyway.
    """
    if uow.database.dialect == "sqlite":
        return
    table = uow.database.tables.forms[form_id]

    def build() -> Select[Any]:
        chosen = select(table.c.id).where(among(table.c.id, "ids", "postgresql")).order_by(table.c.id)
        return chosen.with_for_update(read=True) if share else chosen.with_for_update(key_share=True)

    statement = uow.database.statements.get(("lock owners", form_id, share), build)
    uow.connection.execute(statement, {"ids": sorted(set(ids))})


def insert_records(uow: UnitOfWork, form_id: str, rows: Iterable[Values]) -> list[int]:
    """Write new records; their ids in the order of `rows`.

    A row has values by field id; "search_text" may stand among them. New rows of lines (dicts) are given their "id".
    """
    form = uow.catalog.forms[form_id]
    table = uow.database.tables.forms[form_id]
    given = list(rows)
    stamps = {
        "created_at": uow.now,
        "created_by": uow.actor,
        "updated_at": uow.now,
        "updated_by": uow.actor,
        "version": 1,
    }
    prepared = [{**stamps, **_columns(form, row, uow.now, whole=True), **_search_column(uow, row)} for row in given]
    if not prepared:
        return []
    ids = insert_rows(uow, table, prepared)
    write_words(uow, form_id, {record_id: row.get(SEARCH_TEXT) for record_id, row in zip(ids, given, strict=True)})
    for field in form.fields.values():
        values = [(record_id, row[field.id]) for record_id, row in zip(ids, given, strict=True) if row.get(field.id)]
        if values and is_lines(field):
            lines = [(record_id, at, line) for record_id, rows_of in values for at, line in enumerate(rows_of)]
            insert_lines(uow, form, field, lines)
        elif values and is_many(field):
            for record_id, members in values:
                write_many(uow, form, field, record_id, members, ())
    return ids


def insert_record(uow: UnitOfWork, form_id: str, values: Values) -> int:
    """Write one new record; its id."""
    return insert_records(uow, form_id, [values])[0]


def update_record(
    uow: UnitOfWork, form_id: str, record_id: int, version: int, changes: Values, before: Values | None = None
) -> int:
    """Write the changed fields of one record and raise its version: the new one. Stale when another has saved it since.

    Changed lines are given whole, with the "id" of the rows that stay; new rows are given theirs. `before`: the values
    as they were stored, which saves reading rows and members again.
    """
    form = uow.catalog.forms[form_id]
    stamps = {"version": version + 1, "updated_at": uow.now, "updated_by": uow.actor}
    columns = {**_columns(form, changes, uow.now, whole=False), **stamps}
    if SEARCH_TEXT in changes:
        columns.update(_search_column(uow, changes))
    names = tuple(sorted(columns))
    statement = uow.database.statements.get(
        ("update", form_id, names), lambda: _update_statement(uow, form_id, names, versioned=True)
    )
    values = {f"v_{name}": value for name, value in columns.items()}
    done = uow.connection.execute(statement, {**values, "the_id": record_id, "the_version": version})
    if done.rowcount != 1:
        raise Stale(version, ())
    if SEARCH_TEXT in changes:
        write_words(uow, form_id, {record_id: changes[SEARCH_TEXT]}, replaced=True)
    _write_children(uow, form, record_id, changes, before)
    return version + 1


def update_records(uow: UnitOfWork, form_id: str, changes: Mapping[int, tuple[int, Values]]) -> None:
    """Write changed fields of records: {id: (version seen, changed values)}."""
    for record_id, (version, values) in changes.items():
        update_record(uow, form_id, record_id, version, values)


def update_computed(uow: UnitOfWork, form_id: str, values: Mapping[int, Values]) -> None:
    """Write computed fields of several records; neither version nor stamps change."""
    form = uow.catalog.forms[form_id]
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for record_id in sorted(values):
        columns = _columns(form, values[record_id], None, whole=False)
        names = tuple(sorted(columns))
        if names:
            groups.setdefault(names, []).append({**{f"v_{name}": columns[name] for name in names}, "the_id": record_id})
        _write_children(uow, form, record_id, values[record_id], None)
    for names, prepared in groups.items():
        build = partial(_update_statement, uow, form_id, names, versioned=False)
        statement = uow.database.statements.get(("update computed", form_id, names), build)
        uow.connection.execute(statement, prepared if len(prepared) > 1 else prepared[0])


def mark_deleted(uow: UnitOfWork, form_id: str, ids: Iterable[int]) -> None:
    """Put records into the recycle bin; their versions rise."""
    _mark(uow, form_id, ids, {"deleted_at": uow.now, "deleted_by": uow.actor})


def mark_restored(uow: UnitOfWork, form_id: str, ids: Iterable[int]) -> None:
    """Take records out of the recycle bin; their versions rise."""
    _mark(uow, form_id, ids, {"deleted_at": None, "deleted_by": None})


def _mark(uow: UnitOfWork, form_id: str, ids: Iterable[int], values: Mapping[str, Any]) -> None:
    table = uow.database.tables.forms[form_id]
    stamps = {"updated_at": uow.now, "updated_by": uow.actor}
    statement = update(table).where(among(table.c.id, "ids", uow.database.dialect))
    statement = statement.values(**values, **stamps, version=table.c.version + 1)
    uow.connection.execute(statement, {"ids": ids_value(ids, uow.database.dialect)})


def _write_children(uow: UnitOfWork, form: Form, record_id: int, changes: Values, before: Values | None) -> None:
    for name, value in changes.items():
        field = form.fields.get(name)
        if field is None or has_column(field):
            continue
        known = before.get(name) if before is not None else None
        if is_lines(field):
            if known is None:
                known = fetch_lines(uow.connection, uow.database, form.id, name, [record_id]).get(record_id, [])
            delete_children_left_out(uow, form, field, known, value or [])
            write_lines(uow, form, field, record_id, value or [], known)
        elif is_many(field):
            if known is None:
                known = fetch_many(uow.connection, uow.database, form.id, name, [record_id]).get(record_id, ())
            write_many(uow, form, field, record_id, value or (), known)


def _columns(form: Form, values: Values, now: datetime | None, *, whole: bool) -> dict[str, Any]:
    """Columns and their values. `now` = when changed stages were entered; whole = every column, empty ones too."""
    columns: dict[str, Any] = {}
    fields = column_fields(form) if whole else (form.fields[name] for name in values if name in form.fields)
    for field in fields:
        if has_column(field):
            columns.update(_field_columns(field, values.get(field.id)))
            if field.type == "stage" and now is not None:
                columns[f"{field.column}_entered"] = now if values.get(field.id) is not None else None
    return columns


def _search_column(uow: UnitOfWork, values: Values) -> dict[str, Any]:
    return {SEARCH_TEXT: values.get(SEARCH_TEXT)} if uow.database.dialect == "postgresql" else {}


def _field_columns(field: Field, value: Any) -> Iterable[tuple[str, Any]]:
    if field.type == "boolean":
        return ((field.column, bool(value)),)
    if is_polymorphic(field):
        form, record_id = value if value else (None, None)
        return ((field.column, record_id), (f"{field.column}_form", form))
    return ((field.column, value),)


def _update_statement(uow: UnitOfWork, form_id: str, names: tuple[str, ...], *, versioned: bool) -> Update:
    table = uow.database.tables.forms[form_id]
    statement = update(table).where(table.c.id == bindparam("the_id", type_=BigInteger()))
    if versioned:
        statement = statement.where(table.c.version == bindparam("the_version", type_=BigInteger()))
    return statement.values({name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names})


def _whole_select(uow: UnitOfWork, form: Form, *, lock: bool) -> Select[Any]:
    table = uow.database.tables.forms[form.id]
    columns = [table.c[name] for name in _STAMPS]
    columns += [table.c[name] for name in _Reading.of(form).columns]
    chosen = select(*columns).where(among(table.c.id, "ids", uow.database.dialect)).order_by(table.c.id)
    return chosen.with_for_update(key_share=True) if lock else chosen


_STAMPS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by")


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a whole row becomes a `Stored`."""

    names: tuple[str, ...]
    polymorphic: tuple[str, ...]
    stages: tuple[str, ...]
    children: tuple[Field, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, form: Form) -> _Reading:
        fields = list(column_fields(form))
        several = [field for field in fields if is_polymorphic(field)]
        stages = [field for field in fields if field.type == "stage"]
        columns = [field.column for field in fields]
        columns += [f"{field.column}_form" for field in several] + [f"{field.column}_entered" for field in stages]
        children = tuple(field for field in form.fields.values() if is_lines(field) or is_many(field))
        return cls(
            tuple(field.id for field in fields),
            tuple(field.id for field in several),
            tuple(field.id for field in stages),
            children,
            tuple(columns),
        )

    def record(self, row: Any) -> Stored:
        """The record in a row of the whole-record statement."""
        at = len(_STAMPS)
        values = dict(zip(self.names, row[at : at + len(self.names)], strict=True))
        at += len(self.names)
        for name, form in zip(self.polymorphic, row[at : at + len(self.polymorphic)], strict=True):
            values[name] = (form, values[name]) if values[name] is not None else None
        entered = dict(zip(self.stages, row[at + len(self.polymorphic) :], strict=True))
        return Stored(row[0], row[1], values, entered, *row[2 : len(_STAMPS)])


def _attach(uow: UnitOfWork, form_id: str, field: Field, records: Mapping[int, Stored]) -> None:
    if is_lines(field):
        lines = fetch_lines(uow.connection, uow.database, form_id, field.id, list(records))
        for record in records.values():
            record.values[field.id] = lines.get(record.id, [])
        return
    members = fetch_many(uow.connection, uow.database, form_id, field.id, list(records))
    for record in records.values():
        record.values[field.id] = members.get(record.id, ())
