"""What a plan says about running approvals: the definitions they run on must be readable on the forms that come."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.catalog import Catalog
from engine.catalog.workflows import Workflow
from engine.problems import Location, Problem
from engine.services.flow.book import Rebuilt, rebuild
from engine.source.resolved import Definition, Resolved
from engine.storage.database import Connection, Database
from engine.storage.flow_versions import Version, fetch_pinned, fetch_stored
from engine.values import Label


def refused_approvals(
    connection: Connection, database: Database, resolved: Resolved, catalog: Catalog
) -> tuple[Problem, ...]:
    """T105 for every place in a definition with running instances that the forms of `catalog` do not carry any more."""
    found: dict[tuple[object, ...], Problem] = {}
    for version in fetch_pinned(connection, database):
        current = catalog.workflows.get(version.workflow)
        if current is not None and current.digest == version.digest:
            continue
        definition = Definition.from_json(fetch_stored(connection, database, version.id))
        for problem in _lost(version, definition, rebuild(catalog, resolved, definition)):
            found.setdefault((version.id, str(problem.values["step"]), str(problem.values["reason"])), problem)
    return tuple(found.values())


def _lost(version: Version, definition: Definition, built: Rebuilt) -> Iterator[Problem]:
    for problem in built.problems:
        values = {
            "count": version.running,
            "workflow": version.workflow,
            "version": version.number,
            "step": _step_at(definition, built.workflow, problem.at),
            "reason": {language: problem.message(language) for language in ("en", "zh")},
        }
        yield Problem("T105", values)


def _step_at(definition: Definition, workflow: Workflow | None, at: Location | None) -> Label:
    """In which step of a definition a place lies; else under which of its keys."""
    places: list[tuple[Location, Label]] = [
        (entry.key_at or entry.at, {"en": key, "zh": key}) for key, entry in definition.item.map.items()
    ]
    if workflow is not None:
        places += [(step.at, step.label) for step in workflow.all_steps()]
    before = [each for each in places if at is not None and each[0].file == at.file and each[0] <= at]
    return max(before, key=lambda each: each[0])[1] if before else {"en": "-", "zh": "-"}
