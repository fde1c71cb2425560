"""What follows in a transaction from stages that records have entered: effects, and approvals that these start."""

from __future__ import annotations

from functools import partial

from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.flow.commands.starting import begin
from engine.services.flow.stage_effects import carry_out_moves
from engine.services.site import OpenCompany


def finish_moves(company: OpenCompany, work: Work) -> None:
    """Carry out the effects of the stages entered in this transaction so far; they may start approvals."""
    if work.uow.moves:
        carry_out_moves(company, work, partial(start_on, company, work))


def start_on(company: OpenCompany, work: Work, workflow_id: str, record_id: int) -> int:
    """Start a workflow on a record that is saved already: the instance's id."""
    workflow = work.catalog.workflows[workflow_id]
    return begin(company, work, company.same_work(work, SYSTEM), workflow, record_id)
