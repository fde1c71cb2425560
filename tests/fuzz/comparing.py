"""Asks every engine the same random expressions, and makes what they differ in as small as it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from engine.expressions import Expression
from engine.problems import ProblemsFound
from tests.fuzz.engines import Answers, Engine, NotCompiled
from tests.fuzz.ground import Ground
from tests.fuzz.growing import Grower
from tests.fuzz.pieces import Piece, smaller

TOO_LARGE = frozenset({"FX005", "FX030", "FX031", "FX032"})
MOST_TRIES = 400
MOST_TOLD = 6  # differences of one engine that are made small in one run


@dataclass(frozen=True)
class Difference:
    """An expression that an engine answers otherwise than the reference, for one record."""

    engine: str
    text: str
    record: int
    expected: object
    got: object
    grown: str

    def __str__(self) -> str:
        return f"{self.engine}: {self.text}\n    record {self.record}: {self.got!r} instead of {self.expected!r}\n    grown: {self.grown}"


@dataclass
class Report:
    """What a run found."""

    cases: int = 0
    too_large: int = 0
    compiled: Counter[str] = field(default_factory=Counter)
    not_compiled: dict[str, Counter[str]] = field(default_factory=dict)
    differing: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)


def compare(ground: Ground, reference: Engine, engines: Mapping[str, Engine], seed: int, count: int) -> Report:
    """`count` random expressions, asked of all."""
    grower, report = Grower(Random(seed)), Report()  # noqa: S311
    grown = {str(at): grower.expression() for at in range(count)}
    asked = dict(_checked(ground, grown, report))
    wanted = reference(asked)
    for name, engine in engines.items():
        for key, found in engine(asked).items():
            if isinstance(found, NotCompiled):
                report.not_compiled.setdefault(name, Counter())[found.operation] += 1
                continue
            report.compiled[name] += 1
            if found != wanted[key]:
                report.differing[name] += 1
                if report.differing[name] <= MOST_TOLD:
                    report.differences.append(_shrunk(ground, reference, engine, name, grown[key]))
    return report


def _checked(ground: Ground, grown: Mapping[str, Piece], report: Report) -> Iterable[tuple[str, Expression]]:
    for key, piece in grown.items():
        try:
            expression = ground.compile(str(piece))
        except ProblemsFound as refused:
            if not {problem.code for problem in refused.problems} <= TOO_LARGE:
                raise AssertionError(f"refused: {piece}: {[str(problem) for problem in refused.problems]}") from None
            report.too_large += 1
        else:
            report.cases += 1
            yield key, expression


def _shrunk(ground: Ground, reference: Engine, engine: Engine, name: str, grown: Piece) -> Difference:
    """The smallest expression that still differs, found by replacing parts as long as that leaves a difference."""
    best, tries = grown, 0
    found = _difference(ground, reference, engine, name, grown, [grown])
    while found is not None and tries < MOST_TRIES:
        candidates = sorted(
            {str(each): each for each in smaller(best) if each.size <= best.size}.values(),
            key=lambda each: (each.size, str(each)),
        )
        candidates = [each for each in candidates if (each.size, str(each)) != (best.size, str(best))]
        tries += len(candidates)
        less = _difference(ground, reference, engine, name, grown, candidates)
        if less is None or len(less.text) >= len(found.text):
            break
        found = less
        best = next(each for each in candidates if str(each) == less.text)
    return found or Difference(name, str(grown), 0, None, "answers that change from run to run", str(grown))


def _difference(
    ground: Ground, reference: Engine, engine: Engine, name: str, grown: Piece, candidates: Iterable[Piece]
) -> Difference | None:
    asked: dict[str, Expression] = {}
    for each in candidates:
        try:
            asked[str(each)] = ground.compile(str(each))
        except ProblemsFound:
            continue
    wanted, answers = reference(asked), engine(asked)
    for text in asked:
        found, expected = answers[text], wanted[text]
        if isinstance(found, NotCompiled) or isinstance(expected, NotCompiled) or found == expected:
            continue
        return _first(name, text, expected, found, str(grown))
    return None


def _first(name: str, text: str, expected: Answers, found: Answers, grown: str) -> Difference:
    padded = [*found, *["no answer"] * (len(expected) - len(found))]
    at = next((at for at, (one, other) in enumerate(zip(expected, padded, strict=False)) if one != other), 0)
    return Difference(name, text, at + 1, expected[at], padded[at], grown)
