"""What the evaluators admit, and that nothing outside an evaluation changes them."""

from __future__ import annotations

import ast
import decimal
from decimal import Decimal

import pytest
from simpleeval import FeatureNotAvailable

from engine.expressions import compile_closure, compile_expression, evaluate
from engine.expressions.evaluate import _Evaluator
from tests.expressions.sample import DEAL
from tests.expressions.surroundings import MOMENT, Record


@pytest.mark.parametrize(
    "source",
    ["x.__class__", "x[0]", "1", "'a'", "x + x", "lambda: x", "[x for x in x]", "f'{x}'", "(y := x)", "not x", "x < x"],
)
def test_the_reference_evaluator_knows_calls_names_and_choices_only(source: str) -> None:
    tree = ast.parse(source, mode="eval").body
    with pytest.raises(FeatureNotAvailable):
        _Evaluator({}, {"x": "value"}).eval("", previously_parsed=tree)


def test_the_decimal_context_of_the_caller_changes_nothing() -> None:
    expression = compile_expression("amount * amount + SUM(amount, 1) - ABS(amount)", DEAL)
    record = Record({"amount": Decimal("9999999999999999.99")})
    with decimal.localcontext(decimal.Context(prec=5)):
        answers = {evaluate(expression, record, MOMENT), compile_closure(expression)(record, MOMENT)}
        after = decimal.getcontext().prec
    assert answers == {Decimal("99999999999999999800000000000001.0001")}
    assert after == 5


def test_whole_numbers_are_taken_as_numbers_and_empty_texts_as_empty() -> None:
    record = Record({"amount": 3, "name": "", "open": None, "tags": ["x"]})
    for text, value in {
        "amount / 2": Decimal("1.5"),
        "ISEMPTY(name)": True,
        "open": False,
        "HAS(tags, 'x')": True,
    }.items():
        expression = compile_expression(text, DEAL)
        assert evaluate(expression, record, MOMENT) == value
        assert compile_closure(expression)(record, MOMENT) == value
