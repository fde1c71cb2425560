"""What a handler has typed and not yet handed in: seen by nobody else, and not part of the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.catalog.workflows import FieldRights
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START
from engine.services.flow.commands.skeleton import Order, on_task, require_pending
from engine.services.flow.running import Running
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flows import StoredInstance, StoredTask, update_task
from engine.values import empty


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """The fields in wire form and the opinion, as they were typed."""

    values: Mapping[str, object] = field(default_factory=empty)
    opinion: str | None = None


def draft_of_task(task: StoredTask) -> TaskDraft:
    """The draft of a task; an empty one when there is none."""
    if task.draft is None:
        return TaskDraft()
    kept = json.loads(task.draft)
    return TaskDraft(kept["values"], kept["opinion"])


def save_draft(
    company: OpenCompany,
    actor: Actor,
    task_id: int,
    values: Mapping[str, object],
    *,
    opinion: str | None = None,
    rev: int | None = None,
    key: str | None = None,
) -> StoredInstance:
    """Keep what has been typed so far with the task (its `rev` rises); A127 for a field the step does not let edit."""

    def act(running: Running, task: StoredTask) -> None:
        require_pending(running, task, rev)
        step = running.workflow.step(task.step) if task.step != START else None
        if step is not None and "save" not in step.policies.allow:
            raise ProblemsFound([Problem("A126", {"action": action_word("save")})])
        _check_fields(running, step.rights if step is not None else running.workflow.start.rights, values)
        kept = json.dumps({"values": dict(values), "opinion": opinion}, ensure_ascii=False)
        update_task(running.work.uow, task.id, {"draft": kept})

    words = {"values": dict(values), "opinion": opinion}
    return on_task(company, actor, task_id, Order("save_draft", key, words), act)


def _check_fields(running: Running, rights: FieldRights, values: Mapping[str, object]) -> None:
    editable = {name.partition(".")[0] for name in rights.edit}
    fields = running.draft.program.form.fields
    wrong = [name for name in values if name not in editable]
    if wrong:
        labels = {name: fields[name].label if name in fields else name for name in wrong}
        raise ProblemsFound([Problem("A127", {"label": labels[name]}, pointer=name) for name in wrong])
