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
