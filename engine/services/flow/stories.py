"""Tells an approval: where it stands, who has it, what happened, and what its reader may do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from engine.catalog.workflows import Workflow
from engine.problems import NotVisible
from engine.runtime.access import may
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START, Marking
from engine.runtime.flow.votes import APPROVED
from engine.runtime.work import Work
from engine.services.flow.book import WorkflowBook
from engine.services.flow.picture import NARROW, Picture, PictureState, draw
from engine.services.flow.views import Acts, Event, Holder, Place, Somebody, Story
from engine.services.reading import fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_records import PERSON_FORM
from engine.storage.flow_children import fetch_relatives as fetch_relative_ids
from engine.storage.flows import (
    DONE,
    PENDING,
    RUNNING,
    WAITING,
    LogLine,
    StoredInstance,
    StoredTask,
    fetch_instance,
    fetch_log,
    fetch_tasks,
)
from engine.values import Label

END = "end"
REJECTED = "rejected"
_MOST_RELATIVES = 50
_PEOPLE_KEYS = ("from", "to", "person", "people", "principal")
_PASSING = frozenset({"passed", "auto", "cc", "copy", "call", "wait"})
START_LABEL: Label = {"en": "Start", "zh": "发起"}


def administers(workflow: Workflow, actor: Actor) -> bool:
    """Whether the person administers a workflow, as far as roles and names tell without a record."""
    if actor.is_administrator:
        return True
    return any(
        (who.kind == "role" and who.name in actor.roles and who.within is None and not who.within_initiator)
        or (who.kind == "user" and who.name == actor.login)
        for who in workflow.admin
    )


def fetch_story(company: OpenCompany, actor: Actor, instance_id: int) -> Story:
    """One approval; NotVisible unless the reader sees its record or administers it."""
    with company.reading(actor) as work:
        return story_of(work, company.flows, require_told(work, company.flows, instance_id))


def fetch_picture(company: OpenCompany, actor: Actor, instance_id: int, language: str, width: int = NARROW) -> Picture:
    """The picture of an approval's workflow with where it stands."""
    with company.reading(actor) as work:
        stored = require_told(work, company.flows, instance_id)
        workflow = _workflow_of(work, company.flows, stored)
        where = where_of(workflow, stored, fetch_log(work.uow, instance_id))
        return draw(work, workflow, language, where, width=width)


def fetch_relatives(company: OpenCompany, actor: Actor, story: Story) -> tuple[Story, ...]:
    """What has called the approval and what it has called, as far as the reader may know, told briefly."""
    stored = story.instance
    found: list[Story] = []
    with company.reading(actor) as work:
        for number in fetch_relative_ids(work.uow, stored.id, stored.parent_id, _MOST_RELATIVES):
            with suppress(NotVisible):
                found.append(brief_of(work, company.flows, require_told(work, company.flows, number)))
    return tuple(found)


def require_told(work: Work, book: WorkflowBook, instance_id: int) -> StoredInstance:
    """The instance; NotVisible unless the reader sees its record or administers it."""
    stored = fetch_instance(work.uow, instance_id)
    if stored is None:
        raise NotVisible(f"approval {instance_id}")
    known = work.catalog.workflows.get(stored.workflow)
    if known is not None and administers(known, work.actor):
        return stored
    if work.rights.see(stored.form) is None:
        raise NotVisible(f"approval {instance_id}")
    if not may(work.uow, work.form_rights(stored.form), ("see",), stored.record_id, work.moment):
        raise NotVisible(f"approval {instance_id}")
    return stored


def story_of(work: Work, book: WorkflowBook, stored: StoredInstance) -> Story:
    """The approval as its reader is told."""
    workflow = _workflow_of(work, book, stored)
    tasks, lines = fetch_tasks(work.uow, stored.id), fetch_log(work.uow, stored.id)
    names = _Names.fetch(work, stored, tasks, lines)
    teller = _Teller(work, workflow, stored, tasks, names)
    return Story(
        stored,
        workflow,
        teller.places(),
        tuple(teller.event(line) for line in lines),
        names.get(stored.initiator),
        where_of(workflow, stored, lines),
        teller.acts(),
    )


