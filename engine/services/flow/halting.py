"""An approval that cannot go on: it stops where it is, nothing that was decided is lost, and somebody has to look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.runtime.flow.marking import START, StepMark
from engine.runtime.flow.votes import APPROVED
from engine.services.flow.acting import Incident
from engine.services.flow.asking import ask_people
from engine.services.flow.looking import ask_step
from engine.services.flow.posting import WEBHOOK
from engine.storage.flows import fetch_tasks, update_instance
from engine.storage.outbox import revive_jobs

if TYPE_CHECKING:
    from engine.services.flow.running import Running

END = "end"  # stands for a visit where the end itself has halted


def attempt(running: Running, act: Callable[[], None], place: str, outcome: str = "") -> bool:
    """Act; False when an effect must not be carried out now. Then all of the act is undone, and kept for a retry.

    `place` is the visit that halts, or END; `outcome` what was decided there.
    """
    if not running.workflow.start.guard:  # nothing else can stop an effect without undoing the whole command
        act()
        return True
    uow, kept, moves = running.work.uow, running.stored, list(running.work.uow.moves)
    try:
        with uow.part():
            act()
    except Incident as found:
        running.stored, uow.moves[:] = kept, moves
        running.forget_record()
        running.fail(found.problem)
        running.keep_facts(halted={**_halted(running), place: outcome})
        return False
    return True


def clear_incident(running: Running) -> None:
    """Somebody has looked."""
    update_instance(running.work.uow, running.stored.id, {"incident": None})
    if _halted(running):
        running.keep_facts(halted={})


def retry_halted(running: Running) -> str | None:
    """Try again whatever has halted: the instance's result, None while it goes on."""
    halted, asked = _halted(running), {task.visit for task in fetch_tasks(running.work.uow, running.stored.id)}
    clear_incident(running)
    revive_jobs(running.work.uow, f"{WEBHOOK}:{running.stored.id}:")
    if END in halted:
        return halted[END]
    for leaf in list(running.marking.root.leaves()):
        if leaf.name == START or running.marking.root.find(leaf.visit) is None:
            continue
        outcome = _again(running, leaf, halted.get(str(leaf.visit)), is_asked=leaf.visit in asked)
        if outcome is None:
            continue
        result = running.leave(leaf.visit, outcome)
        if result is not None:
            return result
    return None


def _again(running: Running, leaf: StepMark, halted: str | None, *, is_asked: bool) -> str | None:
    """What is decided at a step now; None: it waits, or has halted again."""
    step = running.workflow.step(leaf.name)
    if halted:
        return halted
    if step.kind == "auto":
        return None if halted is None or running.pass_step(step) else APPROVED
    if not step.is_human:
        return ask_step(running, step, leaf.visit)
    if halted is not None:
        return running.open_step(step, leaf.visit)
    return None if is_asked else ask_people(running, step, leaf.visit)


def _halted(running: Running) -> dict[str, str]:
    found: dict[str, str] = running.stored.facts.get("halted", {})
    return found
