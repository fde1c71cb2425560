"""Watching over approvals: lists for administrators, the workflows there are, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from engine.catalog.workflows import Workflow
from engine.problems import NotVisible, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START, Marking
from engine.runtime.work import Work
from engine.services.flow.picture import WIDE, Picture, draw
from engine.services.flow.stories import START_LABEL, administers
from engine.services.flow.views import Somebody, Story
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_records import PERSON_FORM
from engine.storage.comments import count_unread
from engine.storage.flow_lists import (
    ListedInstance,
    Wanted,
    count_states,
    count_waiting,
    fetch_incidents,
    list_instances,
)
from engine.storage.flows import RUNNING
from engine.values import Label

__all__ = ["Monitor", "Wanted", "administered", "draw_workflow", "fetch_monitor", "jump_targets", "waiting_counts"]

_WAITING = ("wait", "call")


@dataclass(frozen=True, slots=True)
class Monitor:
    """A page of approvals. `names`: persons by id; `workflow`: the one that was asked for; `runs_on`: by definition."""

    rows: tuple[ListedInstance, ...]
    next: int | None
    counts: Mapping[str, int]
    names: Mapping[int, str]
    workflows: tuple[Workflow, ...]
    now: datetime
    workflow: str
    runs_on: Mapping[int, Workflow]
    incidents: Mapping[int, Mapping[str, str]]

    def holders(self, row: ListedInstance) -> tuple[Somebody, ...]:
        """Who has it."""
        return tuple(Somebody(each, self.names.get(each, f"#{each}")) for each in row.holders)

    def steps(self, row: ListedInstance) -> tuple[Label, ...]:
        """Where it stands; also where nobody is asked."""
        workflow = self.runs_on.get(row.definition_id)
        known = {step.name: step.label for step in workflow.all_steps()} if workflow is not None else {}
        known[START] = START_LABEL
        return tuple(known.get(name, {"en": name, "zh": name}) for name in self.names_of_steps(row))

    def names_of_steps(self, row: ListedInstance) -> tuple[str, ...]:
        """The same by name."""
        if row.state != RUNNING:
            return ()
        return row.steps or tuple(leaf.name for leaf in Marking.from_json(json.loads(row.marking)).root.leaves())

    def incident(self, row: ListedInstance) -> Label | None:
        """What has stopped it."""
        if row.incident is None or row.state != RUNNING:
            return None
        told = self.incidents.get(row.id, {})
        return {"en": row.incident, "zh": told.get("zh") or row.incident}

    def late(self, row: ListedInstance) -> bool:
        """Whether somebody should have decided already."""
        return row.due is not None and row.due < self.now

    def label(self, row: ListedInstance) -> Label:
        """What its workflow is called."""
        found = next((each.label for each in self.workflows if each.id == row.workflow), None)
        return found or {"en": row.workflow, "zh": row.workflow}

    @property
    def places(self) -> tuple[tuple[str, Label], ...]:
        """The steps at which approvals of the workflow that was asked for may stand; () when none was."""
        chosen = next((each for each in self.workflows if each.id == self.workflow), None)
        if chosen is None:
            return ()
        waits = [(step.name, step.label) for step in chosen.all_steps() if step.is_human or step.kind in _WAITING]
        return ((START, START_LABEL), *waits)


def administered(company: OpenCompany, actor: Actor) -> tuple[Workflow, ...]:
    """The workflows that somebody administers; no statement."""
    return tuple(each for each in company.catalog.workflows.values() if administers(each, actor))


def fetch_monitor(company: OpenCompany, actor: Actor, wanted: Wanted) -> Monitor:
    """Approvals of the workflows that the reader administers; NotVisible when there are none."""
    workflows = administered(company, actor)
    if not workflows:
        raise NotVisible("monitor")
    ids_of_all = [each.id for each in workflows]
    chosen = next((each for each in workflows if each.id == wanted.workflow), None)
    wanted = replace(wanted, workflows=ids_of_all, asks=_asks(chosen, wanted.step))
    with company.reading(actor) as work:
        rows, following = list_instances(work.uow, wanted)
        counts = count_states(work.uow, ids_of_all if chosen is None else [chosen.id])
        ids = {row.initiator for row in rows if row.initiator} | {each for row in rows for each in row.holders}
        if wanted.person is not None:
            ids.add(wanted.person)
        names = fetch_title_map(work, PERSON_FORM, ids)
        runs_on = _definitions(company, work, rows)
        stopped = fetch_incidents(work.uow, [row.id for row in rows if row.incident is not None])
        now = work.uow.now
        return Monitor(tuple(rows), following, counts, names, workflows, now, wanted.workflow, runs_on, stopped)


def _asks(workflow: Workflow | None, step: str) -> bool:
    """Whether people are asked at a step."""
    found = next((each for each in workflow.all_steps() if each.name == step), None) if workflow is not None else None
    return found is None or found.is_human


def _definitions(company: OpenCompany, work: Work, rows: Sequence[ListedInstance]) -> dict[int, Workflow]:
    """The definitions on which those run that are shown; one that can no longer be read is left out."""
    found: dict[int, Workflow] = {}
    for row in rows:
        if row.state == RUNNING and row.definition_id not in found:
            with suppress(ProblemsFound):
                found[row.definition_id] = company.flows.of(work.uow, row.workflow, row.definition_id)
    return found


def jump_targets(story: Story) -> tuple[tuple[str, Label], ...]:
    """The steps to which an administrator may send an approval: all where people decide, but those where it is."""
    here = {place.step for place in story.places}
    steps = [(step.name, step.label) for step in story.workflow.all_steps() if step.is_human and step.name not in here]
    return tuple(steps) if START in here else ((START, START_LABEL), *steps)


def draw_workflow(
    company: OpenCompany, actor: Actor, workflow_id: str, language: str, width: int = WIDE
) -> tuple[Workflow, Picture]:
    """A workflow with its picture; NotVisible unless the reader administers it."""
    workflow = company.catalog.workflows.get(workflow_id)
    if workflow is None or not administers(workflow, actor):
        raise NotVisible(workflow_id)
    with company.reading(actor) as work:
        return workflow, draw(work, workflow, language, width=width)


def waiting_counts(company: OpenCompany, actor: Actor) -> tuple[int, int | None]:
    """(notices not read, open tasks) of the reader; None for tasks where the company has no workflows."""
    with company.reading(actor) as work:
        if not company.catalog.workflows:
            return count_unread(work.uow, actor.person), None
        return count_waiting(work.uow, actor.person)
