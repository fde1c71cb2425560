"""One expression asked of a database about values that are given, not stored: each record is a SELECT of literals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.columns import IsoDate
from engine.expressions import Expression, Moment, to_sql_number, to_sql_value
from engine.expressions.nodes import Node, Path, Type, Values
from engine.expressions.operations import OPERATIONS
from engine.expressions.postgres_functions import prepare_functions
from engine.expressions.sqlite_functions import register_functions
from engine.expressions.types import LISTS, places_of
from engine.values import EXACT

Sql = ColumnElement[Any]
WORK_DAYS = sa.Table(
    "weft_trial_work_days", sa.MetaData(), sa.Column("day", IsoDate()), sa.Column("is_work", sa.Boolean),
    sa.Column("position", sa.Integer), prefixes=["TEMPORARY"],
)  # fmt: skip


@dataclass
class Shape:
    """What an expression reads of a record: fields by path, and of the rows of each source again so much."""

    fields: dict[Path, Type] = field(default_factory=dict)
    rows: dict[Path, Shape] = field(default_factory=dict)


def find_shape(node: Node) -> Shape:
    """The shape of the record that `node` is asked of."""
    shape = Shape()
    _collect(node, (shape,))
    return shape


def _collect(node: Node, around: tuple[Shape, ...]) -> None:
    path = node.value if isinstance(node.value, tuple) else ()
    if node.op == "field":
        around[node.depth].fields[path] = node.type
    if node.op != "aggregate":
        for arg in node.args:
            _collect(arg, around)
        return
    rows, *asked = node.args
    source = rows.value if isinstance(rows.value, tuple) else ()
    inner = around[rows.depth].rows.setdefault(source, Shape())
    per_row = len(asked) if node.value in ("FIRST", "LAST") else 2
    for position, arg in enumerate(asked):
        _collect(arg, (inner, *around) if position < per_row else around)


@dataclass(frozen=True)
class _Level:
    """The records of one level as a sub-query; `_at` numbers them, `_in` is the number of the record around."""

    shape: Shape
    records: tuple[tuple[int, Values], ...]
    table: sa.Subquery

    def places(self, path: Path) -> int:
        return places_of(self.shape.fields[path])


class TrialScope:
    """The SqlScope of one level; `around` are the scopes outwards."""

    def __init__(self, moment: Moment, dialect: str, levels: tuple[_Level, ...]) -> None:
        self.asked_at, self.dialect, self.levels = moment, dialect, levels

    @property
    def zone(self) -> str:
        """The name of the time zone."""
        return self.asked_at.zone.key

    def column(self, path: Path, depth: int) -> tuple[Sql, int]:
        """The value at `path` and its decimals."""
        level = self.levels[depth]
        return level.table.c[_name(path)], level.places(path)

    def rows(self, source: Path, depth: int) -> tuple[FromClause, ColumnElement[bool], TrialScope]:
        """The rows of a source."""
        outer = self.levels[depth]
        level = _level(outer.shape.rows[source], _rows_of(outer, source), self.dialect)
        tie = level.table.c["_in"] == outer.table.c["_at"]
        return level.table, tie, TrialScope(self.asked_at, self.dialect, (level, *self.levels))

    def members(self, path: Path, depth: int) -> Sql:
        """The values that a field with several values holds."""
        level = self.levels[depth]
        held = [
            sa.select(_literal(value, _member_type(value), self.dialect).label("value"), sa.literal(at).label("_in"))
            for at, (_, record) in enumerate(level.records)
            for value in _listed(record.value(path))
        ]
        none = sa.select(sa.literal("", sa.Text()).label("value"), sa.literal(-1).label("_in")).where(sa.false())
        table = sa.union_all(*(held or [none])).subquery()
        tied = sa.select(table.c.value).where(table.c["_in"] == level.table.c["_at"])
        return tied.correlate_except(table).scalar_subquery()

    def rule(self, word: str) -> ColumnElement[bool]:
        """Nobody's rules are asked."""
        return sa.false()

    def work_days(self) -> FromClause:
        """The calendar, written into a table of the connection alone."""
        return WORK_DAYS.alias()

    def order(self) -> tuple[Sql, ...]:
        """Rows stand in the order in which they were given."""
        return (self.levels[0].table.c["_at"],)

    def has_reader(self) -> bool:
        """Whether somebody was named as `me`."""
        return self.asked_at.me is not None

    def mine(self, path: Path) -> Sql:
        """The values of a field with several values below the person."""
        values = self.asked_at.me_values
        held = [
            sa.select(_literal(value, _member_type(value), self.dialect).label("value"))
            for value in _listed(values.value(path) if values is not None else ())
        ]
        none = sa.select(sa.literal("", sa.Text()).label("value")).where(sa.false())
        return sa.select(sa.union_all(*(held or [none])).subquery().c.value).scalar_subquery()

    def setting(self, path: Path) -> tuple[Sql, int]:
        """A value of the settings."""
        settings = self.asked_at.settings
        value = settings.value(path) if settings is not None else None
        return _literal(value, _type_of(value), self.dialect), _places(value)

    def asked(self, name: str, type_: Type) -> tuple[Sql, int]:
        """Nothing was asked in a dialog."""
        return _literal(None, type_, self.dialect), 0

    def me(self, path: Path) -> Sql:
        """The person, or a value below the person."""
        moment = self.asked_at
        value = moment.me if not path else moment.me_values.value(path) if moment.me_values is not None else None
        return _literal(value, _type_of(value), self.dialect)

    def moment(self, which: str) -> Sql:
        """today or now."""
        value = self.asked_at.today if which == "today" else self.asked_at.now
        return _literal(value, Type("date" if which == "today" else "datetime"), self.dialect)


