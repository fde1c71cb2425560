"""Whatever an expression is made of: it is refused or evaluated, within 50 ms and 16 MB."""

from __future__ import annotations

import os

from tests.fuzz.resources import run

CASES = int(os.environ.get("WEFT_FORMULA_TEXTS", "500"))


def test_nothing_is_slow_or_large_or_an_accident() -> None:
    costs = run(CASES, seed=1)
    assert costs.faults == []
    assert costs.accepted > CASES / 5
