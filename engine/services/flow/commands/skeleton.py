"""How every command runs: one transaction, the idempotency key first, then the instance's lock, then the act itself.

It is done whole or not at all; the same command sent again answers without being done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import may
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.work import Work
from engine.services.commands import answer_once
from engine.services.flow.commands.following import finish_moves
from engine.services.flow.commands.starting import OTHERS
from engine.services.flow.expanding import expand
from engine.services.flow.running import Running, load_any, require_going
from engine.services.flow.words import decision_word, moment_text, state_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import fetch_closing_line
from engine.storage.flows import (
    DONE,
    PENDING,
    RUNNING,
    WAITING,
    StoredInstance,
    StoredTask,
    fetch_instance,
    fetch_task,
    fetch_tasks,
)
from engine.values import empty

Act = Callable[[Running], None]
ActOnTask = Callable[[Running, StoredTask], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: the command's name and words (for the digest of the idempotency key), and on which state.

    held    an instance that is suspended may be acted on all the same
    """

    name: str
    key: str | None = None
    words: Mapping[str, object] = field(default_factory=empty)
    held: bool = False

    def request(self, subject: str, number: int) -> dict[str, object]:
        """What must be equal when the key is equal."""
        return {"command": self.name, subject: number, **self.words}


def on_instance(company: OpenCompany, actor: Actor, instance_id: int, order: Order, act: Act) -> StoredInstance:
    """Act on an instance: as it stands afterwards. 404 for whoever may not know of it, 409 when it has ended."""

    def run() -> StoredInstance:
        with company.writing(actor, "approval") as work:
            with answer_once(work, order.key, order.request("instance", instance_id)) as once:
                if once.answer is None:
                    act(_load(company, work, instance_id, order))
                    finish_moves(company, work)
                    once.answer = instance_id
            return _stored(work, instance_id)

    return _helped(company, run, lambda _: instance_id)


def on_task(company: OpenCompany, actor: Actor, task_id: int, order: Order, act: ActOnTask) -> StoredInstance:
    """Act on a task, given as it is under the instance's lock: the instance as it stands afterwards."""

    def run() -> StoredInstance:
        with company.writing(actor, "approval") as work:
            with answer_once(work, order.key, order.request("task", task_id)) as once:
                if once.answer is None:
                    running, task = _locked(company, work, task_id, order)
                    act(running, task)
                    finish_moves(company, work)
                    once.answer = running.stored.id
            return _stored(work, once.answer)

    def instance_of(work: Work) -> int | None:
        task = fetch_task(work.uow, task_id)
        return task.instance_id if task is not None else None

    return _helped(company, run, instance_of)


def _helped(
    company: OpenCompany, run: Callable[[], StoredInstance], instance_of: Callable[[Work], int | None]
) -> StoredInstance:
    """What `run` answers. Of an instance that walks on without end nothing is kept, and its administrators are told."""
    try:
        return company.again(run)
    except ProblemsFound as found:
        endless = next((each for each in found.problems if each.code == "A112"), None)
        if endless is not None:
            with company.writing(SYSTEM, "approval") as work:
                running = load_any(work, work, company.flows, instance_of(work) or 0)
                running.fail(endless)
        raise


def require_pending(running: Running, task: StoredTask, rev: int | None = None) -> None:
    """The task must be the actor's (403), wait (409, with who and when), and be as it was shown (409)."""
    actor = running.work.actor
    if task.assignee != actor.person and not actor.system:
        raise NotAllowed(Problem("A104"))
    if task.state == WAITING:
        raise Conflict(_not_yet(running, task))
    if task.state != PENDING:
        raise Conflict(_already(running, task))
    if rev is not None and rev != task.rev:
        raise Conflict(Problem("A105"))


def require_open(running: Running, task: StoredTask) -> None:
    """The task must wait, now or later (409, with who and when it was closed)."""
    if not task.is_open:
        raise Conflict(_already(running, task))


