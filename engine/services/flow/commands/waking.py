"""Looks whether approvals still wait: a record was written, an instance they have called has ended, time has passed."""

from __future__ import annotations

from engine.problems import Conflict, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.skeleton import Order, on_instance
from engine.services.flow.looking import look
from engine.services.flow.running import Running
from engine.services.flow.waiting import AGAIN
from engine.services.flow.waiting import LOOK as LOOK_AGAIN
from engine.services.site import OpenCompany
from engine.services.worker import Running as RunningJob
from engine.storage.flow_timers import ARMED, StoredTimer, arm_again, fetch_timer
from engine.storage.flows import running_ids


def run_look(job: RunningJob) -> None:
    """Look at one instance, or at those that run on some records."""
    payload = job.payload
    ids = [int(payload["instance"])] if "instance" in payload else []
    if "form" in payload:
        ids += job.batch(lambda work: list(running_ids(work.uow, payload["form"], payload["records"]).values()))
    for instance_id in sorted(ids):
        look_at(job.company, instance_id)


def wake(job: RunningJob, timer: StoredTimer) -> None:
    """The time of a wait has come; a condition is asked again and again."""
    look_at(job.company, timer.instance_id)
    if timer.action["timer"] == LOOK_AGAIN:
        job.batch(lambda work: _later(work, timer.id))


def look_at(company: OpenCompany, instance_id: int) -> None:
    """Let an instance go on where it waits for nothing more; where that fails, its administrators are called."""
    try:
        on_instance(company, SYSTEM, instance_id, Order("look"), look_here)
    except (Conflict, NotVisible):
        return  # it has ended; or it is suspended, and looked at when it is resumed
    except ProblemsFound as found:
        problem = found.problems[0]
        on_instance(company, SYSTEM, instance_id, Order("look"), lambda running: _stop(running, problem))


def look_here(running: Running) -> None:
    """Go on where nothing is waited for any more."""
    moved, result = look(running)
    if moved:
        finish(running, result)


def _stop(running: Running, problem: Problem) -> None:
    if running.stored.incident is None:
        running.fail(problem)


def _later(work: Work, timer_id: int) -> None:
    timer = fetch_timer(work.uow, timer_id)
    if timer is not None and timer.state == ARMED:
        arm_again(work.uow, timer, work.uow.now + AGAIN, timer.fired + 1)
