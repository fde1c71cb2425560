"""Values that formulas and rules read of stored records, with every right: paths below links, conditions, trees."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from engine.expressions import to_sql
from engine.expressions.nodes import ALL_DEPARTMENTS, Expression, Moment, Path
from engine.storage.children import fetch_many
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.departments_held import fetch_departments_held
from engine.storage.outputs import output_of
from engine.storage.parameters import Parameters
from engine.storage.shapes import is_many, is_polymorphic, targets
from engine.storage.sql_scope import FormScope, Surroundings, joined, root_scope


@dataclass(frozen=True, slots=True)
class Lookup:
    """A built statement about records whose ids are its parameter `ids`; its first column is the id."""

    select: Select[Any]
    parameters: Parameters


def fetch_link_values(
    uow: UnitOfWork, form_id: str, ids: Iterable[int], paths: Sequence[Path]
) -> dict[int, dict[Path, Any]]:
    """The values at `paths` of stored records, by id: one statement; records that do not exist are absent."""
    wanted = tuple(paths)
    fields = uow.catalog.forms[form_id].fields
    single = tuple(path for path in wanted if path and not _is_several(uow, form_id, path))
    several_forms = [
        path for path in single if len(path) == 1 and path[0] in fields and is_polymorphic(fields[path[0]])
    ]

    def build() -> Lookup:
        scope, parameters = _start(uow, form_id)
        outputs = [output_of(scope, path).sql for path in single]
        forms = [scope.source.c[f"{scope.form.fields[path[0]].column}_form"] for path in several_forms]
        return Lookup(_among(select(scope.source.c.id, *outputs, *forms), scope, uow), parameters)

    found = _run(uow, ("values", form_id, single), build, ids, None)
    values = {row[0]: dict(zip(single, row[1:], strict=False)) for row in found}
    for at, path in enumerate(several_forms):
        for row in found:
            linked = values[row[0]][path]
            values[row[0]][path] = None if linked is None else (row[1 + len(single) + at], linked)
    for wanted_path in wanted:
        if not wanted_path:
            for record_id, each in values.items():
                each[wanted_path] = record_id
        elif wanted_path not in single:
            _add_members(uow, form_id, wanted_path, values)
    return values


def satisfying(
    uow: UnitOfWork, form_id: str, ids: Iterable[int], condition: Expression, moment: Moment
) -> frozenset[int]:
    """Which of these stored records meet a condition, read with every right."""

    def build() -> Lookup:
        scope, parameters = _start(uow, form_id)
        holds = to_sql(condition, scope)
        return Lookup(_among(select(scope.source.c.id).where(holds), scope, uow), parameters)

    found = _run(uow, ("satisfying", form_id, condition.node), build, ids, moment)
    return frozenset(row[0] for row in found)


def satisfies(uow: UnitOfWork, form_id: str, record_id: int, condition: Expression, moment: Moment) -> bool:
    """Whether a stored record meets a condition, read with every right."""
    return record_id in satisfying(uow, form_id, [record_id], condition, moment)


def which_hold(
    uow: UnitOfWork, form_id: str, record_id: int, conditions: Mapping[str, Expression], moment: Moment
) -> frozenset[str]:
    """Which of several named conditions a stored record meets: one statement."""
    names = tuple(conditions)

    def build() -> Lookup:
        scope, parameters = _start(uow, form_id)
        flags = [to_sql(conditions[name], scope).label(None) for name in names]
        return Lookup(_among(select(scope.source.c.id, *flags), scope, uow), parameters)

    shape = ("which", form_id, tuple((name, conditions[name].node) for name in names))
    rows = _run(uow, shape, build, [record_id], moment)
    return frozenset(name for row in rows for name, holds in zip(names, row[1:], strict=True) if holds)


def fetch_above(uow: UnitOfWork, form_id: str, field_id: str, record_id: int, most: int = 21) -> tuple[int, ...]:
    """The record and everything above it along a link of the form to itself, at most `most` steps, upwards."""
    table = uow.database.tables.forms[form_id]
    link = table.c[uow.catalog.forms[form_id].fields[field_id].column]

    def build() -> Select[Any]:
        first = select(table.c.id, link.label("up"), bindparam("zero", 0, type_=BigInteger()).label("depth"))
        tree = first.where(table.c.id == bindparam("the_id", type_=BigInteger())).cte("tree", recursive=True)
        further = select(table.c.id, link, tree.c.depth + 1).where(
            table.c.id == tree.c.up, tree.c.depth < bindparam("most", type_=BigInteger())
        )
        tree = tree.union_all(further)
        return select(tree.c.id).order_by(tree.c.depth)

    statement = uow.database.statements.get(("above", form_id, field_id), build)
    found = uow.connection.execute(statement, {"the_id": record_id, "most": most - 1, "zero": 0})
    return tuple(found.scalars())


def _start(uow: UnitOfWork, form_id: str) -> tuple[FormScope, Parameters]:
    parameters = Parameters(uow.database.dialect)
    around = Surroundings(uow.catalog, uow.database.tables, parameters)
    return root_scope(around, form_id, as_reader=False), parameters


def _among(statement: Select[Any], scope: FormScope, uow: UnitOfWork) -> Select[Any]:
    chosen = among(scope.source.c.id, "ids", uow.database.dialect)
    return statement.select_from(joined(scope)).where(chosen).order_by(scope.source.c.id)


def _run(
    uow: UnitOfWork, shape: Hashable, build: Any, ids: Iterable[int], moment: Moment | None
) -> Sequence[tuple[Any, ...]]:
    lookup: Lookup = uow.database.statements.get(shape, build)
    values = lookup.parameters.values(moment, None) if moment is not None else {}
    values["ids"] = ids_value(ids, uow.database.dialect)
    return uow.connection.execute(lookup.select, values).all()


def _is_several(uow: UnitOfWork, form_id: str, path: Path) -> bool:
    if path[-1] == ALL_DEPARTMENTS:
        return True
    form = uow.catalog.forms[form_id]
    for name in path[:-1]:
        leads_to = targets(form.fields[name]) if name in form.fields else ()
        if len(leads_to) != 1 or leads_to[0] not in uow.catalog.forms:
            return False
        form = uow.catalog.forms[leads_to[0]]
    last = form.fields.get(path[-1])
    return last is not None and is_many(last)


def _add_members(uow: UnitOfWork, form_id: str, path: Path, values: dict[int, dict[Path, Any]]) -> None:
    """Members of a several-valued field, at the record itself or behind links."""
    holders: dict[int, Any] = {record_id: record_id for record_id in values}
    holder_form = form_id
    if len(path) > 1:
        behind = fetch_link_values(uow, form_id, list(values), [path[:-1]])
        holders = {record_id: behind[record_id][path[:-1]] for record_id in values}
    ids = sorted({each for each in holders.values() if each is not None})
    if path[-1] == ALL_DEPARTMENTS:
        members: Mapping[int, Sequence[Any]] = fetch_departments_held(uow, ids)
    else:
        for name in path[:-1]:
            holder_form = targets(uow.catalog.forms[holder_form].fields[name])[0]
        members = fetch_many(uow.connection, uow.database, holder_form, path[-1], ids)
    for record_id, holder in holders.items():
        values[record_id][path] = members.get(holder, ())
