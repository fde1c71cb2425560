"""What the generated functions consist of, and that they cope with the longest and deepest expressions admitted."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from engine.expressions import Expression, compile_closure, compile_expression, evaluate, generating
from tests.expressions.conformance import read_cases
from tests.expressions.sample import DEAL
from tests.expressions.surroundings import MOMENT, Record

OWN = re.compile(r"[krv][0-9]+|values|moment|formula")
KINDS = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Tuple, ast.Name, ast.Attribute,
    ast.Constant, ast.Call, ast.IfExp, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare, ast.NamedExpr, ast.expr_context,
    ast.boolop, ast.unaryop, ast.operator, ast.cmpop,
)  # fmt: skip


@pytest.fixture
def trees(monkeypatch: pytest.MonkeyPatch) -> list[ast.AST]:
    """Every tree that becomes a function meanwhile."""
    found: list[ast.AST] = []
    real: Callable[[ast.Module], ast.Module] = ast.fix_missing_locations

    def keep(tree: ast.Module) -> ast.Module:
        found.append(tree)
        return real(tree)

    monkeypatch.setattr(generating.ast, "fix_missing_locations", keep)
    return found


def test_nothing_that_was_written_becomes_code(trees: list[ast.AST]) -> None:
    texts = [
        "amount",
        "`amount` & \"__import__('os')\"",
        'name = "k0(values)"',
        "amount > 12345.678",
        "SUM(lines.price)",
    ]
    for expression in [*(compile_expression(text, DEAL) for text in texts), *_conformance()]:
        compile_closure(expression)
    assert len(trees) > 200
    for node in (node for tree in trees for node in ast.walk(tree)):
        assert isinstance(node, KINDS), ast.dump(node)
        if isinstance(node, ast.Name):
            assert OWN.fullmatch(node.id)
        if isinstance(node, ast.Constant):
            assert node.value in (None, True, False)
        if isinstance(node, ast.Attribute):
            assert node.attr in generating.ATTRIBUTES
        if isinstance(node, (ast.arg, ast.FunctionDef)):
            assert OWN.fullmatch(node.arg if isinstance(node, ast.arg) else node.name)


LONGEST = {
    "sums": " + ".join(["amount"] * 95),
    "branches": "IF(amount > 0, " * 30 + "amount" + ", 0)" * 30,
    "bands": "IFS(" + ", ".join(f"amount > {at + 5}, {at}" for at in range(80)) + ", 9)",
    "quotients": " / ".join(["amount"] * 60),
    "texts": " & ".join(["TEXT(amount)"] * 95),
    "keys": "SWITCH(amount, " + ", ".join(f"{at}, amount / {at + 1}" for at in range(70)) + ", 9)",
    "empties": "COALESCE(" + ", ".join(["amount / 0"] * 100) + ")",
}


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_expressions_become_functions_deep_in_the_stack(name: str) -> None:
    expression, record = compile_expression(LONGEST[name], DEAL), Record({"amount": Decimal(3)})

    def deeper(left: int) -> object:
        return deeper(left - 1) if left else compile_closure(expression)(record, MOMENT)

    assert deeper(400) == evaluate(expression, record, MOMENT)


def test_a_branch_that_is_not_taken_is_not_read() -> None:
    class Counting(Record):
        def value(self, path: tuple[str, ...]) -> object:
            read.append(path[0])
            return super().value(path)

    read: list[str] = []
    closure = compile_closure(compile_expression("IF(open, amount * amount, SUM(lines.price))", DEAL))
    assert closure(Counting({"open": True, "amount": Decimal(2)}), MOMENT) == 4
    assert read == ["open", "amount"]


def _conformance() -> Iterator[Expression]:
    return (case.expression() for case in read_cases() if case.refused is None)
