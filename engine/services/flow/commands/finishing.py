"""Where every command on an instance ends: the marking is stored, and the record's state says what has become of it."""

from __future__ import annotations

from engine.runtime.flow.votes import APPROVED
from engine.services.flow.halting import END, attempt
from engine.services.flow.running import Running
from engine.services.flow.wishes import make_wished_move
from engine.services.saving import Given, save_one
from engine.storage.flow_children import LOOK
from engine.storage.outbox import add_job


def finish(running: Running, result: str | None) -> None:
    """Store where the instance stands, and what the record's state says when it has ended."""
    if result is not None and attempt(running, lambda: _end(running, result), END, result):
        parent = running.stored.parent_id
        if parent is not None:  # its lock is not ours: it looks for itself
            add_job(running.work.uow, LOOK, {"instance": parent})
    running.store()


def _end(running: Running, result: str) -> None:
    set_state(running, result)
    if result == APPROVED:
        make_wished_move(running)
    running.end(result)


def set_state(running: Running, state: str) -> None:
    """Write the record's `state`, where the workflow keeps it and the form still has it."""
    form = running.system.catalog.forms[running.stored.form]
    if running.workflow.sets_state and "state" in form.fields:
        save_one(running.system, running.stored.form, Given(running.stored.record_id, {"state": state}))
        running.forget_record()
