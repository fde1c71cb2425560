"""Whether the conditions that led to where a direct return interrupted an instance have the same answers today."""

from __future__ import annotations

from engine.catalog.workflows import Step, Workflow
from engine.runtime.flow.marking import START, Saved
from engine.runtime.flow.surroundings import Surroundings


def same_guards(workflow: Workflow, saved: Saved, around: Surroundings) -> bool:
    """Whether every branch and parallel inside the saved list would open the same lists today."""
    todo = [saved.mark.step] if saved.mark.step is not None else []
    while todo:
        mark = todo.pop()
        if mark.name == START or not mark.lists:
            continue
        step = workflow.step(mark.name)
        if step.kind == "branch" and next(iter(mark.lists)) != _chosen(step, around):
            return False
        opened = [each.name for each in step.lists if each.when is None or around.holds(each.when)]
        if step.kind == "parallel" and not set(mark.lists) <= set(opened):
            return False
        todo += [inner.step for inner in mark.lists.values() if inner.step is not None]
    return True


def _chosen(step: Step, around: Surroundings) -> str:
    for each in step.lists:
        if each.otherwise or each.when is None or around.holds(each.when):
            return each.name
    return ""
