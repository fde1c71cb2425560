"""The way of an approval on one line: the steps passed with who decided, where it stands, and what comes after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.catalog.workflows import Step, StepList
from engine.runtime.actors import SYSTEM
from engine.runtime.dependents import draft_of
from engine.runtime.flow.marking import START, ListMark, Marking
from engine.runtime.flow.surroundings import Expression
from engine.runtime.work import Work
from engine.services.flow.expanding import expand
from engine.services.flow.running import Running
from engine.services.flow.stories import START_LABEL
from engine.services.flow.views import Ask, Place, Somebody, Story
from engine.services.site import OpenCompany
from engine.storage.flow_acts import ADDED
from engine.storage.flows import DONE, RUNNING, StoredInstance, StoredTask, fetch_tasks
from engine.storage.records import fetch_system_rows
from engine.values import Label

MOST_LATER = 8
_SAID = ("approve", "reject", "submit", "abstain")


class Looking(Running):
    """An approval that is only looked at: nothing of it is locked, and nothing is logged."""

    def log(self, action: str, **more: Any) -> None:
        """Looking leaves no line."""

    @property
    def has_record(self) -> bool:
        """Whether the record is still there."""
        return self._draft is not None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of the way. state: done | refused | now | later. `people`: who decided, who has it, or who will have it
    as things stand; `mine`: whether the reader is among them.
    """

    step: str
    label: Label
    state: str
    people: tuple[Somebody, ...] = ()
    mine: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A step that comes as things stand. direct: no other human step lies before it."""

    step: Step
    direct: bool


def look_at(company: OpenCompany, work: Work, stored: StoredInstance) -> Looking:
    """The approval with its record as it is stored now."""
    system = company.same_work(work, SYSTEM)
    workflow = company.flows.of(work.uow, stored.workflow, stored.definition_id)
    marking = Marking.from_json(stored.marking)
    row = fetch_system_rows(work.uow, stored.form, [stored.record_id]).get(stored.record_id)
    gone = row is None or row.deleted_at is not None
    draft = draft_of(system, stored.form, row) if row is not None and not gone else None
    return Looking(work, system, company.flows, stored, workflow, marking, _draft=draft)


def way_of(looking: Looking, story: Story, later: Sequence[Later]) -> tuple[Milestone, ...]:
    """The milestones from the start to the last step that can be foreseen."""
    tasks = fetch_tasks(looking.work.uow, looking.stored.id)
    reader = looking.work.actor.person
    here = {place.step for place in story.places}
    found: list[Milestone] = []
    if START not in here:
        mine = story.initiator is not None and story.initiator.id == reader
        people = (story.initiator,) if story.initiator is not None else ()
        found.append(Milestone(START, START_LABEL, "done", people, mine, looking.stored.started_at))
    names = [name for name in _passed(looking, tasks) if name not in here]
    found += [_decided(looking, name, tasks) for name in names]
    found += [_going_on(place) for place in story.places]
    if looking.stored.state != RUNNING:
        return tuple(found)
    known = {each.step for each in found}
    return (*found, *(_expected(looking, each.step) for each in later[:MOST_LATER] if each.step.name not in known))


def _passed(looking: Looking, tasks: Iterable[StoredTask]) -> list[str]:
    """The human steps passed in this round; of an approval that has ended, those in which somebody decided."""
    names = {step.name for step in looking.workflow.all_steps() if step.is_human}
    if looking.stored.state == RUNNING:
        return [name for name in dict.fromkeys(looking.marking.trail) if name in names]
    since = looking.marking.since
    done = sorted((each for each in tasks if _counts(each) and each.visit > since), key=lambda each: each.visit)
    return [name for name in dict.fromkeys(each.step for each in done) if name in names]


def _counts(task: StoredTask) -> bool:
    return task.state == DONE and task.decision in _SAID and task.kind != ADDED


def _decided(looking: Looking, name: str, tasks: Sequence[StoredTask]) -> Milestone:
    step = looking.workflow.step(name)
    there = [each for each in tasks if each.step == name and _counts(each)]
    last = max((each.visit for each in there), default=0)
    those = [each for each in there if each.visit == last]
    people = _named(looking, dict.fromkeys(each.done_by or each.assignee for each in those))
    ended = looking.stored.state != RUNNING
    refused = ended and step.kind == "approve" and any(each.decision == "reject" for each in those)
    at = max((each.done_at for each in those if each.done_at is not None), default=None)
    mine = looking.work.actor.person in {person.id for person in people}
    return Milestone(name, step.label, "refused" if refused else "done", people, mine, at)


def _going_on(place: Place) -> Milestone:
    people = tuple(holder.person for holder in place.holders)
    mine = any(holder.mine for holder in place.holders)
    return Milestone(place.step, place.label, "now", people, mine, place.since)


def _expected(looking: Looking, step: Step) -> Milestone:
    people = _named(looking, dict.fromkeys(person for person, _ in expand(looking, step.who)))
    return Milestone(step.name, step.label, "later", people, looking.work.actor.person in {each.id for each in people})


def _named(looking: Looking, ids: Iterable[int]) -> tuple[Somebody, ...]:
    known = looking.organisation.people
    return tuple(Somebody(each, known[each].name if each in known else f"#{each}") for each in ids)


# --- what comes after ----------------------------------------


def foresee(looking: Looking, hidden: frozenset[str]) -> tuple[Later, ...]:
    """The human steps that come as the record is now. A branch whose conditions read what the reader does not see
    (`hidden`: fields, and columns as "lines.price") is passed over: where it leads would tell.
    """
    if looking.stored.state != RUNNING or not looking.has_record:
        return ()
    ahead = _Ahead(looking, hidden)
    ahead.after(looking.workflow.steps, looking.marking.root, direct=True)
    return tuple(ahead.found)


class _Ahead:
    """Walks on from where the marking stands."""

    def __init__(self, looking: Looking, hidden: frozenset[str]) -> None:
        self.looking, self.hidden = looking, hidden
        self.found: list[Later] = []

    def after(self, steps: Sequence[Step], mark: ListMark | None, *, direct: bool) -> bool | None:
        """Walk a list from its mark: whether the next step would still be direct; None when the way ends."""
        at = mark.at if mark is not None else -1
        going: bool | None = direct
        if mark is not None and mark.step is not None and 0 <= at < len(steps):
            inner = {each.name: each for each in steps[at].lists}
            for name, below in mark.step.lists.items():
                if name in inner:
                    going = self._joined(going, self.after(inner[name].steps, below, direct=direct))
        for step in steps[at + 1 :]:
            if going is None:
                return None
            going = self._step(step, direct=going)
        return going

    def _step(self, step: Step, *, direct: bool) -> bool | None:
        if step.kind in ("end", "goto"):
            return None
        if step.is_human:
            self.found.append(Later(step, direct))
            return False
        going: bool | None = direct
        for each in self._open(step):
            going = self._joined(going, self.after(each.steps, None, direct=direct))
        return going

    def _open(self, step: Step) -> Iterator[StepList]:
        """The lists that a branch or a parallel would open now."""
        if any(each.when is not None and reads_any(each.when, self.hidden) for each in step.lists):
            return
        for each in step.lists:
            if each.when is None or self.looking.holds(each.when):
                yield each
                if step.kind == "branch":
                    return

    @staticmethod
    def _joined(*lists: bool | None) -> bool | None:
        """Direct only when all are; a list that ends the approval ends it for its siblings as well."""
        return None if None in lists else all(lists)


def reads_any(condition: Expression, hidden: frozenset[str]) -> bool:
    """Whether a condition reads one of these fields, or columns as "lines.price"."""
    read: set[str] = set()
    for each in condition.references:
        read |= {each.path[0], ".".join(each.path), ".".join((*(each.rows or ()), each.path[0]))}
        read |= set(each.rows or ())
    return not read.isdisjoint(hidden)


def attention_of(looking: Looking, step: Step | None, hidden: frozenset[str]) -> tuple[Label, ...]:
    """What the handler of a step should look at twice, as the record is; nothing that tells what he does not see."""
    told = step.attention if step is not None else ()
    return tuple(each.message for each in told if not reads_any(each.holds, hidden) and looking.holds(each.holds))


# --- who is chosen for what comes ----------------------------------------


def asks_of(looking: Looking, later: Iterable[Later]) -> tuple[Ask, ...]:
    """Whom the handler at hand chooses for the steps that come directly after."""
    return tuple(
        replace(_ask(looking, each.step, people), required=not looking.chosen.get(each.step.name))
        for each in later
        if each.direct and (people := _candidates(looking, each.step)) is not None
    )


def _candidates(looking: Looking, step: Step) -> tuple[Somebody, ...] | None:
    for who in step.who:
        if who.kind == "choose" and who.chosen_by == "previous":
            return _named(looking, dict.fromkeys(person for person, _ in expand(looking, who.candidates)))
    return None


def _ask(looking: Looking, step: Step, people: tuple[Somebody, ...]) -> Ask:
    who = next(each for each in step.who if each.kind == "choose")
    return Ask(step.name, step.label, who.least, who.most, people, required=True)
