"""Stages at work: which set a record walks through, where it may go next and why not, what each stage asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.catalog.forms import Field
from engine.catalog.stages import Stage, StageSet, StageTask
from engine.catalog.workflows import Workflow
from engine.problems import Problem
from engine.runtime.drafts import Draft
from engine.runtime.formulas import moment_of
from engine.runtime.work import Work
from engine.storage.ticks import Tick
from engine.values import is_empty

GIVEN_UP = frozenset({"lost", "void", "cancelled"})


Ticks = Mapping[tuple[str, str], Tick]
"""(stage id, task id) → its tick, of one stage field of one record."""


@dataclass(frozen=True, slots=True)
class StageMove:
    """A stage field that changes with a save: from where (None = entered at creation) to where."""

    field: str
    set: StageSet
    before: str | None
    after: str


def find_stage_set(work: Work, draft: Draft, field_id: str) -> StageSet | None:
    """The set of the record: the first whose condition holds."""
    moment = moment_of(work, draft)
    values = draft.read(work.links)
    for condition, stage_set in draft.program.stage_sets.get(field_id, ()):
        if condition is None or condition(values, moment):
            return stage_set
    return None


def start_stages(work: Work, draft: Draft) -> bool:
    """Put a new record into the first stage of its set where no stage was given; re-map when the set has changed.

    True when a stage was set here.
    """
    before = {field_id: draft.values.get(field_id) for field_id in draft.program.stage_sets}
    for field_id in draft.program.stage_sets:
        stage_set = find_stage_set(work, draft, field_id)
        if stage_set is None:
            continue
        current = draft.values.get(field_id)
        if current is None and (draft.is_new or field_id not in draft.given):
            draft.values[field_id] = stage_set.first.id
        elif current is not None and current not in stage_set.stages and field_id not in draft.given:
            draft.values[field_id] = _same_meaning(draft, field_id, current, stage_set)
    return any(draft.values.get(field_id) != stage for field_id, stage in before.items())


def _same_meaning(draft: Draft, field_id: str, current: object, stage_set: StageSet) -> object:
    """In another set: the stage that stands for the same, else the stage stays (and is refused)."""
    meanings = {current}
    for _, each in draft.program.stage_sets[field_id]:
        if isinstance(current, str) and current in each.stages:
            meanings.add(each.stages[current].stands_for)
    meanings.discard(None)
    for stage in stage_set.stages.values():
        if stage.id in meanings or stage.stands_for in meanings:
            return stage.id
    return current


def find_moves(work: Work, draft: Draft) -> list[StageMove]:
    """The stage fields that this save changes (or enters for the first time)."""
    moves = []
    for field_id in draft.program.stage_sets:
        before, after = draft.stored.get(field_id), draft.values.get(field_id)
        stage_set = find_stage_set(work, draft, field_id)
        if isinstance(after, str) and after != before and stage_set is not None:
            moves.append(StageMove(field_id, stage_set, before if isinstance(before, str) else None, after))
    return moves


def check_stages(work: Work, draft: Draft, ticks: Mapping[str, Ticks], *, moving: bool = True) -> Iterator[Problem]:
    """Why the record may not stand where this save puts it. `ticks` by stage field, of the stored record.

    Without `moving` (imports) only what the stage requires is asked, not how the record got there.
    """
    for field_id in draft.program.stage_sets:
        definition = draft.program.form.fields[field_id]
        stage_set = find_stage_set(work, draft, field_id)
        current = draft.values.get(field_id)
        if stage_set is None:
            continue
        if current is None:
            if draft.stored.get(field_id) is not None:  # or a record could come to any stage by way of none
                yield Problem("V101", {"label": definition.label}, pointer=field_id)
            continue
        stage = stage_set.stages.get(str(current))
        if stage is None:
            yield Problem("V131", {"label": definition.label, "value": current}, pointer=field_id)
            continue
        yield from missing_fields(draft, stage)
        before = draft.stored.get(field_id)
        if moving and before is None and stage is not stage_set.first:
            yield from _check_who(work, definition, stage)
        if moving and isinstance(before, str) and before != current:
            yield from check_move(work, draft, definition, stage_set, before, stage, ticks.get(field_id, {}))
            gate = find_gate(work, draft, stage)
            if gate is not None:
                yield Problem("V138", {"stage": stage.label, "workflow": gate.label}, pointer=definition.id)


def find_gate(work: Work, draft: Draft, stage: Stage) -> Workflow | None:
    """The approval by which people enter the stage with this record; its `when` may leave records out."""
    if stage.workflow is None or work.actor.system:
        return None
    gate = work.catalog.workflows[stage.workflow]
    if gate.when is None:
        return gate
    moment = moment_of(work, draft)
    words = {
        "flow.initiator": work.actor.id,
        "flow.department": work.actor.department,
        "flow.previous_handler": work.actor.id,
        "flow.round": 1,
        "flow.started_at": moment.now,
    }
    holds = work.programs.closure(gate.when)(draft.read(work.links), replace(moment, asked=words))
    return gate if holds else None


def missing_fields(draft: Draft, stage: Stage) -> Iterator[Problem]:
    """The fields that a stage asks for and that are empty."""
    for name in stage.requires:
        definition = draft.program.form.fields.get(name)
        if definition is not None and is_empty(draft.values.get(name)):
            yield Problem("V127", {"label": definition.label, "stage": stage.label}, pointer=name)


def check_move(
    work: Work, draft: Draft, definition: Field, stage_set: StageSet, before: str, after: Stage, ticks: Ticks
) -> Iterator[Problem]:
    """Why a record may not go from `before` to `after`: order, reopening, tasks."""
    current = stage_set.stages.get(before)
    if current is None:
        return  # it stood in another set; there is no order between sets
    yield from _check_who(work, definition, after)
    if current.outcome != "open":
        yield from _check_reopening(work, definition, stage_set, current, after)
        return
    if not _in_order(stage_set, current, after):
        values = {"label": definition.label, "before": current.label, "after": after.label}
        yield Problem("V128", values, pointer=definition.id)
    if after.rank > current.rank and after.outcome not in GIVEN_UP:
        for task in open_tasks(work, draft, current, ticks):
            yield Problem("V129", {"task": task.label, "stage": current.label}, pointer=definition.id)


def _check_who(work: Work, definition: Field, after: Stage) -> Iterator[Problem]:
    if after.who and not _holds_role(work, after.who):
        yield Problem("V142", {"stage": after.label}, pointer=definition.id)


def _check_reopening(
    work: Work, definition: Field, stage_set: StageSet, current: Stage, after: Stage
) -> Iterator[Problem]:
    open_again = current.id in stage_set.reopen_from and after.id == (stage_set.reopen_to or stage_set.first.id)
    if not open_again:
        values = {"label": definition.label, "before": current.label, "after": after.label}
        yield Problem("V128", values, pointer=definition.id)
    elif stage_set.reopen_who and not _holds_role(work, stage_set.reopen_who):
        yield Problem("V133", {"stage": current.label}, pointer=definition.id)


def _holds_role(work: Work, roles: Collection[str]) -> bool:
    return work.actor.is_administrator or not work.actor.roles.isdisjoint(roles)


def _in_order(stage_set: StageSet, current: Stage, after: Stage) -> bool:
    """One step forward or back, over stages that may be skipped; any end from any open stage."""
    if stage_set.order == "free" or after.outcome != "open":
        return True
    low, high = sorted((current.rank, after.rank))
    between = [each for each in stage_set.stages.values() if each.outcome == "open" and low < each.rank < high]
    return all(each.optional for each in between)


def open_tasks(work: Work, draft: Draft, stage: Stage, ticks: Ticks) -> list[StageTask]:
    """The tasks that must be done before moving forward and are not."""
    return [task for task in stage.tasks.values() if task.required and not task_done(work, draft, stage, task, ticks)]


def task_done(work: Work, draft: Draft, stage: Stage, task: StageTask, ticks: Ticks) -> bool:
    """Whether a task is done: by its condition when it has one, else by its tick."""
    closure = work.programs.task_closure(task)
    if closure is None:
        return (stage.id, task.id) in ticks
    return bool(closure(draft.read(work.links), moment_of(work, draft)))
