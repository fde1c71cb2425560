"""Saves that may move a record to another stage: through its approval where one guards the stage, with its effects."""

from __future__ import annotations

from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.drafts import Draft
from engine.runtime.stages import StageMove, find_gate, find_moves
from engine.runtime.work import Work
from engine.services.flow.commands.following import finish_moves
from engine.services.flow.commands.starting import begin
from engine.services.saving import Given, Saving, check_batch, finish_one, prepare_batch, save_one
from engine.services.site import OpenCompany
from engine.storage.stage_wishes import WISH


def save_moving(company: OpenCompany, work: Work, form_id: str, given: Given) -> tuple[Draft, Saving]:
    """Save one record; raises ProblemsFound with all its problems.

    A stage that an approval guards is not entered: the rest is saved and the approval begins. What the stage asks is
    asked before. The effects of stages entered are carried out.
    """
    if _may_wish(work, form_id, given):
        draft, saving = _save_or_ask(company, work, form_id, given)
    else:
        draft, saving = save_one(work, form_id, given)
    finish_moves(company, work)
    return draft, saving


def _may_wish(work: Work, form_id: str, given: Given) -> bool:
    """Whether the save names a stage field that has guarded stages."""
    if given.record_id is None or work.actor.system:
        return False
    sets = (work.catalog.stage_sets.get((form_id, name), ()) for name in given.values)
    return any(stage.workflow for found in sets for each in found for stage in each.stages.values())


def _save_or_ask(company: OpenCompany, work: Work, form_id: str, given: Given) -> tuple[Draft, Saving]:
    saving = prepare_batch(work, form_id, [given])
    draft = saving.drafts[0]
    wish = _find_wish(work, draft)
    if wish is None:
        return finish_one(saving)
    check_batch(saving)
    left = [each for each in draft.problems if (each.code, each.pointer) != ("V138", wish.field)]
    if left:
        raise ProblemsFound(left)
    rest = {name: value for name, value in given.values.items() if name != wish.field}
    saved, saving = save_one(work, form_id, Given(given.record_id, rest, given.version))
    workflow = work.catalog.workflows[wish.set.stages[wish.after].workflow or ""]
    facts = {WISH: {"field": wish.field, "stage": wish.after}}
    begin(company, work, company.same_work(work, SYSTEM), workflow, saved.record_id or 0, facts=facts)
    return saved, saving


def _find_wish(work: Work, draft: Draft) -> StageMove | None:
    """The first move of this save to a stage that an approval guards."""
    for move in find_moves(work, draft):
        if move.before is not None and find_gate(work, draft, move.set.stages[move.after]) is not None:
            return move
    return None
