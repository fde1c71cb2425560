"""Do workflows and stages that start each other come to an end? WF091, WF092."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.catalog.effects import Effect
from engine.catalog.workflow_checks.fields import effects_of
from engine.catalog.workflows import Workflow
from engine.catalog.world import World
from engine.problems import Location, near_name

Edges = Mapping[str, list[str]]


def check_across(world: World) -> None:
    """Notes workflows that do not exist, and those that start each other for ever."""
    edges: dict[str, list[str]] = {}
    for workflow in world.workflows.values():
        edges[workflow.id] = list(_entered(world, workflow.form, effects_of(workflow)))
        for name, at in _started(workflow):
            if name in world.workflows:
                edges[workflow.id].append(name)
            else:
                world.notes.add("WF092", at, name=name, near=near_name(name, world.workflows))
    for stages in (each for sets in world.stage_sets.values() for each in sets):
        for stage in stages.stages.values():
            found = edges.setdefault(_stage(stages.form, stages.field, stage.id), [])
            found += _entered(world, stages.form, stage.effects)
            found += [each.name for each in stage.effects if each.kind == "start" and each.name in world.workflows]
    done: set[str] = set()
    for name, workflow in world.workflows.items():
        circle = _circle(name, edges, done)
        if circle:
            world.notes.add("WF091", workflow.at, circle=" → ".join(circle))


def _started(workflow: Workflow) -> Iterator[tuple[str, Location]]:
    for effect in effects_of(workflow):
        if effect.kind == "start":
            yield effect.name, effect.at
    for step in workflow.all_steps():
        if step.kind == "call" and step.calls != workflow.id:
            yield step.calls, step.at


def _entered(world: World, form_id: str, effects: Iterable[Effect]) -> Iterator[str]:
    """The stages into which effects bring records: what those stages carry out follows by itself."""
    for effect in effects:
        if effect.kind not in ("set", "update", "create"):
            continue
        form = effect.form or form_id
        for field, value in effect.values.items():
            for stages in world.stage_sets.get((form, field), ()):
                for stage in stages.stages:
                    if value.constant in (value, stage):  # computed: it may be any
                        yield _stage(form, field, stage)


def _stage(form: str, field: str, stage: str) -> str:
    return f"{form}.{field} = {stage}"


def _circle(start: str, edges: Edges, done: set[str]) -> list[str]:
    """A circle reached from `start`, [] when there is none; what has been gone through is in `done`."""
    trail: list[str] = []
    stack: list[tuple[str, int]] = [(start, 0)]
    while stack:
        name, at = stack.pop()
        if at == 0:
            if name in done:
                continue
            trail.append(name)
        if at < len(edges[name]):
            stack.append((name, at + 1))
            following = edges[name][at]
            if following in trail:
                done.update(trail)
                return [*trail[trail.index(following) :], following]
            stack.append((following, 0))
        else:
            done.add(name)
            trail.pop()
    return []
