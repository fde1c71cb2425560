"""The workflows of one state of the definitions, and those of earlier states that instances still run on."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.catalog.build_workflows import build_workflow
from engine.catalog.catalog import Catalog
from engine.catalog.workflows import Workflow
from engine.catalog.world import World
from engine.problems import ProblemsFound
from engine.runtime.flow.surroundings import ClosureBook
from engine.source.resolved import Definition, Resolved
from engine.storage.database import UnitOfWork
from engine.storage.flows import fetch_definition


@dataclass(frozen=True)
class WorkflowBook:
    """One per state of the definitions. `definitions` are the workflows as written, by id."""

    catalog: Catalog
    resolved: Resolved
    _earlier: dict[int, Workflow] = field(default_factory=dict)
    closures: ClosureBook = field(default_factory=ClosureBook)

    def definition(self, workflow: str) -> Definition:
        """The workflow as it is written now."""
        return self.resolved.definitions[workflow]

    def of(self, uow: UnitOfWork, workflow: str, definition_id: int) -> Workflow:
        """The workflow that an instance runs on: as it was when the instance started.

        Raises ProblemsFound when the forms have changed so that it cannot be read any more.
        """
        if definition_id not in self._earlier:
            digest, content = fetch_definition(uow, definition_id)
            current = self.catalog.workflows.get(workflow)
            same = current is not None and current.digest == digest
            self._earlier[definition_id] = (
                current if same and current is not None else self._build(Definition.from_json(content))
            )
        return self._earlier[definition_id]

    def _build(self, definition: Definition) -> Workflow:
        world = World(self.resolved)
        world.roles.update(self.catalog.roles)
        world.forms.update(self.catalog.forms)
        world.stage_sets.update(self.catalog.stage_sets)
        built = build_workflow(world, definition)
        world.notes.raise_if_any()
        if built is None:
            raise ProblemsFound(world.notes.problems)
        return built
