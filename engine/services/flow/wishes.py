"""The move to a stage for which an approval was asked: made when it has passed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.services.flow.running import Running
from engine.services.saving import Given, save_one
from engine.storage.stage_wishes import WISH


def make_wished_move(running: Running) -> None:
    """Bring the record to the stage that this approval was about; ProblemsFound when it may not stand there now."""
    wish: Mapping[str, str] | None = running.stored.facts.get(WISH)
    if wish is None:
        return
    stage = _now_called(running, wish["field"], wish["stage"])
    if stage is None:
        running.log("wish_lost", details=dict(wish))
        return
    save_one(running.system, running.stored.form, Given(running.stored.record_id, {wish["field"]: stage}))
    running.forget_record()


def _now_called(running: Running, field: str, stage: str) -> str | None:
    """The stage as the definitions know it now; None when it is gone."""
    for each in running.work.catalog.stage_sets.get((running.stored.form, field), ()):
        if stage in each.stages:
            return stage
        if stage in each.successors:
            return each.successors[stage]
    return None
