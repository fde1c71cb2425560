"""Approval workflows as checked definitions: a list of steps, in which branches and parallels hold lists of steps.

There are no arrows: every return goes to a step of an enclosing list, so a running instance can never be stuck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from fractions import Fraction

from engine.catalog.effects import Effect, Who
from engine.catalog.forms import Check, Template
from engine.expressions.nodes import Expression, Path
from engine.problems import Location
from engine.values import Label, empty

HUMAN = ("approve", "fill")
STEP_KINDS = (*HUMAN, "cc", "branch", "parallel", "auto", "call", "wait", "end", "goto")
STATES = ("draft", "running", "approved", "rejected", "revoked", "terminated")
ANY = ("any",)


@dataclass(frozen=True, slots=True)
class Duration:
    """minutes, hours and days are added to the clock; workdays follow the company's calendar. May be negative."""

    amount: int
    unit: str  # minute | hour | day | workday


@dataclass(frozen=True, slots=True)
class Due:
    """When a task is due: so long after it came, or at a date given by an expression."""

    after: Duration | None = None
    at: Expression | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens relative to the due time: remind | transfer | approve | reject | return | addsign_with | effect."""

    at: Duration
    do: str
    place: Location
    to: tuple[Who, ...] = ()
    to_step: str | None = None
    every: Duration | None = None
    times: int = 1
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """What share of the votes passes: at least `share` of them, or more than it when `strict`; or `count` of them."""

    share: Fraction = Fraction(1, 2)
    strict: bool = True
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FieldRights:
    """What a handler may do with fields at a step: ids, or lines.column. A lines field covers its columns."""

    edit: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """What applies to a human step unless it says otherwise. opinion: decision → required | optional | none."""

    when_empty: str = "admin"  # admin | block | skip | reject | who
    when_empty_who: tuple[Who, ...] = ()
    self_approval: str = "superior"  # superior | skip | allow | admin
    dedup: str = "none"  # none | consecutive | any_earlier
    opinion: Mapping[str, str] = with_default(default_factory=empty)
    allow: frozenset[str] = frozenset({"transfer", "save", "cc", "return"})
    returns: tuple[str, ...] = ()  # start, previous, step names; ANY = every legal one
    resume: str = "rerun"  # rerun | direct | choose
    due: Due | None = None
    stale: str = "refuse"  # refuse | accept


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Only the fields of its kind are filled."""

    name: str
    kind: str
    label: Label
    at: Location
    # approve, fill, cc
    who: tuple[Who, ...] = ()
    exclude: tuple[Who, ...] = ()
    mode: str = "any"  # any | all | sequence | vote
    reject_to: str = "end"  # start | end | step name
    reject_rule: str = "first"  # first | all
    passes: Pass = Pass()
    veto: bool = True
    abstain: bool = False
    rights: FieldRights = FieldRights()
    checks: tuple[Check, ...] = ()
    recheck: bool = False
    attention: tuple[Check, ...] = ()  # what its handlers are told to look at when it holds
    signature: bool = False
    policies: Policies = Policies()
    timers: tuple[Timer, ...] = ()
    effects: Mapping[str, tuple[Effect, ...]] = with_default(default_factory=empty)  # auto: {"enter": …}
    # branch, parallel
    lists: tuple[StepList, ...] = ()
    join: str = "all"  # all | any | some
    join_count: int = 0
    none: str = ""  # parallel without an open branch: skip | error
    # call
    calls: str = ""
    rows: Path = ()  # lines or a related list, whose rows are gone through
    target: Path = ()  # the links that lead from the record, or the row, to what is called; (): the row's record
    wait_for: str = "all"  # all | any | none
    on_reject: str = "continue"  # continue | reject | return
    most: int = 200
    repeatable: bool = False
    given: Mapping[str, Expression] = with_default(default_factory=empty)
    taken: Mapping[str, Expression] = with_default(default_factory=empty)
    # wait
    until: Expression | None = None  # a condition
    until_at: Expression | None = None
    until_after: Duration | None = None
    timeout: Duration | None = None
    on_timeout: str = "continue"  # continue | reject | end
    # end, goto
    result: str = "approved"
    to: str = ""

    @property
    def is_human(self) -> bool:
        """Whether people decide here."""
        return self.kind in HUMAN

    @property
    def is_final(self) -> bool:
        """Whether what was done here cannot be done again: nobody returns past it once it has been passed."""
        if self.kind == "call":
            return not self.repeatable
        passed = (effects for name, effects in self.effects.items() if name in ("enter", "approve", "submit"))
        return any(effect.kind == "webhook" for effects in passed for effect in effects)

    def steps_in(self, name: str) -> tuple[Step, ...]:
        """The steps of one of its lists."""
        return next(each.steps for each in self.lists if each.name == name)


@dataclass(frozen=True, slots=True)
class StepList:
    """The steps of a case or of a parallel branch. `when` None: else, or always."""

    name: str
    label: Label
    when: Expression | None
    steps: tuple[Step, ...]
    at: Location
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Who may start, what is filled in then, what must hold, what happens, which values are watched until the end."""

    who: tuple[Who, ...] = ()
    rights: FieldRights = FieldRights()
    checks: tuple[Check, ...] = ()
    effects: tuple[Effect, ...] = ()
    guard: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow of one form. `digest` names its content: running instances stay with the one they started on."""

    id: str
    form: str
    label: Label
    title: Template | None
    start: Start
    steps: tuple[Step, ...]
    at: Location
    admin: tuple[Who, ...] = ()
    revoke: str = "never"  # never | before_first_decision | anytime
    unique_active: tuple[str, ...] = ()
    max_rounds: int = 30
    outcomes: Mapping[str, tuple[Effect, ...]] = with_default(default_factory=empty)
    sets_state: bool = True
    when: Expression | None = None  # several workflows of one form: for which records
    digest: str = ""
    renamed: Mapping[str, str] = with_default(default_factory=empty)  # migrate.map: old step → step, start or skip
    policies: Policies = Policies()

    def all_steps(self) -> Iterator[Step]:
        """Every step, however deep, in written order."""
        yield from walk_steps(self.steps)

    def step(self, name: str) -> Step:
        """The step called `name`; KeyError when there is none."""
        for each in self.all_steps():
            if each.name == name:
                return each
        raise KeyError(name)


def workflows_of(workflows: Mapping[str, Workflow], form_id: str) -> tuple[Workflow, ...]:
    """The workflows of a form."""
    return tuple(each for each in workflows.values() if each.form == form_id)


def hiding_steps(workflows: Mapping[str, Workflow], form_id: str, field: str) -> tuple[tuple[str, str], ...]:
    """(workflow, step) of every human step that hides a field (or the lines it stands in) from its handlers."""
    names = {field, field.split(".")[0]}
    found = []
    for workflow in workflows_of(workflows, form_id):
        rights = {step.name: step.rights for step in workflow.all_steps() if step.is_human}
        for name, each in {"start": workflow.start.rights, **rights}.items():
            if not names.isdisjoint(each.hide):
                found.append((workflow.id, name))
    return tuple(found)


def walk_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps and those inside them, parents first."""
    for step in steps:
        yield step
        for inner in step.lists:
            yield from walk_steps(inner.steps)
