"""Withdrawing a whole approval, and taking back one's own last decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.problems import Conflict, NotAllowed, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.flow.marking import START, Marking, StepMark
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.skeleton import Order, on_instance, on_task
from engine.services.flow.running import Running
from engine.services.flow.words import action_word
from engine.services.site import OpenCompany
from engine.storage.flow_acts import rearm_timers
from engine.storage.flows import (
    DONE,
    PENDING,
    StoredInstance,
    StoredTask,
    fetch_log,
    fetch_tasks,
    update_task,
)

REVOKED = "revoked"
# lines of the log that nobody takes back
FINAL = frozenset({"auto", "call", "wait", "webhook", "notify", "mail", "starts", "incident"})


def revoke(
    company: OpenCompany, actor: Actor, instance_id: int, *, opinion: str | None = None, key: str | None = None
) -> StoredInstance:
    """The initiator withdraws the approval, as far as the workflow lets him (A137, A113)."""

    def act(running: Running) -> None:
        require_revocable(running)
        running.log("revoke", opinion=opinion)
        running.machine.stop()
        finish(running, REVOKED)

    return on_instance(company, actor, instance_id, Order("revoke", key, {"opinion": opinion}), act)


def require_revocable(running: Running) -> None:
    """A104, A137 or A113 unless the actor may withdraw the approval now."""
    if running.stored.initiator != running.work.actor.person:
        raise NotAllowed(Problem("A104"))
    if running.workflow.revoke == "never":
        raise Conflict(Problem("A137"))
    if running.workflow.revoke == "before_first_decision" and any(
        task.visit > running.marking.since and _was_decided(task)
        for task in fetch_tasks(running.work.uow, running.stored.id)
    ):
        raise Conflict(Problem("A113"))


def take_back(company: OpenCompany, actor: Actor, task_id: int, *, key: str | None = None) -> StoredInstance:
    """Take back one's decision while nothing has followed it: the task waits again, with the opinion as its draft.

    A114 once somebody has decided, saved a draft or added signers since, or the engine has sent or written something.
    """

    def act(running: Running, task: StoredTask) -> None:
        kept = require_undoable(running, task)
        uow = running.work.uow
        _stand_as(running, Marking.from_json(kept["marking"]))
        for other, state in kept["tasks"].items():
            update_task(uow, int(other), {"state": state, "done_at": None})
        draft = json.dumps({"values": {}, "opinion": task.opinion}, ensure_ascii=False)
        again = {"state": PENDING, "decision": None, "opinion": None, "signature": None, "draft": draft}
        update_task(uow, task.id, {**again, "done_at": None, "done_by": None})
        rearm_timers(uow, running.stored.id, [leaf.visit for leaf in running.marking.root.leaves()])
        running.log("take_back", step=task.step, task_id=task.id)
        running.store()

    return on_task(company, actor, task_id, Order("take_back", key), act)


def remember(running: Running, task: StoredTask) -> None:
    """Keep how the instance stood before a decision, so that it can be taken back; written when the command ends."""
    there = fetch_tasks(running.work.uow, running.stored.id)
    others = {str(each.id): each.state for each in there if each.is_open and each.id != task.id}
    undo = {"task": task.id, "marking": running.marking.to_json(), "tasks": others}
    running.stored = replace(running.stored, facts={**running.stored.facts, "undo": undo})


def require_undoable(running: Running, task: StoredTask) -> Mapping[str, Any]:
    """How the instance stood before the actor's decision; A104, A126 or A114 when it cannot be taken back."""
    if task.done_by != running.work.actor.person or task.state != DONE:
        raise NotAllowed(Problem("A104"))
    step = running.workflow.step(task.step) if task.step != START else None
    if step is None or "takeback" not in step.policies.allow:
        raise ProblemsFound([Problem("A126", {"action": action_word("takeback")})])
    kept: Mapping[str, Any] = running.stored.facts.get("undo", {})
    if kept.get("task") != task.id or not _is_untouched(running, task, kept):
        raise Conflict(Problem("A114"))
    return kept


def _is_untouched(running: Running, task: StoredTask, kept: Mapping[str, Any]) -> bool:
    """Whether nobody has acted on what the decision brought about, and the engine has done nothing final."""
    lines = fetch_log(running.work.uow, running.stored.id)
    decided = max((at for at, line in enumerate(lines) if line.task_id == task.id and line.action == task.decision))
    if any(line.action in FINAL for line in lines[decided:]):
        return False
    there = fetch_tasks(running.work.uow, running.stored.id)
    new = [each for each in there if each.visit > kept["marking"]["visits"]]
    known = [each for each in there if str(each.id) in kept["tasks"] and each.is_open]
    if any(each.draft is not None or each.parent_id is not None for each in new):
        return False
    if any(each.id > task.id and each.parent_id is not None and each.is_open for each in known):
        return False
    return all(each.is_open or each.source == "dedup" for each in new) and not _loses_calls(running, kept)


def _loses_calls(running: Running, kept: Mapping[str, Any]) -> bool:
    """Whether the decision ended other workflows that were waited for: they do not come back."""
    before = {leaf.visit: leaf for leaf in Marking.from_json(kept["marking"]).root.leaves()}
    now = {leaf.visit for leaf in running.marking.root.leaves()}
    return any(_is_call(running, leaf) for visit, leaf in before.items() if visit not in now)


def _is_call(running: Running, leaf: StepMark) -> bool:
    return leaf.name != START and running.workflow.step(leaf.name).kind == "call"


def _stand_as(running: Running, before: Marking) -> None:
    """Put the marking back; what the decision opened is closed, and no number of a visit is used twice."""
    kept = {leaf.visit for leaf in before.root.leaves()}
    running.close([leaf.visit for leaf in running.marking.root.leaves() if leaf.visit not in kept])
    before.visits = running.marking.visits
    for name in ("root", "round", "trail", "saved", "since"):
        setattr(running.marking, name, getattr(before, name))


def _was_decided(task: StoredTask) -> bool:
    """Whether a person has decided a task of a step."""
    return task.state == DONE and task.done_by is not None and task.step != START
