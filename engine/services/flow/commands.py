"""What people do to approvals: start, decide, return, withdraw. One command is one transaction under the instance's
lock; it is done whole or not at all, and the same command sent again answers without being done again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalog.forms import Check
from engine.catalog.workflows import FieldRights, Step, Workflow
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import START, ListMark, Marking
from engine.runtime.flow.positions import legal_returns
from engine.runtime.flow.votes import APPROVED
from engine.runtime.work import Work
from engine.services.commands import answer_once
from engine.services.flow.expanding import expand
from engine.services.flow.handler_rights import HandlerRights
from engine.services.flow.running import Running, load_running
from engine.services.flow.titles import title_of
from engine.services.saving import Given, save_one
from engine.services.site import OpenCompany
from engine.storage.flows import (
    DONE,
    PENDING,
    RUNNING,
    StoredInstance,
    StoredTask,
    fetch_instance,
    fetch_task,
    insert_instance,
    keep_definition,
    running_ids,
    take_key,
    update_task,
)
from engine.values import empty, is_empty


@dataclass(frozen=True, slots=True)
class Decision:
    """What a handler says. kind: approve | reject | submit | return | abstain. `version` is the record's, `rev` the
    task's, as they were shown; `values` are changes of the fields that the step lets them edit, in wire form.
    """

    kind: str
    version: int | None = None
    rev: int | None = None
    opinion: str | None = None
    values: Mapping[str, object] = field(default_factory=empty)
    to: str | None = None
    resume: str | None = None
    signature: int | None = None
    key: str | None = None
    people: Mapping[str, Sequence[int]] = field(default_factory=empty)


def start_workflow(
    company: OpenCompany,
    actor: Actor,
    workflow_id: str,
    record_id: int | None,
    values: Mapping[str, object] = empty(),
    *,
    version: int | None = None,
    key: str | None = None,
    people: Mapping[str, Sequence[int]] = empty(),
) -> int:
    """Save the record (None: make it) and start the workflow on it, in one transaction: the instance's id."""

    def start() -> int:
        with company.writing(actor, "approval") as work:
            workflow = _workflow(company, work, workflow_id)
            request = {"start": workflow_id, "id": record_id, "values": dict(values), "version": version}
            with answer_once(work, key, request) as once:
                if once.answer is not None:
                    return once.answer
                system = company.same_work(work, SYSTEM)
                saved = _save_start(work, workflow, Given(record_id, values, version))
                once.answer = begin(company, work, system, workflow, saved, people)
                return once.answer

    return company.again(start)


def decide(company: OpenCompany, actor: Actor, task_id: int, decision: Decision) -> StoredInstance:
    """Decide a task: the instance as it stands afterwards."""

    def act() -> StoredInstance:
        with company.writing(actor, "approval") as work:
            request = {"task": task_id, **_asked(decision)}
            with answer_once(work, decision.key, request) as once:
                if once.answer is None:
                    _decide(company, work, task_id, decision)
                    once.answer = task_id
            return _instance_of(work, task_id)

    return company.again(act)


def begin(
    company: OpenCompany,
    work: Work,
    system: Work,
    workflow: Workflow,
    record_id: int,
    people: Mapping[str, Sequence[int]] = empty(),
) -> int:
    """Start a workflow on a saved record; A107, A108 and the start's checks may refuse it."""
    if record_id in running_ids(work.uow, workflow.form, [record_id]):
        raise Conflict(Problem("A107"))
    definition = company.flows.definition(workflow.id)
    stored = _new_instance(
        work, workflow, record_id, keep_definition(work.uow, workflow.id, workflow.digest, definition.to_json())
    )
    running = Running(work, system, company.flows, stored, workflow, Marking.from_json(stored.marking))
    may_start = {person for person, _ in expand(running, workflow.start.who)}
    if workflow.start.who and work.actor.person not in may_start and not work.actor.system:
        raise NotAllowed(Problem("A109"))
    _claim_key(running)
    running.choose(people)
    _ask(running, workflow.start.checks)
    _require_filled(running, workflow.start.rights)
    _set_state(running, RUNNING)
    running.log("start")
    running.run(workflow.start.effects)
    finish(running, running.machine.begin())
    return stored.id


