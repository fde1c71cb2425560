"""Which indexes a form needs: for what its lists filter and sort by, its links, its owner and its unique checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, Table, UnaryExpression

from engine.catalog.forms import Field, Form, View
from engine.storage.shapes import SYSTEM_FIELDS, has_column, is_polymorphic, targets

Columns = tuple[tuple[str, bool], ...]
"""(column, descending) of an index, in order."""

LONGEST_NAME = 60
MOST_FILTERS = 4


def add_form_indexes(table: Table, form: Form, dialect: str, besides: Sequence[Columns] = ()) -> None:
    """Attach the form's indexes to its table, `besides` among them; an index that begins another one is left out."""
    wanted = list(dict.fromkeys((*_view_indexes(form), *besides)))
    wanted += [columns for columns in _link_indexes(form) if not _begins_one(columns, wanted)]
    for columns in [each for each in wanted if not _begins_one(each, [other for other in wanted if other != each])]:
        _add(table, columns, dialect)
    for unique in form.uniques:
        if all(name in form.fields and has_column(form.fields[name]) for name in unique.fields):
            names = [form.fields[name].column for name in unique.fields]
            Index(index_name("ux", table.name, names), *(table.c[name] for name in names), unique=True)
    if form.number is not None and "number" in form.fields and not any(u.fields == ("number",) for u in form.uniques):
        column = form.fields["number"].column
        Index(index_name("ux", table.name, [column]), table.c[column], unique=True)
    if "_stale" in table.c:  # few rows wait at a time
        waiting = table.c._stale.is_not(None)
        Index(index_name("ix", table.name, ["_stale"]), table.c.id, postgresql_where=waiting, sqlite_where=waiting)
    if dialect == "postgresql":
        Index(index_name("ix", table.name, ["words"]), table.c.search_text, postgresql_using="gin")


def add_line_indexes(table: Table, field: Field) -> None:
    """Rows by their record, in order; and rows by each link that stands in them."""
    Index(index_name("ix", table.name, ["record"]), table.c._record, table.c._position)
    for inner in field.fields.values():
        if has_column(inner) and targets(inner):
            Index(index_name("ix", table.name, [inner.column]), table.c[inner.column])


def add_many_indexes(table: Table) -> None:
    """The other direction of a many-link."""
    Index(index_name("ix", table.name, ["target"]), table.c._target, table.c._record)


def index_name(prefix: str, table: str, columns: Sequence[str]) -> str:
    """A name that says table and columns and stays within the databases' length."""
    name = f"{prefix}_{table}_{'_'.join(columns)}"
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def _view_indexes(form: Form) -> Iterator[Columns]:
    for view in form.views.values():
        sort = _sort_columns(form, view)
        if sort is None:
            continue
        filters = list(dict.fromkeys(_column(form, name) for name in _filters(form, view)))
        usable = [name for name in filters if name and name not in {column for column, _ in sort}][:MOST_FILTERS]
        for name in usable:
            yield ((name, False), *sort)
        if len(usable) > 1:
            yield (*((name, False) for name in usable[:2]), *sort)
        yield sort


def _filters(form: Form, view: View) -> Iterator[str]:
    yield from view.filters
    if view.group:
        yield view.group
    if view.type == "board":
        yield from (field.id for field in form.fields.values() if field.type == "stage")
    if form.owner:
        yield form.owner


def _sort_columns(form: Form, view: View) -> Columns | None:
    """The columns of a view's order, one direction turned to ascending; None when it sorts by something computed."""
    names = [(_column(form, name), descending) for name, descending in view.sort]
    if any(name is None for name, _ in names):
        return None
    sort = [(name, descending) for name, descending in names if name and name != "id"]
    first = sort[0][1] if sort else False
    columns = [(name, descending != first) for name, descending in sort]
    return (*columns, ("id", False))


def _column(form: Form, name: str) -> str | None:
    if name in form.fields:
        field = form.fields[name]
        return field.column if has_column(field) and field.type not in ("choices", "long_text", "rich_text") else None
    return name if name in SYSTEM_FIELDS else None


def _link_indexes(form: Form) -> Iterator[Columns]:
    for field in form.fields.values():
        if has_column(field) and (targets(field) or field.type == "stage"):
            yield ((field.column, False),)
        if is_polymorphic(field):
            yield ((field.column, False), (f"{field.column}_form", False))
    yield (("id", False),)


def _begins_one(columns: Columns, others: Sequence[Columns]) -> bool:
    return columns == (("id", False),) or any(other[: len(columns)] == columns for other in others)


def _add(table: Table, columns: Columns, dialect: str) -> None:
    names = [name for name, _ in columns]
    alive = table.c.deleted_at.is_(None)
    Index(
        index_name("ix", table.name, names),
        *(_ordered(table.c[name], descending, dialect) for name, descending in columns),
        postgresql_where=alive,
        sqlite_where=alive,
    )


def _ordered(column: Column[object], descending: object, dialect: str) -> ColumnElement[Any]:
    # Empty values count as smallest on both databases, which is what SQLite does by itself.
    ordered: UnaryExpression[Any] = column.desc() if descending else column.asc()
    if dialect != "postgresql" or not column.nullable:
        return ordered
    return ordered.nulls_last() if descending else ordered.nulls_first()
