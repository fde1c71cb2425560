"""The table of operations is complete: words, browser, conformance cases."""

from __future__ import annotations

import re
from pathlib import Path

from engine.expressions.calls import function_names
from engine.expressions.function_words import FUNCTION_WORDS
from engine.expressions.operations import OPERATIONS
from tests.expressions.conformance import read_cases

BROWSER = Path(__file__).parents[2] / "frontend" / "src" / "formula.js"
SPECIAL_IN_THE_BROWSER = {"IF", "AND", "OR"}
ANOTHER_WORD_FOR_A_NAME = {
    "CURRENT_USER", "CURRENT_DEPT", "HASROLE", "USERNAME", "DEPTOF", "SUPERIOR", "DEPTNAME", "IS_NEW", "RECORDID",
    "CREATEDAT", "CREATEDBY", "UPDATEDAT", "UPDATEDBY", "FALSE", "NULL", "INDEPT", "STAGE_DAYS",
}  # fmt: skip


def test_every_function_has_words_in_both_languages() -> None:
    assert set(FUNCTION_WORDS) == set(function_names())
    assert all(words.en and words.zh for words in FUNCTION_WORDS.values())


def test_the_browser_has_every_operation() -> None:
    written = set(re.findall(r'^  \["([^"]+)",', BROWSER.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(OPERATIONS) - written == SPECIAL_IN_THE_BROWSER


def test_every_function_has_a_conformance_case() -> None:
    texts = " ".join(case.text.upper() for case in read_cases())
    missing = {name for name in function_names() if f"{name}(" not in texts}
    assert missing <= ANOTHER_WORD_FOR_A_NAME | {"OR", "AND", "IN"}
