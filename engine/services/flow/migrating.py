"""Brings running approvals over to the definition in force: asked first, each in a transaction of its own.

Tasks keep their ids, people, drafts and due times; what the new definition asks counts from the next decision on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.catalog.workflows import Step, Workflow
from engine.problems import Conflict, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.runtime.flow.marking import START, Marking
from engine.runtime.flow.migrating import SKIP, Moved, migrated, new_names
from engine.runtime.work import Work
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.following import finish_moves
from engine.services.flow.commands.starting import OTHERS, claim_key
from engine.services.flow.due import arm_timers
from engine.services.flow.running import Running
from engine.services.flow.stories import START_LABEL
from engine.services.site import OpenCompany
from engine.storage.flow_versions import (
    Version,
    drop_timers,
    fetch_running_ids,
    fetch_versions,
    rename_steps,
)
from engine.storage.flows import (
    PENDING,
    RUNNING,
    StoredInstance,
    fetch_tasks,
    free_keys,
    keep_definition,
    lock_instance,
    update_instance,
)
from engine.values import Label, empty


@dataclass(frozen=True, slots=True)
class Came:
    """One approval: from which version, where it stood, and where it stands now; `problems`: why it stays."""

    instance: int
    title: str
    version: int
    stood: tuple[Label, ...]
    stands: tuple[Label, ...] = ()
    ended: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of every running approval on another version; `to`: the number of the version in force."""

    workflow: Workflow
    to: int
    rows: tuple[Came, ...]

    @property
    def refused(self) -> tuple[Came, ...]:
        """Those that stay on their version."""
        return tuple(each for each in self.rows if each.problems)


class _OnlyAsked(Exception):
    """Ends a transaction that was only to show what would come of it."""


def migrate(company: OpenCompany, workflow_id: str, *, versions: Sequence[int] = (), apply: bool = False) -> Migration:
    """Bring running approvals (of these versions) over to the definition in force; without `apply` nothing is kept.

    NotVisible when there is no such workflow now.
    """
    target = company.catalog.workflows.get(workflow_id)
    if target is None:
        raise NotVisible(workflow_id)
    with company.reading(SYSTEM) as work:
        known = fetch_versions(work.uow.connection, work.uow.database.tables.flow, workflow_id)
        wanted = {each.id: each for each in known if not versions or each.number in versions}
        current = next((each for each in known if each.digest == target.digest), None)
        others = [key for key in wanted if current is None or key != current.id]
        waiting = fetch_running_ids(work.uow, others)
    rows = [_come_over(company, target, instance, wanted[version], apply=apply) for instance, version in waiting]
    number = current.number if current is not None else len(known) + 1
    return Migration(target, number, tuple(row for row in rows if row is not None))


def _come_over(
    company: OpenCompany, target: Workflow, instance_id: int, version: Version, *, apply: bool
) -> Came | None:
    """One approval in its own transaction; None when it has ended meanwhile."""

    def run() -> Came | None:
        found: Came | None = None
        try:
            with company.writing(SYSTEM, "migrate") as work:
                stored = lock_instance(work.uow, instance_id)
                if stored is not None and stored.state == RUNNING and stored.definition_id == version.id:
                    found = _Coming(company, work, stored, target, version).come()
                if not apply or (found is not None and found.problems):
                    raise _OnlyAsked
        except _OnlyAsked:
            pass
        return found

    return company.again(run)


