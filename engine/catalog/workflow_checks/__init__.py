"""Does a workflow work? Every step can be reached, left and decided, whatever people answer.

Each check goes over the steps once, so the time grows with their number.
"""

from __future__ import annotations

from engine.catalog.workflow_checks.across import check_across
from engine.catalog.workflow_checks.calling import check_calling
from engine.catalog.workflow_checks.fields import check_fields
from engine.catalog.workflow_checks.moves import check_moves
from engine.catalog.workflow_checks.people import check_people
from engine.catalog.workflow_checks.structure import check_structure
from engine.catalog.workflow_checks.timing import check_timing
from engine.catalog.workflow_checks.ways import check_ways
from engine.catalog.workflows import Workflow
from engine.catalog.world import World

__all__ = ["check_workflow", "check_workflows"]


def check_workflows(world: World) -> None:
    """Notes what is unsound in every workflow, and among them."""
    for workflow in world.workflows.values():
        check_workflow(world, workflow)
    check_across(world)


def check_workflow(world: World, workflow: Workflow) -> None:
    """Notes what is unsound in one workflow."""
    known = len(world.notes.problems)
    check_structure(world, workflow)
    check_ways(world.notes, workflow)
    if len(world.notes.problems) == known:  # else there are ways that lead nowhere
        check_moves(world.notes, workflow)
    check_people(world.notes, workflow)
    check_fields(world, workflow)
    check_timing(world.notes, workflow)
    check_calling(world.notes, workflow)