def finish(running: Running, result: str | None) -> None:
    """Store where the instance stands, and what the record's state says when it has ended."""
    if result is not None:
        _set_state(running, result)
    running.finish(result)


def _decide(company: OpenCompany, work: Work, task_id: int, decision: Decision) -> None:
    task = fetch_task(work.uow, task_id)
    if task is None:
        raise NotVisible(f"task {task_id}")
    running = load_running(work, company.same_work(work, SYSTEM), company.flows, task.instance_id)
    task = fetch_task(work.uow, task_id) or task  # as it is under the lock
    _check_task(work, task, decision)
    step = running.workflow.step(task.step) if task.step != START else None
    _check_kind(running, step, decision)
    running.assignee = task.assignee
    running.choose(decision.people)
    _save_edits(running, step, decision)
    done = {"state": DONE, "decision": decision.kind, "opinion": decision.opinion}
    update_task(work.uow, task.id, {**done, "done_at": work.uow.now, "done_by": work.actor.id})
    running.log(decision.kind, step=task.step, task_id=task.id, opinion=decision.opinion)
    finish(running, _go_on(running, task, step, decision))


def _go_on(running: Running, task: StoredTask, step: Step | None, decision: Decision) -> str | None:
    """What the decision leads to: the instance's result, None while it goes on."""
    if step is None:
        running.run(running.workflow.start.effects)
        return running.machine.complete(task.visit, APPROVED)
    if decision.kind == "return":
        running.run(step.effects.get("return", ()), step)
        running.returned_to = decision.to or START
        return running.machine.go_back(task.visit, decision.to or START, _resume(step, decision))
    outcome = running.tally(step, task.visit)
    return None if outcome is None else running.machine.complete(task.visit, outcome)


def _resume(step: Step, decision: Decision) -> str:
    return (decision.resume or "rerun") if step.policies.resume == "choose" else step.policies.resume


def _check_task(work: Work, task: StoredTask, decision: Decision) -> None:
    if task.assignee != work.actor.person:
        raise NotAllowed(Problem("A104"))
    if task.state != PENDING:
        values = {"decision": task.decision or task.state, "by": task.done_by or "", "at": task.done_at or ""}
        raise Conflict(Problem("A103", values))
    if decision.rev is not None and decision.rev != task.rev:
        raise Conflict(Problem("A105"))


def _check_kind(running: Running, step: Step | None, decision: Decision) -> None:
    """Whether this may be said at this step, with the opinion it asks for."""
    allowed = _kinds(running, step)
    if decision.kind not in allowed:
        raise ProblemsFound([Problem("A126", {"action": decision.kind})])
    if step is None:
        return
    if decision.kind == "return" and decision.to not in legal_returns(
        running.machine.positions, step, running.marking.trail
    ):
        raise ProblemsFound([Problem("A110", {"step": decision.to or ""}, pointer="to")])
    wanted = step.policies.opinion.get(decision.kind, "optional")
    if wanted == "required" and is_empty((decision.opinion or "").strip()):
        raise ProblemsFound([Problem("A120", pointer="opinion")])


def _kinds(running: Running, step: Step | None) -> set[str]:
    if step is None or step.kind == "fill":
        kinds = {"submit"}
    else:
        kinds = {"approve", "reject", *(("abstain",) if step.abstain else ())}
    if step is not None and legal_returns(running.machine.positions, step, running.marking.trail):
        kinds.add("return")
    return kinds


