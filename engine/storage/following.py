"""Where the links of many stored records lead, and whom a declared relation ties them to: one statement each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from engine.catalog.forms import Field
from engine.expressions.nodes import Path
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.shapes import is_lines, is_many, is_polymorphic, targets
from engine.storage.tables import RECORD, TARGET


def fetch_linked(uow: UnitOfWork, form_id: str, path: Path, ids: Iterable[int]) -> set[int]:
    """The records at the end of a path of links ("order", "lines.product", "order.group") of stored records."""
    wanted = set(ids)
    while path and wanted:
        field = uow.catalog.forms[form_id].fields[path[0]]
        inner = field.fields[path[1]] if is_lines(field) else field
        wanted = _step(uow, form_id, field, inner, wanted)
        form_id = targets(inner)[0]
        path = path[2:] if is_lines(field) else path[1:]
    return wanted


def _step(uow: UnitOfWork, form_id: str, field: Field, inner: Field, ids: set[int]) -> set[int]:
    dialect = uow.database.dialect

    def build() -> Select[Any]:
        target, holder, rule = _columns(uow, form_id, field, inner)
        chosen = select(target).where(among(holder, "ids", dialect), target.is_not(None))
        return (chosen if rule is None else chosen.where(rule)).distinct()

    statement = uow.database.statements.get(("linked", form_id, field.id, inner.id), build)
    return set(uow.connection.execute(statement, {"ids": ids_value(sorted(ids), dialect)}).scalars())


def _columns(
    uow: UnitOfWork, form_id: str, field: Field, inner: Field
) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[bool] | None]:
    """Where the link stands, by which record; and that it leads to its first form where it may lead to several."""
    tables = uow.database.tables
    if is_lines(field):
        lines = tables.lines[form_id, field.id]
        return lines.c[inner.column], lines.c[RECORD], None
    if is_many(field):
        pairs = tables.many[form_id, field.id]
        return pairs.c[TARGET], pairs.c[RECORD], None
    table = tables.forms[form_id]
    rule = table.c[f"{field.column}_form"] == field.to[0] if is_polymorphic(field) else None
    return table.c[field.column], table.c.id, rule


def fetch_matched(uow: UnitOfWork, form_id: str, relation: str, ids: Iterable[int]) -> set[int]:
    """The records whose declared relation `relation` may hold any of these rows: those with the same key."""
    dialect = uow.database.dialect

    def build() -> Select[Any]:
        related = uow.catalog.forms[form_id].related[relation]
        owner = uow.database.tables.forms[form_id].alias("owner")
        rows = uow.database.tables.forms[related.form].alias("row")
        tied = owner.c[_column(uow, form_id, related.own)] == rows.c[_column(uow, related.form, related.field)]
        return select(owner.c.id).distinct().where(tied, among(rows.c.id, "ids", dialect))

    statement = uow.database.statements.get(("matched", form_id, relation), build)
    return set(uow.connection.execute(statement, {"ids": ids_value(sorted(ids), dialect)}).scalars())


def fetch_with_key(uow: UnitOfWork, form_id: str, relation: str, values: Iterable[Any]) -> set[int]:
    """The records whose own key of a declared relation is one of `values`."""
    wanted = sorted({each for each in values if each is not None})
    if not wanted:
        return set()

    def build() -> Select[Any]:
        columns = uow.database.tables.forms[form_id].c
        own = columns[_column(uow, form_id, uow.catalog.forms[form_id].related[relation].own)]
        return select(columns.id).where(own.in_(bindparam("keys", type_=own.type, expanding=True)))

    statement = uow.database.statements.get(("with key", form_id, relation), build)
    return set(uow.connection.execute(statement, {"keys": wanted}).scalars())


def _column(uow: UnitOfWork, form_id: str, name: str) -> str:
    field = uow.catalog.forms[form_id].fields.get(name)
    return field.column if field is not None else name
