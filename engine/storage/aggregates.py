"""The values of stored formulas over other records, computed from the rows themselves for several owners at once.

Three ways, the first that works: the whole formula in SQL; its aggregates in SQL and the rest in Python; all in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Boolean, Select, Text, bindparam, select, type_coerce
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.columns import BigId, IsoDate, IsoTime, ScaledDecimal, UtcDateTime
from engine.expressions import NotInSql, compile_closure, sql_native, to_sql, to_sql_number
from engine.expressions.nodes import Expression, Moment, Node, Path, Values
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.lookups import fetch_link_values
from engine.storage.parameters import Parameters
from engine.storage.shapes import is_lines
from engine.storage.sql_scope import FormScope, LineScope, Surroundings, joined, root_scope

Closure = Callable[[Values, Moment], object]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a formula is computed. `statement` reads id and `nodes`; `closure` makes the value of them and of `paths`."""

    statement: Select[Any] | None
    parameters: Parameters
    paths: tuple[Path, ...] = ()
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class Mixed:
    """Values of one record, and aggregates of it under the paths ("#0",), ("#1",) …"""

    found: Mapping[Path, object]

    def value(self, path: Path) -> object:
        """A value read beforehand."""
        return self.found.get(path)

    def rows(self, source: Path) -> Sequence[Values]:
        """There are none: aggregates have been computed."""
        return ()


