"""What the SQL looks like: plain where an index can serve, two-valued everywhere else."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.expressions import NotInSql, compile_expression, sql_supported, to_sql, to_sql_value
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
        ("amount > 1.234", "amount * 10 > 1234"),
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
    sql = written("SUM(lines[kind = 'a'].amount) > 0", "sqlite")
    assert sql == "(SELECT coalesce(sum(amount), 0) AS coalesce_1 FROM lines WHERE kind = 'a') > 0"


@pytest.mark.parametrize(
    "text", ["amount / cost > 1", "TEXT(amount, '0.00') = '1.00'", "HAS(me.roles, 'boss')", "TRIM(name) = 'x'"]
)
def test_what_has_no_native_sql_says_so(text: str) -> None:
    expression = compile_expression(text, DEAL)
    for dialect in DIALECTS:
        assert not sql_supported(expression, dialect)
        with pytest.raises(NotInSql) as refused:
            to_sql(expression, _Anything(dialect))
        assert refused.value.problem.code == "FX042"


def test_everything_written_out_is_computed_before() -> None:
    for text in ("1 / 3 = 0.333333333333", "TEXT(DATETIME(DATE(2024, 1, 1), 8, 0, 0), 'HH') = '08'"):
        found = to_sql(compile_expression(text, DEAL), _Anything("sqlite"))
        assert str(found) == str(sa.true())
