"""What the tasks of a visit decide: the votes, who was added before or after somebody, and who is asked next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.catalog.workflows import Step
from engine.runtime.flow.marking import START
from engine.runtime.flow.votes import APPROVED, REJECTED, Vote, tally
from engine.services.flow.due import arm_timers, due_of
from engine.services.flow.finding import dedup_opinion, repeated
from engine.services.flow.notices import tell
from engine.storage.flow_acts import ADDED, AFTER, BEFORE, close_task_list
from engine.storage.flows import DONE, PENDING, WAITING, StoredTask, fetch_tasks, update_task

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def counts(task: StoredTask) -> bool:
    """Whether a task is a vote of its step: not what was added before or after it, transferred or cancelled."""
    return task.kind != ADDED and task.state in (PENDING, WAITING, DONE)


def outcome_of(running: Running, step: Step, visit: int) -> str | None:
    """approved, rejected, nobody, or None while somebody is awaited; who is next in a sequence is asked.

    Who was added after somebody must approve before the step is approved, and rejects it alone.
    """
    tasks = fetch_tasks(running.work.uow, running.stored.id, visit)
    votes = [task for task in tasks if counts(task)]
    if not votes:
        return None
    after = [task for task in tasks if task.source == AFTER and task.state in (PENDING, WAITING, DONE)]
    if any(task.decision == "reject" for task in after):
        return REJECTED
    outcome = tally(step, [Vote(task.decision if task.state == DONE else None, task.weight) for task in votes])
    if outcome is None:
        return outcome_of(running, step, visit) if _wake_next(running, step, tasks, votes) else None
    if outcome == APPROVED and any(task.is_open for task in after):
        close_task_list(running.work.uow, [task for task in tasks if task.source != AFTER], "superseded")
        return None
    return outcome


def answer_before(running: Running, task: StoredTask) -> None:
    """Somebody who was asked first has answered: the next of them is asked, or whoever asked them."""
    uow, parent = running.work.uow, task.parent_id
    asked = [each for each in fetch_tasks(uow, running.stored.id, task.visit) if each.parent_id == parent]
    asked = [each for each in asked if each.source == BEFORE]
    waiting = [each for each in asked if each.is_open]
    if running.stored.facts.get("signers", {}).get(str(parent)) == "any":
        close_task_list(uow, waiting, "superseded")
        waiting = []
    if not waiting and parent is not None:
        _ask(running, next(each for each in fetch_tasks(uow, running.stored.id, task.visit) if each.id == parent))
    elif not any(each.state == PENDING for each in waiting):
        _ask(running, waiting[0])


def _wake_next(running: Running, step: Step, tasks: Sequence[StoredTask], votes: Sequence[StoredTask]) -> bool:
    """In a sequence the next is asked once those before have decided; True when his approval is there already."""
    if step.mode != "sequence" or any(task.is_open and task.state == PENDING for task in tasks):
        return False
    following = next((task for task in votes if task.state == WAITING), None)
    if following is None or any(task.parent_id == following.id and task.is_open for task in tasks):
        return False
    earlier = repeated(running, step, following.principal)
    if earlier is None:
        _ask(running, following)
        return False
    done = {
        "state": DONE,
        "decision": "approve",
        "opinion": dedup_opinion(running, earlier),
        "source": "dedup",
        "done_at": running.work.uow.now,
    }
    update_task(running.work.uow, following.id, done)
    return True


def _ask(running: Running, task: StoredTask) -> None:
    """It is this one's turn now: the time it has begins, unless it was asked before."""
    uow = running.work.uow
    update_task(uow, task.id, {"state": PENDING})
    if task.due_at is None and task.kind != ADDED and task.step != START:
        step = running.workflow.step(task.step)
        due = due_of(running, step)
        if due is not None:
            update_task(uow, task.id, {"due_at": due})
            arm_timers(running, step, task.visit, [task.id], due)
    tell(running, [task.assignee], "task")
