"""Lists of people, expanded on a record: roles, fields, superiors, heads, handlers of earlier steps, people chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from engine.catalog.effects import Who
from engine.catalog.workflows import Step
from engine.problems import Problem, ProblemsFound
from engine.storage.flows import DONE, fetch_tasks

if TYPE_CHECKING:
    from engine.services.flow.running import Running

MOST_SUPERIORS = 20


def expand(running: Running, who: Sequence[Who], step: Step | None = None) -> Iterator[tuple[int, int]]:
    """(person, weight) of a list of people in order, active ones only; somebody may come more than once."""
    for each in who:
        for person in _expanded(running, each, step):
            if running.organisation.is_active(person):
                yield person, each.weight


def check_chosen(running: Running, step: Step, chosen: Sequence[int]) -> None:
    """A131 unless the people chosen for a step are among its candidates, and as many as it says."""
    for who in step.who:
        if who.kind != "choose":
            continue
        allowed = {person for person, _ in expand(running, who.candidates)}
        if not set(chosen) <= allowed or not who.least <= len(set(chosen)) <= who.most:
            values = {"step": step.label, "least": who.least, "most": who.most}
            raise ProblemsFound([Problem("A131", values, pointer=f"people/{step.name}")])


def _expanded(running: Running, who: Who, step: Step | None) -> Iterable[int]:
    organisation = running.organisation
    match who.kind:
        case "initiator":
            return _some(running.stored.initiator)
        case "user":
            return _some(organisation.by_login(who.name))
        case "role":
            return _holders(running, who)
        case "field":
            return _people(running.value(who.path) if who.path is not None else None)
        case "department_head":
            return _some(_head(running, who))
        case "superior":
            return _some(organisation.superior(_start(running, who), who.level))
        case "superiors":
            return _superiors(running, who)
        case "handler":
            return _handlers(running, who.name)
        case "choose":
            return _chosen(running, who)
    return ()


def _holders(running: Running, who: Who) -> Iterator[int]:
    """Everybody with a role; `within` keeps those of a department and of what belongs to it."""
    organisation = running.organisation
    if who.within_initiator:
        units = organisation.below(running.stored.department)
    elif who.within is not None:
        found = running.value(who.within)
        units = set[int]().union(*(organisation.below(each) for each in _people(found)))
    else:
        units = None
    for person in organisation.holders(who.name):
        if units is None or organisation.people[person].department in units:
            yield person


def _head(running: Running, who: Who) -> int | None:
    organisation = running.organisation
    if who.name:
        return organisation.department_head(organisation.department_by_name(who.name), who.level)
    if who.of:
        return organisation.head_of(_start(running, who), who.level)
    found = next(iter(_people(running.value(who.path) if who.path is not None else None)), None)
    if who.path is not None and who.path.type.kind in ("department", "departments"):
        return organisation.department_head(found, who.level)
    return organisation.head_of(found, who.level)


def _start(running: Running, who: Who) -> int | None:
    """Whose superior or department head is meant."""
    if who.of == "initiator":
        return running.stored.initiator
    if who.of == "assignee":
        return running.assignee
    return next(iter(_people(running.value(who.path) if who.path is not None else None)), None)


def _superiors(running: Running, who: Who) -> Iterator[int]:
    """All superiors upwards as far as `until` says; a circle ends the way."""
    organisation = running.organisation
    person, seen = _start(running, who), set[int]()
    for level in range(1, MOST_SUPERIORS + 1):
        if person is not None:
            seen.add(person)
        person = organisation.superior(person)
        if person in seen:
            running.log("org_cycle", details={"person": person})
            return
        if person is None:
            if who.until_role is not None:
                running.log("until_not_met", details={"role": who.until_role})
            return
        yield person
        if who.until_level == level or who.until_role in organisation.people[person].roles:
            return
        if who.until_when is not None and running.holds_for(who.until_when, person):
            return


def _handlers(running: Running, name: str) -> Iterator[int]:
    """Who decided an earlier step when it was last gone through."""
    done = [task for task in fetch_tasks(running.work.uow, running.stored.id) if task.step == name]
    decided = [task for task in done if task.state == DONE and task.decision not in (None, "return")]
    last = max((task.visit for task in decided), default=0)
    for task in decided:
        if task.visit == last:
            yield task.done_by or task.assignee


def _chosen(running: Running, who: Who) -> Iterator[int]:
    """The people chosen for the step in which this entry stands."""
    for step in running.workflow.all_steps():
        if any(each is who for each in step.who):
            yield from running.chosen.get(step.name, ())


def _people(value: object) -> Iterator[int]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int):
            yield each


def _some(value: int | None) -> Iterator[int]:
    if value is not None:
        yield value
