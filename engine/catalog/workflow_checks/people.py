"""Does every step say who, and are those known when it comes? WF063, WF065 … WF069."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.effects import Who
from engine.catalog.notes import Notes
from engine.catalog.positions import Positions, find_positions
from engine.catalog.workflow_checks.fields import effects_of
from engine.catalog.workflows import Step, Workflow
from engine.problems import near_name

_LATE = frozenset({"handler", "choose"})


def check_people(notes: Notes, workflow: Workflow) -> None:
    """Notes steps without people, and people that are not known yet."""
    if not workflow.admin:
        notes.add("WF067", workflow.at)
    positions = find_positions(workflow)
    for who in (*workflow.admin, *workflow.start.who):
        if who.kind in _LATE or who.of == "assignee":
            notes.add("WF069", who.at, kind=who.of or who.kind)
    for step in workflow.all_steps():
        if not step.is_human and step.kind != "cc":
            continue
        if not step.who:
            notes.add("WF068", step.at, name=step.name)
        for who in (*step.who, *step.exclude):
            _check_who(notes, positions, step, who)
    for who in _told(workflow):
        if who.kind == "choose":
            notes.add("WF069", who.at, kind=who.kind)
        elif who.kind == "handler" and who.name not in positions.ways:
            _unknown(notes, positions, who)


def _told(workflow: Workflow) -> Iterator[Who]:
    """Who stands elsewhere: in notices, timers, and for when nobody is found."""
    for effect in effects_of(workflow):
        yield from effect.who
    for step in workflow.all_steps():
        if step.policies.when_empty_who is not workflow.policies.when_empty_who:
            yield from step.policies.when_empty_who
        for timer in step.timers:
            yield from timer.to
    yield from workflow.policies.when_empty_who


def _unknown(notes: Notes, positions: Positions, who: Who) -> None:
    notes.add("WF080", who.at, name=who.name, near=near_name(who.name, positions.ways))


def _check_who(notes: Notes, positions: Positions, step: Step, who: Who) -> None:
    if who.kind == "superiors" and step.mode != "sequence" and step.kind == "approve":
        notes.add("WF063", who.at)
    if who.of == "assignee":
        notes.add("WF066", who.at)
    if who.kind == "handler":
        _check_handler(notes, positions, step, who)
    for each in who.candidates:
        _check_who(notes, positions, step, each)


def _check_handler(notes: Notes, positions: Positions, step: Step, who: Who) -> None:
    if who.name not in positions.ways:
        _unknown(notes, positions, who)
        return
    way, depth = positions.ways[who.name], positions.common(who.name, step.name)
    inner = way[depth:] if depth is not None else ()
    always = all(level.step.kind == "parallel" and level.step.join == "all" for level in inner[:-1])
    always = always and all(
        _unconditional(level.step, below.name) for level, below in zip(inner, inner[1:], strict=False)
    )
    if depth is None or not way[-1].step.is_human or (not always and step.policies.when_empty == "admin"):
        notes.add("WF065", who.at, step=who.name, name=step.name)


def _unconditional(block: Step, name: str) -> bool:
    return any(each.name == name and each.when is None for each in block.lists)
