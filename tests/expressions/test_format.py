"""The canonical text of an expression means the same and is stable."""

from __future__ import annotations

import pytest

from engine.expressions import all_of, any_of, compile_expression, format_expression
from engine.expressions.compose import compile_literal
from engine.expressions.format import format_text
from engine.expressions.nodes import Type
from engine.expressions.parser import parse
from tests.expressions.conformance import read_cases
from tests.expressions.sample import DEAL

BOOLEAN = Type("boolean")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a==1", "a = 1"),
        ("a ！= 1", "a ！= 1"),
        ("a≠1", "a <> 1"),
        ("sum(a,b)", "SUM(a, b)"),
        ("（a＋b）×2", "(a + b) * 2"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("not (a=b)", "not a = b"),
        ("(not a) = b", "(not a) = b"),
        ("not(a or b)", "not (a or b)"),
        ("NOT(a) = b", "NOT(a) = b"),
        ("not (a) = b", "not a = b"),
        ("-(-a)", "--a"),
        ("5%", "0.05"),
        ("“中文”", '"中文"'),
        ("'it\"s'", "'it\"s'"),
        ("`1月`+`and`", "`1月` + `and`"),
        ("a in ['x',\"y\"]", 'a in ["x", "y"]'),
        ("明细[状态='x'].金额", '明细[状态 = "x"].金额'),
        ("true and null", "TRUE and NULL"),
        ("(a & b) & c", "a & b & c"),
        ("(a = b) = c", "(a = b) = c"),
        ("a = (b = c)", "a = (b = c)"),
    ],
)
def test_canonical_text(written: str, canonical: str) -> None:
    assert format_text(written) == canonical


@pytest.mark.parametrize("text", [case.text for case in read_cases() if case.refused is None])
def test_formatting_keeps_the_meaning_and_is_stable(text: str) -> None:
    once = format_text(text)
    assert format_text(once) == once
    assert shape(parse(once)) == shape(parse(text))


def shape(syntax: object) -> object:
    value = syntax.value.upper() if syntax.kind == "call" else syntax.value  # type: ignore[attr-defined]
    return syntax.kind, value, [shape(part) for part in syntax.parts]  # type: ignore[attr-defined]


def test_rules_are_joined_and_constants_vanish() -> None:
    one, other = (compile_expression(text, DEAL) for text in ("open", "amount > 0"))
    true, false = (compile_literal(value, BOOLEAN) for value in (True, False))
    assert all_of(one, true) is one
    assert any_of(false, one, one) is one
    assert all_of(one, false).constant is False
    assert any_of(one, true).constant is True
    assert all_of().constant is True
    assert any_of().constant is False
    assert format_expression(any_of(all_of(one, other), other)) == "open and amount > 0 or amount > 0"
    assert all_of(one, other).references == one.references | other.references
