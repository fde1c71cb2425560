"""Random well-typed expressions over awkward values: the evaluators must not differ in anything."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import compile_closure, evaluate
from engine.expressions.postgres_functions import prepare_functions
from engine.expressions.sqlite_functions import register_functions
from engine.problems import ProblemsFound
from tests.expressions.conformance import Case, add_work_days, to_wire
from tests.expressions.surroundings import MOMENT
from tests.expressions.test_conformance import answer, as_questions, find_node, in_sql

HERE = Path(__file__).parent
SEEDS = int(os.environ.get("WEFT_FORMULA_SEEDS", "2"))  # more of them for a long search
QUESTIONS = 150
MOST_PLACES = 8
REFUSED_BY_SIZE = {"FX030", "FX031", "FX032", "FX005"}

NUMBERS = ["0", "1", "-1", "0.5", "-2.5", "1.005", "99999999999999.9999", "-0.0001", "12345.6789", "3"]
TEXTS = ["a", "B", "客户", "😀x", "～", "straße", "12.5", "１２", "　空 ", "2024-02-29"]
DATES = ["1900-01-01", "2024-01-31", "2024-02-29", "2023-12-31", "9999-12-31", "1988-07-01"]
INSTANTS = ["1988-07-01T00:00:00Z", "2024-12-31T16:00:00Z", "2024-06-15T03:59:59Z", "1986-05-03T15:30:00Z"]


FIELDS = {
    **dict.fromkeys("abc", NUMBERS),
    **dict.fromkeys("tu", TEXTS),
    **dict.fromkeys("de", DATES),
    **dict.fromkeys("mn", INSTANTS),
}
COLUMNS = {
    "金额": ["0", "1.5", "-3.25", "1000000.01"], "数量": ["1", "2", "0.01"], "单价": ["0.1", "99.99"], "状态": TEXTS, "日期": DATES,
}  # fmt: skip
LEAVES = {
    "number": ["a", "b", "c", "0", "1.5", "-2", "NULL", "COUNT(明细)", "LEN(t)", "SUM(明细.金额)"],
    "text": ["t", "u", '"x"', '"客"', '""', "NULL", "MIN(明细.状态)"],
    "boolean": ["p", "TRUE", "(a > 0)", "ISEMPTY(t)", "ANY(明细, 数量 > 1)"],
    "date": ["d", "e", "TODAY()", "TODATE(m)", "MAX(明细.日期)", "DATE(2024, 2, 29)"],
}


def expression(chance: Random, kind: str, depth: int) -> str:
    """A random expression of the kind, at most so deep."""
    if depth == 0:
        return chance.choice(LEAVES[kind])
    template, parts = chance.choice(FORMS[kind])
    return template.format(
        *(chance.choice(part) if isinstance(part, list) else expression(chance, part, depth - 1) for part in parts)
    )


def question(chance: Random, at: int) -> Case:
    text = expression(chance, chance.choice(list(LEAVES)), chance.randint(1, 4))
    given: dict[str, Any] = {name: chance.choice([None, *values]) for name, values in FIELDS.items()}
    rows = [
        {name: chance.choice([None, *values]) for name, values in COLUMNS.items()} for _ in range(chance.randint(0, 3))
    ]
    return Case(str(at), text, given | {"p": chance.choice([None, True, False])}, rows)


SIGNS = ["=", "<>", "<", "<=", ">", ">="]
FORMS: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
    "number": [
        ("({0} + {1})", ("number", "number")), ("({0} - {1})", ("number", "number")), ("({0} * {1})", ("number", "number")), ("({0} / {1})", ("number", "number")), ("-{0}", ("number",)),
        ("ROUND({0}, 2)", ("number",)), ("ROUNDUP({0}, 0)", ("number",)), ("ROUNDDOWN({0}, -1)", ("number",)), ("ROUNDEVEN({0}, 1)", ("number",)),
        ("INT({0})", ("number",)), ("MOD({0}, {1})", ("number", "number")), ("QUOTIENT({0}, {1})", ("number", "number")), ("ABS({0})", ("number",)), ("SIGN({0})", ("number",)),
        ("POWER({0}, 2)", ("number",)), ("SQRT({0})", ("number",)), ("DIVIDE({0}, {1}, {2})", ("number", "number", "number")), ("CEILING({0}, {1})", ("number", "number")),
        ("FLOOR({0}, {1})", ("number", "number")), ("CLAMP({0}, {1}, {2})", ("number", "number", "number")), ("TIERSUM({0}, 0, 1%, 10, 2.5%)", ("number",)),
        ("TIER({0}, {1}, 1, {2}, 2)", ("number", "number", "number")), ("IF({0}, {1}, {2})", ("boolean", "number", "number")), ("COALESCE({0}, {1})", ("number", "number")),
        ("N0({0})", ("number",)), ("SUM({0}, {1})", ("number", "number")), ("AVG({0}, {1})", ("number", "number")), ("MIN({0}, {1})", ("number", "number")),
        ("MAX({0}, {1})", ("number", "number")), ("FIND({0}, {1})", ("text", "text")), ("VALUE({0})", ("text",)), ("({0} - {1})", ("date", "date")),
        ('DATEDIF({0}, {1}, "M")', ("date", "date")), ("YEAR({0})", ("date",)), ("WEEKDAY({0})", ("date",)), ("NETWORKDAYS({0}, {1})", ("date", "date")), ("ISOWEEKNUM({0})", ("date",)),
        ("DAYS360({0}, {1})", ("date", "date")), ("SWITCH({0}, {1}, {2}, 7)", ("text", "text", "number")), ("HOURS(m - n)", ()), ("MEDIAN({0}, {1})", ("number", "number")),
        ("SUM(明细[金额 > 0], 数量 * {0})", (["单价", "金额", "2"],)), ("AVG(明细[数量 > 1].金额)", ()),
    ],
    "text": [
        ("({0} & {1})", ("text", "number")), ("({0} & {1} & {2})", ("text", "boolean", "date")), ("LEFT({0}, {1})", ("text", "number")), ("RIGHT({0}, {1})", ("text", "number")),
        ("MID({0}, {1}, {2})", ("text", "number", "number")), ("UPPER({0})", ("text",)), ("LOWER({0})", ("text",)), ("TRIM({0})", ("text",)),
        ("SUBSTITUTE({0}, {1}, {2})", ("text", "text", "text")), ("REPLACE({0}, {1}, 1, {2})", ("text", "number", "text")), ("TEXT({0})", ("number",)),
        ('TEXT({0}, "#,##0.00")', ("number",)), ('TEXT({0}, "0%")', ("number",)), ('TEXT({0}, "YYYY年MM月DD日")', ("date",)), ("TEXT(m)", ()),
        ("IF({0}, {1}, {2})", ("boolean", "text", "text")), ("RMBCAP({0})", ("number",)), ("LPAD({0}, 5, \"0\")", ("text",)), ("REPT({0}, 3)", ("text",)),
        ("MASK({0}, 1, 1)", ("text",)), ("SPLITPART({0}, {1}, 2)", ("text", "text")), ("IFS({0}, {1}, {2}, {3})", ("boolean", "text", "boolean", "text")),
        ("JOIN(明细[数量 > 0].状态, {0})", (['"，"', '"-"'],)), ("FIRST(明细, 状态, 金额)", ()),
    ],
    "boolean": [
        ("({0} {1} {2})", ("number", SIGNS, "number")), ("({0} {1} {2})", ("text", SIGNS, "text")), ("({0} {1} {2})", ("date", SIGNS, "date")),
        ("({0} and {1})", ("boolean", "boolean")), ("({0} or {1})", ("boolean", "boolean")), ("(not {0})", ("boolean",)), ("XOR({0}, {1})", ("boolean", "boolean")),
        ("({0} in [{1}, {2}])", ("number", "number", "number")), ("({0} in [{1}, \"a\"])", ("text", "text")), ("ISEMPTY({0})", ("date",)), ("ISWORKDAY({0})", ("date",)), ("ISEMPTY({0})", ("number",)),
        ("CONTAINS({0}, {1})", ("text", "text")), ("STARTSWITH({0}, {1})", ("text", "text")), ("ENDSWITH({0}, {1})", ("text", "text")),
        ("IF({0}, {1}, {2})", ("boolean", "boolean", "boolean")), ("ALL(明细, 金额 > {0})", ("number",)), ("({0} = {1})", ("boolean", "boolean")), ("(m < n)", ()),
    ],
    "date": [
        ("({0} + {1})", ("date", "number")), ("({0} - {1})", ("date", "number")), ("EDATE({0}, {1})", ("date", "number")), ("WORKDAY({0}, {1})", ("date", "number")), ("EOMONTH({0}, {1})", ("date", "number")),
        ("DATE({0}, {1}, {2})", ("number", "number", "number")), ("IF({0}, {1}, {2})", ("boolean", "date", "date")), ("MONTHSTART({0})", ("date",)),
        ("QUARTERSTART({0})", ("date",)), ("WEEKSTART({0})", ("date",)), ("QUARTEREND({0})", ("date",)), ("MAX({0}, {1})", ("date", "date")),
        ('DATEADD({0}, {1}, "M")', ("date", "number")), ("TODATE(DATETIME({0}, 23, 30, 0))", ("date",)), ("DATEVALUE({0})", ("text",)),
        ("COALESCE({0}, {1})", ("date", "date")), ('TODATE(DATEADD(m, {0}, "h"))', ("number",)),
    ],
}  # fmt: skip


def checked(cases: list[Case]) -> list[Case]:
    """The cases whose expressions are within the limits."""
    kept = []
    for case in cases:
        try:
            case.expression()
        except ProblemsFound as refused:
            codes = {problem.code for problem in refused.problems}
            assert codes <= REFUSED_BY_SIZE, (case.text, refused)  # noqa: PT017
        else:
            kept.append(case)
    return kept


def in_the_browser(cases: list[Case]) -> dict[str, object]:
    questions = [
        {"id": case.id, "node": case.expression().node.to_json(), "given": case.given, "rows": case.rows}
        for case in cases
    ]
    script = str(HERE / "browser_answers.mjs")
    done = subprocess.run(
        [find_node(), script], input=as_questions(questions), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_python_and_the_browser_agree_on_random_expressions(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    cases = checked([question(chance, at) for at in range(QUESTIONS)])
    browser = in_the_browser(cases)
    for case in cases:
        reference = to_wire(evaluate(case.expression(), case.record(), MOMENT))
        told = (case.text, case.given, case.rows)
        assert to_wire(compile_closure(case.expression())(case.record(), MOMENT)) == reference, told
        assert browser[case.id] == reference, told


@pytest.mark.parametrize("seed", range(SEEDS))
def test_sqlite_agrees_on_random_expressions(seed: int) -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        register_functions(connection.connection.dbapi_connection)
        add_work_days(connection)
        agree(connection, "sqlite", seed)


@pytest.mark.postgresql
@pytest.mark.parametrize("seed", range(SEEDS))
def test_postgresql_agrees_on_random_expressions(seed: int, postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        prepare_functions(connection)
        add_work_days(connection)
        agree(connection, "postgresql", seed)


def agree(connection: sa.Connection, dialect: str, seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    for case in checked([small(question(chance, at)) for at in range(QUESTIONS)]):
        statement = in_sql(case, dialect)
        if statement is not None and (dialect == "postgresql" or within_eighteen_digits(case)):
            reference = to_wire(evaluate(case.expression(), case.record(), MOMENT))
            assert answer(connection, case, statement) == reference, (case.text, case.given, case.rows)


def within_eighteen_digits(case: Case) -> bool:
    """Beyond eighteen digits SQLite is approximate."""
    nodes = [case.expression().node]
    while nodes:
        node = nodes.pop()
        if node.type.kind == "number" and (node.type.places or 0) > MOST_PLACES:
            return False
        nodes += node.args
    return True


def small(case: Case) -> Case:
    return replace(case, given={name: "7.25" if value == NUMBERS[6] else value for name, value in case.given.items()})
