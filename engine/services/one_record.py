"""One record with all that its page needs: lines, what may be done, what is hidden or required, where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.catalog.stages import Stage, StageSet
from engine.problems import NotVisible, Problem
from engine.runtime.access import FormRights
from engine.runtime.dependents import Kept
from engine.runtime.drafts import Draft
from engine.runtime.evaluation import parts_away
from engine.runtime.stages import Ticks, check_move, find_stage_set, missing_fields, task_done
from engine.runtime.work import Work
from engine.services.reading import build_views, computing_columns, fetch_title_map, title_fields, with_verbs
from engine.services.saving import Given, Saving, prepare_batch
from engine.services.views_of_records import Move, RecordView, StageState, TaskState
from engine.storage.lookups import which_hold
from engine.storage.selects import fetch_rows
from engine.storage.ticks import fetch_ticks
from engine.values import empty


def fetch_view(
    work: Work, form_id: str, record_id: int, *, page: bool = True, known: Mapping[str, Mapping[int, str]] = empty()
) -> RecordView:
    """The record as the actor may see it; NotVisible when it is not there. Without `page`: no conditions, no moves.

    known   titles of linked records, by form, that need not be fetched again
    """
    rights = work.form_rights(form_id)
    fields = tuple(name for name in rights.form.fields if name in rights.see)
    shown = tuple(dict.fromkeys((*fields, *(name for name in title_fields(rights.form) if name in rights.see))))
    stamps = ("created_at", "created_by", "updated_at", "updated_by")
    columns = (*shown, *stamps, *computing_columns(work, rights.form))
    query = with_verbs(work, work.query(form_id), rights).with_ids([record_id]).columns(columns).page(1)
    rows = fetch_rows(work.uow.connection, query).records
    if not rows:
        raise NotVisible(f"{form_id}/{record_id}")
    (view,) = build_views(work, rights.form, rows, fields, known)
    return _with_conditions(work, view, rights) if page else view


def answer_of(work: Work, saving: Saving, draft: Draft) -> RecordView:
    """What a save answers: the record as its saver may see it; one handed over may be out of sight."""
    try:
        view = fetch_view(work, saving.form_id, draft.record_id or 0, page=False, known=saving.titles)
    except NotVisible:
        form = draft.program.form
        return RecordView(form, draft.record_id, draft.version, f"#{draft.record_id}", {})
    return _with_kept(work, view, saving) if saving.kept else view


def _with_kept(work: Work, view: RecordView, saving: Saving) -> RecordView:
    """The frozen values that this save left as they are, of records and fields that the saver may see."""
    seen = [each for each in saving.kept if _sees(work, each)]
    titles = {form_id: dict(found) for form_id, found in view.titles.items()}
    for form_id in {each.form for each in seen}:
        ids = {each.id for each in seen if each.form == form_id}
        titles.setdefault(form_id, {}).update(fetch_title_map(work, form_id, ids))
    kept = tuple(each for each in seen if each.id in titles.get(each.form, {}))
    return replace(view, kept=kept, titles=titles)


def _sees(work: Work, kept: Kept) -> bool:
    if work.rights.see(kept.form) is None:
        return False
    rights = work.form_rights(kept.form)
    return kept.field in rights.see and kept.field not in rights.see_rules


def _with_conditions(work: Work, view: RecordView, rights: FormRights) -> RecordView:
    saving = prepare_batch(work, view.form.id, [Given(view.id, {})], lock=False)
    draft, conditions = saving.drafts[0], saving.conditions[0]
    read_only = conditions.read_only if "change" in view.may else frozenset(view.form.fields)
    return replace(
        view,
        hidden=conditions.hidden,
        required=conditions.required,
        read_only=read_only | _unchangeable(work, rights, draft),
        stages=states_of(saving, draft, may_move="change" in view.may),
        away=parts_away(work, draft),
    )


def _unchangeable(work: Work, rights: FormRights, draft: Draft) -> frozenset[str]:
    """Fields whose rule does not let the actor write them on this record."""
    if not rights.change_rules:
        return frozenset()
    may = which_hold(work.uow, rights.form.id, draft.record_id or 0, rights.change_rules, work.moment)
    return frozenset(rights.change_rules) - may


def states_of(saving: Saving, draft: Draft, *, may_move: bool) -> dict[str, StageState]:
    """Where the record stands in each stage field the actor sees, its tasks, and where it could go."""
    return {
        field_id: state
        for field_id in draft.program.stage_sets
        if field_id in saving.rights.see and (state := _state(saving, draft, field_id, may_move=may_move)) is not None
    }


def _state(saving: Saving, draft: Draft, field_id: str, *, may_move: bool) -> StageState | None:
    work = saving.work
    stage_set = find_stage_set(work, draft, field_id)
    if stage_set is None:
        return None
    stage = stage_set.stages.get(str(draft.values.get(field_id)))
    if stage is None or draft.record_id is None:
        return StageState(stage_set, stage, None)
    ticks: Ticks = fetch_ticks(work.uow, draft.program.form.id, draft.record_id, field_id)
    tasks = tuple(_tasks(work, draft, stage, ticks))
    moves = tuple(_moves(saving, draft, field_id, stage_set, ticks)) if may_move else ()
    return StageState(stage_set, stage, draft.entered.get(field_id), tasks, moves)


def _tasks(work: Work, draft: Draft, stage: Stage, ticks: Ticks) -> Iterator[TaskState]:
    for task in stage.tasks.values():
        tick = ticks.get((stage.id, task.id))
        done = task_done(work, draft, stage, task, ticks)
        yield TaskState(task, done, task.done_when is not None, tick.by if tick else None, tick.at if tick else None)


def _moves(saving: Saving, draft: Draft, field_id: str, stage_set: StageSet, ticks: Ticks) -> Iterator[Move]:
    """The stages within reach, with what they still ask; stages out of order are not offered."""
    definition = draft.program.form.fields[field_id]
    current = str(draft.values[field_id])
    for stage in stage_set.stages.values():
        if stage.id == current:
            continue
        moved = replace(draft, values={**draft.values, field_id: stage.id})
        problems: list[Problem] = list(check_move(saving.work, moved, definition, stage_set, current, stage, ticks))
        if any(problem.code == "V128" for problem in problems):
            continue
        yield Move(stage, (*problems, *missing_fields(moved, stage)))
