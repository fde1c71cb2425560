"""The only place that reads form tables for people: pages of records, totals and groups of a `VisibleQuery`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Numeric,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)

from engine.catalog.field_types.columns import ScaledDecimal
from engine.expressions import to_sql
from engine.expressions.sql_fragments import is_simple
from engine.storage.children import attach_children
from engine.storage.conditions import restrict, search_values, unindexed
from engine.storage.cursors import SortKey, condition_of_part, decode_cursor, encode_cursor, order_by, parts_of_page
from engine.storage.marks import has_mark
from engine.storage.outputs import Output, fits, output_of, outputs_of, sort_key
from engine.storage.parameters import Parameters
from engine.storage.queries import Group, Record, Rows, VisibleQuery
from engine.storage.sql_parts import unusable
from engine.storage.sql_scope import FormScope, Surroundings, joined, root_scope

CHEAP_TOTAL = 10_000


@dataclass(slots=True)
class Started:
    """A statement in the making: its root scope and what the values of its parameters are."""

    scope: FormScope
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class PageStatement:
    """A built page statement: columns are id, version, outputs, rules of fields, flags, sort values."""

    select: Select[Any]
    parameters: Parameters
    outputs: tuple[Output, ...]
    plain: tuple[str, ...] | None  # names of the outputs when each is one column
    rules: tuple[str, ...]
    width: int
    flags: tuple[str, ...]
    sort: tuple[str, ...]
    keys: tuple[SortKey, ...]


def fetch_rows(connection: Connection, query: VisibleQuery) -> Rows:
    """One page of records, with lines and several-valued fields where they are asked for."""
    backwards = query.before is not None
    token = query.before if backwards else query.after
    first = _page_statement(query, "all", (), backwards=backwards)
    cursor = decode_cursor(token, first.sort) if token else None
    if cursor is not None:
        fits(first.keys, cursor)
    found: list[tuple[Any, ...]] = []
    for part in parts_of_page(first.keys, cursor):
        empty = tuple(value is None for value in cursor or ())
        statement = first if part == "all" else _page_statement(query, part, empty, backwards=backwards)
        values = {f"c{at}": value for at, value in enumerate(cursor or ()) if value is not None and part == "same"}
        values.update(query_values(query, statement.parameters), most=query.limit + 1 - len(found))
        found += connection.execute(statement.select, values)
        if len(found) > query.limit:
            break
    return _page(connection, query, first, found, backwards=backwards)


def fetch_total(connection: Connection, query: VisibleQuery, at_most: int | None = CHEAP_TOTAL) -> tuple[int, bool]:
    """How many records, and whether that is exact; counting stops at `at_most`."""

    def build() -> tuple[Select[Any], Parameters]:
        started = start_query(query)
        inner = restrict(select(literal_column("1").label("one")), started.scope, query)
        inner = inner.select_from(joined(started.scope))
        if at_most is not None:
            inner = inner.limit(_parameter("most"))
        return select(func.count()).select_from(inner.subquery()), started.parameters

    statement, parameters = query.database.statements.get(("total", at_most is None, query.shape()), build)
    values = query_values(query, parameters)
    if at_most is not None:
        values["most"] = at_most + 1
    count = int(connection.execute(statement, values).scalar_one())
    return (count, True) if at_most is None or count <= at_most else (at_most, False)


def fetch_groups(connection: Connection, query: VisibleQuery, by: str, sums: Sequence[str] = ()) -> list[Group]:
    """The records by the values of `by` (a field or link path), with their number and the sums of number fields."""

    def build() -> tuple[Select[Any], Parameters]:
        started = start_query(query)
        value = output_of(started.scope, tuple(by.split("."))).sql
        columns = [_sum(started.scope, name) for name in sums]
        columns.append(_waiting(started.scope, sums))
        # Walking an index on the grouped column and looking up every row is three times slower on SQLite than a scan.
        statement = restrict(select(value, func.count(), *columns), started.scope, query, scan=query.asks_for_all())
        grouped = unindexed(value.element) if started.scope.dialect == "sqlite" else value
        return statement.select_from(joined(started.scope)).group_by(grouped).order_by(grouped), started.parameters

    statement, parameters = query.database.statements.get(("groups", by, tuple(sums), query.shape()), build)
    found = connection.execute(statement, query_values(query, parameters))
    return [Group(row[0], row[1], dict(zip(sums, row[2:-1], strict=True)), bool(row[-1])) for row in found]


def _waiting(scope: FormScope, sums: Sequence[str]) -> Any:
    """How many of the records have a value among those summed that waits to be computed again."""
    stored = [name for name in sums if name in scope.form.formula_order]
    if not stored:
        return literal_column("0")
    marked = or_(*(has_mark(scope.source, name) for name in stored))
    return func.count(case((marked, 1)))


def fetch_ids(connection: Connection, query: VisibleQuery, at_most: int) -> list[int]:
    """The ids of the first `at_most` records, in the query's order."""
    statement = _page_statement(query.columns(()), "all", (), backwards=False)
    values = {**query_values(query, statement.parameters), "most": at_most}
    return [row[0] for row in connection.execute(statement.select, values)]


