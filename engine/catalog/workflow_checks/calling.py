"""Can what is started run? WF095."""

from __future__ import annotations

from engine.catalog.notes import Notes
from engine.catalog.workflow_checks.fields import effects_of
from engine.catalog.workflows import Workflow


def check_calling(notes: Notes, workflow: Workflow) -> None:
    """Notes what starts an approval on the very record whose approval runs: only its end lets another one begin."""
    after = {id(effect) for effects in workflow.outcomes.values() for effect in effects}
    for effect in effects_of(workflow):
        if effect.kind == "start" and not effect.path and id(effect) not in after:
            notes.add("WF095", effect.at, workflow=effect.name)
    for step in workflow.all_steps():
        if step.kind == "call" and not step.rows and not step.target:
            notes.add("WF095", step.at, workflow=step.calls)
