"""What a start or a step asks before it lets go: fields that must be filled, and what must hold."""

from __future__ import annotations

from engine.catalog.forms import Check
from engine.catalog.workflows import FieldRights
from engine.problems import Problem, ProblemsFound
from engine.services.flow.running import Running
from engine.values import is_empty


def require_filled(running: Running, rights: FieldRights) -> None:
    """A128 for every required field that is empty."""
    missing = []
    for name in rights.require:
        first, _, column = name.partition(".")
        definition = running.draft.program.form.fields[first]
        rows = running.draft.rows(first) if column else []
        value = running.draft.values.get(first)
        if any(is_empty(row.get(column)) for row in rows) if column else is_empty(value):
            label = definition.fields[column].label if column else definition.label
            missing.append(Problem("A128", {"label": label}, pointer=name.replace(".", "/")))
    if missing:
        raise ProblemsFound(missing)


def require_checks(running: Running, checks: tuple[Check, ...]) -> None:
    """The checks' own texts for what does not hold."""
    failed = [each for each in checks if not running.holds(each.holds)]
    if failed:
        raise ProblemsFound(
            [
                Problem("V103", {"label": running.workflow.label, "rule": each.holds.text}, text=each.message)
                for each in failed
            ]
        )
