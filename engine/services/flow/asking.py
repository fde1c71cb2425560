"""Gives the people of a step their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.catalog.workflows import Step
from engine.problems import Problem
from engine.services.flow.due import arm_timers, due_of
from engine.services.flow.finding import Candidate, find_people, when_nobody
from engine.services.flow.notices import tell
from engine.storage.flows import DONE, PENDING, WAITING, NewTask, insert_tasks

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def ask_people(running: Running, step: Step, visit: int) -> str | None:
    """Ask who is found for a human step; an incident when nobody is. What is decided without anybody, else None."""
    found = find_people(running, step)
    if found.outcome is not None:
        running.log("passed", step=step.name, details={"why": found.why})
        return found.outcome
    if not found.people:
        running.fail(Problem("A129", {"step": step.label}))
        return None
    make_tasks(running, step, visit, found.people)
    decides_itself = step.mode == "vote" or any(each.decision for each in found.people)
    return running.tally(step, visit) if decides_itself else None


def nobody_left(running: Running, step: Step, visit: int) -> str | None:
    """All have abstained: as if nobody had been found."""
    found = when_nobody(running, step)
    if found.outcome is not None:
        running.log("passed", step=step.name, details={"why": found.why})
    elif found.people:
        make_tasks(running, step, visit, found.people)
    else:
        running.fail(Problem("A129", {"step": step.label}))
    return found.outcome


def make_tasks(running: Running, step: Step, visit: int, people: Sequence[Candidate]) -> None:
    """A task for each; in a sequence only the first is asked now."""
    due = due_of(running, step)
    tasks = [
        NewTask(
            visit,
            step.name,
            step.kind,
            each.person,
            each.principal,
            each.source,
            position,
            weight=each.weight,
            state=DONE if each.decision else (WAITING if step.mode == "sequence" and position else PENDING),
            decision=each.decision,
            opinion=each.opinion,
        )
        for position, each in enumerate(people)
    ]
    tasks = [replace(task, due_at=due) if task.state == PENDING else task for task in tasks]
    ids = insert_tasks(running.work.uow, running.stored.id, tasks)
    asked = [made for made, task in zip(ids, tasks, strict=True) if task.state == PENDING]
    arm_timers(running, step, visit, asked, due)
    tell(running, [task.assignee for task in tasks if task.state == PENDING], "task")
