"""Handwritten signatures: the image, who signed when, and a digest of everything the step showed at that moment."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from engine.catalog.forms import Field
from engine.catalog.workflows import FieldRights, Step
from engine.problems import Problem, ProblemsFound
from engine.runtime.journal import to_wire
from engine.services.flow.commands.decision import Decision
from engine.services.flow.running import Running
from engine.storage.files import bind_files, fetch_files
from engine.storage.flow_acts import ADDED
from engine.storage.flows import StoredTask

SIGNED = ("approve", "reject", "submit")


def require_signature(running: Running, task: StoredTask, step: Step, decision: Decision) -> None:
    """A121 unless the decision carries an image that the actor has uploaded, where the step asks for a signature."""
    if not step.signature or task.kind == ADDED or decision.kind not in SIGNED:
        return
    uow = running.work.uow
    number = decision.signature
    found = fetch_files(uow.connection, uow.database, [number]).get(number) if number is not None else None
    mine = found is not None and found.stored_by == running.work.actor.id
    if found is None or not mine or not found.media_type.startswith("image/"):
        raise ProblemsFound([Problem("A121", pointer="signature")])


def sign(running: Running, task: StoredTask, rights: FieldRights, decision: Decision) -> dict[str, Any]:
    """What is kept of the signature with the task, as columns; nothing when there is none."""
    step = next((each for each in running.workflow.all_steps() if each.name == task.step), None)
    if decision.signature is None or step is None or not step.signature:
        return {}
    bind_files(running.work.uow, [decision.signature])
    kept = {
        "file": decision.signature,
        "by": running.work.actor.id,
        "at": running.work.uow.now.isoformat(),
        "version": running.draft.version,
        "digest": digest_of(running, rights),
    }
    return {"signature": json.dumps(kept)}


def digest_of(running: Running, rights: FieldRights) -> str:
    """The SHA-256 of the version and of every field that a step with these rights shows."""
    form = running.draft.program.form
    shown = {
        name: _without_hidden(name, to_wire(field, running.draft.values.get(name)), field, rights)
        for name, field in form.fields.items()
        if name not in rights.hide
    }
    words = {"form": form.id, "id": running.stored.record_id, "version": running.draft.version, "fields": shown}
    return hashlib.sha256(json.dumps(words, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()


def signature_holds(running: Running, task: StoredTask, rights: FieldRights) -> bool:
    """Whether the record still shows what was signed."""
    if task.signature is None:
        return False
    digest: str = json.loads(task.signature)["digest"]
    return digest == digest_of(running, rights)


def _without_hidden(name: str, wired: object, field: Field, rights: FieldRights) -> object:
    """Rows of lines without their hidden columns."""
    if not field.fields or not isinstance(wired, list):
        return wired
    hidden = {each.partition(".")[2] for each in rights.hide if each.startswith(f"{name}.")}
    return [{key: cell for key, cell in row.items() if key not in hidden} for row in wired]
