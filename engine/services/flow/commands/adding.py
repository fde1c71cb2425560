"""Adding signers to a task, before, after or beside its handler; and taking them away again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.problems import Conflict, NotAllowed, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.services.flow.commands.deciding import decide_here, step_of
from engine.services.flow.commands.decision import Decision
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.handing import require_allowed, require_new
from engine.services.flow.commands.skeleton import Order, is_admin, on_task, require_open, require_pending
from engine.services.flow.notices import tell
from engine.services.flow.running import Running
from engine.services.flow.voting import answer_before, counts
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import ADDED, BEFORE, WITH, make_room
from engine.storage.flows import (
    PENDING,
    WAITING,
    NewTask,
    StoredInstance,
    StoredTask,
    fetch_task,
    fetch_tasks,
    insert_tasks,
    update_task,
)

PLACES = ("before", "after", "with")
MODES = ("any", "all", "sequence")
MOST_ADDED = 20


def add_signer(
    company: OpenCompany,
    actor: Actor,
    task_id: int,
    people: Sequence[int],
    where: str,
    *,
    mode: str = "all",
    opinion: str | None = None,
    decision: Decision | None = None,
    rev: int | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Ask others about a task.

    before  they advise first (`mode`: one of them, all, or one after the other); then the task waits again
    after   the actor's `decision` (approve, or submit) is taken; the step is passed once all of them approve
    with    they vote beside the actor; in a sequence right behind him
    """
    asked = dict.fromkeys(people)
    said = replace(decision or Decision("approve", opinion=opinion), rev=rev)

    def act(running: Running, task: StoredTask) -> None:
        require_pending(running, task, rev)
        _check(running, task, list(asked), where, mode)
        add_here(running, task, list(asked), where, mode, opinion)
        if where == "after":
            decide_here(running, task, said)
        else:
            running.store()

    words = {"people": list(asked), "where": where, "mode": mode, **said.asked()}
    return on_task(company, actor, task_id, Order("add_signer", key, words), act)


def remove_signer(
    company: OpenCompany, actor: Actor, task_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """Ask somebody no longer: whoever added them, or an administrator, who may take away any but the last (A118)."""

    def act(running: Running, task: StoredTask) -> None:
        require_open(running, task)
        _check_removal(running, task)
        uow = running.work.uow
        update_task(uow, task.id, {"state": "cancelled", "done_at": uow.now, "done_by": running.work.actor.id})
        running.log("remove_sign", step=task.step, task_id=task.id, opinion=opinion, details={"person": task.assignee})
        finish(running, _after_removal(running, task))

    return on_task(company, actor, task_id, Order("remove_signer", key, {"opinion": opinion}), act)


def add_here(running: Running, task: StoredTask, people: list[int], where: str, mode: str, opinion: str | None) -> None:
    """Ask others about a task of an instance that is locked: also what timers do."""
    made = _add(running, task, people, where, mode)
    details = {"where": where, "people": people, "mode": mode}
    running.log(f"addsign_{where}", step=task.step, task_id=made[0], opinion=opinion, details=details)
    tell(running, people, "addsign", opinion or "")


def has_added(running: Running, task: StoredTask) -> bool:
    """Whether somebody who was added to a task still has to answer."""
    there = fetch_tasks(running.work.uow, running.stored.id, task.visit)
    return any(each.parent_id == task.id and each.is_open for each in there)


def _check(running: Running, task: StoredTask, people: list[int], where: str, mode: str) -> None:
    action = f"addsign_{where}"
    if where not in PLACES or mode not in MODES:
        raise ProblemsFound([Problem("A126", {"action": action_word(action)}, pointer="where")])
    if task.kind == ADDED or task.source == WITH:
        raise Conflict(Problem("A117"))
    require_allowed(running, task, action)
    if has_added(running, task):
        raise Conflict(Problem("A153"))
    if not 1 <= len(people) <= MOST_ADDED:
        values = {"step": task.step, "least": 1, "most": MOST_ADDED}
        raise ProblemsFound([Problem("A131", values, pointer="people")])
    for person in people:
        require_new(running, task, person, "people")


def _add(running: Running, task: StoredTask, people: list[int], where: str, mode: str) -> list[int]:
    step, uow = step_of(running, task), running.work.uow
    in_turn = mode == "sequence" if where == "before" else step is not None and step.mode == "sequence"
    if where == "with" and in_turn:
        make_room(uow, running.stored.id, task.visit, task.position, len(people))
    tasks = [
        NewTask(
            task.visit,
            task.step,
            task.kind if where == "with" else ADDED,
            person,
            person,
            f"addsign_{where}",
            task.position + number if where == "with" else number,
            task.id,
            state=_first_state(where, number, in_turn=in_turn),
            due_at=task.due_at,
        )
        for number, person in enumerate(people, 1)
    ]
    made = insert_tasks(uow, running.stored.id, tasks)
    if where == "before":
        update_task(uow, task.id, {"state": WAITING})
        running.keep_facts(signers={**running.stored.facts.get("signers", {}), str(task.id): mode})
    return made


def _first_state(where: str, number: int, *, in_turn: bool) -> str:
    if where == "with":
        return WAITING if in_turn else PENDING
    return WAITING if where == "before" and in_turn and number > 1 else PENDING


def _check_removal(running: Running, task: StoredTask) -> None:
    admin = is_admin(running)
    parent = fetch_task(running.work.uow, task.parent_id) if task.parent_id is not None else None
    if not admin and (parent is None or parent.assignee != running.work.actor.person):
        raise NotAllowed(Problem("A104"))
    there = fetch_tasks(running.work.uow, running.stored.id, task.visit)
    if task.kind != ADDED and not any(counts(each) and each.id != task.id for each in there):
        raise Conflict(Problem("A118"))


def _after_removal(running: Running, task: StoredTask) -> str | None:
    """What the remaining votes decide."""
    step = step_of(running, task)
    if step is None:
        return None
    if task.source == BEFORE:
        answer_before(running, task)
        return None
    outcome = running.tally(step, task.visit)
    return None if outcome is None else running.machine.complete(task.visit, outcome)
