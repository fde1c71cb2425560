"""Numbers over the records that a reader sees, by groups: one statement with GROUP BY, whatever the numbers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, Select, Text, bindparam, case, cast, func, literal_column, select
from sqlalchemy import type_coerce as coerce
from sqlalchemy.exc import OperationalError

from engine.catalog.field_types.columns import BigId, IsoDate, IsoTime, ScaledDecimal, UtcDateTime
from engine.expressions import compile_closure, sql_group_aggregate, to_sql_number, to_sql_value
from engine.expressions.nodes import Expression, Moment, Node, Values
from engine.storage.aggregates import Mixed, without_aggregates
from engine.storage.conditions import restrict, unindexed
from engine.storage.parameters import Parameters
from engine.storage.queries import VisibleQuery
from engine.storage.selects import Started, query_values, start_query
from engine.storage.sql_scope import FormScope, joined

Closure = Callable[[Values, Moment], object]


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are grouped by; `bucket`: dates by day, week, month, quarter or year, each by its first day."""

    value: Expression
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A number over the rows of a group; `where`: which of them count for this number."""

    value: Expression
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One group: its keys, its numbers, how many records it is of."""

    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Statement:
    select: Select[Any]
    parameters: Parameters
    keys: int
    closures: tuple[Closure, ...]


def fetch_cells(
    connection: Connection,
    query: VisibleQuery,
    keys: Sequence[Key],
    measures: Sequence[Measure],
    *,
    at_most: int,
    week_starts: str = "monday",
) -> list[Cell]:
    """The groups of the records that the query finds, at most `at_most` + 1 of them, in no order.

    Fields that the reader may not see are refused (R101), wherever they stand: in a key, a number, a condition.
    """
    shape = (tuple((each.value.node, each.bucket) for each in keys), tuple(_shape(each) for each in measures))

    def ask(*, plain_sums: bool) -> list[Cell]:
        statement: _Statement = query.database.statements.get(
            ("cells", plain_sums, week_starts, shape, query.shape()),
            lambda: _build(query, keys, measures, week_starts, plain_sums=plain_sums),
        )
        values = {**query_values(query, statement.parameters), "most": at_most + 1}
        found = connection.execute(statement.select, values).all()
        return [_cell(statement, row, query.moment) for row in found]

    if query.database.dialect != "sqlite":
        return ask(plain_sums=True)
    try:
        return ask(plain_sums=True)
    except OperationalError as refused:
        if "integer overflow" not in str(refused.orig):
            raise
    return ask(plain_sums=False)


def _shape(measure: Measure) -> tuple[Node, Node | None]:
    return measure.value.node, measure.where.node if measure.where is not None else None


def _cell(statement: _Statement, row: Sequence[Any], moment: Moment) -> Cell:
    found = Mixed({(f"#{at}",): value for at, value in enumerate(row[statement.keys + 1 :])})
    values = tuple(closure(found, moment) for closure in statement.closures)
    return Cell(tuple(row[: statement.keys]), values, int(row[statement.keys]))


def _build(
    query: VisibleQuery, keys: Sequence[Key], measures: Sequence[Measure], week_starts: str, *, plain_sums: bool
) -> _Statement:
    started = start_query(query)
    scope = started.scope
    taken: list[Node] = []
    rests = [without_aggregates(_filtered(each), taken) for each in measures]
    closures = tuple(
        compile_closure(replace(each.value, node=rest)) for each, rest in zip(measures, rests, strict=True)
    )
    grouped = [_key(scope, each, week_starts) for each in keys]
    columns = [_aggregate(started, node, plain_sums=plain_sums).label(f"a{at}") for at, node in enumerate(taken)]
    labelled = [each.label(f"k{at}") for at, each in enumerate(grouped)]
    statement: Select[Any] = select(*labelled, func.count().label("n"), *columns)
    statement = restrict(statement, scope, query, scan=query.asks_for_all()).select_from(joined(scope))
    if grouped:
        by: list[Any] = [literal_column(f"k{at}") for at in range(len(grouped))]
        statement = statement.group_by(*by).limit(bindparam("most", type_=BigInteger()))
    return _Statement(statement, started.parameters, len(grouped), closures)


