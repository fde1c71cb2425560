"""Evaluations per second: the closures of the product against simpleeval with the same functions, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from simpleeval import SimpleEval

from bench.report import Figure
from engine.catalog.build import build_catalog
from engine.catalog.scopes import FormScope
from engine.expressions import Moment, compile_closure, compile_expression
from engine.expressions.logic import zero_if_empty
from engine.expressions.numbers import divide_or, round_half_up
from engine.source.resolve import lay_over
from engine.source.site_files import read_site
from engine.values import EXACT

ROWS, ROUNDS = 4_000, 7
# Ours, and the same as somebody writes it who gives simpleeval his functions.
FORMULAS = (
    ("ROUND(amount * (1 - N0(discount)), 2)", "ROUND(amount * (1 - N0(discount)), 2)"),
    ("DIVIDE(amount - cost, amount, NULL)", "DIVIDE(amount - cost, amount, None)"),
    ('IF(state = "done", amount - cost, amount * 2)', 'amount - cost if state == "done" else amount * 2'),
    ("amount - cost - N0(discount) * amount", "amount - cost - N0(discount) * amount"),
)
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ROUND": lambda number, places: round_half_up(number, Decimal(places)),
    "N0": zero_if_empty,
    "DIVIDE": divide_or,
}


@dataclass(frozen=True)
class Plain:
    """One row in memory."""

    values: Mapping[str, object]

    def value(self, path: tuple[str, ...]) -> object:
        """The value at a path of one field."""
        return self.values[path[0]]

    def rows(self, source: tuple[str, ...]) -> Sequence[Plain]:
        """None."""
        return ()


def measure_evaluation(layers: Any) -> list[Figure]:
    """Two ratios over all formulas together; each side has its turn in every round."""
    catalog = build_catalog(lay_over(read_site(layers), "bench"))
    scope, moment = FormScope(catalog, "bench.item"), Moment(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    rows = [_row(Random(number)) for number in range(ROWS)]
    plain = [Plain(row) for row in rows]
    taken: dict[str, list[float]] = {"ours": [], "parsed": [], "parsing": []}
    few = rows[: ROWS // 10]
    for _ in range(ROUNDS):
        times = dict.fromkeys(taken, 0.0)
        for ours, theirs in FORMULAS:
            closure = compile_closure(compile_expression(ours, scope))
            times["ours"] += _time(lambda run=closure: [run(row, moment) for row in plain])
            times["parsed"] += _time(lambda text=theirs: _simpleeval(text, rows, parse_once=True))
            times["parsing"] += 10 * _time(lambda text=theirs: _simpleeval(text, few, parse_once=False))
        for name, each in times.items():
            taken[name].append(each)
    middle = {name: median(each) for name, each in taken.items()}
    parsed, parsing = middle["parsed"] / middle["ours"], middle["parsing"] / middle["ours"]
    return [
        Figure("evaluations in bulk", ROWS * len(FORMULAS) / middle["ours"], "per s"),
        Figure("bulk evaluation, times simpleeval on a parsed tree", parsed, "×", 3, least=True),
        Figure("bulk evaluation, times simpleeval parsing each time", parsing, "×", 15, least=True),
    ]


def _row(dice: Random) -> dict[str, object]:
    return {
        "amount": Decimal(dice.randint(100, 999_999)).scaleb(-2),
        "cost": Decimal(dice.randint(100, 500_000)).scaleb(-2),
        "discount": dice.choice([None, Decimal("0.05"), Decimal("0.1250")]),
        "state": dice.choice(["open", "held", "done"]),
    }


def _simpleeval(text: str, rows: Sequence[Mapping[str, object]], *, parse_once: bool) -> list[object]:
    evaluator = SimpleEval(functions=dict(FUNCTIONS))
    tree = evaluator.parse(text)
    found = []
    with localcontext(EXACT):
        for row in rows:
            evaluator.names = row
            found.append(evaluator.eval(text, previously_parsed=tree if parse_once else None))
    return found


def _time(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
