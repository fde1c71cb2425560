"""Is every step reached, and does every block say what happens next? WF010, WF020, WF021, WF022, WF03x, WF040."""

from __future__ import annotations

from collections.abc import Sequence

from engine.catalog.notes import Notes
from engine.catalog.workflow_checks.coverage import forgotten, never_taken
from engine.catalog.workflow_checks.examples import Examples
from engine.catalog.workflows import Step, StepList, Workflow
from engine.catalog.world import World

MOST_CASES = 50
_ENDING = ("end", "goto")
_FILL_MODES = ("any", "all")


def check_structure(world: World, workflow: Workflow) -> None:
    """Notes what is wrong with lists and blocks."""
    _Structure(world.notes, Examples(world, world.forms[workflow.form])).goes_on(workflow.steps)


class _Structure:
    """Goes over the steps of one workflow."""

    def __init__(self, notes: Notes, examples: Examples) -> None:
        self.notes = notes
        self.examples = examples

    def goes_on(self, steps: tuple[Step, ...]) -> bool:
        """Whether the end of a list can be reached; its first step behind one that never goes on is noted."""
        stopped: Step | None = None
        for step in steps:
            if stopped is not None:
                self.notes.add("WF010", step.at, name=step.name, before=stopped.name)
                return False
            if not self._step_goes_on(step):
                stopped = step
        return stopped is None

    def _step_goes_on(self, step: Step) -> bool:
        if step.kind in _ENDING:
            return False
        if step.kind == "fill" and step.mode not in _FILL_MODES:
            self.notes.add("WF040", step.at, mode=step.mode)
        if step.kind not in ("branch", "parallel"):
            return True
        inner = [self.goes_on(each.steps) for each in step.lists]
        if len(step.lists) > MOST_CASES:
            what = {"en": f"The number of cases of '{step.name}'", "zh": f"“{step.name}”的分支数"}
            self.notes.add("WF073", step.at, what=what, count=len(step.lists), most=MOST_CASES)
            return True
        for each, why in never_taken(step, self.examples):
            self.notes.add("WF022", each.at, name=step.name, case=each.name, why=why)
        if step.kind == "branch":
            self._check_branch(step)
            return any(inner) or not inner
        self._check_parallel(step)
        return _joins(step, inner)

    def _check_branch(self, step: Step) -> None:
        if not step.lists or not step.lists[-1].otherwise:
            example = forgotten(step, self.examples) or {"en": "nothing is left over now", "zh": "目前没有遗漏"}
            self.notes.add("WF020", step.at, name=step.name, example=example)
        for each in step.lists[:-1]:
            if each.otherwise or each.when is None:
                self.notes.add("WF021", each.at, name=step.name, case=each.name)

    def _check_parallel(self, step: Step) -> None:
        if len(step.lists) < 2:
            self.notes.add("WF030", step.at, name=step.name)
        if step.lists and all(each.when is not None for each in step.lists) and not step.none:
            example = forgotten(step, self.examples)
            if example is not None:
                self.notes.add("WF031", step.at, name=step.name, example=example)
        if step.join == "some" and not 1 <= step.join_count <= len(step.lists):
            self.notes.add("WF033", step.at, name=step.name, count=step.join_count, branches=len(step.lists))


def _joins(step: Step, inner: Sequence[bool]) -> bool:
    """Whether some records get enough branches of a parallel to their ends; one whose branches all wait for
    a branch that ends the workflow does not."""
    if not step.lists or (step.none == "skip" and all(each.when is not None for each in step.lists)):
        return True
    always = [on for each, on in zip(step.lists, inner, strict=True) if _is_always(each)]
    finished, opened = sum(inner), len(always) + sum(inner) - sum(always)
    needed = {"any": 1, "some": min(max(step.join_count, 1), opened)}.get(step.join, opened)
    return 0 < needed <= finished


def _is_always(each: StepList) -> bool:
    return each.when is None or each.when.constant is True
