"""Do workflows that start others come to an end? WF091, WF092."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.workflow_checks.fields import effects_of
from engine.catalog.workflows import Workflow
from engine.catalog.world import World
from engine.problems import Location, near_name


def check_across(world: World) -> None:
    """Notes workflows that do not exist, and those that start each other for ever."""
    edges: dict[str, list[str]] = {}
    for workflow in world.workflows.values():
        edges[workflow.id] = []
        for name, at in _started(workflow):
            if name in world.workflows:
                edges[workflow.id].append(name)
            else:
                world.notes.add("WF092", at, name=name, near=near_name(name, world.workflows))
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


def _circle(start: str, edges: dict[str, list[str]], done: set[str]) -> list[str]:
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
