"""Watching over approvals: lists for administrators, the workflows there are, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.catalog.workflows import Workflow
from engine.problems import NotVisible
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START
from engine.services.flow.picture import WIDE, Picture, draw
from engine.services.flow.stories import START_LABEL, administers
from engine.services.flow.views import Somebody, Story
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_records import PERSON_FORM
from engine.storage.comments import count_unread
from engine.storage.flow_lists import ListedInstance, Wanted, count_states, count_waiting, list_instances
from engine.values import Label

__all__ = ["Monitor", "Wanted", "administered", "draw_workflow", "fetch_monitor", "jump_targets", "waiting_counts"]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A page of approvals. `names`: persons by id; `steps`: labels of steps by (workflow, step)."""

    rows: tuple[ListedInstance, ...]
    next: int | None
    counts: Mapping[str, int]
    names: Mapping[int, str]
    workflows: tuple[Workflow, ...]

    def holders(self, row: ListedInstance) -> tuple[Somebody, ...]:
        """Who has it."""
        return tuple(Somebody(each, self.names.get(each, f"#{each}")) for each in row.holders)

    def steps(self, row: ListedInstance) -> tuple[Label, ...]:
        """Where it stands."""
        workflow = next((each for each in self.workflows if each.id == row.workflow), None)
        known = {step.name: step.label for step in workflow.all_steps()} if workflow is not None else {}
        known[START] = START_LABEL
        return tuple(known.get(name, {"en": name, "zh": name}) for name in row.steps)

    def label(self, row: ListedInstance) -> Label:
        """What its workflow is called."""
        found = next((each.label for each in self.workflows if each.id == row.workflow), None)
        return found or {"en": row.workflow, "zh": row.workflow}


def administered(company: OpenCompany, actor: Actor) -> tuple[Workflow, ...]:
    """The workflows that somebody administers; no statement."""
    return tuple(each for each in company.catalog.workflows.values() if administers(each, actor))


def fetch_monitor(company: OpenCompany, actor: Actor, wanted: Wanted) -> Monitor:
    """Approvals of the workflows that the reader administers; NotVisible when there are none."""
    workflows = administered(company, actor)
    if not workflows:
        raise NotVisible("monitor")
    wanted = replace(wanted, workflows=[each.id for each in workflows])
    with company.reading(actor) as work:
        rows, following = list_instances(work.uow, wanted)
        counts = count_states(work.uow, wanted.workflows)
        ids = {row.initiator for row in rows if row.initiator} | {each for row in rows for each in row.holders}
        if wanted.person is not None:
            ids.add(wanted.person)
        names = fetch_title_map(work, PERSON_FORM, ids)
    return Monitor(tuple(rows), following, counts, names, workflows)


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
