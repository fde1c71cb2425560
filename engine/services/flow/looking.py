"""Steps that wait for others than people: asked whether they still have to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.catalog.workflows import Step
from engine.runtime.flow.marking import START
from engine.services.flow.calling import ask_called
from engine.services.flow.waiting import ask_wait
from engine.storage.flow_timers import cancel_timers

if TYPE_CHECKING:
    from engine.services.flow.running import Running

TERMINATED = "terminated"
LOOKING = ("wait", "call")


def ask_step(running: Running, step: Step, visit: int) -> str | None:
    """What a wait or call has come to: approved, rejected, terminated; None while it waits."""
    return ask_wait(running, step, visit) if step.kind == "wait" else ask_called(running, step, visit)


def look(running: Running) -> tuple[bool, str | None]:
    """Go on where nothing is waited for any more: (whether anything has gone on, the instance's result)."""
    moved = False
    for leaf in list(running.marking.root.leaves()):
        if leaf.name == START or running.marking.root.find(leaf.visit) is None:
            continue
        step = running.workflow.step(leaf.name)
        outcome = ask_step(running, step, leaf.visit) if step.kind in LOOKING else None
        if outcome is None:
            continue
        moved, result = True, running.leave(leaf.visit, outcome)
        if result is not None:
            return True, result
    return moved, None


def leave_visit(running: Running, visit: int, outcome: str) -> str | None:
    """Go on behind a step that waited: the instance's result, None while it goes on."""
    cancel_timers(running.work.uow, running.stored.id, [visit])
    if outcome == TERMINATED:
        running.machine.stop()
        return TERMINATED
    return running.machine.complete(visit, outcome)
