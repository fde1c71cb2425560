"""Row sources that no link column ties to the record: declared relations, and rows behind a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, and_, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import Join

from engine.catalog.forms import Form, Related
from engine.expressions import to_sql
from engine.expressions.nodes import Path
from engine.storage.database import UnitOfWork
from engine.storage.sql_parts import raw_column

if TYPE_CHECKING:
    from engine.storage.sql_scope import FormScope, LineScope

Rows = tuple[FromClause, ColumnElement[bool], "FormScope | LineScope"]


def matched_rows(scope: FormScope, related: Related) -> tuple[FromClause, ColumnElement[bool], FormScope]:
    """The rows of a declared relation of the record of `scope`; a reader's are those that he sees."""
    form = scope.around.catalog.forms[related.form]
    table = scope.around.alias(scope.around.tables.forms[form.id])
    rows = replace(scope, form=form, source=table, parent=scope, joins=None, prefix=())
    # The definition says which rows belong to the record: it reads all fields, whoever looks.
    inside = replace(rows, as_reader=False, parent=replace(scope, as_reader=False, joins=None))
    rest = to_sql(related.rest, inside) if related.rest is not None else true()
    tie = and_(_raw(rows, related.field) == _raw(scope, related.own), table.c.deleted_at.is_(None), rest)
    if not scope.as_reader:
        return table, tie, rows
    rows.require_right(related.field)
    return table, and_(tie, rows.visible_rows()), rows


def rows_behind(
    scope: FormScope | LineScope, hop: tuple[FromClause, ColumnElement[bool], FormScope], rest: Path
) -> Rows:
    """The rows of a source of the record that a link leads to: ("orders",) behind the hop along "customer"."""
    alias, leads_there, behind = hop
    table, tied, rows = behind.rows(rest, 0)
    # A condition on the rows that says `this` means the record the link stands in, not the one it leads to.
    return Join(alias, table, tied), leads_there, rows.within(scope)


def lock_keys(uow: UnitOfWork, names: Iterable[str]) -> None:
    """Keeps two savers apart, until they commit, of whom one writes a row and the other a record that would count it.

    Without it neither sees what the other has written. On SQLite there is one writer at a time anyhow.
    """
    wanted = sorted({lock_number(f"{uow.catalog.company.id}/{name}") for name in names})
    if not wanted or uow.database.dialect != "postgresql":
        return
    each = func.unnest(bindparam("names", type_=ARRAY(BigInteger()))).column_valued("name")
    ordered = select(each).order_by(each).subquery()
    statement = uow.database.statements.get(
        "lock keys", lambda: select(func.pg_advisory_xact_lock(ordered.c.name).cast(Text()))
    )
    uow.connection.execute(statement, {"names": wanted})


def column_of(form: Form, name: str) -> str:
    """The column of a field or system field."""
    return form.fields[name].column if name in form.fields else name


def _raw(scope: FormScope, name: str) -> ColumnElement[Any]:
    return raw_column(scope.source.c[column_of(scope.form, name)], scope.dialect)


def lock_number(name: str) -> int:
    """The number by which PostgreSQL knows the lock of that name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
