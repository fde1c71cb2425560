"""What administrators of a workflow do to running approvals; every act is a line in the log."""

from __future__ import annotations

from collections.abc import Callable

from engine.problems import Conflict, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START, StepMark
from engine.runtime.flow.votes import APPROVED
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.skeleton import (
    Order,
    on_instance,
    on_task,
    require_admin,
    require_open,
    require_person,
)
from engine.services.flow.guarding import watch
from engine.services.flow.halting import clear_incident, retry_halted
from engine.services.flow.moving import move_task
from engine.services.flow.notices import tell
from engine.services.flow.running import Running
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_children import LOOK
from engine.storage.flows import StoredInstance, StoredTask, close_tasks, fetch_tasks, update_instance
from engine.storage.outbox import add_job

TERMINATED = "terminated"


def terminate(
    company: OpenCompany, actor: Actor, instance_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """End the approval, whatever it waits for; suspended ones too."""

    def act(running: Running) -> None:
        running.machine.stop()
        finish(running, TERMINATED)

    return _act(company, actor, instance_id, Order("terminate", key, {"opinion": opinion}, held=True), act)


def jump(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    step: str,
    *,
    opinion: str | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Leave everything that goes on and go to a step where people decide (or "start"), however many rounds there were.

    A110 when the workflow has no such step.
    """

    def act(running: Running) -> None:
        names = {each.name for each in running.workflow.all_steps() if each.is_human}
        if step not in {START, *names}:
            raise ProblemsFound([Problem("A110", {"step": step}, pointer="step")])
        clear_incident(running)
        running.returned_to = step
        finish(running, running.machine.jump(step))

    return _act(company, actor, instance_id, Order("jump", key, {"opinion": opinion, "step": step}), act, step)


def reassign(
    company: OpenCompany,
    actor: Actor,
    task_id: int,
    to: int,
    *,
    opinion: str | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Give somebody's open task to another (A116 when that one has one there already)."""

    def act(running: Running, task: StoredTask) -> None:
        require_admin(running)
        require_open(running, task)
        require_person(running, to, "to")
        there = fetch_tasks(running.work.uow, running.stored.id, task.visit)
        if any(each.assignee == to and each.is_open for each in there):
            name = running.organisation.people[to].name
            raise ProblemsFound([Problem("A116", {"name": name}, pointer="to")])
        made = move_task(running, task, to, "admin")
        details = {"from": task.assignee, "to": to}
        running.log("reassign", step=task.step, task_id=made, opinion=opinion, details=details)
        tell(running, [to], "transfer", opinion or "")
        running.store()

    return on_task(company, actor, task_id, Order("reassign", key, {"opinion": opinion, "to": to}, held=True), act)


def suspend(
    company: OpenCompany, actor: Actor, instance_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """Stop everything: nobody decides, no timer runs, until it is resumed."""
    order = Order("suspend", key, {"opinion": opinion}, held=True)
    return _act(company, actor, instance_id, order, lambda running: _hold(running, suspended=True))


def resume(
    company: OpenCompany, actor: Actor, instance_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """Let a suspended approval go on."""

    def act(running: Running) -> None:
        _hold(running, suspended=False)
        add_job(running.work.uow, LOOK, {"instance": running.stored.id})  # what it waits for may have happened

    return _act(company, actor, instance_id, Order("resume", key, {"opinion": opinion}, held=True), act)


def retry(
    company: OpenCompany, actor: Actor, instance_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """Try again what an incident has stopped: look for people where nobody was found, carry out effects after all
    (values that were changed elsewhere count as they are now), call addresses again. A151 when nothing is stopped.
    """

    def act(running: Running) -> None:
        if running.stored.incident is None:
            raise Conflict(Problem("A151"))
        watch(running)  # what was changed elsewhere has been looked at
        finish(running, retry_halted(running))

    return _act(company, actor, instance_id, Order("retry", key, {"opinion": opinion}), act)


def pass_step(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    step: str,
    *,
    opinion: str | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Take a step that waits as approved, whoever it waits for. A126 when it does not wait."""

    def act(running: Running) -> None:
        mark = _waiting(running, step)
        close_tasks(running.work.uow, running.stored.id, [mark.visit], "superseded")
        clear_incident(running)
        running.close([mark.visit])
        finish(running, running.machine.complete(mark.visit, APPROVED))

    return _act(company, actor, instance_id, Order("pass_step", key, {"opinion": opinion, "step": step}), act, step)


def _act(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    order: Order,
    act: Callable[[Running], None],
    step: str | None = None,
) -> StoredInstance:
    """Only for administrators; the act comes to the log before what it leads to."""

    def logged(running: Running) -> None:
        require_admin(running)
        running.log(order.name, step=step, opinion=str(order.words.get("opinion") or "") or None)
        act(running)

    return on_instance(company, actor, instance_id, order, logged)


def _hold(running: Running, *, suspended: bool) -> None:
    update_instance(running.work.uow, running.stored.id, {"suspended": suspended})
    running.store()


def _waiting(running: Running, step: str) -> StepMark:
    found = next((leaf for leaf in running.marking.root.leaves() if leaf.name == step), None)
    if found is None:
        raise ProblemsFound([Problem("A126", {"action": action_word("pass_step")}, pointer="step")])
    return found
