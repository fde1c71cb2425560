"""Is every step reached, and does every block say what happens next? WF010, WF020, WF021, WF022, WF03x, WF040."""

from __future__ import annotations

from engine.catalog.notes import Notes
from engine.catalog.workflow_checks.regions import never_taken
from engine.catalog.workflows import Step, Workflow

MOST_CASES = 50
_ENDING = ("end", "goto")


def check_structure(notes: Notes, workflow: Workflow) -> None:
    """Notes what is wrong with lists and blocks."""
    _goes_on(notes, workflow.steps)


def _goes_on(notes: Notes, steps: tuple[Step, ...]) -> bool:
    """Whether the end of a list can be reached; what stands behind its last step that is reached is noted."""
    stopped: Step | None = None
    for step in steps:
        if stopped is not None:
            notes.add("WF010", step.at, name=step.name, before=stopped.name)
            return False
        if not _step_goes_on(notes, step):
            stopped = step
    return stopped is None


def _step_goes_on(notes: Notes, step: Step) -> bool:
    if step.kind in _ENDING:
        return False
    if step.kind == "fill" and step.mode not in ("any", "all"):
        notes.add("WF040", step.at, mode=step.mode)
    inner = [_goes_on(notes, each.steps) for each in step.lists]
    if step.kind == "branch":
        _check_branch(notes, step)
        return any(inner) or not inner
    if step.kind == "parallel":
        _check_parallel(notes, step)
        return any(inner) or not inner or step.none != ""
    return True


def _check_branch(notes: Notes, step: Step) -> None:
    if len(step.lists) > MOST_CASES:
        what = {"en": "The number of cases", "zh": "分支数"}
        notes.add("WF073", step.at, what=what, count=len(step.lists), most=MOST_CASES)
        return
    if not step.lists or not step.lists[-1].otherwise:
        notes.add("WF020", step.at, name=step.name)
    for each in step.lists[:-1]:
        if each.otherwise or each.when is None:
            notes.add("WF021", each.at, name=step.name, case=each.name)
    for each, why in never_taken(step):
        notes.add("WF022", each.at, name=step.name, case=each.name, why=why)


def _check_parallel(notes: Notes, step: Step) -> None:
    if len(step.lists) < 2:
        notes.add("WF030", step.at, name=step.name)
    if step.lists and all(each.when is not None for each in step.lists) and not step.none:
        notes.add("WF031", step.at, name=step.name)
    if step.join == "some" and not 1 <= step.join_count <= len(step.lists):
        notes.add("WF033", step.at, name=step.name, count=step.join_count, branches=len(step.lists))
