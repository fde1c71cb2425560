"""Which values are taken: another record, the recycle bin included, has the same in fields that must differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select

from engine.catalog.forms import Form, Unique
from engine.storage.database import UnitOfWork
from engine.storage.shapes import has_column

MOST_KEYS = 200


def find_taken(
    uow: UnitOfWork, form_id: str, unique: Unique, keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], set[int]]:
    """Of these keys (values of the unique fields, none empty) those some record has, with the records' ids."""
    form = uow.catalog.forms[form_id]
    if not all(name in form.fields and has_column(form.fields[name]) for name in unique.fields):
        return {}
    taken: dict[tuple[Any, ...], set[int]] = {}
    for chunk in _chunks(keys):
        width = len(chunk)
        build = partial(_statement, uow, form, unique, width)
        statement = uow.database.statements.get(("taken", form_id, unique.fields, width), build)
        values = {f"k{at}_{place}": value for at, key in enumerate(chunk) for place, value in enumerate(key)}
        for row in uow.connection.execute(statement, values):
            taken.setdefault(tuple(row[1:]), set()).add(row[0])
    return taken


def _chunks(keys: Sequence[tuple[Any, ...]]) -> Iterable[Sequence[tuple[Any, ...]]]:
    for at in range(0, len(keys), MOST_KEYS):
        yield keys[at : at + MOST_KEYS]


def _statement(uow: UnitOfWork, form: Form, unique: Unique, width: int) -> Select[Any]:
    table = uow.database.tables.forms[form.id]
    columns = [table.c[form.fields[name].column] for name in unique.fields]
    if len(columns) == 1:
        condition = columns[0].in_([bindparam(f"k{at}_0", type_=columns[0].type) for at in range(width)])
        return select(table.c.id, columns[0]).where(condition)
    same = []
    for at in range(width):
        pairs = [column == bindparam(f"k{at}_{place}", type_=column.type) for place, column in enumerate(columns)]
        same.append(and_(*pairs))
    return select(table.c.id, *columns).where(or_(*same))