def _save_edits(running: Running, step: Step | None, decision: Decision) -> None:
    """Save what the handler filled in, with the rights of the step; then what the step requires and checks."""
    rights = step.rights if step is not None else running.workflow.start.rights
    if decision.values:
        with_rights = replace(running.work, rights=HandlerRights.at(running.work, running.stored.form, rights))
        given = Given(running.stored.record_id, decision.values, decision.version)
        save_one(with_rights, running.stored.form, given)
        running.forget_record()
    if decision.kind in ("return", "reject", "abstain"):
        return
    _require_filled(running, rights)
    _ask(running, step.checks if step is not None else running.workflow.start.checks)
    if step is not None and step.recheck:
        _ask(running, running.workflow.start.checks)


def _require_filled(running: Running, rights: FieldRights) -> None:
    missing = []
    for name in rights.require:
        first, _, column = name.partition(".")
        definition = running.draft.program.form.fields[first]
        rows = running.draft.rows(first) if column else []
        value = running.draft.values.get(first)
        if any(is_empty(row.get(column)) for row in rows) if column else is_empty(value):
            label = definition.fields[column].label if column else definition.label
            missing.append(Problem("A128", {"label": label}, pointer=name.replace(".", "/")))
    if missing:
        raise ProblemsFound(missing)


def _ask(running: Running, checks: tuple[Check, ...]) -> None:
    failed = [each for each in checks if not running.holds(each.holds)]
    if failed:
        raise ProblemsFound(
            [
                Problem("V103", {"label": running.workflow.label, "rule": each.holds.text}, text=each.message)
                for each in failed
            ]
        )


def _save_start(work: Work, workflow: Workflow, given: Given) -> int:
    """The record saved with the actor's own rights; its id."""
    if given.record_id is not None and not given.values:
        work.form_rights(workflow.form)
        return given.record_id
    draft, _ = save_one(work, workflow.form, given)
    return draft.record_id or 0


def _set_state(running: Running, state: str) -> None:
    if running.workflow.sets_state:
        save_one(running.system, running.stored.form, Given(running.stored.record_id, {"state": state}))
        running.forget_record()


def _claim_key(running: Running) -> None:
    names = running.workflow.unique_active
    if not names:
        return
    found = [running.draft.values.get(name) for name in names]
    key = hashlib.sha256(json.dumps(found, default=str).encode()).hexdigest()
    holder = take_key(running.work.uow, running.workflow.id, key, running.stored.id)
    if holder is not None:
        other = fetch_instance(running.work.uow, holder)
        label = running.draft.program.form.fields[names[0]].label
        raise Conflict(Problem("A108", {"other": other.title if other is not None else "", "label": label}))


def _new_instance(work: Work, workflow: Workflow, record_id: int, definition_id: int) -> StoredInstance:
    marking = Marking(ListMark(0))
    values = {
        "definition_id": definition_id,
        "workflow": workflow.id,
        "form": workflow.form,
        "record_id": record_id,
        "title": title_of(work, workflow, record_id),
        "state": RUNNING,
        "suspended": False,
        "rev": 1,
        "marking": marking.to_json(),
        "initiator": work.actor.id,
        "department": work.actor.department,
        "started_at": work.uow.now,
        "facts": {},
    }
    instance_id = insert_instance(work.uow, values)
    stored = fetch_instance(work.uow, instance_id)
    if stored is None:
        raise NotVisible(f"instance {instance_id}")
    return stored


def _workflow(company: OpenCompany, work: Work, workflow_id: str) -> Workflow:
    workflow = company.catalog.workflows.get(workflow_id)
    if workflow is None:
        raise NotVisible(workflow_id)
    return workflow


def _instance_of(work: Work, task_id: int) -> StoredInstance:
    task = fetch_task(work.uow, task_id)
    found = fetch_instance(work.uow, task.instance_id) if task is not None else None
    if found is None:
        raise NotVisible(f"task {task_id}")
    return found


def _asked(decision: Decision) -> dict[str, object]:
    return {
        "kind": decision.kind,
        "opinion": decision.opinion,
        "values": dict(decision.values),
        "to": decision.to,
        "resume": decision.resume,
    }
