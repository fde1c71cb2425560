"""What stages and buttons do: effects, approvals that guard a stage, approvals that a button starts.

They are read last: effects reach into forms and workflows that must be complete by then.
"""

from __future__ import annotations

from dataclasses import replace

from engine.catalog.build_effects import EffectBuilder
from engine.catalog.forms import Action, Form
from engine.catalog.stages import Stage, StageSet
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.tree import Item, find_item


def complete_acts(world: World) -> None:
    """Fills in what stages and actions carry out; what is wrong is noted."""
    for key, sets in world.stage_sets.items():
        world.stage_sets[key] = tuple(_with_acts(world, each) for each in sets)
    for form in list(world.forms.values()):
        if any(action.kind in ("starts", "runs") for action in form.actions.values()):
            actions = {name: _complete_action(world, form, action) for name, action in form.actions.items()}
            world.forms[form.id] = replace(world.forms[form.id], actions=actions)


def _with_acts(world: World, stages: StageSet) -> StageSet:
    item = world.resolved.definitions[stages.id].item
    form = world.forms[stages.form]
    changed = {stage.id: _with_act(world, form, stage, item) for stage in stages.stages.values()}
    return replace(stages, stages=changed)


def _with_act(world: World, form: Form, stage: Stage, item: Item) -> Stage:
    entry = find_item(item, ("stages" if stage.outcome == "open" else "ends", stage.id))
    if entry is None:
        return stage
    gate = entry.map.get("workflow")
    return replace(
        stage,
        workflow=_workflow(world, form, gate) if gate is not None else None,
        effects=EffectBuilder(world, form).effects(entry.map.get("effects")),
    )


def _complete_action(world: World, form: Form, action: Action) -> Action:
    item = find_item(world.resolved.definitions[form.id].item, ("actions", action.id))
    if item is None:
        return action
    if action.kind == "starts":
        return replace(action, starts=_workflow(world, form, item.map["starts"]))
    if action.kind == "runs":
        return replace(action, runs=EffectBuilder(world, form, action.asks).effects(item.map["runs"]))
    return action


def _workflow(world: World, form: Form, item: Item) -> str | None:
    """The id of a workflow of this form; C141 when there is none."""
    identifier = world.full_id(item.text, form.app)
    known = [each.id for each in world.workflows.values() if each.form == form.id]
    if identifier not in known:
        world.notes.add("C141", item.at, name=item.text, form=form.id, near=near_name(item.text, known))
        return None
    return identifier
