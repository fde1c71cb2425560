"""All engines give the same answers to random well-typed expressions, over the tables of a company on both databases."""

from __future__ import annotations

import os
from random import Random

import pytest

from engine.expressions import format_expression
from engine.problems import ProblemsFound
from engine.storage.database import DatabaseAddress
from tests.fuzz.comparing import compare
from tests.fuzz.engines import browser, closures, conditions, database, reference
from tests.fuzz.ground import ZONES, Ground, build_ground, opened
from tests.fuzz.growing import Grower

CASES = int(os.environ.get("WEFT_FORMULA_CASES", "100"))


FOUND_ONCE = (
    "RANK(visits, cost, SUM(lines[this.a > 0], qty))",
    "SUM(visits[COUNT(this.lines[qty > this.a]) > 0], cost)",
    "SUM(visits[RANK(lines, qty, SUM(visits[this.a > 0], cost)) > 0], cost)",
    "SUM(visits, SUM(this.lines[this.a > 0], qty))",
    "MEDIAN(visits, NULL)",
    "MEDIAN(NULL, a * w)",
    "MEDIAN(lines, qty * this.w)",
    "POWER(123456789012345678, 3)",
    "a < 123456789012345678 * 123456789012345678",
    "NOW() = (n - (NOW() - NOW()))",
    "COUNT(lines[(COALESCE(this.m, NOW()) <> MIN(this.m, at))])",
    "COUNT(0, TEXT((away.opened + span), 'HH:mm'))",
    "HOUR(DATETIME(e, 23, 59, 59)) + DAYS(TODATE(m), d)",
)


def ground_of(seed: int) -> Ground:
    return build_ground(seed, ZONES[seed % len(ZONES)])


@pytest.mark.parametrize("seed", [0, 1])
def test_python_and_the_browser_agree(seed: int) -> None:
    ground = ground_of(seed)
    engines = {"closures": closures(ground), "browser": browser(ground)}
    report = compare(ground, reference(ground), engines, seed, CASES)
    assert [str(each) for each in report.differences] == []
    assert report.compiled["browser"] == report.cases


@pytest.mark.parametrize("seed", [0, 1])
def test_databases_agree(database_address: DatabaseAddress, seed: int) -> None:
    ground = ground_of(seed)
    with opened(ground, database_address) as found:
        engines = {"columns": database(ground, found), "filters": conditions(ground, found)}
        report = compare(ground, reference(ground), engines, seed, CASES)
    assert [str(each) for each in report.differences] == []
    assert "columns" not in report.not_compiled  # every operation is known to both databases


@pytest.mark.parametrize("text", FOUND_ONCE)
def test_what_was_found_once_stays_mended(database_address: DatabaseAddress, text: str) -> None:
    ground = ground_of(2)
    asked = {"": ground.compile(text)}
    right = reference(ground)(asked)
    assert "Error" not in str(right)
    with opened(ground, database_address) as found:
        for engine in (closures(ground), browser(ground), database(ground, found)):
            assert engine(asked) == right


def test_the_canonical_text_means_the_same() -> None:
    ground, grower = ground_of(0), Grower(Random(3))  # noqa: S311
    for _ in range(CASES):
        text = str(grower.expression())
        try:
            expression = ground.compile(text)
        except ProblemsFound:
            continue
        canonical = format_expression(expression)
        again = ground.compile(canonical)
        assert again.node.to_json() == expression.node.to_json(), (text, canonical)
        assert format_expression(again) == canonical
