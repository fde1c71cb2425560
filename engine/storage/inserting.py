"""Inserts many rows at once and says which ids they were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, insert, select

from engine.storage.database import UnitOfWork


def insert_rows(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that have the same columns; their ids, in the order given."""
    if not rows:
        return []
    if len(rows) == 1:
        statement = uow.database.statements.get(("insert one", table.name), lambda: insert(table).returning(table.c.id))
        return [uow.connection.execute(statement, rows[0]).scalar_one()]
    if uow.database.dialect == "sqlite":
        return _insert_alone(uow, table, rows)
    returning = uow.database.statements.get(
        ("insert many", table.name), lambda: insert(table).returning(table.c.id, sort_by_parameter_order=True)
    )
    return list(uow.connection.execute(returning, list(rows)).scalars())


def _insert_alone(uow: UnitOfWork, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """SQLite's one writer may give the ids itself, which makes it one statement for all rows."""
    highest = uow.database.statements.get(
        ("highest", table.name), lambda: select(func.coalesce(func.max(table.c.id), 0))
    )
    first = int(uow.connection.execute(highest).scalar_one()) + 1
    statement = uow.database.statements.get(("insert alone", table.name), lambda: insert(table).inline())
    uow.connection.execute(statement, [{**row, "id": first + at} for at, row in enumerate(rows)])
    return list(range(first, first + len(rows)))
