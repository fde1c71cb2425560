"""Can what is asked for be filled in, and does nobody overwrite what another is writing? WF032, WF056, WF058."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.effects import Effect
from engine.catalog.forms import Field, Form
from engine.catalog.workflows import Step, Workflow, walk_steps
from engine.catalog.world import World


def check_fields(world: World, workflow: Workflow) -> None:
    """Notes fields that cannot be filled in, and those changed in two branches at once."""
    form = world.forms[workflow.form]
    for name in workflow.start.rights.edit:
        if _is_computed(form, name):
            world.notes.add("WF058", workflow.at, field=name)
    for step in workflow.all_steps():
        for name in (*step.rights.edit, *step.taken):
            if _is_computed(form, name):
                world.notes.add("WF058", step.at, field=name)
        if step.kind == "parallel":
            _check_parallel(world, step)
    for effect in effects_of(workflow):
        for name in effect.values if effect.kind == "set" else ():
            if _is_computed(form, name):
                world.notes.add("WF058", effect.at, field=name)
    _check_required(world, workflow, form)


def _is_computed(form: Form, name: str) -> bool:
    first, _, column = name.partition(".")
    field: Field | None = form.fields.get(first)
    if field is not None and column:
        field = field.fields.get(column)
    return field is not None and field.formula is not None


def _check_parallel(world: World, step: Step) -> None:
    seen: dict[str, str] = {}  # what a branch changes, and the lines whose columns it changes
    for each in step.lists:
        mine: dict[str, str] = {}
        for name in sorted({name for inner in walk_steps(each.steps) for name in _changed(inner)}):
            lines = name.split(".")[0]
            other = seen.get(name) or (seen.get(f"{lines}.") if lines == name else seen.get(lines))
            if other is not None:
                world.notes.add("WF032", step.at, field=name, name=step.name, one=other, other=each.name)
            mine |= {name: each.name} if lines == name else {name: each.name, f"{lines}.": each.name}
        seen = {**mine, **seen}


def _changed(step: Step) -> Iterator[str]:
    yield from step.rights.edit
    yield from step.taken
    for effects in (*step.effects.values(), *(timer.effects for timer in step.timers)):
        for effect in effects:
            if effect.kind == "set":
                yield from effect.values


def _check_required(world: World, workflow: Workflow, form: Form) -> None:
    written = {name.split(".")[0] for name in workflow.start.rights.edit}
    written |= {name.split(".")[0] for step in workflow.all_steps() for name in step.rights.edit}
    written |= {name for effect in effects_of(workflow) if effect.kind == "set" for name in effect.values}
    for field in form.fields.values():
        required = field.required is not None and field.required.constant is True
        never = field.read_only is not None and field.read_only.constant is True
        if required and never and field.default is None and field.formula is None and field.id not in written:
            world.notes.add("WF056", workflow.at, form=form.id, field=field.id)


def effects_of(workflow: Workflow) -> Iterator[Effect]:
    """Every effect of a workflow, wherever it stands."""
    yield from workflow.start.effects
    for step in workflow.all_steps():
        for effects in step.effects.values():
            yield from effects
        for timer in step.timers:
            yield from timer.effects
    for effects in workflow.outcomes.values():
        yield from effects
