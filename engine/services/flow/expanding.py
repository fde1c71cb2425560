"""Lists of people, expanded on a record: roles, fields, superiors, heads, handlers of earlier steps, people chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from engine.catalog.effects import Who
from engine.catalog.workflows import Step
from engine.problems import Problem, ProblemsFound
from engine.runtime.flow.surroundings import Expression
from engine.storage.organisation import Organisation

MOST_SUPERIORS = 20


class Asker(Protocol):
    """On whose behalf, and on which record, a list of people is expanded: an approval at work, or a record alone."""

    @property
    def organisation(self) -> Organisation:
        """Everybody."""

    @property
    def initiator(self) -> int | None:
        """Who started it."""

    @property
    def department(self) -> int | None:
        """The department for which it was started."""

    @property
    def assignee(self) -> int | None:
        """Whose task is at hand."""

    def value(self, expression: Expression) -> object:
        """The value of an expression on the record."""

    def holds_for(self, condition: Expression, person: int) -> bool:
        """Whether a condition holds with `flow.previous_handler` being a person."""

    def handlers(self, step: str) -> Iterable[int]:
        """Who decided a step when it was last gone through."""

    def chosen_at(self, who: Who) -> Iterable[int]:
        """The people chosen for the step in which this entry stands."""

    def log(self, action: str, **more: Any) -> None:
        """Something worth a line in the log."""


def expand(asker: Asker, who: Sequence[Who], step: Step | None = None) -> Iterator[tuple[int, int]]:
    """(person, weight) of a list of people in order, active ones only; somebody may come more than once."""
    for each in who:
        for person in _expanded(asker, each, step):
            if asker.organisation.is_active(person):
                yield person, each.weight


def check_chosen(asker: Asker, step: Step, chosen: Sequence[int]) -> None:
    """A131 unless the people chosen for a step are among its candidates, and as many as it says."""
    for who in step.who:
        if who.kind != "choose":
            continue
        allowed = {person for person, _ in expand(asker, who.candidates)}
        if not set(chosen) <= allowed or not who.least <= len(set(chosen)) <= who.most:
            values = {"step": step.label, "least": who.least, "most": who.most}
            raise ProblemsFound([Problem("A131", values, pointer=f"people/{step.name}")])


def _expanded(asker: Asker, who: Who, step: Step | None) -> Iterable[int]:
    organisation = asker.organisation
    match who.kind:
        case "initiator":
            return _some(asker.initiator)
        case "user":
            return _some(organisation.by_login(who.name))
        case "role":
            return _holders(asker, who)
        case "field":
            return _people(asker.value(who.path) if who.path is not None else None)
        case "department_head":
            return _some(_head(asker, who))
        case "superior":
            return _some(organisation.superior(_start(asker, who), who.level))
        case "superiors":
            return _superiors(asker, who)
        case "handler":
            return asker.handlers(who.name)
        case "choose":
            return asker.chosen_at(who)
    return ()


def _holders(asker: Asker, who: Who) -> Iterator[int]:
    """Everybody with a role; `within` keeps those of a department and of what belongs to it."""
    organisation = asker.organisation
    if who.within_initiator:
        units = organisation.below(asker.department)
    elif who.within is not None:
        found = asker.value(who.within)
        units = set[int]().union(*(organisation.below(each) for each in _people(found)))
    else:
        units = None
    for person in organisation.holders(who.name):
        if units is None or organisation.people[person].department in units:
            yield person


def _head(asker: Asker, who: Who) -> int | None:
    organisation = asker.organisation
    if who.name:
        return organisation.department_head(organisation.department_by_name(who.name), who.level)
    if who.of:
        return organisation.head_of(_start(asker, who), who.level)
    found = next(iter(_people(asker.value(who.path) if who.path is not None else None)), None)
    if who.path is not None and who.path.type.kind in ("department", "departments"):
        return organisation.department_head(found, who.level)
    return organisation.head_of(found, who.level)


def _start(asker: Asker, who: Who) -> int | None:
    """Whose superior or department head is meant."""
    if who.of == "initiator":
        return asker.initiator
    if who.of == "assignee":
        return asker.assignee
    return next(iter(_people(asker.value(who.path) if who.path is not None else None)), None)


def _superiors(asker: Asker, who: Who) -> Iterator[int]:
    """All superiors upwards as far as `until` says; a circle ends the way."""
    organisation = asker.organisation
    person, seen = _start(asker, who), set[int]()
    for level in range(1, MOST_SUPERIORS + 1):
        if person is not None:
            seen.add(person)
        person = organisation.superior(person)
        if person in seen:
            asker.log("org_cycle", details={"person": person})
            return
        if person is None:
            if who.until_role is not None:
                asker.log("until_not_met", details={"role": who.until_role})
            return
        yield person
        if who.until_level == level or who.until_role in organisation.people[person].roles:
            return
        if who.until_when is not None and asker.holds_for(who.until_when, person):
            return


def _people(value: object) -> Iterator[int]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int):
            yield each


def _some(value: int | None) -> Iterator[int]:
    if value is not None:
        yield value
