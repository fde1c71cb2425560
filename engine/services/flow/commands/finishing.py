"""Where every command on an instance ends: the marking is stored, and the record's state says what has become of it."""

from __future__ import annotations

from engine.runtime.flow.votes import APPROVED
from engine.services.flow.running import Running
from engine.services.flow.wishes import make_wished_move
from engine.services.saving import Given, save_one


def finish(running: Running, result: str | None) -> None:
    """Store where the instance stands, and what the record's state says when it has ended."""
    if result is not None:
        set_state(running, result)
    if result == APPROVED:
        make_wished_move(running)
    running.finish(result)


def set_state(running: Running, state: str) -> None:
    """Write the record's `state`, where the workflow keeps it and the form still has it."""
    form = running.system.catalog.forms[running.stored.form]
    if running.workflow.sets_state and "state" in form.fields:
        save_one(running.system, running.stored.form, Given(running.stored.record_id, {"state": state}))
        running.forget_record()