def start_query(query: VisibleQuery) -> Started:
    """The root of a statement about the records of a query."""
    parameters = Parameters(query.database.dialect)
    around = Surroundings(query.catalog, query.database.tables, parameters, query.rights, query.outer_form)
    scope = root_scope(around, query.form_id, as_reader=query.rights is not None)
    if query.rights is not None:
        scope.require_right(query.form_id)
    return Started(scope, parameters)


def _page_statement(query: VisibleQuery, part: str, empty: tuple[bool, ...], *, backwards: bool) -> PageStatement:
    shape = ("page", part, empty, backwards, query.shape())
    statement: PageStatement = query.database.statements.get(
        shape, lambda: _build_page(query, part, empty, backwards=backwards)
    )
    return statement


def _build_page(query: VisibleQuery, part: str, empty: tuple[bool, ...], *, backwards: bool) -> PageStatement:
    started = start_query(query)
    scope = started.scope
    outputs, rules = outputs_of(scope, query.fields)
    sort = _order(query)
    keys = tuple(sort_key(scope, name, descending=descending != backwards) for name, descending in sort)
    flags = [to_sql(condition, scope.as_system()).label(f"flag_{name}") for name, condition in query.flags]
    columns = [scope.source.c.id, scope.source.c.version, *(each.sql for each in outputs), *rules.values(), *flags]
    statement = restrict(select(*columns, *(key.sql for key in keys)), scope, query)
    beyond = condition_of_part(keys, part, empty)
    if beyond is not None:
        statement = statement.where(beyond)
    statement = statement.select_from(joined(scope)).order_by(*order_by(keys, query.database.dialect))
    return PageStatement(
        statement.limit(_parameter("most")),
        started.parameters,
        tuple(outputs),
        tuple(each.name for each in outputs) if all(each.form_of is None for each in outputs) else None,
        tuple(rules),
        len(outputs),
        tuple(name for name, _ in query.flags),
        tuple(name for name, _ in sort),
        keys,
    )


def _order(query: VisibleQuery) -> tuple[tuple[str, bool], ...]:
    order = query.sort or (("id", True),)
    if any(name == "id" for name, _ in order):
        return order
    return (*order, ("id", order[0][1]))


def _page(
    connection: Connection,
    query: VisibleQuery,
    statement: PageStatement,
    found: list[tuple[Any, ...]],
    *,
    backwards: bool,
) -> Rows:
    more, found = len(found) > query.limit, found[: query.limit]
    if backwards:
        found.reverse()
    records = [_record(statement, row) for row in found]
    attach_children(connection, query, records)
    begins = bool(found) and (query.after is not None if not backwards else more)
    continues = bool(found) and (more if not backwards else True)
    return Rows(
        tuple(records),
        _cursor(statement, found[-1]) if continues else None,
        _cursor(statement, found[0]) if begins else None,
    )


def _record(statement: PageStatement, row: tuple[Any, ...]) -> Record:
    end = 2 + statement.width
    if statement.plain is not None:
        values = dict(zip(statement.plain, row[2:end], strict=True))
    else:
        values = {each.name: each.take(row, 2 + at) for at, each in enumerate(statement.outputs) if each.name}
    if not statement.rules and not statement.flags:
        return Record(row[0], row[1], values)
    flags_at = end + len(statement.rules)
    unseen = frozenset(name for name, seen in zip(statement.rules, row[end:flags_at], strict=True) if not seen)
    flags = {name: bool(row[flags_at + at]) for at, name in enumerate(statement.flags)}
    return Record(row[0], row[1], values, flags, unseen)


def _cursor(statement: PageStatement, row: tuple[Any, ...]) -> str:
    return encode_cursor(statement.sort, row[-len(statement.sort) :])


def _sum(scope: FormScope, name: str) -> Any:
    raw, decimals = scope.column(tuple(name.split(".")), 0)
    if not isinstance(raw.type, (BigInteger, Numeric)):
        raise unusable(name)
    if scope.dialect == "sqlite":  # whose own sum() fails beyond 64 bits
        return type_coerce(_exact_sum(raw), ScaledDecimal(decimals))
    return cast(func.coalesce(func.sum(raw), 0), Numeric()).label(None)


def _exact_sum(raw: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of a column by its parts above and below 10^9, which cannot overflow; else by the registered aggregate."""
    if not is_simple(raw):
        return func.coalesce(func.weft_sum(raw), 0)
    unit = literal_column("1000000000", BigInteger())
    return func.weft_total(func.sum(raw.op("/")(unit)), func.sum(raw.op("%")(unit)))


def query_values(query: VisibleQuery, parameters: Parameters) -> dict[str, Any]:
    """The values of a statement about a query."""
    values = parameters.values(query.moment, query.this)
    if query.rights is not None and "me" in values:
        values["me"] = query.rights.person
    values.update(search_values(query))
    return values


def _parameter(name: str) -> Any:
    return bindparam(name, type_=BigInteger())
