"""Who is asked at a step: the people that its list finds now, and the policies for nobody, for the initiator, for who
has approved already, and for who is away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.catalog.workflows import Step
from engine.problems import Problem, ProblemsFound
from engine.runtime.flow.votes import APPROVED, REJECTED
from engine.services.flow.expanding import expand
from engine.storage.delegations import Delegation, fetch_delegations
from engine.storage.flows import DONE, StoredTask, fetch_tasks

if TYPE_CHECKING:
    from engine.services.flow.running import Running

MOST_PEOPLE = 100
MOST_HOPS = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be asked, for `principal` (himself, unless he stands in). decision: already given."""

    person: int
    principal: int
    source: str = "who"
    weight: int = 1
    decision: str | None = None
    opinion: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Found:
    """Who is asked; or `outcome` when the step is decided without anybody, and why."""

    people: tuple[Candidate, ...] = ()
    outcome: str | None = None
    why: str = ""


def find_people(running: Running, step: Step) -> Found:
    """The people of a step now. A125 when a list finds more than a hundred."""
    found = _listed(running, step)
    if step.kind == "approve" and running.stored.initiator in {each.person for each in found}:
        found = _without_initiator(running, step, found)
        if not found and step.policies.self_approval == "skip":
            return Found(outcome=APPROVED, why="self")
    if not found:
        empty = when_nobody(running, step)
        if empty.outcome is not None:
            return empty
        found = list(empty.people)
    if len(found) > MOST_PEOPLE:
        values = {"step": step.label, "count": len(found), "most": MOST_PEOPLE}
        raise ProblemsFound([Problem("A125", values)])
    found = [_delegated(running, step, each) for each in _earlier_handlers(running, step, found)]
    return Found(tuple(_approved_before(running, step, each) for each in found))


def candidates_for(running: Running, step: Step) -> tuple[int, ...]:
    """Among whom the people of a `choose` step may be chosen."""
    return tuple(dict.fromkeys(person for who in step.who for person, _ in expand(running, who.candidates)))


def repeated(running: Running, step: Step, principal: int) -> str | None:
    """The step at which the principal has approved already, when that counts here; None: he must be asked."""
    policy = step.policies.dedup
    if policy == "none" or step.kind != "approve" or _needs_person(step):
        return None
    earlier = [name for name in running.marking.trail if running.workflow.step(name).kind == "approve"]
    names = set(earlier[-1:] if policy == "consecutive" else earlier)
    for task in fetch_tasks(running.work.uow, running.stored.id):
        current = task.visit > running.marking.since
        if task.step in names and current and task.decision == "approve" and task.principal == principal:
            return task.step
    return None


def dedup_opinion(running: Running, name: str) -> str:
    """The opinion of an approval that counts because the same person approved before."""
    label = running.workflow.step(name).label
    if running.work.catalog.company.language == "zh":
        return f"与“{label.get('zh') or label.get('en')}”审批人相同，自动通过"
    return f"approved by the same person at '{label.get('en') or label.get('zh')}'"


def _listed(running: Running, step: Step) -> list[Candidate]:
    """The step's list: active people, each once, without those excluded."""
    excluded = {person for person, _ in expand(running, step.exclude)}
    weights: dict[int, int] = {}
    for person, weight in expand(running, step.who):
        if person not in excluded:
            weights.setdefault(person, weight)
    return [Candidate(person, person, weight=weight) for person, weight in weights.items()]


def _without_initiator(running: Running, step: Step, found: list[Candidate]) -> list[Candidate]:
    policy = step.policies.self_approval
    initiator = running.stored.initiator
    if policy == "allow":
        return found
    others = [each for each in found if each.person != initiator]
    if policy == "skip":
        return others
    organisation = running.organisation
    superior = organisation.superior(initiator) if policy == "superior" else None
    if superior is not None and organisation.is_active(superior):
        instead = [Candidate(superior, superior, "self")]
    else:
        instead = [Candidate(each, each, "self", weight) for each, weight in expand(running, running.workflow.admin)]
    known = {each.person for each in others}
    return [*others, *(each for each in instead if each.person not in known)]


def when_nobody(running: Running, step: Step) -> Found:
    """What the step's policy makes of finding nobody."""
    policy = step.policies.when_empty
    if policy in ("skip", "reject"):
        return Found(outcome=APPROVED if policy == "skip" else REJECTED, why="empty")
    named = step.policies.when_empty_who if policy == "who" else running.workflow.admin
    people = {} if policy == "block" else dict(expand(running, named))
    return Found(tuple(Candidate(person, person, "empty", weight) for person, weight in people.items()))


def _earlier_handlers(running: Running, step: Step, found: Sequence[Candidate]) -> list[Candidate]:
    """After a return those who decided the step before are asked, where one of several would do."""
    if running.returned_to != step.name or step.mode != "any" or len(found) < 2:
        return list(found)
    done = [task for task in fetch_tasks(running.work.uow, running.stored.id) if _was_decided(task, step.name)]
    last = {task.principal for task in done if task.visit == max(each.visit for each in done)}
    return [each for each in found if each.principal in last] or list(found)


def _was_decided(task: StoredTask, step: str) -> bool:
    return task.step == step and task.state == DONE and task.decision in ("approve", "reject", "submit")


def _approved_before(running: Running, step: Step, candidate: Candidate) -> Candidate:
    earlier = repeated(running, step, candidate.principal)
    if earlier is None:
        return candidate
    return replace(candidate, source="dedup", decision="approve", opinion=dedup_opinion(running, earlier))


def _needs_person(step: Step) -> bool:
    """Whether an approval cannot be given without somebody looking."""
    asks = step.rights.require or step.signature or step.checks or step.recheck
    return bool(asks) or step.policies.opinion.get("approve") == "required"


def _delegated(running: Running, step: Step, candidate: Candidate) -> Candidate:
    """The task of somebody who is away goes to who stands in for him; circles, and the initiator, do not count."""
    seen, person = [candidate.person], candidate.person
    for _ in range(MOST_HOPS):
        following = _stand_in(running, person)
        if following is None:
            break
        if following in seen:
            running.log("delegation_cycle", step=step.name, details={"principal": candidate.principal})
            return candidate
        seen.append(following)
        person = following
    if person == candidate.person or not running.organisation.is_active(person):
        return candidate
    if step.kind == "approve" and person == running.stored.initiator:
        return candidate
    return replace(candidate, person=person, source="delegate")


def _stand_in(running: Running, person: int) -> int | None:
    """Who stands in for a person now, for this workflow."""
    for each in _active(running):
        if each.principal == person and (not each.workflows or running.workflow.id in each.workflows):
            return each.delegate
    return None


def _active(running: Running) -> Iterator[Delegation]:
    yield from fetch_delegations(running.work.uow, at=running.work.uow.now)