@dataclass(frozen=True, slots=True)
class StoredValues:
    """A stored record, or a stored row of lines, read when asked: for the rare formulas that SQL cannot say."""

    uow: UnitOfWork
    form_id: str
    record_id: int
    line: Mapping[str, object] | None = None

    def value(self, path: Path) -> object:
        """The value at `path`."""
        if self.line is not None and path and path[0] in self.line:
            return self.line[path[0]]
        return fetch_link_values(self.uow, self.form_id, [self.record_id], [path]).get(self.record_id, {}).get(path)

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of lines or of a related list."""
        return list(_rows(self.uow, self.form_id, self.record_id, source))


def fetch_aggregates(
    uow: UnitOfWork, form_id: str, field_id: str, owner_ids: Iterable[int], moment: Moment
) -> dict[int, object]:
    """The values of a formula field for stored records, by id; the owners have been locked before."""
    formula = uow.catalog.forms[form_id].fields[field_id].formula
    ids = list(owner_ids)
    if formula is None or not ids:
        return {}
    recipe: Recipe = uow.database.statements.get(
        ("aggregate", form_id, field_id), lambda: _recipe(uow, form_id, formula)
    )
    if recipe.statement is None:
        closure = recipe.closure or compile_closure(formula)
        return {each: closure(StoredValues(uow, form_id, each), moment) for each in ids}
    values = {**recipe.parameters.values(moment, None), "ids": ids_value(ids, uow.database.dialect)}
    rows = uow.connection.execute(recipe.statement, values).all()
    if recipe.closure is None:
        return {row[0]: row[1] for row in rows}
    return _mix(uow, form_id, recipe, rows, moment)


def _mix(uow: UnitOfWork, form_id: str, recipe: Recipe, rows: Sequence[Any], moment: Moment) -> dict[int, object]:
    known = fetch_link_values(uow, form_id, [row[0] for row in rows], recipe.paths) if recipe.paths else {}
    values: dict[int, object] = {}
    for row in rows:
        found: dict[Path, object] = {(f"#{at}",): value for at, value in enumerate(row[1:])}
        found.update(known.get(row[0], {}))
        values[row[0]] = recipe.closure(Mixed(found), moment) if recipe.closure else None
    return values


def _recipe(uow: UnitOfWork, form_id: str, formula: Expression) -> Recipe:
    if not _is_slow(uow, formula):
        try:
            return _in_sql(uow, form_id, [formula.node])
        except NotInSql:
            pass
    nodes: list[Node] = []
    rest = without_aggregates(formula.node, nodes)
    paths = tuple(sorted(set(_paths(rest))))
    closure = compile_closure(replace(formula, node=rest))
    try:
        recipe = _in_sql(uow, form_id, nodes)
    except NotInSql:
        return Recipe(None, Parameters(uow.database.dialect), (), compile_closure(formula))
    return replace(recipe, paths=paths, closure=closure)


def _is_slow(uow: UnitOfWork, formula: Expression) -> bool:
    """Whether SQLite would ask a registered function for every record; a closure on values read at once is quicker."""
    return uow.database.dialect == "sqlite" and not sql_native(formula, "sqlite")


def _in_sql(uow: UnitOfWork, form_id: str, nodes: Sequence[Node]) -> Recipe:
    parameters = Parameters(uow.database.dialect)
    scope = root_scope(Surroundings(uow.catalog, uow.database.tables, parameters), form_id, as_reader=False)
    columns = [_typed(node, scope) for node in nodes]
    statement = select(scope.source.c.id, *columns).select_from(joined(scope))
    return Recipe(statement.where(among(scope.source.c.id, "ids", uow.database.dialect)), parameters)


def _typed(node: Node, scope: FormScope) -> Any:
    """The SQL of a node with its Python type."""
    expression = Expression("", node, frozenset())
    if node.type.kind == "number":
        raw, decimals = to_sql_number(expression, scope)
        return type_coerce(raw, ScaledDecimal(decimals)).label(None)
    kinds: dict[str, TypeEngine[Any]] = {
        "boolean": Boolean(),
        "date": IsoDate(),
        "datetime": UtcDateTime(),
        "time": IsoTime(),
        "link": BigId(),
        "person": BigId(),
        "department": BigId(),
    }
    return type_coerce(to_sql(expression, scope), kinds.get(node.type.kind, Text())).label(None)


def without_aggregates(node: Node, taken: list[Node]) -> Node:
    """The tree with each aggregate replaced by a field "#n"; the aggregates are added to `taken`."""
    if node.op == "aggregate":
        taken.append(node)
        return Node("field", node.type, value=(f"#{len(taken) - 1}",))
    return replace(node, args=tuple(without_aggregates(arg, taken) for arg in node.args))


def _paths(node: Node) -> Iterator[Path]:
    if node.op == "field" and isinstance(node.value, tuple) and not node.value[0].startswith("#"):
        yield node.value
    for arg in node.args:
        yield from _paths(arg)


def _rows(uow: UnitOfWork, form_id: str, record_id: int, source: Path) -> Iterator[Values]:
    """The rows of a source, in order, each read with every right."""
    scope = root_scope(
        Surroundings(uow.catalog, uow.database.tables, Parameters(uow.database.dialect)), form_id, as_reader=False
    )
    table, tied, rows = scope.rows(source, 0)
    chosen = select(rows.source.c.id).select_from(scope.source.join(table, tied))
    statement = chosen.where(scope.source.c.id == bindparam("the_id", type_=BigId())).order_by(rows.source.c.id)
    ids = list(uow.connection.execute(statement, {"the_id": record_id}).scalars())
    if isinstance(rows, LineScope):
        yield from _lines(uow, rows, ids)
        return
    for each in ids:
        yield StoredValues(uow, rows.form.id, each)


def _lines(uow: UnitOfWork, rows: LineScope, ids: Sequence[int]) -> Iterator[Values]:
    table = uow.database.tables.lines[rows.record.form.id, rows.lines.id]
    columns = [table.c[inner.column] for inner in rows.lines.fields.values() if inner.column in table.c]
    names = [inner.id for inner in rows.lines.fields.values() if inner.column in table.c]
    chosen = select(table.c._record, *columns).where(among(table.c.id, "ids", uow.database.dialect))
    ordered = chosen.order_by(table.c._record, table.c._position)
    for row in uow.connection.execute(ordered, {"ids": ids_value(ids, uow.database.dialect)}):
        line = dict(zip(names, row[1:], strict=True))
        yield LineValues(uow, rows.record.form.id, row[0], rows.lines.fields, line)


@dataclass(frozen=True, slots=True)
class LineValues:
    """A stored row of lines."""

    uow: UnitOfWork
    form_id: str
    record_id: int
    fields: Mapping[str, Any]
    line: Mapping[str, object]

    def value(self, path: Path) -> object:
        """A cell, a value behind a link in the row, or one of the record (header)."""
        if path[0] == "header":
            return StoredValues(self.uow, self.form_id, self.record_id).value(path[1:])
        found = self.line.get(path[0])
        if len(path) == 1 or not isinstance(found, int) or is_lines(self.fields[path[0]]):
            return found
        target = self.fields[path[0]].to[0]
        return StoredValues(self.uow, target, found).value(path[1:])

    def rows(self, source: Path) -> Sequence[Values]:
        """Rows of lines have none."""
        return ()
