"""A task goes to somebody else, or is kept for one of several."""

from __future__ import annotations

from engine.catalog.workflows import Step
from engine.problems import NotAllowed, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.services.flow.commands.deciding import step_of
from engine.services.flow.commands.skeleton import Order, name_of, on_task, require_pending, require_person
from engine.services.flow.moving import move_task
from engine.services.flow.notices import tell
from engine.services.flow.running import Running
from engine.services.flow.voting import counts
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import ADDED
from engine.storage.flows import PENDING, WAITING, StoredInstance, StoredTask, fetch_tasks, update_task


def transfer(
    company: OpenCompany,
    actor: Actor,
    task_id: int,
    to: int,
    *,
    opinion: str | None = None,
    rev: int | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Hand a task on. Refused: to oneself (A115), to who has a task in the step (A116), to the initiator where he may
    not approve (A150), to who may not act (R114), where the step does not allow it (A126).
    """

    def act(running: Running, task: StoredTask) -> None:
        require_pending(running, task, rev)
        require_allowed(running, task, "transfer")
        require_new(running, task, to)
        made = move_task(running, task, to, "transfer")
        details = {"from": task.assignee, "to": to}
        running.log("transfer", step=task.step, task_id=made, opinion=opinion, details=details)
        tell(running, [to], "transfer", opinion or "")
        running.store()

    return on_task(company, actor, task_id, Order("transfer", key, {"to": to, "opinion": opinion}), act)


def claim(
    company: OpenCompany, actor: Actor, task_id: int, *, rev: int | None = None, key: str | None = None
) -> StoredInstance:
    """Keep for oneself what one of several should fill in; the others are not asked until it is released."""

    def act(running: Running, task: StoredTask) -> None:
        require_pending(running, task, rev)
        step = step_of(running, task)
        if not may_claim(running, task, step):
            raise ProblemsFound([Problem("A126", {"action": action_word("claim")})])
        _others(running, task, PENDING, WAITING)
        running.keep_facts(claims=[*_claims(running), task.visit])
        running.log("claim", step=task.step, task_id=task.id)
        running.store()

    return on_task(company, actor, task_id, Order("claim", key), act)


def release(
    company: OpenCompany, actor: Actor, task_id: int, *, rev: int | None = None, key: str | None = None
) -> StoredInstance:
    """Give back what one has claimed."""

    def act(running: Running, task: StoredTask) -> None:
        require_pending(running, task, rev)
        if not is_claimed(running, task):
            raise ProblemsFound([Problem("A126", {"action": action_word("release")})])
        running.keep_facts(claims=[visit for visit in _claims(running) if visit != task.visit])
        _others(running, task, WAITING, PENDING)
        running.log("release", step=task.step, task_id=task.id)
        running.store()

    return on_task(company, actor, task_id, Order("release", key), act)


def require_allowed(running: Running, task: StoredTask, action: str) -> None:
    """A126 unless the step allows it; nothing is handed about of the start task and of tasks that were added."""
    step = step_of(running, task)
    if step is None or action not in step.policies.allow or (task.kind == ADDED and action != "save"):
        raise ProblemsFound([Problem("A126", {"action": action_word(action)})])


def require_new(running: Running, task: StoredTask, person: int, pointer: str = "to") -> None:
    """The person may be given a task of this step: may act, is not the actor, has none there, may approve it."""
    require_person(running, person, pointer)
    if person == running.work.actor.person:
        raise ProblemsFound([Problem("A115", pointer=pointer)])
    name = {"name": name_of(running, person)}
    there = fetch_tasks(running.work.uow, running.stored.id, task.visit)
    if any(each.assignee == person and (each.is_open or counts(each)) for each in there):
        raise ProblemsFound([Problem("A116", name, pointer=pointer)])
    if person == running.stored.initiator and not initiator_may(step_of(running, task)):
        raise NotAllowed(Problem("A150", name))


def initiator_may(step: Step | None) -> bool:
    """Whether who started the approval may have a task at a step."""
    return step is None or step.kind != "approve" or step.policies.self_approval == "allow"


def may_claim(running: Running, task: StoredTask, step: Step | None) -> bool:
    """Whether a task is one of several of which one should be done, and free."""
    if step is None or step.kind != "fill" or step.mode != "any" or task.kind == ADDED or is_claimed(running, task):
        return False
    there = fetch_tasks(running.work.uow, running.stored.id, task.visit)
    return sum(each.state == PENDING for each in there) > 1


def is_claimed(running: Running, task: StoredTask) -> bool:
    """Whether somebody keeps the step of this visit for himself."""
    return task.visit in _claims(running)


def _claims(running: Running) -> list[int]:
    found: list[int] = running.stored.facts.get("claims", [])
    return found


def _others(running: Running, task: StoredTask, before: str, after: str) -> None:
    for each in fetch_tasks(running.work.uow, running.stored.id, task.visit):
        if each.id != task.id and each.state == before:
            update_task(running.work.uow, each.id, {"state": after})
