"""Holds the documents to the code: the reference to the schemas, the page on expressions to their functions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.expressions import compile_expression, evaluate
from engine.expressions.calls import function_names
from engine.expressions.operations import ALIASES
from tests.expressions.surroundings import MOMENT, Names, Record

ROOT = Path(__file__).resolve().parent.parent
EXPRESSIONS = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+)` \| `(.+)` \|$", EXPRESSIONS, re.MULTILINE)


def test_the_reference_is_made_from_the_present_schemas() -> None:
    asked = subprocess.run(
        [sys.executable, "docs/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.stdout == ""
    assert asked.returncode == 0, "python docs/make_reference.py writes the pages again"


def test_every_function_is_told_and_none_that_does_not_exist() -> None:
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:\(|`)", EXPRESSIONS.split("## Functions")[1]))
    assert told - set(ALIASES) - {"SUMIF"} == set(function_names())


@pytest.mark.parametrize(("text", "answer"), EXAMPLES)
def test_the_examples_of_the_language_come_out_as_told(text: str, answer: str) -> None:
    expression = compile_expression(text, Names("examples", {}))
    assert str(evaluate(expression, Record(), MOMENT)) == answer
