"""Do the cases of a block fit together? Which are never taken, and which records are forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, takewhile

from engine.catalog.positions import Way
from engine.catalog.workflow_checks.examples import Examples
from engine.catalog.workflow_checks.regions import Box, Regions
from engine.catalog.workflows import Step, StepList
from engine.values import Label


def never_taken(step: Step, examples: Examples) -> Iterator[tuple[StepList, Label]]:
    """The cases of a branch (branches of a parallel) that no record reaches, with the reason."""
    regions = Regions()
    before: list[tuple[StepList, Box]] = []
    for each in step.lists:
        if each.when is None:
            continue
        whole = regions.of(each.when)
        rest = regions.left_over(whole, [box for _, box in before])
        if not whole:
            yield each, {"en": "its condition never holds", "zh": "条件永远不成立"}
        elif rest == []:
            yield each, _taken_before(regions, whole, before, examples, each)
        if step.kind == "branch":
            before += [(each, box) for box in whole]


def _taken_before(
    regions: Regions, whole: list[Box], before: list[tuple[StepList, Box]], examples: Examples, case: StepList
) -> Label:
    takers = {other.name: other for other, box in before if any(regions.touch(box, each) for each in whole)}
    said = examples.condition(case)
    found = {}
    for language, pattern, comma in (("en", "{0} is taken by {1} before", ", "), ("zh", "{0} 已由前面的{1}处理", "、")):
        names = comma.join(_quoted(each, language) for each in takers.values())
        found[language] = pattern.replace("{0}", said[language]).replace("{1}", names)
    return found


def _quoted(case: StepList, language: str) -> str:
    return f"“{case.name}”" if language == "zh" else f"'{case.name}'"


def reached_when(way: Way, examples: Examples) -> Label | None:
    """Words for the records that come to the end of a way; None when all do."""
    found = [each for above, below in pairwise(way) if (each := _let_in(above.step, below.name, examples)) is not None]
    if not found:
        return None
    return {"en": ", ".join(each["en"] for each in found), "zh": "，".join(each["zh"] for each in found)}


def _let_in(step: Step, name: str, examples: Examples) -> Label | None:
    """Which records take a case (open a branch)."""
    regions = Regions()
    chosen = next(each for each in step.lists if each.name == name)
    before = list(takewhile(lambda each: each is not chosen, step.lists)) if step.kind == "branch" else []
    taken = [box for each in before if each.when is not None for box in regions.of(each.when)]
    rest = regions.left_over(regions.of(chosen.when) if chosen.when is not None else [{}], taken)
    if rest is None:
        return examples.condition(chosen)
    return examples.region(regions, rest) if rest and {} not in rest else None


def forgotten(step: Step, examples: Examples) -> Label | None:
    """Words for a record that no case takes; None when there is none."""
    regions = Regions()
    taken = [box for each in step.lists if each.when is not None for box in regions.of(each.when)]
    rest = regions.left_over([{}], taken)
    if rest is None:
        return {"en": "whatever no condition lets through", "zh": "所有条件都不成立"}
    return examples.region(regions, rest) if rest else None
