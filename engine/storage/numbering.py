"""Numbers without gaps: a counter per key, raised inside the transaction that uses it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import BigInteger

from engine.storage.database import UnitOfWork

Insert = postgresql.Insert | sqlite.Insert


def allocate_numbers(uow: UnitOfWork, counter_key: str, count: int = 1) -> int:
    """The first of `count` numbers in a row; other transactions wait until this one ends, so that none is lost."""
    table = uow.database.tables.system.counter

    def build() -> ReturningInsert[Any]:
        start = _insert(uow, table).values(key=bindparam("the_key"), value=bindparam("count", type_=BigInteger()))
        raised = start.on_conflict_do_update(
            index_elements=[table.c.key], set_={"value": table.c.value + bindparam("count", type_=BigInteger())}
        )
        return raised.returning(table.c.value)

    statement = uow.database.statements.get("allocate", build)
    last = uow.connection.execute(statement, {"the_key": counter_key, "count": count}).scalar_one()
    return int(last) - count + 1


def raise_counter(uow: UnitOfWork, counter_key: str, reached: int) -> None:
    """Make the counter go on after `reached`, a number that came from outside."""
    table = uow.database.tables.system.counter
    highest = func.max if uow.database.dialect == "sqlite" else func.greatest
    start = _insert(uow, table).values(key=counter_key, value=reached)
    uow.connection.execute(
        start.on_conflict_do_update(
            index_elements=[table.c.key], set_={"value": highest(table.c.value, start.excluded.value)}
        )
    )


def _insert(uow: UnitOfWork, table: Table) -> Insert:
    return sqlite.insert(table) if uow.database.dialect == "sqlite" else postgresql.insert(table)
