"""Formulas of many stored records at once: in one statement where the database can say the formula, and bulk writes.

Neither versions nor stamps of the records change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    Table,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    null,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.dml import ReturningUpdate

from engine.catalog.field_types.columns import DIGITS
from engine.catalog.forms import Field
from engine.expressions import NotInSql, sql_native, to_sql, to_sql_number, to_sql_value
from engine.expressions.nodes import Moment
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.marks import has_mark
from engine.storage.parameters import Parameters
from engine.storage.shapes import has_column, is_polymorphic, places
from engine.storage.sql_scope import FormScope, Surroundings, joined, root_scope
from engine.storage.tables import AS_OF, STALE

# Kinds whose SQL is the very value that is kept; texts are brought to their normal form, on SQLite by Python.
EXACT_KINDS = frozenset({"number", "boolean", "date", "datetime", "link", "person", "department", "duration"})


@dataclass(frozen=True, slots=True)
class NativeUpdate:
    """The statement that writes a formula's values where they differ; it answers the ids of those records."""

    statement: ReturningUpdate[Any] | Select[Any]
    parameters: Parameters


def update_natively(
    uow: UnitOfWork,
    form_id: str,
    field_id: str,
    ids: Sequence[int],
    moment: Moment,
    links: tuple[str, ...] = (),
    hold: str | None = None,
) -> dict[int, dict[str, Any]] | None:
    """Write a stored formula in one statement; None where SQL cannot say it.

    {id: {link: where it leads}} of the records whose value is another now, with the `links` asked for. What these
    lead to by the link `hold` is locked by the same statement, in the order of ids.
    """
    found = _remembered(uow, form_id, field_id, links, hold)
    if found is None:
        return None
    if not ids:
        return {}
    values = {**found.parameters.values(moment, None), "ids": ids_value(ids, uow.database.dialect)}
    if uow.database.dialect != "sqlite":
        values |= {"low": min(ids), "high": max(ids)}
    rows = uow.connection.execute(found.statement, values).all()
    return {row[0]: dict(zip(links, row[1:], strict=False)) for row in sorted(rows, key=lambda row: row[0])}


def can_update(uow: UnitOfWork, form_id: str, field_id: str, links: tuple[str, ...] = ()) -> bool:
    """Whether `update_natively` would do it."""
    return _remembered(uow, form_id, field_id, links, None) is not None


def _remembered(
    uow: UnitOfWork, form_id: str, field_id: str, links: tuple[str, ...], hold: str | None
) -> NativeUpdate | None:
    shape = ("native update", form_id, field_id, links, hold)
    found = uow.database.statements.get(shape, lambda: _native(uow, form_id, field_id, links, hold) or "none")
    return found if isinstance(found, NativeUpdate) else None


def _native(
    uow: UnitOfWork, form_id: str, field_id: str, links: tuple[str, ...], hold: str | None
) -> NativeUpdate | None:
    fields = uow.catalog.forms[form_id].fields
    field = fields[field_id]
    if any(name not in fields or not has_column(fields[name]) or is_polymorphic(fields[name]) for name in links):
        return None
    if field.formula is None or is_polymorphic(field) or not is_native(field, uow.database.dialect):
        return None
    parameters = Parameters(uow.database.dialect)
    scope = root_scope(Surroundings(uow.catalog, uow.database.tables, parameters), form_id, as_reader=False)
    try:
        inner = _computed(scope, field, uow.database.dialect)
    except NotInSql:
        return None
    table = uow.database.tables.forms[form_id]
    column = table.c[field.column]
    value = type_coerce(inner.c.value, column.type)
    statement = update(table).values({field.column: value}).where(table.c.id == inner.c.id)
    statement = statement.where(column.is_distinct_from(value), *_range(table.c.id, uow.database.dialect))
    answering = statement.returning(table.c.id, *(table.c[fields[name].column] for name in links))
    if hold is None:
        return NativeUpdate(answering, parameters)
    return NativeUpdate(_holding(answering, fields[hold], uow.database.tables.forms[fields[hold].to[0]]), parameters)


