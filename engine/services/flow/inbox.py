"""The approvals of one person: the lists, and one task with all that deciding it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalog.forms import Field, Form
from engine.catalog.workflows import FieldRights, Step, Workflow
from engine.problems import Change, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import START as START
from engine.runtime.work import Work
from engine.services.drafting import preview_of
from engine.services.flow.commands import (
    TaskDraft,
    actions_of,
    changes_since,
    draft_of_task,
    returns_at,
    rights_at,
    step_of,
)
from engine.services.flow.handler_rights import HandlerRights
from engine.services.flow.stories import START_LABEL, require_told, story_of
from engine.services.flow.views import Ask, Somebody, Story
from engine.services.flow.ways import Looking, Milestone, asks_of, attention_of, foresee, look_at, way_of
from engine.services.one_record import fetch_view
from engine.services.reading import fetch_title_map
from engine.services.records import FormSight
from engine.services.saving import Given, prepare_batch
from engine.services.site import OpenCompany
from engine.services.views_of_records import PERSON_FORM, Preview, RecordView
from engine.storage.flow_acts import ADDED
from engine.storage.flows import PENDING, RUNNING, fetch_instance, fetch_task, fetch_tasks
from engine.storage.flows import StoredTask as StoredTask
from engine.storage.inbox_lists import COPIES, DECIDED, STARTED, WAITING, list_inbox
from engine.storage.inbox_lists import InboxRow as InboxRow
from engine.storage.inbox_lists import InboxWanted as InboxWanted
from engine.storage.selects import fetch_rows
from engine.values import Label, empty

STATE = "state"  # how approvals themselves stand is no difference of the record
TABS = (WAITING, DECIDED, STARTED, COPIES)


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of one tab. `names`: persons by id; `workflows`: by the id of the definition that the approval runs on;
    `amounts`: by key of the row, the field with its value; `versions`: of the records whose amounts are shown.
    """

    rows: tuple[InboxRow, ...]
    next: int | None
    names: Mapping[int, str]
    workflows: Mapping[int, Workflow]
    amounts: Mapping[int, tuple[Field, object]]
    versions: Mapping[int, int]

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
        ids |= {each for row in rows for each in row.holders} | {wanted.initiator or 0}
        names = fetch_title_map(work, PERSON_FORM, ids - {0})
        workflows = _workflows(company, work, rows)
        amounts, versions = _amounts(company, work, rows, workflows)
        return Inbox(tuple(rows), following, names, workflows, amounts, versions)


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
) -> tuple[dict[int, tuple[Field, object]], dict[int, int]]:
    """The amount of each record, where its reader sees it there, and the version of the record that has it."""
    shown: dict[str, list[InboxRow]] = {}
    for row in rows:
        field = amount_of(company.catalog.forms.get(row.form))
        if field is not None and _sees(work, row, field, workflows.get(row.definition_id)):
            shown.setdefault(row.form, []).append(row)
    found: dict[int, tuple[Field, object]] = {}
    versions: dict[int, int] = {}
    system = company.same_work(work, SYSTEM)
    for form_id, those in shown.items():
        field = amount_of(company.catalog.forms[form_id])
        if field is None:
            continue
        query = system.query(form_id).with_ids([row.record_id for row in those]).columns([field.id]).page(len(those))
        records = {each.id: each for each in fetch_rows(work.uow.connection, query).records}
        for row in those:
            record = records.get(row.record_id)
            if record is not None and (value := record.values.get(field.id)) is not None:
                found[row.key], versions[row.key] = (field, value), record.version
    return found, versions


def amount_of(form: Form | None) -> Field | None:
    """The field whose value says how large a record is: its first figure of money, else its first sum of money."""
    if form is None:
        return None
    figures = [form.fields[name] for name in form.page.figures if name in form.fields]
    own = sorted(form.fields.values(), key=lambda each: each.formula is None)
    return next((each for each in (*figures, *own) if each.type == "money"), None)


def _sees(work: Work, row: InboxRow, field: Field, workflow: Workflow | None) -> bool:
    """Who has a task sees what its step does not hide; anybody else what may be seen on every record."""
    waits = row.task is not None and row.decision is None and row.state == RUNNING
    if waits and row.step is not None and workflow is not None:
        steps = {each.name: each.rights for each in workflow.all_steps() if each.is_human}
        here = HandlerRights.at(work, row.form, steps.get(row.step, workflow.start.rights))
        return field.id in here.handler.see
    if work.rights.see(row.form) is None:
        return False
    rights = work.form_rights(row.form)
    return field.id in rights.see and field.id not in rights.see_rules


