"""Deciding many tasks at once: each in its own transaction, each with its own answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound, Stale
from engine.runtime.actors import Actor
from engine.services.flow.commands.deciding import decide_here, step_of
from engine.services.flow.commands.decision import Decision
from engine.services.flow.commands.skeleton import Order, on_task
from engine.services.flow.running import Running
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import ADDED
from engine.storage.flows import StoredInstance, StoredTask

MOST_AT_ONCE = 100
KINDS = ("approve", "reject")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task: the instance as it stands, or why it was not decided.

    `stale`: the record has changed in fields that the step shows; its page shows the differences.
    """

    task_id: int
    instance: StoredInstance | None = None
    problems: tuple[Problem, ...] = ()
    stale: bool = False


def decide_many(
    company: OpenCompany, actor: Actor, decisions: Mapping[int, Decision], *, key: str | None = None
) -> tuple[Outcome, ...]:
    """Approve or reject up to a hundred tasks whose steps allow `batch` and ask for no field and no signature."""
    if len(decisions) > MOST_AT_ONCE:
        raise ProblemsFound([Problem("A139", {"most": MOST_AT_ONCE, "count": len(decisions)})])
    return tuple(
        _one(company, actor, task_id, replace(each, key=f"{key}:{task_id}" if key else None))
        for task_id, each in decisions.items()
    )


def may_batch(running: Running, task: StoredTask) -> bool:
    """Whether a task may be decided without its page being opened."""
    step = step_of(running, task)
    if step is None or step.kind != "approve" or task.kind == ADDED:
        return False
    return "batch" in step.policies.allow and not step.rights.require and not step.signature


def _one(company: OpenCompany, actor: Actor, task_id: int, decision: Decision) -> Outcome:
    def act(running: Running, task: StoredTask) -> None:
        if decision.kind not in KINDS or not may_batch(running, task):
            raise ProblemsFound([Problem("A126", {"action": action_word("batch")})])
        decide_here(running, task, decision)

    try:
        order = Order("decide", decision.key, decision.asked())
        return Outcome(task_id, on_task(company, actor, task_id, order, act))
    except ProblemsFound as found:
        return Outcome(task_id, problems=found.problems)
    except (Conflict, NotAllowed) as refused:
        return Outcome(task_id, problems=(refused.problem,))
    except NotVisible:
        return Outcome(task_id, problems=(Problem("A104"),))
    except Stale:
        return Outcome(task_id, problems=(Problem("A105"),), stale=True)
