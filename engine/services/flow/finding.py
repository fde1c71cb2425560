"""Who is asked at a step: the people that its list finds now, with the policies for nobody and for the initiator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from engine.catalog.effects import Who
from engine.catalog.workflows import Step
from engine.runtime.flow.votes import APPROVED, REJECTED
from engine.storage.organisation import fetch_holders, fetch_organisation

if TYPE_CHECKING:
    from engine.services.flow.running import Running


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be asked. decision: already given (the same person approved before)."""

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
    """The people of a step now: its list, without who is inactive; then the policies."""
    people = list(dict.fromkeys(expand(running, step.who)))
    excluded = {person for person, _ in expand(running, step.exclude)}
    people = [each for each in people if each[0] not in excluded]
    initiator = running.stored.initiator
    if step.kind == "approve" and initiator in {person for person, _ in people}:
        people = _without_initiator(running, step, people)
        if not people and step.policies.self_approval == "skip":
            return Found(outcome=APPROVED, why="self")
    if people:
        return Found(tuple(Candidate(person, person, weight=weight) for person, weight in people))
    return _when_nobody(running, step)


def expand(running: Running, who: Sequence[Who]) -> Iterator[tuple[int, int]]:
    """(person, weight) of a list of people, active ones only, in order."""
    organisation = fetch_organisation(running.work.uow)
    for each in who:
        for person in _one(running, each):
            if organisation.is_active(person):
                yield person, each.weight


def _one(running: Running, who: Who) -> Iterator[int]:
    organisation = fetch_organisation(running.work.uow)
    match who.kind:
        case "initiator":
            yield from _some(running.stored.initiator)
        case "user":
            yield from _some(organisation.by_login(who.name))
        case "role":
            yield from fetch_holders(running.work.uow, who.name)
        case "field":
            yield from _people(running.value(who.path) if who.path is not None else None)
        case "superior":
            start = running.stored.initiator if who.of == "initiator" else _first(running, who)
            yield from _some(organisation.superior(start, who.level))
        case "department_head":
            start = running.stored.initiator if who.of == "initiator" else _first(running, who)
            yield from _some(organisation.head_of(start, who.level))


def _first(running: Running, who: Who) -> int | None:
    return next(_people(running.value(who.path) if who.path is not None else None), None)


def _people(value: object) -> Iterator[int]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int):
            yield each


def _some(value: int | None) -> Iterator[int]:
    if value is not None:
        yield value


def _without_initiator(running: Running, step: Step, people: list[tuple[int, int]]) -> list[tuple[int, int]]:
    policy = step.policies.self_approval
    initiator = running.stored.initiator
    if policy == "allow":
        return people
    others = [each for each in people if each[0] != initiator]
    if policy == "skip":
        return others
    organisation = fetch_organisation(running.work.uow)
    instead = organisation.superior(initiator, 1) if policy == "superior" else None
    named = [(instead, 1)] if instead is not None else list(expand(running, running.workflow.admin))
    return list(dict.fromkeys([*others, *named]))


def _when_nobody(running: Running, step: Step) -> Found:
    policy = step.policies.when_empty
    if policy == "skip":
        return Found(outcome=APPROVED, why="empty")
    if policy == "reject":
        return Found(outcome=REJECTED, why="empty")
    named = step.policies.when_empty_who if policy == "who" else running.workflow.admin
    people = [] if policy == "block" else list(dict.fromkeys(expand(running, named)))
    return Found(tuple(Candidate(person, person, "empty", weight) for person, weight in people))
