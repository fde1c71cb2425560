"""Where each step stands in its workflow, and which earlier steps lie open to a return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.catalog.workflows import Step, Workflow

START = "start"
TARGETS = frozenset({"approve", "fill", START})


@dataclass(frozen=True, slots=True)
class Level:
    """One list on the way to a step: its name in the block around it ("" = the workflow's own), its steps, and the
    index of the step, or of the block that holds it."""

    name: str
    steps: tuple[Step, ...]
    index: int

    @property
    def step(self) -> Step:
        """The step at the index."""
        return self.steps[self.index]


Way = tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Positions:
    """The way to every step from the root list down."""

    workflow: Workflow
    ways: Mapping[str, Way]

    def way(self, name: str) -> Way:
        """The way to a step; the start task has none."""
        return () if name == START else self.ways[name]

    def common(self, target: str, current: str) -> int | None:
        """How deep the common list lies in which `target` comes before `current`; None: no legal return.

        0 is the root list. Legal only when both ways part in a list (not between lists of one block), with the target
        before: so never into a sibling branch that is going on, and never into the case not taken.
        """
        if target == current:
            return None
        if target == START:
            return 0
        for depth, (one, other) in enumerate(zip(self.ways[target], self.ways[current], strict=False)):
            if one.index != other.index:
                return depth if one.index < other.index else None
            if not self._same_list(target, current, depth + 1):
                return None
        return None

    def _same_list(self, target: str, current: str, depth: int) -> bool:
        one, other = self.ways[target], self.ways[current]
        return depth < len(one) and depth < len(other) and one[depth].name == other[depth].name

    def between(self, target: str, current: str) -> Iterator[Step]:
        """The steps of the common list that a return from `current` to `target` steps over, blocks opened."""
        depth = self.common(target, current)
        if depth is None:
            return
        last = self.ways[current][depth]
        first = 0 if target == START else self.ways[target][depth].index
        for step in last.steps[first : last.index + 1]:
            yield step
            yield from _inside(step)


def find_positions(workflow: Workflow) -> Positions:
    """The positions of all steps of a workflow."""
    return Positions(workflow, dict(_ways(workflow.steps, "", ())))


def _ways(steps: tuple[Step, ...], name: str, above: Way) -> Iterator[tuple[str, Way]]:
    for index, step in enumerate(steps):
        way = (*above, Level(name, steps, index))
        yield step.name, way
        for each in step.lists:
            yield from _ways(each.steps, each.name, way)


def _inside(step: Step) -> Iterator[Step]:
    for each in step.lists:
        for inner in each.steps:
            yield inner
            yield from _inside(inner)


def is_legal(positions: Positions, target: str, current: str) -> bool:
    """Whether a return from `current` to `target` is one that the rules allow, whatever was done in between."""
    if target not in positions.ways or positions.ways[target][-1].step.kind not in TARGETS:
        return False
    return positions.common(target, current) is not None
