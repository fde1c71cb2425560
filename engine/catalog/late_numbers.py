"""Forms whose records get their number from an effect, not when they are made."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.catalog import Catalog
from engine.catalog.effects import Effect
from engine.catalog.workflow_checks.fields import effects_of


def numbered_later(catalog: Catalog) -> frozenset[str]:
    """The forms with an effect `number`, of a workflow, a stage or a button."""
    found = {each.form for each in catalog.workflows.values() if _numbers(effects_of(each))}
    for (form_id, _), sets in catalog.stage_sets.items():
        if any(_numbers(stage.effects) for each in sets for stage in each.stages.values()):
            found.add(form_id)
    for form in catalog.forms.values():
        if any(_numbers(action.runs) for action in form.actions.values()):
            found.add(form.id)
    return frozenset(found)


def _numbers(effects: Iterator[Effect] | tuple[Effect, ...]) -> bool:
    return any(effect.kind == "number" for effect in effects)
