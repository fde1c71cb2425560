"""Does a workflow that goes on come to its end, and never go round by itself? WF011, WF090.

The workflow as a graph: each step has a point where it is entered and one behind it. The moves are those when everybody
agrees; some of them need somebody or something outside, the others happen by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from engine.catalog.notes import Notes
from engine.catalog.workflows import Step, StepList, Workflow, walk_steps

Point = tuple[str, str]  # ("in" or "behind", step)
END: Point = ("end", "")


@dataclass
class _Moves:
    """The moves of one workflow; `alone` those that happen by themselves."""

    workflow: Workflow
    all: dict[Point, list[Point]] = field(default_factory=lambda: defaultdict(list))
    alone: dict[Point, list[Point]] = field(default_factory=lambda: defaultdict(list))
    needs: dict[Point, tuple[int, list[Point]]] = field(default_factory=dict)  # so many of these together

    def link(self, steps: tuple[Step, ...], after: Point | None, escape: Point | None = None) -> None:
        """The moves along a list. `escape`: where a parallel goes on that does not wait for this branch."""
        for at, step in enumerate(steps):
            following = ("in", steps[at + 1].name) if at + 1 < len(steps) else after
            self._step(step, escape)
            if following is not None:
                self._go(("behind", step.name), following, alone=True)

    def _step(self, step: Step, escape: Point | None) -> None:
        entered, behind = ("in", step.name), ("behind", step.name)
        if escape is not None:
            self._go(entered, escape)
        if step.kind == "end":
            self._go(entered, END)
        elif step.kind == "goto":
            self._go(entered, ("in", step.to), alone=True)
        elif step.kind == "branch":
            self._branch(step, behind, escape)
        elif step.kind == "parallel":
            self._parallel(step, behind, escape)
        else:
            self._go(entered, behind, alone=_passes_alone(step))
            if step.kind == "wait" and step.on_timeout in ("reject", "end"):
                self._go(entered, END)
            self._refused_alone(step)

    def _branch(self, step: Step, behind: Point, escape: Point | None) -> None:
        for each in step.lists:
            first = ("in", each.steps[0].name) if each.steps else behind
            self._go(("in", step.name), first, alone=True)
            self.link(each.steps, behind, escape)

    def _parallel(self, step: Step, behind: Point, escape: Point | None) -> None:
        """Each branch has to come to its own end, and those that are always opened all have to."""
        entered = ("in", step.name)
        firsts = []
        for each in step.lists:
            first = ("in", each.steps[0].name) if each.steps else behind
            firsts.append(first)
            self.alone[entered].append(first)
            if each.steps:
                joined = ("joined", each.steps[-1].name)
                self._go(joined, behind)
                self.link(each.steps, joined, behind if _joins_without(step, each) else escape)
        if _joins_alone(step):
            self.alone[entered].append(behind)
        passed = ("passed", step.name)
        self._go(entered, passed)
        self.needs[passed] = _needed(step, behind, firsts)

    def _refused_alone(self, step: Step) -> None:
        """Where a step leads back to that is refused when it finds nobody."""
        if step.is_human and step.policies.when_empty == "reject" and step.reject_to not in ("end", "start"):
            self.alone["in", step.name].append(("in", step.reject_to))

    def _go(self, one: Point, other: Point, *, alone: bool = False) -> None:
        self.all[one].append(other)
        if alone:
            self.alone[one].append(other)


def _needed(step: Step, behind: Point, firsts: list[Point]) -> tuple[int, list[Point]]:
    """From how many of which points the end must be reached, so that it is reached from before a parallel."""
    always = [first for each, first in zip(step.lists, firsts, strict=True) if each.when is None]
    if not always:
        return 1, [behind] if step.none == "skip" else firsts
    if step.join == "all":
        return len(always), always
    return (min(step.join_count, len(always)) if step.join == "some" else 1), firsts


def _joins_without(step: Step, one: StepList) -> bool:
    """Whether enough other branches, which are always opened, come to their ends, so that this one need not."""
    if step.join == "all":
        return False
    ending = [each for each in step.lists if each is not one and each.when is None and _has_end(each.steps)]
    return len(ending) >= (step.join_count if step.join == "some" else 1)


def _has_end(steps: tuple[Step, ...]) -> bool:
    """Whether every way through a list leads to its end, without a loop."""
    return all(step.kind not in ("goto", "end") for step in walk_steps(steps))


def _passes_alone(step: Step) -> bool:
    """Whether a step may be over at once, with nobody asked."""
    if step.kind == "approve":
        asks = step.rights.require or step.signature or step.checks or step.recheck
        again = step.policies.dedup != "none" and not asks and step.policies.opinion.get("approve") != "required"
        return again or "skip" in (step.policies.when_empty, step.policies.self_approval)
    if step.kind == "fill":
        return step.policies.when_empty == "skip"
    if step.kind == "wait":
        return step.until is not None
    return step.kind != "call" or step.wait_for == "none"


def _joins_alone(step: Step) -> bool:
    passing = [all(_goes_alone(inner) for inner in each.steps) for each in step.lists]
    if step.join != "all":
        return any(passing)
    return all(on or each.when is not None for each, on in zip(step.lists, passing, strict=True))


def _goes_alone(step: Step) -> bool:
    if step.kind in ("end", "goto"):
        return False
    if step.kind == "branch":
        return any(all(_goes_alone(inner) for inner in each.steps) for each in step.lists)
    return _joins_alone(step) if step.kind == "parallel" else _passes_alone(step)


def check_moves(notes: Notes, workflow: Workflow) -> None:
    """Notes steps from which no end is reached, and loops that need nobody. Its steps lead to steps that exist."""
    if not workflow.steps:
        return
    moves = _Moves(workflow)
    moves.link(workflow.steps, END)
    steps = {step.name: step for step in workflow.all_steps()}
    ending = _leading_to_the_end(moves)
    stuck = next((step for step in steps.values() if ("in", step.name) not in ending), None)
    if stuck is not None:
        notes.add("WF011", stuck.at, name=stuck.name)
    round_ = _circle(moves.alone)
    back = next((steps[name] for kind, name in round_ if kind == "in" and _leads_back(steps[name])), None)
    if back is not None:
        notes.add("WF090", back.at, name=back.to or back.reject_to)


def _leads_back(step: Step) -> bool:
    return step.kind == "goto" or (step.is_human and step.policies.when_empty == "reject")


def _leading_to_the_end(moves: _Moves) -> set[Point]:
    """The points from which the end can be reached."""
    before: dict[Point, list[Point]] = defaultdict(list)
    for one, others in moves.all.items():
        for other in others:
            before[other].append(one)
    missing = {point: count for point, (count, _) in moves.needs.items()}
    for point, (_, needed) in moves.needs.items():
        for other in needed:
            before[other].append(point)
    found, todo = {END}, [END]
    while todo:
        for point in before[todo.pop()]:
            missing[point] = missing.get(point, 1) - 1
            if point not in found and missing[point] <= 0:
                found.add(point)
                todo.append(point)
    return found


def _circle(moves: dict[Point, list[Point]]) -> list[Point]:
    """The points of a circle, [] when there is none."""
    left: set[Point] = set()
    on_trail: set[Point] = set()
    for start in list(moves):
        trail: list[Point] = []
        stack = [(start, 0)]
        while stack:
            point, at = stack.pop()
            if at == 0:
                if point in left:
                    continue
                if point in on_trail:
                    return trail[trail.index(point) :]
                trail.append(point)
                on_trail.add(point)
            following = moves.get(point, [])
            if at < len(following):
                stack += [(point, at + 1), (following[at], 0)]
                continue
            left.add(point)
            on_trail.discard(point)
            trail.pop()
    return []
