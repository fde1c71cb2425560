"""The engines that must agree: each answers expressions for all records of a ground, in wire form, one list each.

An engine that has no answer for an expression says so with `NotCompiled`; anything that is raised is an answer too, so
that an accident in one engine is a difference and not the end of the run.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.catalog.work_days import WorkDays
from engine.expressions import (
    Expression,
    NotInSql,
    compile_closure,
    evaluate,
    to_sql,
    to_sql_number,
    to_sql_value,
)
from engine.expressions.types import LINKS
from engine.problems import ProblemsFound
from engine.storage.database import Database
from engine.storage.parameters import Parameters
from engine.storage.sql_scope import Surroundings, joined, root_scope
from tests.expressions.conformance import to_wire
from tests.expressions.nodejs import find_node
from tests.expressions.surroundings import Record
from tests.fuzz.ground import NOW, THING, Ground, wire

HERE = Path(__file__).parent
Answers = list[object]


@dataclass(frozen=True)
class NotCompiled:
    """The engine does not have this operation."""

    operation: str


Engine = Callable[[Mapping[str, Expression]], Mapping[str, Answers | NotCompiled]]


def _one_by_one(answer: Callable[[Expression], Answers | NotCompiled]) -> Engine:
    def answers(asked: Mapping[str, Expression]) -> Mapping[str, Answers | NotCompiled]:
        return {key: answer(expression) for key, expression in asked.items()}

    return answers


def accident(error: Exception) -> str:
    """What was raised, as an answer."""
    return f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"


def on_wire(value: object) -> object:
    """A value as the browser tells it: seconds of a duration are whole numbers, other numbers texts."""
    return value if isinstance(value, int) else to_wire(value)


def _each(ground: Ground, value: Callable[[Record], object]) -> Answers:
    found: Answers = []
    for record in ground.records():
        try:
            found.append(on_wire(value(record)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the difference
            found.append(accident(error))
    return found


def reference(ground: Ground) -> Engine:
    """simpleeval over the tree."""
    moment = ground.moment
    return _one_by_one(lambda asked: _each(ground, lambda record: evaluate(asked, record, moment)))


def closures(ground: Ground) -> Engine:
    """Nested functions over the same table of operations."""
    moment = ground.moment

    def answer(asked: Expression) -> Answers:
        value = compile_closure(asked)
        return _each(ground, lambda record: value(record, moment))

    return _one_by_one(answer)


def browser(ground: Ground) -> Engine:
    """The interpreter of the page, run by Node."""
    days = ground.moment.calendar
    moment = {
        "now": wire(NOW),
        "zone": ground.catalog.company.time_zone,
        "me": ground.moment.me,
        "calendar": days.to_json() if isinstance(days, WorkDays) else None,
    }
    records = [_for_browser(record) for record in ground.records()]

    def answers(asked: Mapping[str, Expression]) -> Mapping[str, Answers | NotCompiled]:
        nodes = [[key, expression.node.to_json()] for key, expression in asked.items()]
        question = json.dumps({"moment": moment, "records": records, "nodes": nodes})
        done = subprocess.run(
            [find_node(), str(HERE / "answers.mjs")], input=question, capture_output=True, text=True, check=True
        )
        found: Mapping[str, Answers] = json.loads(done.stdout)
        return found

    return answers


def _for_browser(record: Record) -> dict[str, Any]:
    return {
        "values": {path: wire(value) for path, value in record.values.items()},
        "rows": {name: [_for_browser(row) for row in rows] for name, rows in record.lines.items()},
    }


def database(ground: Ground, opened: Database) -> Engine:
    """The expression as a column of a SELECT over all records."""

    def answer(asked: Expression) -> Answers | NotCompiled:
        parameters = Parameters(opened.dialect)
        scope = root_scope(Surroundings(opened.catalog, opened.tables, parameters), THING, as_reader=False)
        try:
            if asked.type.kind == "number":
                column, places = to_sql_number(asked, scope)
            else:
                column, places = to_sql_value(asked, scope), 0
        except NotInSql as refused:
            return NotCompiled(str(refused.problem.values["what"]))
        except ProblemsFound as refused:
            return NotCompiled(str(refused.problems[0].code))
        query = (
            sa.select(sa.type_coerce(column, sa.types.NullType()))
            .select_from(joined(scope))
            .order_by(scope.source.c.id)
        )
        places = places if opened.dialect == "sqlite" else 0
        return _rows(opened, query, parameters.values(ground.moment, None), lambda row: _of_row(asked, row[0], places))

    return _one_by_one(answer)


def conditions(ground: Ground, opened: Database) -> Engine:
    """A condition in WHERE, where it is written plainly so that indexes serve it; other expressions are not asked."""

    def answer(asked: Expression) -> Answers | NotCompiled:
        if asked.type.kind != "boolean":
            return NotCompiled("")
        parameters = Parameters(opened.dialect)
        scope = root_scope(Surroundings(opened.catalog, opened.tables, parameters), THING, as_reader=False)
        try:
            condition = to_sql(asked, scope)
        except (NotInSql, ProblemsFound):
            return NotCompiled("")
        query = sa.select(scope.source.c.id).select_from(joined(scope)).where(condition)
        kept = _rows(opened, query, parameters.values(ground.moment, None), lambda row: row[0])
        if kept and isinstance(kept[0], str):
            return kept * len(ground.things)
        return [at + 1 in kept for at in range(len(ground.things))]

    return _one_by_one(answer)


def _rows(opened: Database, query: sa.Select[Any], values: Mapping[str, Any], take: Callable[[Any], object]) -> Answers:
    try:
        with opened.reading() as connection:
            return [take(row) for row in connection.execute(query, values)]
    except sa.exc.SQLAlchemyError as error:
        return [accident(error)]


def _of_row(asked: Expression, value: object, places: int) -> object:
    if asked.type.kind == "boolean":
        return bool(value) if value in (0, 1, None) else f"no condition: {value!r}"
    if isinstance(value, float):
        return f"a float: {value!r}"
    if asked.type.kind == "number" and isinstance(value, str):  # SQLite's digits beyond 64 bits
        value = int(value)
    return value if asked.type.kind in ("duration", *LINKS) else to_wire(value, places)


def engines_of(ground: Ground, databases: Iterable[Database]) -> dict[str, Engine]:
    """Every engine by name, the reference aside."""
    found = {"closures": closures(ground), "browser": browser(ground)}
    for each in databases:
        found[each.dialect] = database(ground, each)
        found[f"{each.dialect} filter"] = conditions(ground, each)
    return found
