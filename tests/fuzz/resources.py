"""What does an expression cost, whatever is in it? python -m tests.fuzz.resources [--cases N] [--seed S]

Texts of four kinds, a quarter of each: well-typed ones; those with a few signs changed; heaps of words and signs; and
towers of the functions that make texts longer and numbers larger. Each is checked and, where it is accepted, evaluated
by both evaluators on a record filled to the brim. Nothing but a refusal may be raised, nothing may take more than
50 ms or 16 MB.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from engine.expressions import compile_closure, evaluate, format_expression
from engine.problems import ProblemsFound
from tests.expressions.surroundings import Record
from tests.fuzz.ground import Ground, build_ground
from tests.fuzz.growing import Grower

SECONDS, BYTES = 0.05, 16 * 2**20
LONGEST_FIELD = 10_000
WORDS = (
    "a", "b", "t", "u", "d", "m", "p", "lines", "qty", "home", "up", "name", "this", "me", "settings", "tags", "IF", "SUM",
    "REPT", "SUBSTITUTE", "POWER", "ROUND", "TEXT", "JOIN", "and", "or", "not", "in", "TRUE", "NULL", "1", "0.5", "100",
    "999999999999999999", '"x"', "'y'", "“z”", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "&", "=", "<", ">", "<>", "%",
    "`", "\\", "^", "{", "}", "?", "!", ";", ":", "\n", "\u3000", "，", "（", "）", "😀", "\u202e", "\x00", "客户", "e\u0301", "§",
)  # fmt: skip


@dataclass
class Costs:
    """What a run saw."""

    cases: int = 0
    accepted: int = 0
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")
    faults: list[str] = field(default_factory=list)


class Texts:
    """Texts to try, by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311
        self.grower = Grower(self.chance)

    def next(self) -> str:
        """One text."""
        makes: tuple[Callable[[], str], ...] = (self._grown, self._changed, self._heap, lambda: self._tower("text", 12))
        return self.chance.choice(makes)()

    def _grown(self) -> str:
        return str(self.grower.expression())

    def _changed(self) -> str:
        text = self._grown()
        for _ in range(self.chance.randint(1, 4)):
            at = self.chance.randint(0, len(text))
            text = text[:at] + self.chance.choice(WORDS) + text[at + self.chance.choice((0, 0, 1, 5)) :]
        return text

    def _heap(self) -> str:
        joint = self.chance.choice(("", " ", " "))
        return joint.join(self.chance.choice(WORDS) for _ in range(self.chance.choice((3, 10, 30, 300))))

    def _tower(self, kind: str, height: int) -> str:
        chance = self.chance
        if height <= 0 or chance.random() < 0.1:
            return chance.choice(
                {"text": ("t", "u", '"xx"', "JOIN(lines.name)"), "number": ("a", "w", "99", "i")}[kind]
            )
        inner = lambda kind: self._tower(kind, height - chance.randint(1, 6))  # noqa: E731
        if kind == "number":
            forms = (
                "POWER({n}, 36)",
                "POWER({n}, 5)",
                "({n} * {n})",
                "LEN({t})",
                "SUM({n}, {n})",
                "SUM(lines, qty * {r})",
                "({n} / {n})",
                "ROUND({n}, 12)",
                "FIND({t}, {t})",
                "VALUE({t})",
                "SQRT({n})",
                "MOD({n}, {n})",
            )
        else:
            forms = ("REPT({t}, 100)", "REPT({t}, 10)", "SUBSTITUTE({t}, {t}, {t})", 'SUBSTITUTE({t}, "x", {t})', "({t} & {t})", "({t} & {n})", "JOIN(lines, name & REPT(this.t, 100))", "JOIN(lines, name, {t})", "REPLACE({t}, 1, 0, {t})", 'TEXT({n}, "#,##0.00")', "UPPER({t})", "TRIM({t})", "IF({t} in [{t}, {t}, {t}], {t}, {t})", "MASK({t}, 1, 1)", "SPLITPART({t}, {t}, 2)", "LEFT({t}, {n})", "RMBCAP({n})")  # fmt: skip
        form = chance.choice(forms)
        for mark, part in (("{n}", "number"), ("{t}", "text")):
            while mark in form:
                form = form.replace(mark, inner(part), 1)
        return form.replace("{r}", chance.choice(("price", "POWER(qty, 36)", "this.a")))


def full_record(ground: Ground) -> Record:
    """A record whose texts are as long as a field may hold and whose numbers are as large."""
    known = ground.records()[1]
    long = {name: (value if not isinstance(value, str) else value) for name, value in known.values.items()}
    long.update(t="😀x" * (LONGEST_FIELD // 2), u="x" * LONGEST_FIELD, kind="x")
    rows = {
        name: [Record({**row.values, "name": "x客" * 500, "note": "y" * 1000}) for row in found * 40]
        for name, found in known.lines.items()
    }
    return Record(long, rows)


def try_out(ground: Ground, record: Record, text: str) -> bool:
    """Check and evaluate; whether it was accepted."""
    try:
        expression = ground.compile(text)
    except ProblemsFound as refused:
        if any(problem.at is None or not problem.code.startswith("FX") for problem in refused.problems):
            raise AssertionError("refused without a place") from None
        return False
    evaluate(expression, record, ground.moment)
    compile_closure(expression)(record, ground.moment)
    format_expression(expression)
    return True


def measure(ground: Ground, record: Record, text: str, costs: Costs) -> None:
    """Add what `text` costs. Time is of this thread only, and the best of three when it seems too long."""
    costs.cases += 1
    try:
        taken = _seconds(ground, record, text, costs)
        if taken > SECONDS:
            taken = min(taken, *(_seconds(ground, record, text, Costs()) for _ in range(2)))
        bytes_ = _bytes(ground, record, text)
    except Exception as error:  # noqa: BLE001 - any of them is a fault of the language
        costs.faults.append(f"{type(error).__name__}: {text[:300]!r}")
        return
    costs.slowest = max(costs.slowest, (taken, text))
    costs.largest = max(costs.largest, (bytes_, text))
    if taken > SECONDS:
        costs.faults.append(f"{taken * 1000:.0f} ms: {text[:300]!r}")
    if bytes_ > BYTES:
        costs.faults.append(f"{bytes_ / 2**20:.0f} MB: {text[:300]!r}")


def _seconds(ground: Ground, record: Record, text: str, costs: Costs) -> float:
    start = time.thread_time()
    costs.accepted += try_out(ground, record, text)
    return time.thread_time() - start


def _bytes(ground: Ground, record: Record, text: str) -> int:
    tracemalloc.start()
    try:
        try_out(ground, record, text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def run(cases: int, seed: int) -> Costs:
    """`cases` random texts."""
    ground, costs, texts = build_ground(seed), Costs(), Texts(seed)
    record = full_record(ground)
    try_out(ground, record, "a + b")  # what is only done once in a process is no expression's cost
    for _ in range(cases):
        measure(ground, record, texts.next(), costs)
    return costs


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.resources", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    costs = run(asked.cases, asked.seed)
    print(f"{costs.cases} texts, {costs.accepted} accepted and evaluated")
    print(f"slowest {costs.slowest[0] * 1000:.1f} ms: {costs.slowest[1][:200]!r}")
    print(f"largest {costs.largest[0] / 2**20:.1f} MB: {costs.largest[1][:200]!r}")
    print(*costs.faults[:40], sep="\n")
    print(f"{len(costs.faults)} faults")
    return 1 if costs.faults else 0


if __name__ == "__main__":
    sys.exit(main())
