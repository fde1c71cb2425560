"""Keeps savers apart of whom one moves a part of a tree and the other changes what sums over that tree count.

Else neither sees what the other has written: records above the new place would miss the change. Many may change what
is counted at once; whoever moves a part is alone. SQLite's writers are alone anyway.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Select, Text, bindparam, func, select

from engine.storage.database import UnitOfWork
from engine.storage.match_sources import lock_number


def lock_tree(uow: UnitOfWork, form_id: str, *, alone: bool) -> None:
    """Hold the tree of a form until the transaction ends: `alone`, or along with others who do not move its parts."""
    if uow.database.dialect == "sqlite":
        return
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared

    def build() -> Select[tuple[str]]:
        return select(lock(bindparam("name", type_=BigInteger())).cast(Text()))

    statement = uow.database.statements.get(("lock tree", alone), build)
    uow.connection.execute(statement, {"name": lock_number(f"{uow.catalog.company.id}/tree {form_id}")})