def answer_in_sql(expression: Expression, values: Values, moment: Moment, engine: sa.Engine) -> object:
    """The value that the database gives. Raises NotInSql when it cannot compute the expression."""
    dialect = engine.dialect.name
    level = _level(find_shape(expression.node), ((0, values),), dialect)
    scope = TrialScope(moment, dialect, (level,))
    places = 0
    if expression.type.kind == "number":
        column, places = to_sql_number(expression, scope)
    else:
        column = to_sql_value(expression, scope)
    with engine.connect() as connection:  # nothing is committed
        if dialect == "postgresql":
            connection.execute(sa.text("SET LOCAL statement_timeout = 5000"))
            prepare_functions(connection)
        if moment.calendar is not None and _asks_work_days(expression.node):
            _write_calendar(connection, moment)
        found = connection.execute(sa.select(column).select_from(level.table)).scalar()
    return _as_value(found, expression.type, places if dialect == "sqlite" else 0)


def ask_postgresql(expression: Expression, values: Values, moment: Moment, url: str) -> object:
    """What the PostgreSQL database at `url` answers; nothing is written there. Raises ConnectionError, NotInSql."""
    engine = sa.create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        return answer_in_sql(expression, values, moment, engine)
    except (DBAPIError, ArgumentError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()
        raise ConnectionError(reason[0] if reason else "") from None
    finally:
        engine.dispose()


def memory_engine() -> sa.Engine:
    """An empty SQLite database in memory that knows the functions of expressions."""
    engine = sa.create_engine("sqlite://")
    sa.event.listen(engine, "connect", lambda connection, _: register_functions(connection))
    return engine


def _asks_work_days(node: Node) -> bool:
    operation = OPERATIONS.get(node.op)
    return (operation is not None and operation.planned) or any(_asks_work_days(arg) for arg in node.args)


def _write_calendar(connection: sa.Connection, moment: Moment) -> None:
    WORK_DAYS.create(connection)
    days = getattr(moment.calendar, "days", tuple)
    rows = [{"day": day, "is_work": is_work, "position": position} for day, is_work, position in days()]
    connection.execute(WORK_DAYS.insert(), rows)


def _rows_of(level: _Level, source: Path) -> tuple[tuple[int, Values], ...]:
    return tuple((at, row) for at, (_, record) in enumerate(level.records) for row in record.rows(source))


def _level(shape: Shape, records: Sequence[tuple[int, Values]], dialect: str) -> _Level:
    types = _measured(shape.fields, records)
    selects = [_select(types, at, parent, record, dialect) for at, (parent, record) in enumerate(records)]
    if not selects:
        selects = [_select(types, 0, 0, _Nothing(), dialect).where(sa.false())]
    table = (sa.union_all(*selects) if len(selects) > 1 else selects[0]).subquery()
    return _Level(replace(shape, fields=types), tuple(records), table)


def _measured(fields: Mapping[Path, Type], records: Sequence[tuple[int, Values]]) -> dict[Path, Type]:
    """Numbers of no fixed places get as many as the values need."""
    return {
        path: replace(kind, places=max((_places(record.value(path)) for _, record in records), default=0))
        if kind.kind == "number"
        else kind
        for path, kind in fields.items()
    }


def _places(value: object) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _select(types: Mapping[Path, Type], at: int, parent: int, record: Values, dialect: str) -> sa.Select[Any]:
    columns: list[Any] = [
        _literal(record.value(path), kind, dialect).label(_name(path))
        for path, kind in types.items()
        if kind.kind not in LISTS
    ]
    columns += [sa.literal(at).label("_at"), sa.literal(parent).label("_in")]
    return sa.select(*columns)


class _Nothing:
    def value(self, path: Path) -> object:
        return None

    def rows(self, source: Path) -> Sequence[Values]:
        return ()


def _name(path: Path) -> str:
    return ".".join(path)


def _literal(value: object, type_: Type, dialect: str) -> Sql:
    kind = type_.kind
    if kind == "boolean":
        value = bool(value)
    elif value is not None and dialect == "sqlite":
        value = _scaled(value, type_)
    elif isinstance(value, datetime):
        value = value.astimezone(UTC)
    column = _column_type(kind, dialect)
    plain = sa.Text() if isinstance(column, sa.Text) else column
    typed = sa.cast(sa.literal(value, plain), plain)
    return sa.collate(typed, "C") if isinstance(column, sa.Text) and dialect == "postgresql" else typed


def _scaled(value: object, type_: Type) -> object:
    """The raw form of SQLite: whole numbers, moments as texts."""
    if isinstance(value, (Decimal, int)) and type_.kind == "number":
        return int(EXACT.scaleb(Decimal(value), places_of(type_)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def _column_type(kind: str, dialect: str) -> TypeEngine[Any]:
    if kind == "boolean":
        return sa.Boolean()
    if kind in ("link", "person", "department", "file", "duration"):
        return sa.BigInteger()
    if dialect == "sqlite":
        return sa.BigInteger() if kind == "number" else sa.Text()
    known: dict[str, TypeEngine[Any]] = {
        "number": sa.Numeric(), "date": sa.Date(), "datetime": sa.DateTime(timezone=True), "time": sa.Time(),
    }  # fmt: skip
    return known.get(kind, sa.Text(collation="C"))


def _listed(value: object) -> Iterator[object]:
    yield from value if isinstance(value, (tuple, list)) else ()


def _member_type(value: object) -> Type:
    return Type("link") if isinstance(value, int) else Type("text")


def _type_of(value: object) -> Type:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"), (int, "link"), (Decimal, "number"), (datetime, "datetime"), (date, "date"),
    )  # fmt: skip
    kind = next((kind for python, kind in kinds if isinstance(value, python)), "text")
    return Type(kind, _places(value) if kind == "number" else None)


def _as_value(found: Any, type_: Type, places: int) -> object:
    """What a database answers in the vocabulary of types."""
    if found is None:
        return None
    if type_.kind == "number":
        return EXACT.scaleb(Decimal(found), -places)
    if type_.kind == "boolean":
        return bool(found)
    if type_.kind == "date" and isinstance(found, str):
        return date.fromisoformat(found)
    if type_.kind == "datetime":
        moment = datetime.fromisoformat(found) if isinstance(found, str) else found
        return moment.astimezone(UTC)
    return found