@dataclass(frozen=True, slots=True)
class Desk:
    """A task that waits for the reader.

    offers      as `actions_of` says
    returns     where it may be sent back to
    way         the steps passed, where it stands, what comes as things stand
    attention   what the step tells to look at twice
    changes     what is different from what the reader saw last, in fields that the step shows
    asks        people that the reader chooses for the steps that come directly after; `chosen` so far
    added       (task, person) of those whom the reader asked as well and who have not answered yet
    """

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
    way: tuple[Milestone, ...] = ()
    attention: tuple[Label, ...] = ()
    changes: tuple[Change, ...] = ()
    asks: tuple[Ask, ...] = ()
    chosen: Mapping[str, Sequence[int]] = field(default_factory=empty)
    added: tuple[tuple[int, Somebody], ...] = ()

    @property
    def editable(self) -> tuple[str, ...]:
        """The fields that the step lets its handler fill in, in the order of the form."""
        named = {name.partition(".")[0] for name in (*self.rights.edit, *self.rights.require)}
        return tuple(name for name in self.view.form.fields if name in named and name in self.sight.see)

    @property
    def seen_version(self) -> int | None:
        """The version of the record that the reader saw last at this task."""
        seen = json.loads(self.task.seen or "{}").get("version")
        return seen if isinstance(seen, int) else None

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


def form_of_task(company: OpenCompany, actor: Actor, task_id: int) -> Form | None:
    """The form of the record of a task that waits for the reader; None of one that does not."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
        waits = task is not None and task.state == PENDING and task.assignee == actor.person
        stored = fetch_instance(work.uow, task.instance_id) if task is not None and waits else None
    return company.catalog.forms.get(stored.form) if stored is not None else None


def require_choices(company: OpenCompany, actor: Actor, task_id: int, people: Mapping[str, Sequence[int]]) -> None:
    """A131 for each step that comes directly after the task and for which nobody has been chosen."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
        stored = fetch_instance(work.uow, task.instance_id) if task is not None else None
        if task is None or stored is None or stored.state != RUNNING or task.kind == ADDED:
            return
        workflow = company.flows.of(work.uow, stored.workflow, stored.definition_id)
        if not any(who.chosen_by == "previous" for step in workflow.all_steps() for who in step.who):
            return
        looking = look_at(company, work, stored)
        asks = asks_of(looking, foresee(looking, frozenset())) if looking.has_record else ()
    missing = [each for each in asks if each.required and not people.get(each.step)]
    values = [{"step": each.label, "least": each.least, "most": each.most} for each in missing]
    if missing:
        pointers = [f"people/{each.step}" for each in missing]
        raise ProblemsFound([Problem("A131", told, pointer=at) for told, at in zip(values, pointers, strict=True)])


