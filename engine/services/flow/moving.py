"""A task goes from one person to another: handed on, handed over, reassigned."""

from __future__ import annotations

from engine.services.flow.running import Running
from engine.storage.flow_acts import adopt_added
from engine.storage.flow_timers import follow_task
from engine.storage.flows import StoredTask, insert_tasks, next_task, update_task


def move_task(running: Running, task: StoredTask, person: int, source: str) -> int:
    """The same task for somebody else, with its place, draft and due time; who was added to it follows: its id."""
    uow = running.work.uow
    update_task(uow, task.id, {"state": "transferred", "done_at": uow.now, "done_by": running.work.actor.id})
    made = insert_tasks(uow, running.stored.id, [next_task(task, person, source)])[0]
    adopt_added(uow, task.id, made)
    follow_task(uow, task.id, made)
    signers = dict(running.stored.facts.get("signers", {}))
    if str(task.id) in signers:
        signers[str(made)] = signers.pop(str(task.id))
        running.keep_facts(signers=signers)
    return made
