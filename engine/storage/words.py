"""Keeps SQLite's full-text table of a form; on PostgreSQL the search text is a column with an index."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, Delete, Insert, TableClause, Text, Update, bindparam, column, table, update

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


def write_search_texts(uow: UnitOfWork, form_id: str, texts: Mapping[int, str | None]) -> None:
    """Make stored records findable by other search texts; nothing else of them changes."""
    if uow.database.dialect == "sqlite":
        write_words(uow, form_id, texts, replaced=True)
    elif texts:
        statement = uow.database.statements.get(("search texts", form_id), lambda: _update(uow, form_id))
        uow.connection.execute(statement, [{"the_id": each, "the_text": text} for each, text in texts.items()])


def _update(uow: UnitOfWork, form_id: str) -> Update:
    records = uow.database.tables.forms[form_id]
    words = bindparam("the_text", type_=records.c.search_text.type)
    statement = update(records).where(records.c.id == bindparam("the_id", type_=BigInteger()))
    return statement.values(search_text=words)


def _table(uow: UnitOfWork, form_id: str) -> TableClause:
    name = uow.database.tables.texts[form_id]
    return table(name, column("rowid", BigInteger()), column("search_text", Text()))


def _insert(uow: UnitOfWork, form_id: str) -> Insert:
    return _table(uow, form_id).insert().prefix_with("OR REPLACE").inline()


def _delete(uow: UnitOfWork, form_id: str) -> Delete:
    words = _table(uow, form_id)
    return words.delete().where(among(words.c.rowid, "ids", "sqlite"))
