"""Which records lead, through their links, to a given record: the way a change is followed backwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, select

from engine.catalog.forms import Field, Form
from engine.expressions.nodes import Path
from engine.storage.conditions import among, ids_value
from engine.storage.database import Database
from engine.storage.shapes import is_lines, is_many, targets
from engine.storage.tables import RECORD, TARGET


def fetch_pointing(
    connection: Connection, database: Database, form_id: str, path: Path, ids: Iterable[int]
) -> list[int]:
    """The records of a form whose link path ("order", "order.group", "lines.product") leads to any of `ids`."""
    form = database.catalog.forms[form_id]
    own = form.fields[path[0]]
    if is_lines(own):
        statement = _inner_lines(database, form, own, path[1])
        wanted = _ends(connection, database, own.fields[path[1]], path[2:], ids)
    else:
        statement = _links(database, form, own)
        wanted = _ends(connection, database, own, path[1:], ids)
    if not wanted:
        return []
    return sorted(connection.execute(statement, {"ids": ids_value(wanted, database.dialect)}).scalars())


def _ends(connection: Connection, database: Database, link: Field, rest: Path, ids: Iterable[int]) -> list[int]:
    if not rest:
        return sorted(set(ids))
    return fetch_pointing(connection, database, targets(link)[0], rest, ids)


def _links(database: Database, form: Form, link: Field) -> Select[Any]:
    if is_many(link):
        pairs = database.tables.many[form.id, link.id]
        return select(pairs.c[RECORD]).where(among(pairs.c[TARGET], "ids", database.dialect)).distinct()
    table = database.tables.forms[form.id]
    return select(table.c.id).where(among(table.c[link.column], "ids", database.dialect))


def _inner_lines(database: Database, form: Form, lines: Field, inner: str) -> Select[Any]:
    table = database.tables.lines[form.id, lines.id]
    return select(table.c[RECORD]).where(among(table.c[lines.fields[inner].column], "ids", database.dialect)).distinct()
