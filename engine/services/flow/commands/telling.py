"""Copies, comments, reading and urging: what people tell each other about an approval. Nothing moves by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.services.flow.commands.skeleton import Order, is_admin, on_instance, require_person, sees
from engine.services.flow.notices import tell
from engine.services.flow.running import Running
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import insert_copies, mark_seen, mark_urged
from engine.storage.flows import PENDING, StoredInstance, StoredTask, fetch_instance, fetch_tasks

BETWEEN_URGES = timedelta(hours=1)
LONGEST_TEXT = 4000


def copy_to(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    people: Sequence[int],
    *,
    note: str | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Let others read along. Somebody gets one copy of an instance; a handler copies where his step allows cc."""

    def act(running: Running) -> None:
        mine = require_participant(running)
        if mine and not any(_allows(running, task, "cc") for task in mine):
            raise ProblemsFound([Problem("A126", {"action": action_word("cc")})])
        for person in people:
            require_person(running, person, "people")
        step = mine[0].step if mine else ""
        told = insert_copies(running.work.uow, running.stored.id, step, people)
        if told:
            running.log("copy", step=step or None, opinion=note, details={"people": told})
            tell(running, told, "copy", note or "")

    return on_instance(company, actor, instance_id, Order("copy_to", key, {"to": list(people), "note": note}), act)


def mark_read(company: OpenCompany, actor: Actor, instance_id: int, *, version: int | None = None) -> StoredInstance:
    """Note that the actor has read the instance, and the version of the record that was shown. Ended ones too."""

    def run() -> StoredInstance:
        with company.writing(actor, "approval") as work:
            stored = fetch_instance(work.uow, instance_id)
            if stored is None or not sees(work, stored):
                raise NotVisible(f"instance {instance_id}")
            mark_seen(work.uow, instance_id, actor.person, {"version": version} if version is not None else None)
            return stored

    return company.again(run)


def comment(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    text: str,
    *,
    to: Sequence[int] = (),
    key: str | None = None,
) -> StoredInstance:
    """Say something in the log, and tell the people it is meant for; without any, everybody who is waited for."""

    def act(running: Running) -> None:
        require_participant(running)
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise ProblemsFound([Problem("A120", pointer="text")])
        for person in to:
            require_person(running, person, "to")
        running.log("comment", opinion=text.strip(), details={"to": list(to)})
        waited_for = [task.assignee for task in _pending(running)]
        tell(running, to or [*waited_for, running.stored.initiator or 0], "comment", text.strip())

    return on_instance(company, actor, instance_id, Order("comment", key, {"text": text, "to": list(to)}), act)


def urge(
    company: OpenCompany,
    actor: Actor,
    instance_id: int,
    *,
    task_id: int | None = None,
    text: str | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Remind those who are waited for (or one of them): once an hour for each task (A119)."""

    def act(running: Running) -> None:
        require_participant(running)
        now = running.work.uow.now
        pending = [task for task in _pending(running) if task_id in (None, task.id)]
        if not pending:
            raise Conflict(Problem("A151"))
        due = [task for task in pending if task.urged_at is None or now - task.urged_at >= BETWEEN_URGES]
        if not due:
            raise Conflict(Problem("A119"))
        mark_urged(running.work.uow, [task.id for task in due])
        people = [task.assignee for task in due]
        running.log("urge", step=due[0].step, opinion=text, details={"people": people})
        tell(running, people, "urge", text or "")

    return on_instance(company, actor, instance_id, Order("urge", key, {"task": task_id, "text": text}), act)


def require_participant(running: Running) -> list[StoredTask]:
    """The actor's own pending tasks; A104 unless he takes part: initiator, handler, or an administrator."""
    person = running.work.actor.person
    tasks = [task for task in fetch_tasks(running.work.uow, running.stored.id) if task.assignee == person]
    if not tasks and running.stored.initiator != person and not is_admin(running):
        raise NotAllowed(Problem("A104"))
    return [task for task in tasks if task.state == PENDING]


def _allows(running: Running, task: StoredTask, action: str) -> bool:
    steps = {step.name: step for step in running.workflow.all_steps()}
    return task.step not in steps or action in steps[task.step].policies.allow


def _pending(running: Running) -> list[StoredTask]:
    return [task for task in fetch_tasks(running.work.uow, running.stored.id) if task.state == PENDING]
