"""What people do to an approval besides deciding: hand on, add signers, take back, urge, and what administrators do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.flow import commands
from engine.services.flow.delegations import delegate_to
from engine.storage.flows import StoredTask, fetch_tasks

if TYPE_CHECKING:
    from engine.services.scenarios.acts import Act, Playing

EVERYTHING = "everything"
WEEK = "7"


def withdraw(playing: Playing, actor: Actor, act: Act) -> None:
    """`li withdraws q1`: the initiator takes it back."""
    commands.revoke(playing.company, actor, _instance(playing, act), opinion=act.option("opinion"))


def terminate(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin terminates q1`."""
    commands.terminate(playing.company, actor, _instance(playing, act), opinion=act.option("opinion"))


def transfer(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang transfers q1 to zhao`: somebody else decides instead."""
    task, to = playing.task_of(act, actor.person), _person(playing, act, "to")
    commands.transfer(playing.company, actor, task.id, to, opinion=act.option("opinion"))


def add_signers(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang adds zhao,fa before q1`, `… after q1`, `… with q1`."""
    where = next((each for each in ("before", "after", "with") if each in act.where), "")
    people = [playing.names.person(each, act.at) for each in act.what.split(",")]
    task = playing.task_of(act, actor.person, act.where.get(where, ""))
    mode, opinion = act.option("mode") or "all", act.option("opinion")
    commands.add_signer(playing.company, actor, task.id, people, where, mode=mode, opinion=opinion)


def remove_signer(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang removes zhao from q1`."""
    task = playing.task_of(act, playing.names.person(act.what, act.at), act.where.get("from", ""))
    commands.remove_signer(playing.company, actor, task.id, opinion=act.option("opinion"))


def take_back(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang takes back q1`: the decision he made last."""
    instance = _instance(playing, act)
    with playing.company.reading(SYSTEM) as work:
        mine = [each for each in fetch_tasks(work.uow, instance) if each.done_by == actor.person and not each.is_open]
    commands.take_back(playing.company, actor, _last(mine, act).id)


def urge(playing: Playing, actor: Actor, act: Act) -> None:
    """`li urges q1`."""
    commands.urge(playing.company, actor, _instance(playing, act), text=act.option("text"))


def comment(playing: Playing, actor: Actor, act: Act) -> None:
    """`li comments q1: {text: …}`."""
    commands.comment(playing.company, actor, _instance(playing, act), act.option("text") or "")


def copy_to(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang copies q1 to zhao`: somebody reads along."""
    people = [_person(playing, act, "to")]
    commands.copy_to(playing.company, actor, _instance(playing, act), people, note=act.option("text"))


def claim(playing: Playing, actor: Actor, act: Act) -> None:
    """`miao claims q1`: what one of several should do, she does."""
    commands.claim(playing.company, actor, playing.task_of(act, actor.person).id)


def release(playing: Playing, actor: Actor, act: Act) -> None:
    """`miao releases q1`."""
    commands.release(playing.company, actor, playing.task_of(act, actor.person).id)


def save_draft(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang saves q1: {approved_total: 100}`: typed, and not yet handed in."""
    form, record = playing.names.record(act.what, act.at)
    values = playing.names.wire(playing.company.catalog.forms[form], act.cells, record)
    task = playing.task_of(act, actor.person)
    commands.save_draft(playing.company, actor, task.id, values, opinion=act.option("opinion"))


def delegate(playing: Playing, actor: Actor, act: Act) -> None:
    """`wang delegates everything to zhao: {days: 5}`, or only one workflow."""
    workflows = [] if act.what == EVERYTHING else [act.what]
    with playing.company.reading(SYSTEM) as work:
        now = work.uow.now
    until = now + timedelta(days=int(act.option("days") or WEEK))
    delegate_to(playing.company, actor, _person(playing, act, "to"), now, until, workflows=workflows)


def jump(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin jumps q1 to manager_review`."""
    to, opinion = act.where.get("to", ""), act.option("opinion")
    commands.jump(playing.company, actor, _instance(playing, act), to, opinion=opinion)


def reassign(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin reassigns q1 to zhao`, with `from wang` where several are asked."""
    whose = _person(playing, act, "from") if "from" in act.where else None
    task, to = playing.task_of(act, whose), _person(playing, act, "to")
    commands.reassign(playing.company, actor, task.id, to, opinion=act.option("opinion"))


def suspend(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin suspends q1`."""
    commands.suspend(playing.company, actor, _instance(playing, act), opinion=act.option("opinion"))


def resume(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin resumes q1`."""
    commands.resume(playing.company, actor, _instance(playing, act), opinion=act.option("opinion"))


def retry(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin retries q1`: what an incident has stopped."""
    commands.retry(playing.company, actor, _instance(playing, act), opinion=act.option("opinion"))


def pass_step(playing: Playing, actor: Actor, act: Act) -> None:
    """`admin passes q1 at manager_review`: the step counts as approved."""
    step, opinion = act.where.get("at", ""), act.option("opinion")
    commands.pass_step(playing.company, actor, _instance(playing, act), step, opinion=opinion)


def _instance(playing: Playing, act: Act) -> int:
    return playing.instance(act.what, act.at)


def _person(playing: Playing, act: Act, link: str) -> int:
    return playing.names.person(act.where.get(link, ""), act.at)


def _last(tasks: list[StoredTask], act: Act) -> StoredTask:
    if not tasks:
        raise ProblemsFound([Problem("E106", {"name": act.what, "person": act.person}, act.at)])
    return max(tasks, key=lambda each: (each.done_at is not None, each.done_at, each.id))


FLOW_ACTS: Mapping[str, Callable[[Playing, Actor, Act], None]] = MappingProxyType(
    {
        "withdraws": withdraw,
        "terminates": terminate,
        "transfers": transfer,
        "adds": add_signers,
        "removes": remove_signer,
        "takes_back": take_back,
        "urges": urge,
        "comments": comment,
        "copies": copy_to,
        "claims": claim,
        "releases": release,
        "saves": save_draft,
        "delegates": delegate,
        "jumps": jump,
        "reassigns": reassign,
        "suspends": suspend,
        "resumes": resume,
        "retries": retry,
        "passes": pass_step,
    }
)
