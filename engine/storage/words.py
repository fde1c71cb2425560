"""Keeps SQLite's full-text table of a form; on PostgreSQL the search text is a column with an index."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, Delete, Insert, TableClause, Text, column, table

from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork


def write_words(uow: UnitOfWork, form_id: str, texts: Mapping[int, str | None], *, replaced: bool = False) -> None:
    """Make records findable by their search texts. `replaced`: they may have had others before."""
    if uow.database.dialect != "sqlite":
        return
    filled = [{"rowid": record_id, "search_text": text} for record_id, text in texts.items() if text]
    emptied = [record_id for record_id, text in texts.items() if not text] if replaced else []
    if filled:
        statement = uow.database.statements.get(("words", form_id), lambda: _insert(uow, form_id))
        uow.connection.execute(statement, filled if len(filled) > 1 else filled[0])
    if emptied:
        uow.connection.execute(_delete(uow, form_id), {"ids": ids_value(emptied, "sqlite")})


def _table(uow: UnitOfWork, form_id: str) -> TableClause:
    name = uow.database.tables.texts[form_id]
    return table(name, column("rowid", BigInteger()), column("search_text", Text()))


def _insert(uow: UnitOfWork, form_id: str) -> Insert:
    return _table(uow, form_id).insert().prefix_with("OR REPLACE").inline()


def _delete(uow: UnitOfWork, form_id: str) -> Delete:
    words = _table(uow, form_id)
    return words.delete().where(among(words.c.rowid, "ids", "sqlite"))
