"""The workflows of one state of the definitions, and those of earlier states that instances still run on."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.catalog.build_workflows import build_workflow
from engine.catalog.catalog import Catalog
from engine.catalog.workflows import Workflow
from engine.catalog.world import World
from engine.problems import Problem, ProblemsFound
from engine.runtime.flow.surroundings import ClosureBook
from engine.source.resolved import Definition, Resolved
from engine.storage.database import UnitOfWork
from engine.storage.flows import fetch_definition
from engine.storage.organisation import OrganisationBook


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A workflow of an earlier state on the forms as they are now, and what of it they do not carry any more."""

    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class WorkflowBook:
    """One per state of the definitions. `definitions` are the workflows as written, by id."""

    catalog: Catalog
    resolved: Resolved
    _earlier: dict[int, Rebuilt] = field(default_factory=dict)
    closures: ClosureBook = field(default_factory=ClosureBook)
    organisation: OrganisationBook = field(default_factory=OrganisationBook)

    def definition(self, workflow: str) -> Definition:
        """The workflow as it is written now."""
        return self.resolved.definitions[workflow]

    def of(self, uow: UnitOfWork, workflow: str, definition_id: int, *, ended: bool = False) -> Workflow:
        """The workflow that an instance runs on: as it was when the instance started.

        Raises ProblemsFound when the forms have changed so that it cannot be read any more. Of an instance that has
        `ended` it is only told, so what cannot be read is left out.
        """
        found = self._earlier.get(definition_id)
        if found is None:
            digest, content = fetch_definition(uow, definition_id)
            current = self.catalog.workflows.get(workflow)
            same = current is not None and current.digest == digest
            found = Rebuilt(current) if same else rebuild(self.catalog, self.resolved, Definition.from_json(content))
            self._earlier[definition_id] = found
        if found.workflow is None or (found.problems and not ended):
            raise ProblemsFound(found.problems)
        return found.workflow


def rebuild(catalog: Catalog, resolved: Resolved, definition: Definition) -> Rebuilt:
    """A stored workflow on the forms of a catalog."""
    world = World(resolved)
    world.roles.update(catalog.roles)
    world.forms.update(catalog.forms)
    world.stage_sets.update(catalog.stage_sets)
    built = build_workflow(world, definition)
    return Rebuilt(built, tuple(each for each in world.notes.problems if not each.warning))
