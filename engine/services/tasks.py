"""Ticks the tasks of the stage a record stands in."""

from __future__ import annotations

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.access import require
from engine.runtime.stages import find_stage_set
from engine.runtime.work import Work
from engine.services.saving import Given, prepare_batch
from engine.storage.ticks import keep_tick, remove_tick


def tick(work: Work, form_id: str, record_id: int, field: str, task_id: str, *, done: bool) -> None:
    """Tick or untick by hand; V134 for a task that its condition decides, NotVisible for one that is not there."""
    rights = work.form_rights(form_id)
    require(work.uow, rights, "change", record_id, work.moment)
    draft = prepare_batch(work, form_id, [Given(record_id, {})]).drafts[0]
    stage_set = (
        find_stage_set(work, draft, field) if field in draft.program.stage_sets and field in rights.change else None
    )
    stage = stage_set.stages.get(str(draft.values.get(field))) if stage_set is not None else None
    task = stage.tasks.get(task_id) if stage is not None else None
    if stage is None or task is None:
        raise NotVisible(f"{form_id}/{record_id}/{task_id}")
    if task.done_when is not None:
        raise ProblemsFound([Problem("V134", {"task": task.label}, pointer=field)])
    if done:
        keep_tick(work.uow, form_id, record_id, field, stage.id, task_id)
    else:
        remove_tick(work.uow, form_id, record_id, field, stage.id, task_id)
