"""What happens around the due time of a task, in the engine's name: the same commands that people give, each once."""

from __future__ import annotations

from datetime import timedelta

from engine.catalog.workflows import Timer
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.flow.marking import START
from engine.runtime.work import Work
from engine.services.flow.commands.adding import MOST_ADDED, add_here
from engine.services.flow.commands.deciding import decide_here
from engine.services.flow.commands.decision import Decision
from engine.services.flow.commands.handing import initiator_may, require_new
from engine.services.flow.commands.skeleton import Order, on_instance
from engine.services.flow.commands.waking import wake
from engine.services.flow.due import after
from engine.services.flow.expanding import expand
from engine.services.flow.moving import move_task
from engine.services.flow.notices import tell
from engine.services.flow.running import Running
from engine.services.flow.voting import counts
from engine.services.flow.waiting import WAITS
from engine.services.flow.words import timeout_words
from engine.services.worker import Running as RunningJob
from engine.storage.flow_timers import (
    ARMED,
    CANCELLED,
    FIRED,
    TIMER,
    StoredTimer,
    arm_again,
    close_timer,
    fetch_timer,
)
from engine.storage.flows import PENDING, StoredTask, fetch_tasks
from engine.storage.outbox import add_job

HELD = timedelta(hours=1)  # after this the timer of a suspended approval is looked at again
DECISIONS = ("approve", "reject", "return")


def fire_timer(job: RunningJob) -> None:
    """Do what a timer says; where that is refused, the workflow's administrators are told instead."""
    timer = job.batch(lambda work: fetch_timer(work.uow, int(job.payload["timer"])))
    if timer is None or timer.state != ARMED:
        return
    if timer.action["timer"] in WAITS:
        wake(job, timer)
        return
    company, key = job.company, f"timer:{timer.id}:{timer.fired}"
    try:
        order = Order("timer", key, {"timer": timer.id})
        on_instance(company, SYSTEM, timer.instance_id, order, lambda running: _fire(running, timer))
    except Conflict as found:
        if found.problem.code == "A102":
            job.batch(lambda work: _wait(work, timer))
        else:
            job.batch(lambda work: close_timer(work.uow, timer, CANCELLED))
    except (ProblemsFound, NotAllowed, NotVisible) as found:
        text = _reason(found)
        order = Order("timer_refused", f"{key}:refused", {"timer": timer.id})
        on_instance(company, SYSTEM, timer.instance_id, order, lambda running: _refused(running, timer, text))


def _wait(work: Work, timer: StoredTimer) -> None:
    """The approval is suspended: look again later."""
    later = work.uow.now + HELD
    add_job(work.uow, TIMER, {"timer": timer.id}, later, key=f"{TIMER}:{timer.id}:{timer.fired}:{later.isoformat()}")


def _fire(running: Running, asked: StoredTimer) -> None:
    timer = fetch_timer(running.work.uow, asked.id)
    if timer is None or timer.state != ARMED or timer.fired != asked.fired:
        return
    task = _task_of(running, timer)
    if task is None:
        close_timer(running.work.uow, timer, CANCELLED)
        return
    said = _timer_of(running, timer)
    _close(running, timer, said)
    running.assignee = task.assignee
    if said.do in DECISIONS:
        opinion = timeout_words(said.do, running.work.catalog.company.language)
        to = (said.to_step or START) if said.do == "return" else None
        decide_here(running, task, Decision(said.do, opinion=opinion, to=to))
        return
    if said.do == "transfer":
        _transfer(running, task, said)
    elif said.do == "addsign_with":
        _add(running, task, said)
    elif said.do == "effect":
        running.log("timer", step=task.step)
        running.run(said.effects, running.workflow.step(task.step))
    else:
        people = [person for person, _ in expand(running, said.to)] if said.to else [task.assignee]
        running.log("remind", step=task.step, task_id=task.id, details={"to": people})
        tell(running, people, "urge")
    running.store()


def _task_of(running: Running, timer: StoredTimer) -> StoredTask | None:
    """The task, or one of the visit's, if it still waits."""
    there = fetch_tasks(running.work.uow, running.stored.id, timer.visit)
    waiting = [each for each in there if each.state == PENDING and timer.task_id in (None, each.id)]
    return waiting[0] if waiting else None


def _timer_of(running: Running, timer: StoredTimer) -> Timer:
    return running.workflow.step(timer.action["step"]).timers[int(timer.action["timer"])]


def _close(running: Running, timer: StoredTimer, said: Timer) -> None:
    """Done, or armed for the next time that is still to come: what was missed is not made up for."""
    uow, fired, fire_at = running.work.uow, timer.fired + 1, timer.fire_at
    while said.every is not None and fired < said.times:
        following = after(running, fire_at, said.every)
        if following is None or following <= fire_at:
            break
        if following > uow.now:
            arm_again(uow, timer, following, fired)
            return
        fire_at, fired = following, fired + 1
    close_timer(uow, timer, FIRED)


def _transfer(running: Running, task: StoredTask, said: Timer) -> None:
    """Hand the task to the first who is named."""
    to = next((person for person, _ in expand(running, said.to) if person != task.assignee), None)
    if to is None:
        raise ProblemsFound([Problem("A129", {"step": running.workflow.step(task.step).label})])
    require_new(running, task, to)
    made = move_task(running, task, to, "transfer")
    opinion = timeout_words("transfer", running.work.catalog.company.language)
    details = {"from": task.assignee, "to": to}
    running.log("transfer", step=task.step, task_id=made, opinion=opinion, details=details)
    tell(running, [to], "transfer", opinion)


def _add(running: Running, task: StoredTask, said: Timer) -> None:
    """Ask those who are named as well, as far as they are not asked already."""
    there = {each.assignee for each in fetch_tasks(running.work.uow, running.stored.id, task.visit) if counts(each)}
    step = running.workflow.step(task.step)
    named = dict.fromkeys(person for person, _ in expand(running, said.to))
    may = initiator_may(step)
    people = [each for each in named if each not in there and (may or each != running.stored.initiator)]
    if not people:
        raise ProblemsFound([Problem("A129", {"step": step.label})])
    opinion = timeout_words("addsign_with", running.work.catalog.company.language)
    add_here(running, task, people[:MOST_ADDED], "with", "all", opinion)


def _refused(running: Running, asked: StoredTimer, text: dict[str, str]) -> None:
    """It must not be done: the administrators are told why, and the task waits on."""
    timer = fetch_timer(running.work.uow, asked.id)
    if timer is None or timer.state != ARMED or timer.fired != asked.fired:
        return
    _close(running, timer, _timer_of(running, timer))
    reason = text.get(running.work.catalog.company.language, text["en"])
    people = [person for person, _ in expand(running, running.workflow.admin)]
    running.log("timer_refused", step=timer.action["step"], task_id=timer.task_id, details={"text": reason})
    tell(running, people, "urge", reason)
    running.store()


def _reason(found: ProblemsFound | NotAllowed | NotVisible) -> dict[str, str]:
    if isinstance(found, ProblemsFound):
        problems = list(found.problems)
    else:
        problems = [found.problem] if isinstance(found, NotAllowed) else [Problem("A141")]
    return {language: " ".join(each.message(language) for each in problems) for language in ("en", "zh")}