def _filtered(measure: Measure) -> Node:
    """The tree with the measure's own condition inside each of its aggregates."""
    if measure.where is None or measure.where.constant is True:
        return measure.value.node
    return _with_condition(measure.value.node, measure.where.node)


def _with_condition(node: Node, condition: Node) -> Node:
    if node.op != "aggregate":
        return replace(node, args=tuple(_with_condition(arg, condition) for arg in node.args))
    source, where, *rest = node.args
    both = condition
    if not (where.op == "literal" and where.value is True):
        both = Node("AND", where.type, (where, condition))
    return replace(node, args=(source, both, *rest))


def _aggregate(started: Started, node: Node, *, plain_sums: bool) -> Any:
    """The aggregate with its Python type."""
    raw, places = sql_group_aggregate(node, started.scope, started.parameters.given, plain_sums=plain_sums)
    if node.type.kind == "number":
        return coerce(raw, ScaledDecimal(places))
    kinds: dict[str, Any] = {"date": IsoDate(), "datetime": UtcDateTime(), "time": IsoTime()}
    return coerce(raw, kinds[node.type.kind]) if node.type.kind in kinds else raw


# --- keys -------------------------------------------------------------------------------------------------------------


def _key(scope: FormScope, key: Key, week_starts: str) -> Any:
    kind = key.value.type.kind
    if kind == "number":
        raw, places = to_sql_number(key.value, scope)
        return coerce(raw, ScaledDecimal(places))
    found = to_sql_value(key.value, scope)
    if key.bucket is not None:
        day = _local_day(scope, found) if kind == "datetime" else found
        return coerce(_BUCKETS[scope.dialect](day, key.bucket, week_starts), IsoDate())
    types: dict[str, Any] = {
        "date": IsoDate(), "datetime": UtcDateTime(), "link": BigId(), "person": BigId(), "department": BigId(),
    }  # fmt: skip
    typed = coerce(found, types[kind]) if kind in types else found
    # Walking an index on the grouped column and looking up every row is three times slower on SQLite than a scan.
    return unindexed(typed) if scope.dialect == "sqlite" and kind != "boolean" else typed


def _local_day(scope: FormScope, instant: Any) -> Any:
    """The date of an instant on the company's clock."""
    zone = literal_column("'" + scope.zone.replace("'", "") + "'", Text())
    if scope.dialect == "sqlite":
        return func.weft_local_date(instant, zone, type_=Text())
    return cast(func.timezone(zone, instant), Date())


def _sqlite_bucket(day: Any, bucket: str, week_starts: str) -> Any:
    """From the ISO text of a date."""
    if bucket == "day":
        return day
    if bucket == "week":
        last = "weekday 0" if week_starts == "monday" else "weekday 6"
        return func.date(day, literal_column(f"'{last}'"), literal_column("'-6 days'"), type_=Text())
    if bucket == "month":
        return func.substr(day, 1, 7, type_=Text()).op("||")(literal_column("'-01'"))
    if bucket == "year":
        return func.substr(day, 1, 4, type_=Text()).op("||")(literal_column("'-01-01'"))
    month = func.substr(day, 6, 2, type_=Text())
    firsts = (("03", "'-01-01'"), ("06", "'-04-01'"), ("09", "'-07-01'"))
    first = case(*((month <= last, literal_column(text)) for last, text in firsts), else_=literal_column("'-10-01'"))
    return func.substr(day, 1, 4, type_=Text()).op("||")(first)


def _postgresql_bucket(day: Any, bucket: str, week_starts: str) -> Any:
    if bucket == "day":
        return cast(day, Date())
    unit = literal_column(f"'{bucket}'", Text())
    if bucket == "week" and week_starts == "sunday":
        one: Any = literal_column("interval '1 day'")
        return cast(func.date_trunc(unit, cast(day, Date()) + one) - one, Date())
    return cast(func.date_trunc(unit, cast(day, Date())), Date())


_BUCKETS: dict[str, Callable[[Any, str, str], Any]] = {"sqlite": _sqlite_bucket, "postgresql": _postgresql_bucket}
