"""Which workflows somebody may start on a record, and whom they choose for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.catalog.effects import Who
from engine.catalog.stages import gates_of
from engine.catalog.workflows import Step, Workflow, workflows_of
from engine.problems import NotAllowed, NotVisible, Problem
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.dependents import draft_of
from engine.runtime.drafts import Draft
from engine.runtime.flow.surroundings import Expression
from engine.runtime.work import Work
from engine.services.flow.commands import start_workflow
from engine.services.flow.expanding import expand
from engine.services.flow.record_alone import RecordAlone
from engine.services.flow.stories import brief_of, story_of
from engine.services.flow.views import Ask, RecordFlow, Somebody, StartOffer, Story
from engine.services.saving import Given, prepare_batch
from engine.services.site import OpenCompany
from engine.storage.flows import RUNNING, StoredInstance, fetch_instance, fetch_instances
from engine.storage.records import fetch_system_rows
from engine.values import empty

MOST_SHOWN = 5
_NONE = RecordFlow()


class Unsaved(RecordAlone):
    """A record that does not exist yet: nothing can be read of it."""

    def value(self, expression: Expression) -> object:
        """Nothing."""
        return None

    def holds_for(self, condition: Expression, person: int) -> bool:
        """Nothing is known, so a chain of superiors ends at once."""
        return True


def fetch_record_flow(company: OpenCompany, actor: Actor, form_id: str, record_id: int) -> RecordFlow:
    """The approvals of a record and what may be started on it; a form without workflows costs no statement."""
    workflows = workflows_of(company.catalog.workflows, form_id)
    if not workflows:
        return _NONE
    with company.reading(actor) as work:
        stored = fetch_instances(work.uow, form_id, record_id)
        stories = _stories(company, work, stored[:MOST_SHOWN])
        startable = startable_on(company, form_id)
        if any(each.running for each in stories) or not any(hopes(each, actor) for each in startable):
            return RecordFlow(stories)
        prospect = _prospect(company, work, form_id, record_id)
        if prospect is None:
            return RecordFlow(stories)
        passed = {each.workflow for each in stored if each.state == "approved"}
        offers = tuple(offer_of(prospect, each, again=each.id in passed) for each in startable if _may(prospect, each))
        return RecordFlow(stories, offers)


def _stories(company: OpenCompany, work: Work, stored: Sequence[StoredInstance]) -> tuple[Story, ...]:
    """The one that runs, or the last, is told whole; of the others how they ended."""
    whole = next((each for each in stored if each.state == RUNNING), next(iter(stored), None))
    tell = {True: story_of, False: brief_of}
    return tuple(tell[each is whole](work, company.flows, each) for each in stored)


def form_offers(company: OpenCompany, actor: Actor, form_id: str) -> tuple[StartOffer, ...]:
    """What may be started from the form of a record; a statement only where people must be chosen."""
    hoped = [each for each in startable_on(company, form_id) if hopes(each, actor)]
    if not any(_asking(each) for each in hoped):
        return tuple(StartOffer(each.id, each.label, ()) for each in hoped)
    with company.reading(actor) as work:
        alone = Unsaved(company.same_work(work, SYSTEM), company.flows.closures, actor, form_id, 0, "")
        return tuple(offer_of(alone, each) for each in hoped)


def which_workflow(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    record_id: int | None,
    values: Mapping[str, object] = empty(),
) -> Workflow:
    """The first workflow that applies to the record as it would be saved and that the actor may hope to start."""
    hoped = [each for each in startable_on(company, form_id) if hopes(each, actor)]
    if all(each.when is None for each in hoped[:1]) and hoped:
        return hoped[0]
    with company.reading(actor) as work:
        draft = prepare_batch(work, form_id, [Given(record_id, values)], lock=False).drafts[0]
        system = company.same_work(work, SYSTEM)
        alone = RecordAlone(system, company.flows.closures, actor, form_id, record_id or 0, "", _draft=draft)
        for each in hoped:
            if _applies(alone, each):
                return each
    raise NotAllowed(Problem("A109"))


def submit(
    company: OpenCompany,
    actor: Actor,
    workflow: str,
    record_id: int | None,
    values: Mapping[str, object],
    *,
    version: int | None = None,
    key: str | None = None,
    people: Mapping[str, Sequence[int]] = empty(),
) -> StoredInstance:
    """Save a record (None: make it) and start a workflow on it, in one transaction: the instance."""
    started = start_workflow(company, actor, workflow, record_id, values, version=version, key=key, people=people)
    with company.reading(actor) as work:
        found = fetch_instance(work.uow, started)
    if found is None:
        raise NotVisible(f"instance {started}")
    return found


def startable_on(company: OpenCompany, form_id: str) -> tuple[Workflow, ...]:
    """The workflows that people start themselves: those that guard a stage begin with the move to it."""
    gates = gates_of(company.catalog.stage_sets, form_id)
    return tuple(each for each in workflows_of(company.catalog.workflows, form_id) if each.id not in gates)


def hopes(workflow: Workflow, actor: Actor) -> bool:
    """Whether somebody might start a workflow, as far as can be told without the record."""
    return not workflow.start.who or any(_hoped(who, actor) for who in workflow.start.who)


def offer_of(asker: RecordAlone, workflow: Workflow, *, again: bool = False) -> StartOffer:
    """The workflow with the people to be chosen for it."""
    always = {step.name for step in workflow.steps}
    asks = tuple(_ask(asker, step, who, always) for step, who in _asking(workflow))
    return StartOffer(workflow.id, workflow.label, asks, again)


def _hoped(who: Who, actor: Actor) -> bool:
    if who.kind == "role":
        return who.name in actor.roles
    return who.name == actor.login if who.kind == "user" else True


def _prospect(company: OpenCompany, work: Work, form_id: str, record_id: int) -> RecordAlone | None:
    system = company.same_work(work, SYSTEM)
    stored = fetch_system_rows(work.uow, form_id, [record_id]).get(record_id)
    if stored is None or stored.deleted_at is not None:
        return None
    draft: Draft = draft_of(system, form_id, stored)
    return RecordAlone(system, company.flows.closures, work.actor, form_id, record_id, "", _draft=draft)


def _may(asker: RecordAlone, workflow: Workflow) -> bool:
    if not hopes(workflow, asker.actor) or not _applies(asker, workflow):
        return False
    who = workflow.start.who
    return not who or asker.actor.person in {person for person, _ in expand(asker, who)}


def _applies(asker: RecordAlone, workflow: Workflow) -> bool:
    return workflow.when is None or bool(asker.value(workflow.when))


def _asking(workflow: Workflow) -> Sequence[tuple[Step, Who]]:
    """The steps whose people the initiator chooses."""
    return [
        (step, who)
        for step in workflow.all_steps()
        for who in step.who
        if who.kind == "choose" and who.chosen_by == "initiator"
    ]


def _ask(asker: RecordAlone, step: Step, who: Who, always: Iterable[str]) -> Ask:
    people = asker.organisation.people
    ids = dict.fromkeys(person for person, _ in expand(asker, who.candidates))
    found = tuple(Somebody(person, people[person].name) for person in ids)
    return Ask(step.name, step.label, who.least, who.most, found, step.name in always)