def _range(found: ColumnElement[Any], dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Between the least and the greatest of the ids: PostgreSQL would else read the whole table for many of them."""
    if dialect == "sqlite":
        return ()
    return (found.between(bindparam("low", type_=BigInteger()), bindparam("high", type_=BigInteger())),)


def _holding(statement: ReturningUpdate[Any], link: Field, target: Table) -> Select[Any]:
    """The update; and what the changed records lead to, locked."""
    changed, other = statement.cte("changed"), target.alias("held_by")
    led_to = select(changed.c[link.column])
    held = select(other.c.id).where(other.c.id.in_(led_to)).order_by(other.c.id).with_for_update(key_share=True)
    return select(*changed.c, select(func.count()).select_from(held.cte("held")).scalar_subquery())


def is_native(field: Field, dialect: str) -> bool:
    """Whether the database itself says the formula, and its freeze, as fast as its own arithmetic."""
    kinds = EXACT_KINDS if dialect == "sqlite" else EXACT_KINDS | {"text"}
    if field.formula is None or field.formula.type.kind not in kinds or field.type == "choices":
        return False
    return all(sql_native(each, dialect) for each in (field.formula, field.freeze) if each is not None)


def _computed(scope: FormScope, field: Field, dialect: str) -> FromClause:
    """id and value of the records in the parameter `ids` that are not frozen."""
    if field.formula is None:
        raise NotInSql(field.id)
    number = field.formula.type.kind == "number"
    raw, decimals = to_sql_number(field.formula, scope) if number else (to_sql_value(field.formula, scope), 0)
    chosen = select(scope.source.c.id, raw.label("raw"))
    if field.freeze is not None:
        chosen = chosen.where(not_(func.coalesce(to_sql(field.freeze, scope), literal(value=False))))
    chosen = chosen.select_from(joined(scope)).where(among(scope.source.c.id, "ids", dialect))
    chosen = chosen.where(*_range(scope.source.c.id, dialect))
    if field.formula.type.kind == "text":
        inner = chosen.subquery()
        return select(inner.c.id, _kept_text(inner.c.raw).label("value")).subquery()
    if not number:
        inner = chosen.subquery()
        return select(inner.c.id, inner.c.raw.label("value")).subquery()
    # A barrier: else the planner would work the expression out again wherever its value is used.
    inner = chosen.limit(bindparam("most", 1 << 62, type_=BigInteger())).subquery()
    return select(inner.c.id, _kept(inner.c.raw, decimals, places(field), dialect).label("value")).subquery()


def _kept_text(raw: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text as its column keeps it on PostgreSQL: in NFC, without white space around it, nothing when it is empty."""
    normal = func.btrim(func.normalize(raw, literal_column("NFC")), literal(" \t\r\n\u00a0\u3000"))
    return func.nullif(normal, literal(""))


def _kept(raw: ColumnElement[Any], decimals: int, wanted: int, dialect: str) -> ColumnElement[Any]:
    """A number as its column keeps it: rounded half away to its places, nothing when it has too many digits."""
    if dialect != "sqlite":
        rounded = func.round(cast(raw, Numeric()), literal(wanted, Integer()), type_=Numeric())
        return case((func.abs(rounded) < literal(10 ** (DIGITS - wanted), type_=Numeric()), rounded), else_=null())
    scaled = raw
    if decimals < wanted:
        scaled = raw * literal(10 ** (wanted - decimals), BigInteger())
    elif decimals > wanted:
        unit = literal(10 ** (decimals - wanted), BigInteger())
        half = literal(10 ** (decimals - wanted) // 2, BigInteger())
        scaled = case(
            (raw < 0, -((-raw + half).op("/", precedence=8)(unit))), else_=(raw + half).op("/", precedence=8)(unit)
        )
    most = literal(10**DIGITS, BigInteger())
    return case((scaled.between(-most + 1, most - 1), scaled), else_=null())


def fetch_column(uow: UnitOfWork, form_id: str, field_id: str, ids: Iterable[int]) -> dict[int, Any]:
    """The stored values of a field, by id."""
    table = uow.database.tables.forms[form_id]
    column = table.c[uow.catalog.forms[form_id].fields[field_id].column]
    dialect = uow.database.dialect
    statement = uow.database.statements.get(
        ("column", form_id, field_id),
        lambda: select(table.c.id, column).where(among(table.c.id, "ids", dialect)),
    )
    found = uow.connection.execute(statement, {"ids": ids_value(ids, dialect)})
    return {row[0]: row[1] for row in found}


def write_column(uow: UnitOfWork, form_id: str, field_id: str, values: Mapping[int, Any]) -> None:
    """Write one field of many records: one statement on PostgreSQL, one prepared one on SQLite."""
    if not values:
        return
    table = uow.database.tables.forms[form_id]
    column = table.c[uow.catalog.forms[form_id].fields[field_id].column]
    if uow.database.dialect == "sqlite":
        one = update(table).where(table.c.id == bindparam("the_id", type_=BigInteger()))
        statement = one.values({column.name: bindparam("v", type_=column.type)})
        uow.connection.execute(statement, [{"the_id": each, "v": values[each]} for each in sorted(values)])
        return
    ids = sorted(values)
    given = select(
        func.unnest(bindparam("ids", type_=ARRAY(BigInteger()))).label("id"),
        func.unnest(bindparam("vs", type_=ARRAY(column.type))).label("v"),
    ).subquery()
    statement = update(table).values({column.name: given.c.v}).where(table.c.id == given.c.id)
    uow.connection.execute(statement, {"ids": ids, "vs": [values[each] for each in ids]})


def fetch_next_ids(
    uow: UnitOfWork,
    form_id: str,
    after: int,
    limit: int,
    *,
    marked: str = "",
    before: date | None = None,
    lock: bool = True,
    one_in: int = 1,
    part: int = 0,
) -> list[int]:
    """The next ids of a form, the recycle bin too, locked; only rows with a mark, of an earlier day, or one in
    some.
    """
    table = uow.database.tables.forms[form_id]

    def build() -> Select[Any]:
        chosen = select(table.c.id).where(table.c.id > bindparam("after", type_=BigInteger())).order_by(table.c.id)
        if marked:
            chosen = chosen.where(has_mark(table, marked))
        if before is not None:
            day = bindparam("day", type_=table.c[AS_OF].type)
            chosen = chosen.where(func.coalesce(table.c[AS_OF] < day, literal(value=True)))
        if one_in > 1:
            chosen = chosen.where(table.c.id % literal(one_in, BigInteger()) == bindparam("part", type_=BigInteger()))
        chosen = chosen.limit(bindparam("most", type_=BigInteger()))
        return chosen.with_for_update(key_share=True) if lock else chosen

    shape = ("next ids", form_id, marked, before is None, lock, one_in)
    values: dict[str, Any] = {"after": after, "most": limit}
    values |= {"day": before} if before is not None else {}
    values |= {"part": part} if one_in > 1 else {}
    return list(uow.connection.execute(uow.database.statements.get(shape, build), values).scalars())


def fetch_waiting(uow: UnitOfWork, form_id: str, key: str, ids: Sequence[int], today: date) -> frozenset[int]:
    """Those of the records whose formula `key` is going to be computed anyway: marked, or daily and of another day."""
    table = uow.database.tables.forms[form_id]
    inner = key.rpartition(".")
    form = uow.catalog.forms[form_id]
    field = form.fields[inner[0]].fields[inner[2]] if inner[0] else form.fields[key]
    waiting: ColumnElement[bool] = func.coalesce(has_mark(table, key), literal(value=False))
    if field.compute == "daily":
        waiting = waiting | func.coalesce(table.c[AS_OF] != today, literal(value=True))
    chosen = select(table.c.id).where(among(table.c.id, "ids", uow.database.dialect), waiting)
    return frozenset(uow.connection.execute(chosen, {"ids": ids_value(ids, uow.database.dialect)}).scalars())


def count_rows(uow: UnitOfWork, form_id: str, *, marked: str = "") -> int:
    """How many records a form has, the recycle bin included; or how many of them have a mark."""
    table = uow.database.tables.forms[form_id]
    statement = select(func.count()).select_from(table)
    return int(uow.connection.execute(statement.where(has_mark(table, marked)) if marked else statement).scalar_one())


def highest_id(uow: UnitOfWork, form_id: str) -> int:
    """The id of a form's newest record, 0 when there is none."""
    table = uow.database.tables.forms[form_id]
    return int(uow.connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())


def set_as_of(uow: UnitOfWork, form_id: str, ids: Sequence[int], day: date) -> None:
    """The daily values of these records are those of `day`."""
    table = uow.database.tables.forms[form_id]
    statement = update(table).values({AS_OF: day}).where(among(table.c.id, "ids", uow.database.dialect))
    uow.connection.execute(statement, {"ids": ids_value(ids, uow.database.dialect)})


# --- marks: which stored values of a record are waiting to be computed again -------------------------------------


def mark_stale(uow: UnitOfWork, form_id: str, keys: Iterable[str], ids: Sequence[int]) -> None:
    """Note that these formulas of these records are waiting."""
    table = uow.database.tables.forms[form_id]
    marks = table.c[STALE]
    for key in keys:
        more = case((marks.is_(None), f" {key} "), else_=func.concat(marks, f"{key} "))
        if uow.database.dialect == "sqlite":
            more = case((marks.is_(None), f" {key} "), else_=marks.op("||")(f"{key} "))
        statement = update(table).values({STALE: more}).where(among(table.c.id, "ids", uow.database.dialect))
        statement = statement.where(not_(func.coalesce(has_mark(table, key), literal(value=False))))
        uow.connection.execute(statement, {"ids": ids_value(ids, uow.database.dialect)})


def clear_stale(uow: UnitOfWork, form_id: str, key: str, ids: Sequence[int]) -> None:
    """This formula of these records is up to date again."""
    table = uow.database.tables.forms[form_id]
    marks = table.c[STALE]
    rest = func.nullif(func.replace(marks, f" {key} ", " "), " ")
    statement = update(table).values({STALE: rest}).where(among(table.c.id, "ids", uow.database.dialect))
    uow.connection.execute(statement.where(marks.is_not(None)), {"ids": ids_value(ids, uow.database.dialect)})


def without_mark(uow: UnitOfWork, form_id: str, key: str, ids: Iterable[int]) -> list[int]:
    """Those of the records whose formula `key` is not waiting already."""
    table = uow.database.tables.forms[form_id]
    waiting = func.coalesce(has_mark(table, key), literal(value=False))
    chosen = select(table.c.id).where(among(table.c.id, "ids", uow.database.dialect), not_(waiting))
    return list(uow.connection.execute(chosen, {"ids": ids_value(ids, uow.database.dialect)}).scalars())
