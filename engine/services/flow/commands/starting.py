"""Starting an approval: the record is saved and the first steps are entered in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from engine.catalog.workflows import Workflow
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import require
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import ListMark, Marking
from engine.runtime.work import Work
from engine.services.commands import answer_once
from engine.services.flow.book import WorkflowBook
from engine.services.flow.calling import called_workflow
from engine.services.flow.commands.finishing import finish, set_state
from engine.services.flow.commands.requirements import require_checks, require_filled
from engine.services.flow.expanding import expand
from engine.services.flow.guarding import watch
from engine.services.flow.running import Others, Running, load_any
from engine.services.flow.stage_effects import carry_out_moves
from engine.services.flow.titles import title_of
from engine.services.saving import Given, save_one
from engine.services.site import OpenCompany
from engine.storage.flows import (
    RUNNING,
    StoredInstance,
    fetch_instance,
    insert_instance,
    keep_definition,
    running_ids,
    take_key,
)
from engine.storage.records import lock_owners
from engine.values import empty

MOST_NESTED = 5


@dataclass(frozen=True, slots=True)
class Origin:
    """In whose name an instance is started; `parent`: the (instance, visit) that waits for it."""

    initiator: int | None
    department: int | None
    parent: tuple[int, int] | None = None


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
                carry_out_moves(company, work, partial(_begin_on, company, work, system))
                return once.answer

    return company.again(start)


def _begin_on(company: OpenCompany, work: Work, system: Work, workflow_id: str, record_id: int) -> int:
    return begin(company, work, system, work.catalog.workflows[workflow_id], record_id)


def begin(
    company: OpenCompany,
    work: Work,
    system: Work,
    workflow: Workflow,
    record_id: int,
    people: Mapping[str, Sequence[int]] = empty(),
    facts: Mapping[str, object] = empty(),
) -> int:
    """Start a workflow on a saved record; A107, A108 and the start's checks may refuse it. `facts` are kept with it."""
    own = Origin(work.actor.id, work.actor.department)
    running = _open(work, system, company.flows, workflow, record_id, own, facts)
    may_start = {person for person, _ in expand(running, workflow.start.who)}
    if workflow.start.who and work.actor.person not in may_start and not work.actor.system:
        raise NotAllowed(Problem("A109"))
    return _enter(running, people)


def _open(
    work: Work,
    system: Work,
    book: WorkflowBook,
    workflow: Workflow,
    record_id: int,
    origin: Origin,
    facts: Mapping[str, object] = empty(),
) -> Running:
    """A new instance that has not entered any step yet."""
    lock_owners(work.uow, workflow.form, [record_id])  # two starts on one record queue here
    if record_id in running_ids(work.uow, workflow.form, [record_id]):
        raise Conflict(Problem("A107"))
    content = book.definition(workflow.id).to_json()
    definition_id = keep_definition(work.uow, workflow.id, workflow.digest, content)
    stored = _new_instance(work, system, workflow, record_id, definition_id, origin)
    running = Running(work, system, book, stored, workflow, Marking.from_json(stored.marking), OTHERS)
    if facts:
        running.keep_facts(**facts)
    return running


def _enter(running: Running, people: Mapping[str, Sequence[int]] = empty()) -> int:
    """Everything that a start asks and does, and the first steps: the instance's id."""
    workflow = running.workflow
    claim_key(running)
    running.choose(people)
    require_checks(running, workflow.start.checks)
    require_filled(running, workflow.start.rights)
    set_state(running, RUNNING)
    running.log("start")
    watch(running)
    running.run(workflow.start.effects)
    finish(running, running.machine.begin())
    return running.stored.id


def _begin_other(caller: Running, workflow_id: str, record_id: int, visit: int | None) -> int:
    """What a step or an effect of another instance starts, in the name of whoever started that; nobody's rights are
    asked: the workflow says so. A171 when too many have started one another.
    """
    depth = int(caller.stored.facts.get("depth", 0)) + 1
    workflow = called_workflow(caller.system.catalog, workflow_id)
    if depth > MOST_NESTED:
        raise ProblemsFound([Problem("A171", {"workflow": workflow.label, "most": MOST_NESTED})])
    parent = (caller.stored.id, visit) if visit is not None else None
    origin = Origin(caller.stored.initiator, caller.stored.department, parent)
    running = _open(caller.work, caller.system, caller.book, workflow, record_id, origin, {"depth": depth})
    return _enter(running)


def _end_other(caller: Running, instance_id: int) -> None:
    """Terminate what an instance has called."""
    running = load_any(caller.work, caller.system, caller.book, instance_id, OTHERS)
    if running.stored.state == RUNNING:
        running.log("terminate")
        running.machine.stop()
        finish(running, "terminated")


OTHERS = Others(_begin_other, _end_other)


def _save_start(work: Work, workflow: Workflow, given: Given) -> int:
    """The record saved with the actor's own rights; its id. NotVisible for whoever knows nothing of the form."""
    rights = work.form_rights(workflow.form)
    if rights.verbs["see"].constant is False and given.record_id is None and "create" not in rights.verbs:
        raise NotVisible(workflow.form)
    if given.record_id is not None and not given.values:
        require(work.uow, rights, "see", given.record_id, work.moment)
        return given.record_id
    draft, _ = save_one(work, workflow.form, given)
    return draft.record_id or 0


def claim_key(running: Running) -> None:
    """Take the values that only one running instance may have; A108 when another has them."""
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


def _new_instance(
    work: Work, system: Work, workflow: Workflow, record_id: int, definition_id: int, origin: Origin
) -> StoredInstance:
    marking = Marking(ListMark(0))
    values = {
        "definition_id": definition_id,
        "workflow": workflow.id,
        "form": workflow.form,
        "record_id": record_id,
        "title": title_of(system, workflow, record_id),
        "state": RUNNING,
        "suspended": False,
        "rev": 1,
        "marking": marking.to_json(),
        "initiator": origin.initiator,
        "department": origin.department,
        "started_at": work.uow.now,
        "facts": {},
    }
    if origin.parent is not None:
        values["parent_id"], values["parent_visit"] = origin.parent
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
