"""Deciding a task: approve, reject, submit, return, abstain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.catalog.workflows import FieldRights, Step
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START
from engine.runtime.flow.positions import legal_returns
from engine.runtime.flow.votes import APPROVED
from engine.services.flow.commands.decision import Decision
from engine.services.flow.commands.drafts import draft_of_task
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.requirements import require_checks, require_filled
from engine.services.flow.commands.seeing import require_fresh
from engine.services.flow.commands.signing import require_signature, sign
from engine.services.flow.commands.skeleton import Order, on_task, require_pending
from engine.services.flow.commands.undoing import remember
from engine.services.flow.guarding import watch
from engine.services.flow.handler_rights import HandlerRights
from engine.services.flow.running import Running
from engine.services.flow.voting import answer_before
from engine.services.flow.words import action_word
from engine.services.saving import Given, save_one
from engine.services.site import OpenCompany
from engine.storage.flow_acts import ADDED, BEFORE
from engine.storage.flows import DONE, StoredInstance, StoredTask, update_task
from engine.values import is_empty

UNSAVED = ("return", "reject", "abstain")  # decisions that ask nothing of the fields


def decide(company: OpenCompany, actor: Actor, task_id: int, decision: Decision) -> StoredInstance:
    """Decide a task: the instance as it stands afterwards.

    409: decided already (A103, with who and when), changed since it was shown (A105; Stale with the differences of
    what the step shows). 422: not possible here (A126, A110), without opinion (A120), signature (A121), field (A128).
    """
    order = Order("decide", decision.key, decision.asked())
    return on_task(company, actor, task_id, order, lambda running, task: decide_here(running, task, decision))


def decide_here(running: Running, task: StoredTask, decision: Decision) -> None:
    """Decide a task of an instance that is locked: also what timers do, in the engine's name."""
    require_pending(running, task, decision.rev)
    step = step_of(running, task)
    _check_kind(running, task, step, decision)
    rights = rights_at(running, task, step)
    require_fresh(running, step, rights, decision.version)
    remember(running, task)
    running.assignee = task.assignee
    running.choose(decision.people)
    _save_edits(running, task, step, rights, decision)
    done = {
        "state": DONE,
        "decision": decision.kind,
        "opinion": decision.opinion,
        "draft": None,
        "done_at": running.work.uow.now,
        "done_by": running.work.actor.id,
        **sign(running, task, rights, decision),
    }
    update_task(running.work.uow, task.id, done)
    details: dict[str, object] = {}
    if decision.kind == "return":
        details = {"to": decision.to or START, "resume": decision.resume}
    if task.principal != task.assignee:
        details["principal"] = task.principal
    running.log(decision.kind, step=task.step, task_id=task.id, opinion=decision.opinion, details=details)
    finish(running, _go_on(running, task, step, decision))


def step_of(running: Running, task: StoredTask) -> Step | None:
    """The step of a task; None for the start task."""
    return running.workflow.step(task.step) if task.step != START else None


def rights_at(running: Running, task: StoredTask, step: Step | None) -> FieldRights:
    """What the handler may do with the fields: who was only asked for advice reads."""
    rights = step.rights if step is not None else running.workflow.start.rights
    return FieldRights(hide=rights.hide) if task.kind == ADDED else rights


def kinds_at(running: Running, task: StoredTask, step: Step | None) -> tuple[str, ...]:
    """What may be said to a task now, in the order in which it is offered."""
    if task.kind == ADDED:
        return ("approve", "reject")
    if step is None:
        return ("submit",)
    said = ("submit",) if step.kind == "fill" else ("approve", "reject", *(("abstain",) if step.abstain else ()))
    may_return = "return" in step.policies.allow and returns_at(running, step)
    return (*said, *(("return",) if may_return else ()))


def returns_at(running: Running, step: Step) -> list[str]:
    """Where one may return to from a step now."""
    trail = [name for name in running.marking.trail if running.workflow.step(name).is_human]
    legal = legal_returns(running.machine.positions, step, trail)
    return [target for target in legal if not running.machine.passes_final(step.name, target)]


def _check_kind(running: Running, task: StoredTask, step: Step | None, decision: Decision) -> None:
    """Whether this may be said at this step, with the opinion and the signature it asks for."""
    if decision.kind == "return" and step is not None and decision.to not in returns_at(running, step):
        raise ProblemsFound([Problem("A110", {"step": decision.to or ""}, pointer="to")])
    if decision.kind not in kinds_at(running, task, step):
        raise ProblemsFound([Problem("A126", {"action": action_word(decision.kind)})])
    if decision.resume not in (None, "rerun", "direct"):
        raise ProblemsFound([Problem("A126", {"action": decision.resume}, pointer="resume")])
    if step is None or running.work.actor.system:
        return
    wanted = step.policies.opinion.get(decision.kind, "optional")
    given = not is_empty((decision.opinion or "").strip())
    if wanted == "required" and not given:
        raise ProblemsFound([Problem("A120", pointer="opinion")])
    if wanted == "none" and given:
        raise ProblemsFound([Problem("A135", pointer="opinion")])
    require_signature(running, task, step, decision)


def _save_edits(running: Running, task: StoredTask, step: Step | None, rights: FieldRights, decision: Decision) -> None:
    """Save what the handler filled in, with the rights of the step; then what the step requires and checks."""
    asked = decision.kind not in UNSAVED
    values = {**draft_of_task(task).values, **decision.values} if asked else decision.values
    _save(running, rights, values)
    if not asked or task.kind == ADDED:
        return
    require_filled(running, rights)
    require_checks(running, step.checks if step is not None else running.workflow.start.checks)
    if step is not None and step.recheck:
        require_checks(running, running.workflow.start.checks)


def _save(running: Running, rights: FieldRights, values: Mapping[str, object]) -> None:
    if values:
        with_rights = replace(running.work, rights=HandlerRights.at(running.work, running.stored.form, rights))
        save_one(with_rights, running.stored.form, Given(running.stored.record_id, values))
        running.forget_record()


def _go_on(running: Running, task: StoredTask, step: Step | None, decision: Decision) -> str | None:
    """What the decision leads to: the instance's result, None while it goes on."""
    if step is None:
        watch(running)
        running.run(running.workflow.start.effects)
        return running.machine.complete(task.visit, APPROVED)
    if decision.kind == "return":
        running.run(step.effects.get("return", ()), step)
        running.returned_to = decision.to or START
        return running.machine.go_back(task.visit, decision.to or START, _resume(step, decision))
    if task.source == BEFORE:
        answer_before(running, task)
        return None
    outcome = running.tally(step, task.visit)
    return None if outcome is None else running.machine.complete(task.visit, outcome)


def _resume(step: Step, decision: Decision) -> str:
    return (decision.resume or "rerun") if step.policies.resume == "choose" else step.policies.resume
