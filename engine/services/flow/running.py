"""An instance at work inside one transaction: its definition, its marking, its record, and what the machine orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog.effects import Effect, Who
from engine.catalog.workflows import Step, Workflow
from engine.problems import Conflict, NotVisible, Problem, ProblemsFound
from engine.runtime.drafts import Draft, RecordValues
from engine.runtime.flow.machine import Machine
from engine.runtime.flow.marking import START, Marking
from engine.runtime.flow.surroundings import ClosureBook, Expression
from engine.runtime.flow.votes import APPROVED, NOBODY, REJECTED
from engine.runtime.moments import Moment
from engine.runtime.work import Work
from engine.services.flow.acting import Incident, fetch_draft, incident_details
from engine.services.flow.asking import ask_people, make_tasks, nobody_left
from engine.services.flow.book import WorkflowBook
from engine.services.flow.calling import close_called, open_call
from engine.services.flow.carrying_out import carry_out, settle_lock
from engine.services.flow.expanding import check_chosen, expand
from engine.services.flow.finding import Candidate
from engine.services.flow.guarding import check_watched, rewatch
from engine.services.flow.halting import attempt
from engine.services.flow.looking import leave_visit
from engine.services.flow.notices import tell
from engine.services.flow.voting import counts, outcome_of
from engine.services.flow.waiting import open_wait
from engine.services.flow.words import state_word
from engine.storage.flow_acts import insert_copies
from engine.storage.flow_children import fetch_children
from engine.storage.flows import (
    DONE,
    NewTask,
    StoredInstance,
    append_log,
    close_tasks,
    fetch_tasks,
    free_keys,
    insert_tasks,
    lock_instance,
    update_instance,
)
from engine.storage.organisation import Organisation
from engine.values import Label

TOLD = ("approved", "rejected", "terminated")  # results of which the initiator is told


@dataclass(frozen=True, slots=True)
class Others:
    """begin: start a workflow on a record, called at a visit or by an effect; its instance. end: terminate one."""

    begin: Callable[[Running, str, int, int | None], int]
    end: Callable[[Running, int], None]


@dataclass
class Running:
    """`work` acts in the person's name, `system` in the engine's; both in the same transaction.

    `machine` orders and `self` carries out: it is the machine's Surroundings.
    others       how other instances are started and ended; None where this one is only read
    assignee     whose task is at hand: whose superior `superior: assignee` means
    returned_to  the step that a return leads to
    """

    work: Work
    system: Work
    book: WorkflowBook
    stored: StoredInstance
    workflow: Workflow
    marking: Marking
    others: Others | None = None
    assignee: int | None = None
    returned_to: str | None = None
    _draft: Draft | None = None
    _previous: int | None = None
    _organisation: Organisation | None = None
    _occasions: int = 0
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.machine = Machine(self.workflow, self.marking, self)

    # --- what is read ---------------------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment:
        """The moment, with what `flow.` means."""
        words = {
            "flow.initiator": self.stored.initiator,
            "flow.department": self.stored.department,
            "flow.previous_handler": self._previous,
            "flow.round": self.marking.round,
            "flow.started_at": self.stored.started_at,
        }
        return replace(self.system.moment, asked=words)

    @property
    def organisation(self) -> Organisation:
        """Everybody, read once for the command."""
        if self._organisation is None:
            self._organisation = self.book.organisation.read(self.work.uow)
        return self._organisation

    @property
    def initiator(self) -> int | None:
        """Who started it."""
        return self.stored.initiator

    @property
    def department(self) -> int | None:
        """The department for which it was started."""
        return self.stored.department

    @property
    def form_id(self) -> str:
        """The form of the record."""
        return self.stored.form

    @property
    def record_id(self) -> int:
        """The record."""
        return self.stored.record_id

    @property
    def closures(self) -> ClosureBook:
        """The expressions, compiled."""
        return self.book.closures

    @property
    def key(self) -> str:
        """No other list of effects has it, of this instance or another: every command has a `rev` of its own."""
        return f"{self.stored.id}:{self.stored.rev}.{self._occasions}"

    def people(self, who: Sequence[Who]) -> Sequence[int]:
        """The active people of a list, each once."""
        return tuple(dict.fromkeys(person for person, _ in expand(self, who)))

    def handlers(self, step: str) -> Iterable[int]:
        """Who decided a step when it was last gone through."""
        done = [task for task in fetch_tasks(self.work.uow, self.stored.id) if task.step == step]
        decided = [task for task in done if task.state == DONE and task.decision not in (None, "return")]
        last = max((task.visit for task in decided), default=0)
        return [task.done_by or task.assignee for task in decided if task.visit == last]

    def chosen_at(self, who: Who) -> Iterable[int]:
        """The people chosen for the step in which this entry stands."""
        steps = [step for step in self.workflow.all_steps() if any(each is who for each in step.who)]
        return [person for step in steps for person in self.chosen.get(step.name, ())]

    @property
    def instance(self) -> int:
        """The instance."""
        return self.stored.id

    def guard(self, form_id: str, record_id: int) -> None:
        """Incident unless the watched values of that record are as they were when the approval started."""
        check_watched(self, form_id, record_id)

    def changed(self, form_id: str, record_id: int) -> None:
        """An effect has changed that record."""
        rewatch(self, form_id, record_id)

    def start(self, workflow: str, record_id: int) -> int | None:
        """Start a workflow on a record: its instance. Nobody waits for it."""
        self.log("starts", details={"text": workflow})
        return self.begin_other(workflow, record_id)

    def begin_other(self, workflow: str, record_id: int, visit: int | None = None) -> int:
        """Start a workflow on a record, called by the step at `visit` (None: by an effect): its instance."""
        return self._hands.begin(self, workflow, record_id, visit)

    def end_other(self, instance_id: int) -> None:
        """Terminate an instance that this one has called."""
        self._hands.end(self, instance_id)

    @property
    def _hands(self) -> Others:
        if self.others is None:
            raise LookupError("this instance was only loaded to be read")
        return self.others

    @property
    def chosen(self) -> Mapping[str, Sequence[int]]:
        """The people chosen for steps, by step."""
        found: Mapping[str, Sequence[int]] = self.stored.facts.get("chosen", {})
        return found

    def choose(self, people: Mapping[str, Sequence[int]]) -> None:
        """Keep who was chosen for steps; A131 when somebody may not be chosen there."""
        for name, chosen in people.items():
            check_chosen(self, self.workflow.step(name), chosen)
        if people:
            kept = {**self.chosen, **{name: list(chosen) for name, chosen in people.items()}}
            self.keep_facts(chosen=kept)

    def keep_facts(self, **facts: Any) -> None:
        """Keep something with the instance."""
        self.stored = replace(self.stored, facts={**self.stored.facts, **facts})
        update_instance(self.work.uow, self.stored.id, {"facts": self.stored.facts})

    @property
    def draft(self) -> Draft:
        """The record as it is saved now."""
        if self._draft is None:
            self._draft = fetch_draft(self.system, self.stored.form, self.stored.record_id)
        return self._draft

    @property
    def values(self) -> RecordValues:
        """The record as expressions read it."""
        return self.draft.read(self.system.links)

    def forget_record(self) -> None:
        """Records have been written: read again what is asked for."""
        self._draft = None
        self.system.links.forget_all()

    def value(self, expression: Expression) -> object:
        """The value of an expression on the record."""
        return self.book.closures.of(expression)(self.values, self.moment)

    def log(self, action: str, **more: Any) -> None:
        """A line in the instance's log."""
        append_log(self.work.uow, self.stored.id, action, **more)

    # --- Surroundings of the machine --------------------------------------------------------------------------------

    def holds(self, condition: Expression) -> bool:
        """Whether a condition holds on the record as it is saved now."""
        return bool(self.value(condition))

    def holds_for(self, condition: Expression, person: int) -> bool:
        """Whether a condition holds with `flow.previous_handler` being a person."""
        kept, self._previous = self._previous, person
        try:
            return self.holds(condition)
        finally:
            self._previous = kept

    def open_step(self, step: Step, visit: int) -> str | None:
        """Begin a step that waits for people, time, or other instances; None while it does."""
        if step.kind == "wait":
            return open_wait(self, step, visit)
        if step.kind == "call":
            return open_call(self, step, visit)
        if not self._run_or_halt(step, "enter", visit):
            return None
        return ask_people(self, step, visit)

    def reopen_step(self, step: Step, visit: int, people: Any) -> str | None:
        """Begin a step again for those who had it."""
        kept = [Candidate(**each) for each in people or ()]
        if not kept:
            return self.open_step(step, visit)
        make_tasks(self, step, visit, kept)
        return None

    def open_start(self, visit: int) -> None:
        """Give the record back to the initiator."""
        person = self.stored.initiator or 0
        task = NewTask(visit, START, START, person, person, source="return")
        insert_tasks(self.work.uow, self.stored.id, [task])
        tell(self, [person], "returned")

    def pass_step(self, step: Step) -> bool:
        """Carry out a step that never waits; whether it has halted."""
        self.log(step.kind, step=step.name)
        if step.kind == "cc":
            people = [person for person, _ in expand(self, step.who)]
            tell(self, insert_copies(self.work.uow, self.stored.id, step.name, people), "copy")
        return step.kind == "auto" and not self._run_or_halt(step, "enter", self._visit_of(step))

    def leave_step(self, step: Step, outcome: str) -> bool:
        """The effects of a decided step; whether it has halted."""
        if not step.is_human:
            return False
        if outcome == REJECTED:
            self.returned_to = step.reject_to
        name = {APPROVED: "submit" if step.kind == "fill" else "approve", REJECTED: "reject"}[outcome]
        return not self._run_or_halt(step, name, self._visit_of(step), outcome)

    def _run_or_halt(self, step: Step, name: str, visit: int, outcome: str = "") -> bool:
        """Carry out the effects of a step; False when one must wait until somebody has looked."""
        effects = step.effects.get(name, ())
        return attempt(self, lambda: self.carry_out(effects, step.label), str(visit), outcome)

    def _visit_of(self, step: Step) -> int:
        """At which visit a step goes on."""
        return next((leaf.visit for leaf in self.marking.root.leaves() if leaf.name == step.name), self.marking.visits)

    def close(self, visits: Iterable[int]) -> None:
        """Cancel what these visits have open: tasks, timers, instances that they have called."""
        visits = list(visits)
        if visits:
            close_tasks(self.work.uow, self.stored.id, visits, "cancelled")
        if visits and any(step.kind == "call" for step in self.workflow.all_steps()):
            close_called(self, fetch_children(self.work.uow, self.stored.id, visits))

    def people_of(self, visits: Iterable[int]) -> dict[str, Any]:
        """Whose votes these visits ask: also of those who have given theirs, and of who returns it just now."""
        found: dict[str, Any] = {}
        wanted = set(visits)
        for task in fetch_tasks(self.work.uow, self.stored.id):
            if task.visit in wanted and counts(task):
                person = Candidate(task.assignee, task.principal, task.source, task.weight)
                found.setdefault(str(task.visit), []).append(person.to_json())
        return found

    def note(self, what: str, step: str) -> None:
        """Something worth a line in the log."""
        self.log(what, step=step)

    # --- what the commands use --------------------------------------------------------------------------------------

    def run(self, effects: Sequence[Effect], step: Step | None = None) -> None:
        """Carry out effects in order, as the system; the first that fails undoes the whole command."""
        label = step.label if step is not None else self.workflow.label
        try:
            self.carry_out(effects, label)
        except Incident as found:
            reason = {language: found.problem.message(language) for language in ("en", "zh")}
            raise ProblemsFound([Problem("A172", {"step": label, "reason": reason})]) from found

    def carry_out(self, effects: Sequence[Effect], label: Label) -> None:
        """The same; Incident when an effect must not be carried out now."""
        self._occasions += 1
        carry_out(self, effects, label)

    def leave(self, visit: int, outcome: str) -> str | None:
        """Go on behind a step that waits no more: the instance's result, None while it goes on."""
        return leave_visit(self, visit, outcome)

    def fail(self, problem: Problem) -> None:
        """Stop here and call the administrators: nothing that was decided is lost."""
        update_instance(self.work.uow, self.stored.id, {"incident": problem.message("en")})
        self.log("incident", details=incident_details(problem))

    def tally(self, step: Step, visit: int) -> str | None:
        """What the votes of a visit decide; the tasks that are not needed any more are superseded."""
        outcome = outcome_of(self, step, visit)
        if outcome is None:
            return None
        close_tasks(self.work.uow, self.stored.id, [visit], "superseded")
        return nobody_left(self, step, visit) if outcome == NOBODY else outcome

    def end(self, result: str) -> None:
        """The instance has come to its end; Incident when what follows must wait until somebody has looked."""
        ended = {"state": result, "ended_at": self.work.uow.now, "incident": None}
        update_instance(self.work.uow, self.stored.id, ended)
        free_keys(self.work.uow, self.stored.id)
        self.carry_out(self.workflow.outcomes.get(result, ()), self.workflow.label)
        settle_lock(self.work.uow, self.system.catalog.forms[self.stored.form], self.stored.record_id)
        self.log(result)
        if result in TOLD:
            tell(self, [self.stored.initiator or 0], result)

    def store(self) -> None:
        """Store where the instance stands."""
        values = {"marking": self.marking.to_json(), "facts": self.stored.facts, "rev": self.stored.rev + 1}
        update_instance(self.work.uow, self.stored.id, values)


def load_running(
    work: Work,
    system: Work,
    book: WorkflowBook,
    instance_id: int,
    *,
    held: bool = False,
    others: Others | None = None,
) -> Running:
    """The instance, locked; NotVisible when there is none. 409 when it has ended, or is suspended (unless `held`)."""
    running = load_any(work, system, book, instance_id, others)
    require_going(running, held=held)
    return running


def load_any(work: Work, system: Work, book: WorkflowBook, instance_id: int, others: Others | None = None) -> Running:
    """The instance, locked, whatever has become of it; NotVisible when there is none."""
    stored = lock_instance(work.uow, instance_id)
    if stored is None:
        raise NotVisible(f"instance {instance_id}")
    workflow = book.of(work.uow, stored.workflow, stored.definition_id)
    return Running(work, system, book, stored, workflow, Marking.from_json(stored.marking), others)


def require_going(running: Running, *, held: bool) -> None:
    """409 when it has ended, or is suspended (unless `held`)."""
    if running.stored.state != "running":
        raise Conflict(Problem("A101", {"state": state_word(running.stored.state)}))
    if running.stored.suspended and not held:
        raise Conflict(Problem("A102"))
