"""What a plan does with records that stand in stages which are not there any more: they follow, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.problems import Problem
from engine.runtime.dependents import draft_of
from engine.runtime.stages import find_stage_set
from engine.runtime.work import Work
from engine.services.saving import Given, prepare_batch, write_batch
from engine.storage.records import fetch_system_rows
from engine.storage.removed_stages import RemovedStage, fetch_standing, move_binned
from engine.storage.schema_plan import Step

ROWS_AT_ONCE = 500


def refused_stages(removed: Sequence[RemovedStage]) -> tuple[Problem, ...]:
    """T104 for every stage whose records nobody has told where to go."""
    return tuple(
        Problem(
            "T104", {"count": each.count, "form": each.form, "field": each.field, "stage": each.stage, "set": each.set}
        )
        for each in removed
        if each.to is None and each.count
    )


def stage_steps(removed: Sequence[RemovedStage]) -> Iterator[Step]:
    """What following means, for the plan."""
    for each in removed:
        if each.to is None or not each.count:
            continue
        place = f"{each.form}.{each.field}: {each.stage} → {each.to}"
        words = {
            "en": f"{'rename the stage of' if each.renamed else 'move'} {each.count} records, {place}",
            "zh": f"{'更名阶段，涉及' if each.renamed else '移动'} {each.count} 条记录，{place}",
        }
        yield Step("moved", each.form, each.stage, words)


def move_records(work: Work, removed: Sequence[RemovedStage]) -> None:
    """Bring the records to the stages that follow: with their formulas, in their history, and in the stage log."""
    for each in removed:
        if each.to is None or each.renamed:
            continue
        move_binned(work.uow, each)
        while ids := fetch_standing(work.uow, each, ROWS_AT_ONCE):
            given = [Given(record_id, {each.field: stage}) for record_id, stage in _stages_of(work, each, ids)]
            write_batch(prepare_batch(work, each.form, given, importing=True))


def _stages_of(work: Work, removed: RemovedStage, ids: Sequence[int]) -> Iterator[tuple[int, str | None]]:
    """Where each record goes: its own set of stages may say it otherwise."""
    for record_id, stored in fetch_system_rows(work.uow, removed.form, ids, lock=True).items():
        own = find_stage_set(work, draft_of(work, removed.form, stored), removed.field)
        yield record_id, (own.successors.get(removed.stage) if own is not None else None) or removed.to