def is_admin(running: Running) -> bool:
    """Whether the actor may do what administrators of the workflow may."""
    actor = running.work.actor
    return actor.is_administrator or actor.person in {person for person, _ in expand(running, running.workflow.admin)}


def require_admin(running: Running) -> None:
    """A138 unless the actor is an administrator of the workflow."""
    if not is_admin(running):
        raise NotAllowed(Problem("A138"))


def require_person(running: Running, person: int, pointer: str) -> None:
    """R114 unless the person may act."""
    if not running.organisation.is_active(person):
        raise ProblemsFound([Problem("R114", {"name": person}, pointer=pointer)])


def name_of(running: Running, person: int | None) -> str:
    """What a person is called; "" for the system."""
    found = running.organisation.people.get(person or 0)
    return found.name if found is not None else ""


def sees(work: Work, stored: StoredInstance | None) -> bool:
    """Whether the actor sees the instance's record, or is an administrator of everything."""
    if stored is None:
        return False
    if work.actor.is_administrator:
        return True
    rights = work.form_rights(stored.form)
    return may(work.uow, rights, ("see",), stored.record_id, work.moment)


def _load(company: OpenCompany, work: Work, instance_id: int, order: Order) -> Running:
    """The instance, locked; 404 for whoever neither sees its record nor administers its workflow."""
    running = _known(company, work, instance_id)
    require_going(running, held=order.held)
    return running


def _locked(company: OpenCompany, work: Work, task_id: int, order: Order) -> tuple[Running, StoredTask]:
    """The task under the lock of its instance; of one that has ended A103 tells who closed the task, and when."""
    task = fetch_task(work.uow, task_id)
    if task is None:
        raise NotVisible(f"task {task_id}")
    if task.assignee == work.actor.person:
        running = load_any(work, company.same_work(work, SYSTEM), company.flows, task.instance_id, OTHERS)
    else:
        running = _known(company, work, task.instance_id)
    task = fetch_task(work.uow, task_id) or task  # as it is under the lock
    if running.stored.state != RUNNING and not (task.state == DONE and task.done_by == work.actor.id):
        raise Conflict(_already(running, task))
    require_going(running, held=order.held)
    return running, task


def _known(company: OpenCompany, work: Work, instance_id: int) -> Running:
    known = sees(work, fetch_instance(work.uow, instance_id))
    running = load_any(work, company.same_work(work, SYSTEM), company.flows, instance_id, OTHERS)
    if not known and not is_admin(running):
        raise NotVisible(f"instance {instance_id}")
    return running


def _not_yet(running: Running, task: StoredTask) -> Problem:
    """A136, or A152 when somebody else has claimed it."""
    others = fetch_tasks(running.work.uow, task.instance_id, task.visit)
    holder = next((each for each in others if each.state == PENDING), None)
    if holder is not None and task.visit in running.stored.facts.get("claims", ()):
        return Problem("A152", {"name": name_of(running, holder.assignee)})
    return Problem("A136")


def _already(running: Running, task: StoredTask) -> Problem:
    """A103: what became of the task, by whom and when."""
    by, at = task.done_by, task.done_at
    if task.state == "superseded":
        decided = [each for each in fetch_tasks(running.work.uow, task.instance_id, task.visit) if each.done_by]
        by = max(decided, key=lambda each: (each.done_at or each.created_at, each.id)).done_by if decided else None
    elif by is None and at is not None:
        by = fetch_closing_line(running.work.uow, task.instance_id, at)
    values = {
        "decision": decision_word(task.decision) if task.state == "done" else state_word(task.state),
        "by": name_of(running, by),
        "at": moment_text(at, running.work.moment),
    }
    return Problem("A103", values)


def _stored(work: Work, instance_id: int | None) -> StoredInstance:
    found = fetch_instance(work.uow, instance_id or 0)
    if found is None:
        raise NotVisible(f"instance {instance_id}")
    return found
