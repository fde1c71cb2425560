"""When somebody may not act any more, what waits for them goes to their stand-in, superior or the administrators."""

from __future__ import annotations

from collections.abc import Iterator

from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.flow.expanding import expand
from engine.services.flow.moving import move_task
from engine.services.flow.notices import tell
from engine.services.flow.running import Running, load_running
from engine.services.worker import Running as RunningJob
from engine.storage.delegations import fetch_delegations
from engine.storage.flows import StoredTask, fetch_open_tasks, fetch_task, update_task


def hand_over(job: RunningJob) -> None:
    """Give every open task of the person to somebody who may act; each instance in its own transaction."""
    person = int(job.payload["person"])
    while (task := job.batch(lambda work: next(iter(fetch_open_tasks(work.uow, person)), None))) is not None:
        task_id = task.id
        job.batch(lambda work, task_id=task_id: _move(job, work, task_id))  # type: ignore[misc]


def _move(job: RunningJob, work: Work, task_id: int) -> None:
    task = fetch_task(work.uow, task_id)
    if task is None or not task.is_open:
        return
    running = load_running(work, job.company.same_work(work, SYSTEM), job.company.flows, task.instance_id, held=True)
    heir = next((each for each in _heirs(running, task) if each != task.assignee), None)
    if heir is None:
        update_task(work.uow, task.id, {"state": "cancelled"})
        running.log("handover_failed", step=task.step, task_id=task.id)
        return
    made = move_task(running, task, heir, "admin")
    running.log("handover", step=task.step, task_id=made, details={"from": task.assignee, "to": heir})
    tell(running, [heir], "reassign")


def _heirs(running: Running, task: StoredTask) -> Iterator[int]:
    """Who stands in now, then the superiors upwards, then the workflow's administrators; active ones only."""
    organisation = running.organisation
    for each in fetch_delegations(running.work.uow, at=running.work.uow.now, principal=task.assignee):
        if organisation.is_active(each.delegate):
            yield each.delegate
    for level in range(1, 20):
        superior = organisation.superior(task.assignee, level)
        if superior is None:
            break
        if organisation.is_active(superior):
            yield superior
    yield from (person for person, _ in expand(running, running.workflow.admin))
