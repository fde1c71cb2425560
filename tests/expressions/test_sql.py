"""What the SQL looks like: plain where an index can serve, two-valued everywhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.expressions import Node, compile_expression, sql_native, sql_supported, to_sql, to_sql_value
from engine.expressions.to_sql import _Anything
from tests.expressions.sample import DEAL

DIALECTS: dict[str, Any] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def written(text: str, dialect: str, write: Any = to_sql) -> str:
    found = write(compile_expression(text, DEAL), _Anything(dialect))
    compiled = found.compile(dialect=DIALECTS[dialect], compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("owner = 7 and amount >= 12.5", "owner = 7 AND amount >= 1250"),
        ("stage >= 'quote'", "stage IN ('quote', 'won')"),
        ("stage.outcome = 'open'", "stage IN ('need', 'quote')"),
        ("open = TRUE", "open"),
        ("name = NULL", "name IS NULL"),
        ("level in ['A', 'B']", "level IN ('A', 'B')"),
        ("due < DATE(2024, 5, 1)", "due < '2024-05-01'"),
        ("due < DATE(2024, 5, 1) + 30", "due < '2024-05-31'"),
        ("amount > 1.234", "amount > 123"),
    ],
)
def test_plain_conditions_stay_plain_on_sqlite(text: str, sql: str) -> None:
    assert written(text, "sqlite") == sql


def test_numbers_are_numbers_on_postgresql() -> None:
    assert (
        written("amount >= 12.5 and cost = amount", "postgresql")
        == "amount >= 12.5 AND cost IS NOT DISTINCT FROM amount"
    )


def test_under_not_and_outside_where_nothing_is_null() -> None:
    assert written("not amount > 1", "sqlite") == "coalesce(amount > 100, 0) = 0"
    assert written("amount > 1", "sqlite", to_sql_value) == "coalesce(amount > 100, 0)"
    assert written("name <> 'x'", "sqlite") == "coalesce(name = 'x', 0) = 0"


def test_a_total_is_a_correlated_select() -> None:
    sql = written("SUM(lines[kind = 'a'].amount) > 0", "postgresql")
    assert sql == "(SELECT coalesce(sum(amount), 0) AS coalesce_1 FROM lines WHERE kind = 'a') > 0"


def test_a_total_is_compared_by_sqlite_itself() -> None:
    sql = written("SUM(lines[kind = 'a'].amount) > 0", "sqlite")
    assert sql.startswith("(SELECT CASE WHEN")
    assert "weft" not in sql


def test_a_quotient_is_one_expression_on_postgresql() -> None:
    sql = written("amount / cost > 1", "postgresql")
    assert sql == "round(div(amount * 10000000000000, nullif(cost, 0)) * 1E-13, 12) > 1"


@pytest.mark.parametrize(
    "text",
    [
        "amount / cost > 1", "TEXT(amount, '0.00') = '1.00'", "ROUNDEVEN(amount, 1) = 2", "RMBCAP(amount) = 'x'",
        "ISEMPTY(DATEADD(created_at, 1, 'M'))", "SQRT(amount) > 2", "REPT(name, 2) = 'abab'",
    ],
)  # fmt: skip
def test_what_sqlite_has_no_sql_for_goes_to_the_registered_function(text: str) -> None:
    expression = compile_expression(text, DEAL)
    for dialect in DIALECTS:
        assert sql_supported(expression, dialect)
    assert sql_native(expression, "postgresql")
    assert not sql_native(expression, "sqlite")
    assert "weft_eval" in written(text, "sqlite")


@pytest.mark.parametrize(
    "text",
    [
        "amount + cost > 1", "amount * cost > 1", "IF(open, amount, cost) > COALESCE(cost, 1)", "HAS(me.roles, 'boss')",
        "due + 30 < TODAY()", "EDATE(due, 1) < TODAY()", "partner.name = 'x'", "TRIM(name) = 'x'",
        "SUM(lines.amount) > amount", "SWITCH(level, 'A', 1, 'B', 2, 3) > 1", "NOT(open or amount - cost > 0)",
    ],
)  # fmt: skip
def test_what_definitions_may_ask_has_sql_on_both(text: str) -> None:
    expression = compile_expression(text, DEAL)
    assert all(sql_native(expression, dialect) for dialect in DIALECTS)


def test_what_would_leave_64_bits_goes_to_the_registered_function() -> None:
    assert "weft_eval" in written("amount * cost > 1", "sqlite")
    assert written("amount + cost > amount", "sqlite") == "amount + cost > amount"


def test_a_tree_survives_json() -> None:
    for text in ("IF(amount > 1.50, due, DATE(2024, 1, 31))", "SUM(lines[kind = 'a'].amount) & name", "owner = 7"):
        node = compile_expression(text, DEAL).node
        again = Node.from_json(json.loads(json.dumps(node.to_json())))
        assert again.to_json() == node.to_json()


def test_everything_written_out_is_computed_before() -> None:
    for text in ("1 / 3 = 0.333333333333", "TEXT(DATETIME(DATE(2024, 1, 1), 8, 0, 0), 'HH') = '08'"):
        found = to_sql(compile_expression(text, DEAL), _Anything("sqlite"))
        assert str(found) == str(sa.true())
