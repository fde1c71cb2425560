"""Finds records by the values of fields, many values at once: what imports match their rows and links by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from engine.catalog.forms import Form
from engine.storage.database import UnitOfWork

MOST_KEYS = 200


def fetch_matching(
    uow: UnitOfWork, form_id: str, fields: Sequence[str], keys: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[int]]:
    """The ids of the records in use whose `fields` have these values, by key, the eldest first."""
    form = uow.catalog.forms[form_id]
    wanted = list(dict.fromkeys(keys))
    found: dict[tuple[Any, ...], list[int]] = {}
    for at in range(0, len(wanted), MOST_KEYS):
        chunk = wanted[at : at + MOST_KEYS]
        shape = ("matching", form_id, tuple(fields), len(chunk))
        statement = uow.database.statements.get(shape, partial(_statement, uow, form, fields, len(chunk)))
        values = {f"k{row}_{place}": value for row, key in enumerate(chunk) for place, value in enumerate(key)}
        for row in uow.connection.execute(statement, values):
            found.setdefault(tuple(row[1:]), []).append(row[0])
    return found


def _statement(uow: UnitOfWork, form: Form, fields: Sequence[str], width: int) -> Select[Any]:
    table = uow.database.tables.forms[form.id]
    columns = [table.c[form.fields[name].column] for name in fields]
    bound = [
        [bindparam(f"k{at}_{place}", type_=each.type) for place, each in enumerate(columns)] for at in range(width)
    ]
    same: ColumnElement[bool]
    if len(columns) == 1:
        same = columns[0].in_([values[0] for values in bound])
    else:
        same = or_(
            *(and_(*(column == value for column, value in zip(columns, values, strict=True))) for values in bound)
        )
    return select(table.c.id, *columns).where(same, table.c.deleted_at.is_(None)).order_by(table.c.id)
