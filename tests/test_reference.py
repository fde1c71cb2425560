"""Holds the documents to the code: the reference to the schemas, the guide and the function reference to the language."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from engine.expressions import compile_expression, evaluate
from engine.expressions.calls import function_names
from engine.expressions.format import format_text
from engine.expressions.layout import format_layout
from engine.runtime.trial_answers import as_shown
from engine.services.trying import Wish, try_expression
from tests.expressions.surroundings import MOMENT, Names, Record

ROOT = Path(__file__).resolve().parent.parent
GUIDES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("formulas.md", "formulas.zh.md")]
EXAMPLES = [pair for guide in GUIDES for pair in re.findall(r"^\| `(.+)` \| `(.+)` \|$", guide, re.MULTILINE)]
EXAMPLES = [(text, answer) for text, answer in EXAMPLES if not text.isalpha() and "`" not in text + answer]
TOLD = yaml.safe_load((ROOT / "docs" / "function_examples.yaml").read_text(encoding="utf-8"))
GIVEN = tuple(f"{name}={value}" for name, value in TOLD["given"].items())
NOW = "2024-06-15T12:00"


def test_the_reference_is_made_from_the_present_schemas() -> None:
    asked = subprocess.run(
        [sys.executable, "docs/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.stdout == ""
    assert asked.returncode == 0, "python docs/make_reference.py writes the pages again"


def test_every_function_has_an_example_and_none_that_does_not_exist() -> None:
    assert {*TOLD["examples"], *TOLD["written"]} == set(function_names())


@pytest.mark.parametrize("name", sorted(TOLD["examples"]))
def test_the_example_of_a_function_comes_out_as_told(name: str) -> None:
    text, answer = TOLD["examples"][name]
    tried = try_expression(ROOT, Wish(text, GIVEN, now=NOW))
    (found,) = tried.answers
    shown = {True: "true", False: "false", None: ""}.get(found.value, found.value)  # type: ignore[call-overload]
    assert (name in text, shown) == (True, answer)


@pytest.mark.parametrize("name", sorted(TOLD["written"]))
def test_the_example_of_a_function_about_records_is_a_right_expression(name: str) -> None:
    text = TOLD["written"][name]
    assert name in text
    assert format_text(text) == text.replace("'", '"')


def test_the_example_is_told_in_its_canonical_form() -> None:
    for text, _ in TOLD["examples"].values():
        assert format_layout(text) == text


@pytest.mark.parametrize(("text", "answer"), EXAMPLES)
def test_the_examples_of_the_guides_come_out_as_told(text: str, answer: str) -> None:
    expression = compile_expression(text, Names("examples", {}))
    found = evaluate(expression, Record(), MOMENT)
    assert (str(found) if isinstance(found, bool) else as_shown(found)) == answer


def test_the_guides_say_the_same_in_both_languages() -> None:
    english, chinese = ([line for line in guide.splitlines() if line.startswith("## ")] for guide in GUIDES)
    assert len(english) == len(chinese)
    codes = [set(re.findall(r"FX\d+", guide)) for guide in GUIDES]
    assert codes[0] == codes[1]
