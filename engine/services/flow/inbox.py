"""The approvals of one person: the lists, and one task with all that deciding it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.catalog.workflows import FieldRights, Step
from engine.problems import NotVisible
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import START, Marking
from engine.services.flow.commands import TaskDraft, actions_of, draft_of_task, returns_at, rights_at, step_of
from engine.services.flow.handler_rights import HandlerRights
from engine.services.flow.running import Running
from engine.services.flow.stories import START_LABEL, story_of
from engine.services.flow.views import Story
from engine.services.one_record import fetch_view
from engine.services.reading import fetch_title_map
from engine.services.records import FormSight
from engine.services.site import OpenCompany
from engine.services.views_of_records import PERSON_FORM, RecordView
from engine.storage.flows import PENDING, StoredTask, fetch_instance, fetch_task
from engine.storage.inbox_lists import COPIES, DECIDED, STARTED, WAITING, InboxRow, list_inbox
from engine.values import Label

TABS = (WAITING, DECIDED, STARTED, COPIES)


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of one tab. `names`: persons by id; `labels`: of workflows; `steps`: of steps by (workflow, step)."""

    rows: tuple[InboxRow, ...]
    next: int | None
    names: Mapping[int, str]
    labels: Mapping[str, Label]
    steps: Mapping[tuple[str, str], Label]

    def workflow(self, row: InboxRow) -> Label:
        """What its workflow is called."""
        return self.labels.get(row.workflow) or {"en": row.workflow, "zh": row.workflow}

    def where(self, row: InboxRow) -> tuple[Label, ...]:
        """Where it stands; of a task, its step."""
        return tuple(self._step(row, name) for name in (row.steps or ((row.step,) if row.step else ())))

    def holders(self, row: InboxRow) -> tuple[str, ...]:
        """The names of those who have it now."""
        return tuple(self.names.get(each, f"#{each}") for each in row.holders)

    def _step(self, row: InboxRow, name: str) -> Label:
        if name == START:
            return START_LABEL
        return self.steps.get((row.workflow, name)) or {"en": name, "zh": name}


@dataclass(frozen=True, slots=True)
class Desk:
    """A task that waits for the reader. `offers`: as `actions_of` says; `returns`: where it may be sent back to."""

    task: StoredTask
    step: Step | None
    label: Label
    offers: tuple[str, ...]
    returns: tuple[tuple[str, Label], ...]
    rights: FieldRights
    view: RecordView
    sight: FormSight
    draft: TaskDraft
    story: Story

    @property
    def editable(self) -> tuple[str, ...]:
        """The fields that the step lets its handler fill in, in the order of the form."""
        named = {name.partition(".")[0] for name in (*self.rights.edit, *self.rights.require)}
        return tuple(name for name in self.view.form.fields if name in named and name in self.sight.see)

    @property
    def required(self) -> frozenset[str]:
        """The fields that must be filled here, as pointers."""
        return frozenset(name.replace(".", "/") for name in self.rights.require)

    def opinion_of(self, kind: str) -> str:
        """Whether a decision asks for an opinion: required | optional | none."""
        return self.step.policies.opinion.get(kind, "optional") if self.step is not None else "optional"


def fetch_inbox(company: OpenCompany, actor: Actor, tab: str, text: str = "", before: int | None = None) -> Inbox:
    """A page of the reader's approvals; three statements at most."""
    with company.reading(actor) as work:
        rows, following = list_inbox(work.uow, actor.person, tab, text, before)
        ids = {row.initiator or 0 for row in rows} | {row.principal or 0 for row in rows}
        ids |= {each for row in rows for each in row.holders}
        names = fetch_title_map(work, PERSON_FORM, ids - {0})
    workflows = company.catalog.workflows.values()
    steps = {(each.id, step.name): step.label for each in workflows for step in each.all_steps()}
    return Inbox(tuple(rows), following, names, {each.id: each.label for each in workflows}, steps)


def require_task(company: OpenCompany, actor: Actor, task_id: int) -> StoredTask:
    """The task, whatever has become of it; NotVisible unless it is the reader's own."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
    if task is None or actor.person not in (task.assignee, task.done_by):
        raise NotVisible(f"task {task_id}")
    return task


def fetch_desk(company: OpenCompany, actor: Actor, task_id: int) -> Desk | None:
    """The task with the record as its step shows it; None when it does not wait any more."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
        if task is None or actor.person not in (task.assignee, task.done_by):
            raise NotVisible(f"task {task_id}")
        stored = fetch_instance(work.uow, task.instance_id)
        if stored is None or task.state != PENDING or task.assignee != actor.person:
            return None
        workflow = company.flows.of(work.uow, stored.workflow, stored.definition_id)
        system = company.same_work(work, SYSTEM)
        marking = Marking.from_json(stored.marking)
        running = Running(work, system, company.flows, stored, workflow, marking)
        step = step_of(running, task)
        rights = rights_at(running, task, step)
        handler = HandlerRights.at(work, stored.form, rights)
        offers = () if stored.suspended else actions_of(running, task)
        labels = {START: START_LABEL, **{each.name: each.label for each in workflow.all_steps()}}
        places = returns_at(running, step) if step is not None and "return" in offers else ()
        form_rights = handler.of(stored.form)
        return Desk(
            task,
            step,
            labels.get(task.step, {"en": task.step, "zh": task.step}),
            offers,
            tuple((name, labels[name]) for name in places if name in labels),
            rights,
            fetch_view(replace(work, rights=handler), stored.form, stored.record_id),
            FormSight(form_rights.form, form_rights.see, form_rights.change, frozenset(form_rights.verbs)),
            draft_of_task(task),
            story_of(work, company.flows, stored),
        )