def brief_of(work: Work, book: WorkflowBook, stored: StoredInstance) -> Story:
    """How an approval ended, without its log."""
    workflow = _workflow_of(work, book, stored)
    return Story(stored, workflow, (), (), None, PictureState(), Acts())


def _workflow_of(work: Work, book: WorkflowBook, stored: StoredInstance) -> Workflow:
    return book.of(work.uow, stored.workflow, stored.definition_id, ended=stored.state != RUNNING)


def where_of(workflow: Workflow, stored: StoredInstance, lines: Sequence[LogLine]) -> PictureState:
    """Where an approval stands, for its picture."""
    marking = Marking.from_json(stored.marking)
    going = stored.state == RUNNING
    current = frozenset(leaf.name for leaf in marking.root.leaves()) if going else frozenset()
    refused = _refused(lines) if stored.state == REJECTED else frozenset()
    human = frozenset(marking.trail) - refused
    started = frozenset() if START in current else frozenset({START})
    ended = frozenset({END}) if stored.state == APPROVED else frozenset()
    done = _done_alone(workflow, lines, human | current | refused | ended)
    return PictureState(current, (started | human | done | ended) - current, refused)


def _refused(lines: Sequence[LogLine]) -> frozenset[str]:
    """The step whose refusal ended it."""
    return frozenset([line.step for line in lines if line.action == "reject" and line.step][-1:])


def _done_alone(workflow: Workflow, lines: Sequence[LogLine], reached: frozenset[str]) -> frozenset[str]:
    """The steps done without anybody on the way to where it stands: what was done beyond that was left by a return."""
    order = {step.name: number for number, step in enumerate(workflow.all_steps())}
    order[END] = len(order)
    furthest = max((order[name] for name in reached if name in order), default=-1)
    alone = {step.name for step in workflow.all_steps() if not step.is_human}
    logged = {line.step for line in lines if line.action in _PASSING and line.step in alone}
    return frozenset(name for name in logged if name is not None and order[name] < furthest)


def _why(line: LogLine) -> Label | None:
    """What has stopped it, in both languages."""
    if line.action != "incident":
        return None
    told = str(line.details.get("text") or "")
    return {"en": told, "zh": str(line.details.get("zh") or told)}


class _Names:
    """The names of everybody an approval concerns, read at once."""

    def __init__(self, found: Mapping[int, str]) -> None:
        self.found = found

    @classmethod
    def fetch(cls, work: Work, stored: StoredInstance, tasks: Iterable[StoredTask], lines: Iterable[LogLine]) -> _Names:
        """One statement."""
        ids = {stored.initiator or 0}
        for task in tasks:
            ids |= {task.assignee, task.principal, task.done_by or 0}
        for line in lines:
            ids |= {line.actor or 0, line.on_behalf_of or 0, *people_in(line.details)}
        return cls(fetch_title_map(work, PERSON_FORM, ids - {0}))

    def get(self, person: int | None) -> Somebody | None:
        """Somebody by id; None for the engine."""
        return Somebody(person, self.found.get(person) or f"#{person}") if person else None

    def some(self, people: Iterable[int]) -> tuple[Somebody, ...]:
        """Several."""
        return tuple(found for each in people if (found := self.get(each)) is not None)


def people_in(details: Mapping[str, Any]) -> list[int]:
    """The persons that a line of the log names."""
    found: list[int] = []
    for key in _PEOPLE_KEYS:
        value = details.get(key)
        found += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, int)]
    return found