@dataclass
class _Coming:
    """An instance, locked, on its way."""

    company: OpenCompany
    work: Work
    stored: StoredInstance
    target: Workflow
    version: Version

    def come(self) -> Came:
        """What has become of it; what was written is undone when there are problems."""
        came = Came(self.stored.id, self.stored.title, self.version.number, ())
        try:
            before = self.company.flows.of(self.work.uow, self.stored.workflow, self.stored.definition_id, ended=True)
            came = replace(came, stood=_places(before, Marking.from_json(self.stored.marking)))
            running, result = self._move(before)
        except ProblemsFound as found:
            return replace(came, problems=found.problems)
        except Conflict as found:
            return replace(came, problems=(found.problem,))
        return replace(came, stands=_places(self.target, running.marking) if result is None else (), ended=result)

    def _move(self, before: Workflow) -> tuple[Running, str | None]:
        if before.form != self.target.form:
            label = self.company.catalog.forms[self.target.form].label
            raise ProblemsFound([Problem("A183", {"form": label})])
        moved = migrated(before, self.target, self.target.renamed, Marking.from_json(self.stored.marking))
        names = new_names(before, self.target, self.target.renamed)
        rename_steps(self.work.uow, self.stored.id, names)
        running = self._running(moved, names)
        if before.unique_active != self.target.unique_active:
            free_keys(self.work.uow, self.stored.id)
            claim_key(running)
        _leave_anew(running, before, names)
        self._log(running, names, moved)
        result = self._go_on(running, moved)
        finish(running, result)
        finish_moves(self.company, self.work)
        return running, result

    def _running(self, moved: Moved, names: Mapping[str, str]) -> Running:
        uow, content = self.work.uow, self.company.flows.definition(self.target.id).to_json()
        values: dict[str, Any] = {
            "definition_id": keep_definition(uow, self.target.id, self.target.digest, content),
            "facts": _renamed_facts(self.stored.facts, names),
        }
        if self._leaves_all(moved):
            values["incident"] = None  # where it stood is no more
            values["facts"]["halted"] = {}
        update_instance(uow, self.stored.id, values)
        stored = replace(self.stored, **values)
        system = self.company.same_work(self.work, SYSTEM)
        return Running(self.work, system, self.company.flows, stored, self.target, moved.marking, OTHERS)

    def _leaves_all(self, moved: Moved) -> bool:
        """Whether nothing goes on where it stood."""
        stood = {leaf.visit for leaf in Marking.from_json(self.stored.marking).root.leaves()}
        return moved.to_start or (bool(stood) and stood <= set(moved.left_out))

    def _log(self, running: Running, names: Mapping[str, str], moved: Moved) -> None:
        gone = {name: to for name, to in self.target.renamed.items() if to in (START, SKIP)}
        here = {leaf.name for leaf in Marking.from_json(self.stored.marking).root.leaves()}
        steps = {**names, **{name: to for name, to in gone.items() if name in here}}
        details = {"version": self.version.number, "steps": steps, "direct_returns_dropped": moved.dropped}
        running.log("migrate", details=details)

    def _go_on(self, running: Running, moved: Moved) -> str | None:
        if moved.to_start:
            return running.machine.jump(START)
        return running.machine.pass_over(moved.left_out) if moved.left_out else None


def _renamed_facts(facts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is kept with an instance, with the people chosen for steps that have other names; nothing is taken back."""
    kept = {key: value for key, value in facts.items() if key != "undo"}
    chosen = facts.get("chosen", empty())
    if chosen:
        kept["chosen"] = {names.get(step, step): people for step, people in chosen.items()}
    return kept


def _leave_anew(running: Running, before: Workflow, names: Mapping[str, str]) -> None:
    """Where another escalation is written, what is yet to come of it is left anew, for the due times that tasks have.

    Elsewhere it stays as it was left.
    """
    former = {names.get(step.name, step.name): step for step in before.all_steps()}
    open_now = [each for each in fetch_tasks(running.work.uow, running.stored.id) if each.state == PENDING]
    for visit, name in dict.fromkeys((task.visit, task.step) for task in open_now):
        step = next((each for each in running.workflow.all_steps() if each.name == name), None)
        if step is None or _escalation(step) == _escalation(former[name]):
            continue
        drop_timers(running.work.uow, running.stored.id, visit)
        for task in open_now:
            if task.visit == visit:
                arm_timers(running, step, visit, [task.id], task.due_at, from_now=True)


def _escalation(step: Step) -> list[tuple[object, ...]]:
    """What timers are known by: the rest of them is read when they fire."""
    return [(each.at, each.do, each.every, each.times) for each in step.timers]


def _places(workflow: Workflow, marking: Marking) -> tuple[Label, ...]:
    labels = {START: START_LABEL, **{step.name: step.label for step in workflow.all_steps()}}
    return tuple(labels[leaf.name] for leaf in marking.root.leaves())
