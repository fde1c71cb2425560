"""Where a computed value comes from: aggregates of a stored record, their rows, and what a reader sees of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.columns import BigId, IsoDate, IsoTime, ScaledDecimal, UtcDateTime
from engine.catalog.forms import Related
from engine.expressions import to_sql, to_sql_number, to_sql_value
from engine.expressions.nodes import ALL_DEPARTMENTS, Expression, Moment, Node, Path
from engine.expressions.references import find_references
from engine.storage.database import UnitOfWork
from engine.storage.parameters import Parameters
from engine.storage.rights import Rights
from engine.storage.shapes import SYSTEM_FIELDS, targets
from engine.storage.sql_parts import entered_stage
from engine.storage.sql_scope import HEADER, FormScope, LineScope, Surroundings, joined, root_scope

Scope = FormScope | LineScope
_BOOLEAN_KINDS: Mapping[str, type[TypeEngine[Any]]] = {
    "boolean": Boolean, "date": IsoDate, "datetime": UtcDateTime, "time": IsoTime, "link": BigId, "person": BigId,
    "department": BigId, "duration": BigInteger,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row that an aggregate reads and the reader sees: `id` of the record (or of the lines' row, then `record`).

    position  of a row of lines in its record, from 1
    value     what the row contributes; `seen` False: the reader does not see what it is made of
    """

    id: int
    record: int
    position: int | None
    value: object
    seen: bool


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of the rows that the reader sees, how many those are, and how many there are in all."""

    form_id: str
    lines: str | None
    rows: tuple[SourceRow, ...]
    seen: int
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """One statement about the rows of an aggregate of one record."""

    root: FormScope
    rows: Scope
    tables: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    visible: ColumnElement[bool]
    parameters: Parameters
    moment: Moment
    record_id: int


def fetch_node_values(
    uow: UnitOfWork, form_id: str, record_id: int, nodes: Sequence[Node], moment: Moment
) -> tuple[object, ...]:
    """The values of trees on a stored record, read with every right. Raises NotInSql."""
    parameters = Parameters(uow.database.dialect)
    scope = root_scope(Surroundings(uow.catalog, uow.database.tables, parameters), form_id, as_reader=False)
    columns = [typed(node, scope) for node in nodes]
    statement = select(scope.source.c.id, *columns).select_from(joined(scope)).where(_is_record(scope))
    row = uow.connection.execute(statement, _values(parameters, moment, record_id)).one()
    return tuple(row[1:])


def fetch_sight(
    uow: UnitOfWork,
    rights: Rights,
    form_id: str,
    record_id: int,
    paths: Sequence[Path],
    moment: Moment,
    line: tuple[str, int] | None = None,
) -> Mapping[Path, bool]:
    """Which values of a stored record, or of a row of its lines (their name, its id), the reader sees: each field on
    the way, and each record that links lead to.
    """
    parameters = Parameters(uow.database.dialect)
    around = Surroundings(uow.catalog, uow.database.tables, parameters, rights)
    scope = replace(root_scope(around, form_id, as_reader=True), joins=None)
    tables: FromClause = scope.source
    where: list[ColumnElement[bool]] = [_is_record(scope)]
    reader: Scope = scope
    if line is not None:
        rows, tied, inner = scope.rows((line[0],), 0)
        tables = scope.source.join(rows, tied)
        where.append(inner.source.c.id == bindparam("the_row", line[1], type_=BigId()))
        reader = inner
    flags = [may_see(reader, path).label(None) for path in paths]
    statement = select(literal(1), *flags).select_from(tables).where(*where)
    row = uow.connection.execute(statement, _values(parameters, moment, record_id)).first()
    return {path: row is not None and bool(row[1 + at]) for at, path in enumerate(paths)}


def fetch_sources(
    uow: UnitOfWork,
    rights: Rights,
    form_id: str,
    record_id: int,
    aggregate: Node,
    moment: Moment,
    *,
    after: int = 0,
    limit: int = 20,
) -> SourcePage:
    """A page of the rows that an aggregate of a stored record reads, in row order. Raises NotInSql."""
    asked = _ask(uow, rights, form_id, record_id, aggregate, moment)
    total, seen = _count(uow, asked)
    found = _page(uow, asked, aggregate.args[2], after, limit) if seen else []
    lines = asked.rows.lines.id if isinstance(asked.rows, LineScope) else None
    own = asked.rows.record.form if isinstance(asked.rows, LineScope) else asked.rows.form
    rows = tuple(SourceRow(row[0], row[1], row[2], row[4], bool(row[3])) for row in found[:limit])
    return SourcePage(own.id, lines, rows, seen, total, len(found) > limit)


def _ask(uow: UnitOfWork, rights: Rights, form_id: str, record_id: int, aggregate: Node, moment: Moment) -> _Asked:
    source, where = aggregate.args[:2]
    parameters = Parameters(uow.database.dialect)
    root = root_scope(Surroundings(uow.catalog, uow.database.tables, parameters, rights), form_id, as_reader=False)
    path = source.value if isinstance(source.value, tuple) else ()
    tables, tied, rows = root.rows(path, source.depth)
    conditions: list[ColumnElement[bool]] = [_is_record(root), tied]
    if not (where.op == "literal" and where.value is True):
        conditions.append(to_sql(Expression("", where, frozenset()), rows))
    reader = _as_reader(rows)
    visible = and_(_visible(uow, root, rows, reader, path), *(may_see(reader, each) for each in _paths(where)))
    return _Asked(root, rows, tables, tuple(conditions), visible, parameters, moment, record_id)


def _count(uow: UnitOfWork, asked: _Asked) -> tuple[int, int]:
    """(all rows, rows that the reader sees)"""
    seen = func.coalesce(func.sum(case((asked.visible, 1), else_=0)), 0)
    statement = _from(select(func.count(), seen), asked)
    row = uow.connection.execute(statement, _values(asked.parameters, asked.moment, asked.record_id)).one()
    return int(row[0]), int(row[1])


def _page(uow: UnitOfWork, asked: _Asked, operand: Node, after: int, limit: int) -> Sequence[Any]:
    rows, lines = asked.rows, isinstance(asked.rows, LineScope)
    table = rows.source
    value = typed(operand, rows) if operand.op != "literal" else literal(1)
    reader = _as_reader(rows)
    seen = and_(true(), *(may_see(reader, each) for each in _paths(operand)))
    position = table.c._position if lines else literal(None, BigInteger())
    record = table.c._record if lines else table.c.id
    statement = _from(select(table.c.id, record, position, seen.label("seen"), value), asked)
    # the rows of one record stand in their own order, records in the order they were made
    order = (record, table.c._position, table.c.id) if lines else (table.c.id,)
    statement = statement.where(asked.visible).order_by(*order).limit(limit + 1).offset(after)
    return uow.connection.execute(statement, _values(asked.parameters, asked.moment, asked.record_id)).all()


def _from(statement: Select[Any], asked: _Asked) -> Select[Any]:
    return statement.select_from(joined(asked.root).join(asked.tables, true())).where(*asked.conditions)


def _visible(uow: UnitOfWork, root: FormScope, rows: Scope, reader: Scope, source: Path) -> ColumnElement[bool]:
    """Which rows the reader may know to be rows of this record: the rows themselves and what ties them to it."""
    holder = reader.record if isinstance(reader, LineScope) else reader
    if holder.around.rights is None or holder.around.rights.see(holder.form.id) is None:
        return false()
    seen = [holder.visible_rows()]
    if isinstance(rows, LineScope):
        seen.append(may_see(holder, (rows.lines.id,)))
    if len(source) > 1:  # the rows of a linked record
        seen.append(may_see(replace(root, as_reader=True, joins=None), (*source[:-1], "id")))
    related = _related(uow, root, source)
    if related is not None:
        keys = [(related.field,)] if related.field else []
        tie = _paths(related.match.node) if related.match is not None else []
        seen += [may_see(reader, each) for each in dict.fromkeys((*keys, *tie))]
    return and_(*seen)


def _related(uow: UnitOfWork, root: FormScope, source: Path) -> Related | None:
    """The related list or relation at the end of a row source."""
    form = root.form
    for name in source[:-1]:
        leads_to = targets(form.fields[name]) if name in form.fields else ()
        if len(leads_to) != 1 or leads_to[0] not in uow.catalog.forms:
            return None
        form = uow.catalog.forms[leads_to[0]]
    return form.related.get(source[-1])


def _as_reader(rows: Scope) -> Scope:
    if isinstance(rows, LineScope):
        return replace(rows, record=replace(rows.record, as_reader=True, joins=None))
    return replace(rows, as_reader=True, joins=None)


def _paths(node: Node) -> list[Path]:
    """The fields of the row itself that a condition or operand reads; what it aggregates is not looked into."""
    found = {each.path for each in find_references(node) if not each.outer and each.rows is None and each.path}
    return sorted(found)


def may_see(scope: Scope, path: Path) -> ColumnElement[bool]:
    """Whether the reader sees the value at `path` of a row whose record the reader sees."""
    if isinstance(scope, LineScope):
        return _may_see_cell(scope, path)
    name, *rest = path
    right = scope.around.rights.see(scope.form.id) if scope.around.rights is not None else None
    if right is None:
        return false()
    if name in SYSTEM_FIELDS and name not in scope.form.fields:
        return false() if rest else true()
    if name == ALL_DEPARTMENTS:
        return true()
    stage = entered_stage(scope.form, name)
    own = stage or scope.form.fields.get(name)
    if own is None or own.id not in right.fields:
        return false()
    rule = scope.field_rule(own.id)
    here: ColumnElement[bool] = true() if rule is None else rule
    return and_(here, _may_see_behind(scope, own.id, tuple(rest))) if rest else here


def _may_see_behind(scope: FormScope, name: str, rest: Path) -> ColumnElement[bool]:
    link = scope.form.fields[name]
    alias, condition, target = scope.hop(link)
    inside = exists(
        select(literal(1)).select_from(alias).where(condition, may_see(target, rest)).correlate_except(alias)
    )
    return scope.source.c[link.column].is_(None) | inside


def _may_see_cell(scope: LineScope, path: Path) -> ColumnElement[bool]:
    name, *rest = path
    if name == HEADER:
        return may_see(scope.record, tuple(rest)) if rest else true()
    key = f"{scope.lines.id}.{name}"
    right = scope.record.around.rights.see(scope.record.form.id) if scope.record.around.rights is not None else None
    if name == "id":
        return true()
    if right is None or key not in right.fields:
        return false()
    rule = scope.record.field_rule(key)
    here: ColumnElement[bool] = true() if rule is None else rule
    if not rest:
        return here
    holder = FormScope(scope.record.around, scope.record.form, scope.source, True, scope.parent)  # noqa: FBT003
    link = scope.lines.fields[name]
    alias, condition, target = holder.hop(link)
    seen = may_see(target, tuple(rest))
    inside = exists(select(literal(1)).select_from(alias).where(condition, seen).correlate_except(alias))
    return and_(here, scope.source.c[link.column].is_(None) | inside)


def typed(node: Node, scope: Scope) -> Any:
    """The SQL of a tree with its Python type."""
    expression = Expression("", node, frozenset())
    if node.type.kind == "number":
        raw, decimals = to_sql_number(expression, scope)
        return type_coerce(raw, ScaledDecimal(decimals)).label(None)
    kind = _BOOLEAN_KINDS.get(node.type.kind, Text)
    sql = to_sql(expression, scope) if node.type.kind == "boolean" else to_sql_value(expression, scope)
    return type_coerce(sql, kind()).label(None)


def _is_record(scope: FormScope) -> ColumnElement[bool]:
    return scope.source.c.id == bindparam("the_record", type_=BigId())


def _values(parameters: Parameters, moment: Moment, record_id: int) -> dict[str, Any]:
    return {**parameters.values(moment, None), "the_record": record_id}
