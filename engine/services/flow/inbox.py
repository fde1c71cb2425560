"""The approvals of one person: the lists, and one task with all that deciding it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.catalog.forms import Field, Form
from engine.catalog.workflows import FieldRights, Step, Workflow
from engine.problems import NotVisible, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import START, Marking
from engine.runtime.work import Work
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
from engine.storage.flow_acts import ADDED
from engine.storage.flows import PENDING, RUNNING, StoredTask, fetch_instance, fetch_task
from engine.storage.inbox_lists import COPIES, DECIDED, STARTED, WAITING, InboxRow, InboxWanted, list_inbox
from engine.storage.selects import fetch_rows
from engine.values import Label

TABS = (WAITING, DECIDED, STARTED, COPIES)


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of one tab. `names`: persons by id; `workflows`: by the id of the definition that the approval runs on;
    `amounts`: by key of the row, the field with its value.
    """

    rows: tuple[InboxRow, ...]
    next: int | None
    names: Mapping[int, str]
    workflows: Mapping[int, Workflow]
    amounts: Mapping[int, tuple[Field, object]]

    def workflow(self, row: InboxRow) -> Label:
        """What its workflow is called."""
        found = self.workflows.get(row.definition_id)
        return found.label if found is not None else {"en": row.workflow, "zh": row.workflow}

    def where(self, row: InboxRow) -> tuple[Label, ...]:
        """Where it stands; of a task, its step."""
        return tuple(self._label(row, name) for name in (row.steps or ((row.step,) if row.step else ())))

    def holders(self, row: InboxRow) -> tuple[str, ...]:
        """The names of those who have it now."""
        return tuple(self.names.get(each, f"#{each}") for each in row.holders)

    def may_batch(self, row: InboxRow) -> bool:
        """Whether its task may be decided without its page being opened."""
        step = self._step(row, row.step or "")
        if step is None or row.suspended or step.kind != "approve" or row.kind == ADDED:
            return False
        return "batch" in step.policies.allow and not step.rights.require and not step.signature

    def _label(self, row: InboxRow, name: str) -> Label:
        if name == START:
            return START_LABEL
        step = self._step(row, name)
        return step.label if step is not None else {"en": name, "zh": name}

    def _step(self, row: InboxRow, name: str) -> Step | None:
        workflow = self.workflows.get(row.definition_id)
        return next((each for each in workflow.all_steps() if each.name == name), None) if workflow else None


def fetch_inbox(company: OpenCompany, actor: Actor, wanted: InboxWanted) -> Inbox:
    """A page of the reader's approvals; three statements at most, and one for each form on it that has an amount."""
    with company.reading(actor) as work:
        rows, following = list_inbox(work.uow, actor.person, wanted)
        ids = {row.initiator or 0 for row in rows} | {row.principal or 0 for row in rows}
        ids |= {each for row in rows for each in row.holders}
        names = fetch_title_map(work, PERSON_FORM, ids - {0})
        workflows = _workflows(company, work, rows)
        amounts = _amounts(company, work, rows, workflows)
        return Inbox(tuple(rows), following, names, workflows, amounts)


def _workflows(company: OpenCompany, work: Work, rows: Sequence[InboxRow]) -> dict[int, Workflow]:
    """The definitions on which the approvals run; one that can no longer be read is as it is written now."""
    found: dict[int, Workflow] = {}
    for row in rows:
        if row.definition_id in found:
            continue
        try:
            found[row.definition_id] = company.flows.of(work.uow, row.workflow, row.definition_id)
        except ProblemsFound:
            if row.workflow in company.catalog.workflows:
                found[row.definition_id] = company.catalog.workflows[row.workflow]
    return found


def _amounts(
    company: OpenCompany, work: Work, rows: Sequence[InboxRow], workflows: Mapping[int, Workflow]
) -> dict[int, tuple[Field, object]]:
    """The amount of each record, where its reader sees it there."""
    shown: dict[str, list[InboxRow]] = {}
    for row in rows:
        field = amount_of(company.catalog.forms.get(row.form))
        if field is not None and _sees(work, row, field, workflows.get(row.definition_id)):
            shown.setdefault(row.form, []).append(row)
    found: dict[int, tuple[Field, object]] = {}
    system = company.same_work(work, SYSTEM)
    for form_id, those in shown.items():
        field = amount_of(company.catalog.forms[form_id])
        if field is None:
            continue
        query = system.query(form_id).with_ids([row.record_id for row in those]).columns([field.id]).page(len(those))
        values = {each.id: each.values.get(field.id) for each in fetch_rows(work.uow.connection, query).records}
        found |= {row.key: (field, value) for row in those if (value := values.get(row.record_id)) is not None}
    return found


def amount_of(form: Form | None) -> Field | None:
    """The field whose value says how large a record is: its first figure of money, else its first sum of money."""
    if form is None:
        return None
    figures = [form.fields[name] for name in form.page.figures if name in form.fields]
    own = sorted(form.fields.values(), key=lambda each: each.formula is None)
    return next((each for each in (*figures, *own) if each.type == "money"), None)


def _sees(work: Work, row: InboxRow, field: Field, workflow: Workflow | None) -> bool:
    """Who has a task sees what its step does not hide; anybody else what may be seen on every record."""
    if row.step is not None and row.task is not None and row.state == RUNNING and workflow is not None:
        hide = {each.name: each.rights.hide for each in workflow.all_steps() if each.is_human}
        return field.id not in hide.get(row.step, workflow.start.rights.hide)
    if work.rights.see(row.form) is None:
        return False
    rights = work.form_rights(row.form)
    return field.id in rights.see and field.id not in rights.see_rules


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
