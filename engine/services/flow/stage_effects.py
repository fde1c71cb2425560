"""What stages carry out when records have entered them, in the transaction of the move."""

from __future__ import annotations

from collections.abc import Callable

from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.flow.carrying_out import carry_out
from engine.services.flow.record_alone import RecordAlone
from engine.services.site import OpenCompany
from engine.storage.database import Moved

MOST_MOVES = 500
Begin = Callable[[str, int], int]
"""Starts a workflow on a record: its instance."""


def carry_out_moves(company: OpenCompany, work: Work, begin: Begin | None = None) -> None:
    """Carry out the effects of every stage entered in this transaction, in the engine's name; an effect that moves
    another record adds that record's. A123 names the stage and the effect that failed; the caller undoes everything.
    """
    done = 0
    while work.uow.moves:
        done += 1
        moved = work.uow.moves.pop(0)
        if done > MOST_MOVES:
            raise ProblemsFound([Problem("A112", {"workflow": moved.stage})])
        _carry_out(company, work, moved, begin)


def _carry_out(company: OpenCompany, work: Work, moved: Moved, begin: Begin | None) -> None:
    key = f"stage:{moved.form}:{moved.record_id}:{moved.field}:{moved.version}"
    system = company.same_work(work, SYSTEM)
    acting = RecordAlone(system, company.flows.closures, work.actor, moved.form, moved.record_id, key, begin=begin)
    if acting.draft.values.get(moved.field) != moved.stage:
        return  # it has gone on, or the move was undone
    sets = work.catalog.stage_sets[moved.form, moved.field]
    stage = next(each.stages[moved.stage] for each in sets if moved.stage in each.stages)
    carry_out(acting, stage.effects, stage.label)
    work.links.forget_all()