def fetch_desk(company: OpenCompany, actor: Actor, task_id: int) -> Desk | None:
    """The task with the record as its step shows it; None when it does not wait any more."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
        if task is None or actor.person not in (task.assignee, task.done_by):
            raise NotVisible(f"task {task_id}")
        stored = fetch_instance(work.uow, task.instance_id)
        if stored is None or stored.state != RUNNING or task.state != PENDING or task.assignee != actor.person:
            return None
        looking = look_at(company, work, stored)
        return desk_of(company, looking, task) if looking.has_record else None


def desk_of(company: OpenCompany, looking: Looking, task: StoredTask) -> Desk:
    """The task of an approval that is looked at."""
    work, stored = looking.work, looking.stored
    step = step_of(looking, task)
    rights = rights_at(looking, task, step)
    handler = HandlerRights.at(work, stored.form, rights)
    offers = () if stored.suspended else actions_of(looking, task)
    labels = {START: START_LABEL, **{each.name: each.label for each in looking.workflow.all_steps()}}
    places = returns_at(looking, step) if step is not None and "return" in offers else ()
    story = story_of(work, company.flows, stored)
    sight = _sight(handler, stored.form)
    hidden = _unseen(sight.form, sight.see)
    later = foresee(looking, hidden)
    return Desk(
        task,
        step,
        labels.get(task.step, {"en": task.step, "zh": task.step}),
        offers,
        tuple((name, labels[name]) for name in places if name in labels),
        rights,
        fetch_view(replace(work, rights=handler), stored.form, stored.record_id),
        sight,
        draft_of_task(task),
        story,
        way=way_of(looking, story, later),
        attention=attention_of(looking, step, hidden) if task.kind != ADDED else (),
        changes=_changes(looking, rights),
        asks=asks_of(looking, later) if task.kind != ADDED and {"approve", "submit"} & set(offers) else (),
        chosen=looking.chosen,
        added=_added(looking, task),
    )


def _changes(looking: Looking, rights: FieldRights) -> tuple[Change, ...]:
    """What is different from what the reader saw last, at this task or at an earlier one."""
    reader = looking.work.actor.person
    mine = [each for each in fetch_tasks(looking.work.uow, looking.stored.id) if each.assignee == reader and each.seen]
    last = max(mine, key=lambda each: each.id, default=None)
    seen = json.loads(last.seen or "{}").get("version") if last is not None else None
    if not isinstance(seen, int) or seen == looking.draft.version:
        return ()
    return tuple(each for each in changes_since(looking.work, looking, rights, seen) if each.field != STATE)


def _added(looking: Looking, task: StoredTask) -> tuple[tuple[int, Somebody], ...]:
    there = fetch_tasks(looking.work.uow, looking.stored.id, task.visit)
    people = looking.organisation.people
    return tuple(
        (each.id, Somebody(each.assignee, people[each.assignee].name if each.assignee in people else ""))
        for each in there
        if each.parent_id == task.id and each.is_open
    )


def preview_task(
    company: OpenCompany, actor: Actor, task_id: int, values: Mapping[str, object]
) -> tuple[RecordView, FormSight, Preview] | None:
    """What the record would become with these values, as its step shows it; None when the task does not wait."""
    with company.reading(actor) as work:
        task = fetch_task(work.uow, task_id)
        stored = fetch_instance(work.uow, task.instance_id) if task is not None else None
        if task is None or task.assignee != actor.person or stored is None:
            raise NotVisible(f"task {task_id}")
        if stored.state != RUNNING or task.state != PENDING:
            return None
        looking = look_at(company, work, stored)
        rights = rights_at(looking, task, step_of(looking, task))
        handler = HandlerRights.at(work, stored.form, rights)
        shown = replace(work, rights=handler)
        view = fetch_view(shown, stored.form, stored.record_id)
        writable = {name.partition(".")[0] for name in rights.edit}
        given = {name: value for name, value in values.items() if name in writable}
        saving = prepare_batch(shown, stored.form, [Given(stored.record_id, given)], lock=False)
        return view, _sight(handler, stored.form), preview_of(saving)


def _sight(handler: HandlerRights, form_id: str) -> FormSight:
    rights = handler.of(form_id)
    return FormSight(rights.form, rights.see, rights.change, frozenset(rights.verbs))


@dataclass(frozen=True, slots=True)
class Showcase:
    """An approval with its record, as it is looked at by somebody who has nothing to decide. view None: the record is
    gone, or the reader only administers. `removable`: tasks of people whom the reader has asked as well.
    """

    story: Story
    way: tuple[Milestone, ...]
    view: RecordView | None
    sight: FormSight | None
    removable: frozenset[int]


def fetch_showcase(company: OpenCompany, actor: Actor, instance_id: int) -> Showcase:
    """An approval; NotVisible unless the reader sees its record or administers it."""
    with company.reading(actor) as work:
        stored = require_told(work, company.flows, instance_id)
        looking = look_at(company, work, stored)
        story = story_of(work, company.flows, stored)
        view, sight = _seen(work, looking)
        hidden = _unseen(sight.form, sight.see - view.unseen) if view is not None and sight is not None else None
        way = way_of(looking, story, foresee(looking, hidden) if hidden is not None else ())
        own = {each.id for each in fetch_tasks(work.uow, instance_id) if each.assignee == actor.person}
        tasks = fetch_tasks(work.uow, instance_id) if story.running else ()
        removable = frozenset(each.id for each in tasks if each.is_open and each.parent_id in own)
        return Showcase(story, way, view, sight, removable)


def _seen(work: Work, looking: Looking) -> tuple[RecordView | None, FormSight | None]:
    """The record as anybody sees it who has no task there; nothing when he does not."""
    form_id = looking.stored.form
    if not looking.has_record or work.rights.see(form_id) is None:
        return None, None
    rights = work.form_rights(form_id)
    try:
        view = fetch_view(work, form_id, looking.stored.record_id)
    except NotVisible:
        return None, None
    return view, FormSight(rights.form, rights.see, rights.change, frozenset(rights.verbs))


def _unseen(form: Form, seen: frozenset[str]) -> frozenset[str]:
    """The fields, and the columns of lines, that are not seen."""
    inner = {f"{name}.{each}" for name, field in form.fields.items() for each in field.fields}
    return (frozenset(form.fields) | inner) - seen
