"""Which records effects have made, and from which record: so that carrying out an effect again finds its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from engine.storage.database import UnitOfWork


def find_by_key(uow: UnitOfWork, form_id: str, key: Mapping[str, Any]) -> list[int]:
    """The records with these values in fields that have columns, the recycle bin left out; eldest first."""
    form, table = uow.catalog.forms[form_id], uow.database.tables.forms[form_id]
    same = []
    for name, value in key.items():
        field = form.fields[name]
        columns = [table.c[field.column]]
        values = [value]
        if isinstance(value, tuple):  # a link that may lead to several forms
            columns, values = [table.c[f"{field.column}_form"], table.c[field.column]], list(value)
        same += [
            column.is_(None) if each is None else column == each for column, each in zip(columns, values, strict=True)
        ]
    query = select(table.c.id).where(table.c.deleted_at.is_(None), *same).order_by(table.c.id)
    return list(uow.connection.execute(query).scalars())


def keep_origin(uow: UnitOfWork, form_id: str, record_id: int, source: tuple[str, int]) -> None:
    """Note that a record was made by an effect on the record `source`."""
    table = uow.database.tables.flow.origin
    uow.connection.execute(delete(table).where(table.c.form == form_id, table.c.record_id == record_id))
    values = {"form": form_id, "record_id": record_id, "source_form": source[0], "source_id": source[1]}
    uow.connection.execute(insert(table).values(values))


def fetch_origin(uow: UnitOfWork, form_id: str, record_id: int) -> tuple[str, int] | None:
    """The record on which the effect stood that made this one; None when it was made otherwise."""
    table = uow.database.tables.flow.origin
    query = select(table.c.source_form, table.c.source_id).where(
        table.c.form == form_id, table.c.record_id == record_id
    )
    row = uow.connection.execute(query).first()
    return (row.source_form, row.source_id) if row is not None else None