class _Teller:
    """Tells one approval to one reader."""

    def __init__(
        self, work: Work, workflow: Workflow, stored: StoredInstance, tasks: Sequence[StoredTask], names: _Names
    ) -> None:
        self.work, self.workflow, self.stored, self.tasks, self.names = work, workflow, stored, tasks, names
        self.steps = {step.name: step for step in workflow.all_steps()}

    def label(self, step: str) -> Label:
        """What a step is called."""
        if step == START:
            return START_LABEL
        return self.steps[step].label if step in self.steps else {"en": step, "zh": step}

    # --- where it stands ----------------------------------------

    def places(self) -> tuple[Place, ...]:
        """The steps that are going on, with who has them."""
        if self.stored.state != RUNNING:
            return ()
        current = [leaf.name for leaf in Marking.from_json(self.stored.marking).root.leaves()]
        open_tasks = [task for task in self.tasks if task.is_open]
        held = [task.step for task in open_tasks]
        return tuple(self._place(step, open_tasks) for step in dict.fromkeys([*held, *current]))

    def _place(self, step: str, tasks: Sequence[StoredTask]) -> Place:
        here = [task for task in tasks if task.step == step]
        later = self.names.some(task.assignee for task in here if task.state == WAITING)
        kind = START if step == START else self.steps[step].kind if step in self.steps else ""
        return Place(step, self.label(step), kind, tuple(self._holder(t) for t in here if t.state == PENDING), later)

    def _holder(self, task: StoredTask) -> Holder:
        person = self.names.get(task.assignee) or Somebody(0, "")
        principal = self.names.get(task.principal) if task.principal != task.assignee else None
        late = task.due_at is not None and task.due_at < self.work.uow.now
        mine = task.assignee == self.work.actor.person
        return Holder(task.id, person, principal, task.created_at, task.due_at, late, mine, task.read_at is not None)

    # --- what happened ----------------------------------------

    def event(self, line: LogLine) -> Event:
        """A line of the log in words."""
        to = line.details.get("to")
        led_to = self.label(to) if isinstance(to, str) else None
        principal = line.details.get("principal")
        behalf = line.on_behalf_of or (principal if isinstance(principal, int) else None)
        others = [each for each in people_in(line.details) if each not in (behalf, line.actor)]
        text = line.details.get("text") or line.details.get("note") or line.details.get("why") or ""
        label = self.label(line.step) if line.step else None
        return Event(
            line.at,
            line.action,
            self.names.get(line.actor),
            self.names.get(behalf) if behalf != line.actor else None,
            line.step or "",
            label,
            line.opinion or "",
            self.names.some(dict.fromkeys(others)),
            led_to,
            str(text),
            self._signature(line),
            _why(line),
        )

    def _signature(self, line: LogLine) -> int | None:
        task = next((each for each in self.tasks if each.id == line.task_id), None)
        if task is None or task.signature is None or line.action not in ("approve", "reject", "submit"):
            return None
        found = json.loads(task.signature).get("file")
        return found if isinstance(found, int) else None

    # --- what may be done ----------------------------------------

    def acts(self) -> Acts:
        """What the reader may do about it."""
        actor = self.work.actor
        admin = administers(self.workflow, actor)
        if self.stored.state != RUNNING:
            return Acts(admin=admin)
        mine = [task for task in self.tasks if task.assignee == actor.person]
        pending = [task for task in self.tasks if task.state == PENDING]
        takes_part = bool(mine) or self.stored.initiator == actor.person
        going = not self.stored.suspended
        return Acts(
            decide=next((task.id for task in pending if task.assignee == actor.person), None),
            take_back=self._to_take_back(pending) if going else None,
            withdraw=going and self._may_withdraw(),
            urge=going and takes_part and any(self._may_urge(task) for task in pending),
            comment=takes_part or admin,
            admin=admin,
        )

    def _decided(self) -> list[StoredTask]:
        """What people have decided in this round."""
        since = Marking.from_json(self.stored.marking).since
        done = (task for task in self.tasks if task.state == DONE and task.done_by and task.step != START)
        return [task for task in done if task.visit > since]

    def _may_withdraw(self) -> bool:
        if self.stored.initiator != self.work.actor.person or self.workflow.revoke == "never":
            return False
        return self.workflow.revoke == "anytime" or not self._decided()

    def _may_urge(self, task: StoredTask) -> bool:
        lately = task.urged_at is not None and (self.work.uow.now - task.urged_at).total_seconds() < 3600
        return task.assignee != self.work.actor.person and not lately

    def _to_take_back(self, pending: Sequence[StoredTask]) -> int | None:
        """The reader's own decision when it was the last, and nobody has looked at what followed."""
        done = [task for task in self.tasks if task.state == DONE and task.done_by and task.done_at is not None]
        last = max(done, key=lambda task: (task.done_at, task.id), default=None)
        if last is None or last.done_by != self.work.actor.person or last.step not in self.steps:
            return None
        if "takeback" not in self.steps[last.step].policies.allow or any(task.draft for task in pending):
            return None
        return last.id
