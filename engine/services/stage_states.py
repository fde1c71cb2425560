"""Where a record stands in its stages: since when, with which tasks, how long it stood where, where it could go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from engine.catalog.stages import Stage, StageSet
from engine.problems import Problem
from engine.runtime.drafts import Draft
from engine.runtime.moments import Moment
from engine.runtime.stages import Ticks, check_move, find_gate, find_stage_set, missing_fields, task_done
from engine.runtime.work import Work
from engine.services.saving import Saving
from engine.services.views_of_records import Move, StageState, StageWish, Staleness, TaskState
from engine.storage.stage_log import Stay, fetch_stage_log
from engine.storage.stage_wishes import fetch_wish
from engine.storage.ticks import fetch_ticks

_NEVER = frozenset({"V128", "V133", "V142"})  # out of order; only others may


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
    ticked = any(task.done_when is None for each in stage_set.stages.values() for task in each.tasks.values())
    ticks: Ticks = fetch_ticks(work.uow, draft.program.form.id, draft.record_id, field_id) if ticked else {}
    held = field_id in saving.conditions[0].read_only
    log = fetch_stage_log(work.uow, draft.program.form.id, draft.record_id, field_id)
    return StageState(
        stage_set,
        stage,
        draft.entered.get(field_id),
        tasks=tuple(_tasks(work, draft, stage, ticks)),
        moves=tuple(_moves(saving, draft, field_id, stage_set, ticks)) if may_move and not held else (),
        wish=_wish(work, draft, field_id, stage_set),
        days=_days(log, work.moment),
        stale=_staleness(saving, draft, field_id, stage),
    )


def _wish(work: Work, draft: Draft, field_id: str, stage_set: StageSet) -> StageWish | None:
    """The guarded stage for which an approval is running."""
    if not any(stage.workflow for stage in stage_set.stages.values()):
        return None
    found = fetch_wish(work.uow, draft.program.form.id, draft.record_id or 0)
    stage = stage_set.stages.get(found.stage) if found is not None and found.field == field_id else None
    if found is None or stage is None:
        return None
    workflow = work.catalog.workflows.get(found.workflow)
    label = workflow.label if workflow is not None else {"en": found.workflow}
    return StageWish(stage, found.instance_id, label, found.since, found.by)


def _days(log: Iterable[Stay], moment: Moment) -> Mapping[str, int]:
    """Days that the record has stood in each stage in all, as STAGE_DAYS counts them."""
    found: dict[str, int] = {}
    for stay in log:
        left = _day(stay.left_at, moment) or moment.today
        entered = _day(stay.entered_at, moment) or moment.today
        found[stay.stage] = found.get(stay.stage, 0) + (left - entered).days
    return found


def _staleness(saving: Saving, draft: Draft, field_id: str, stage: Stage) -> Staleness | None:
    """Since when nothing has happened, where that is longer ago than the stage allows: as `stage.stale` says."""
    if stage.stale_after is None:
        return None
    moment, name = saving.work.moment, stage.stale_since
    told = name is not None and name in saving.rights.see and name not in saving.rights.see_rules
    return staleness_of(stage, draft.values.get(name or "") if told else None, draft.entered.get(field_id), moment)


def staleness_of(stage: Stage, since: object, entered: object, moment: Moment) -> Staleness | None:
    """Since when nothing has happened, counted from the stage's own field where it is filled, else from entering."""
    told = _day(since, moment)
    day = told or _day(entered, moment)
    if stage.stale_after is None or day is None or (moment.today - day).days <= stage.stale_after:
        return None
    return Staleness(day, (moment.today - day).days, stage.stale_after, stage.stale_since if told else None)


def _day(value: object, moment: Moment) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(moment.zone).date()
    return value if isinstance(value, date) else None


def _tasks(work: Work, draft: Draft, stage: Stage, ticks: Ticks) -> Iterator[TaskState]:
    for task in stage.tasks.values():
        tick = ticks.get((stage.id, task.id))
        done = task_done(work, draft, stage, task, ticks)
        yield TaskState(task, done, task.done_when is not None, tick.by if tick else None, tick.at if tick else None)


def _moves(saving: Saving, draft: Draft, field_id: str, stage_set: StageSet, ticks: Ticks) -> Iterator[Move]:
    """The stages within reach, with what they still ask; those out of order, or for others, are not offered."""
    work = saving.work
    definition = draft.program.form.fields[field_id]
    current = str(draft.values[field_id])
    for stage in stage_set.stages.values():
        if stage.id == current:
            continue
        moved = replace(draft, values={**draft.values, field_id: stage.id})
        problems: list[Problem] = list(check_move(work, moved, definition, stage_set, current, stage, ticks))
        if any(problem.code in _NEVER for problem in problems):
            continue
        gate = find_gate(work, moved, stage)
        yield Move(stage, (*problems, *missing_fields(moved, stage)), gate.label if gate is not None else None)
