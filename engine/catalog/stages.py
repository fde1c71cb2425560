"""Stages of a pipeline: in which order a record walks, what each asks, where it may end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from decimal import Decimal

from engine.catalog.effects import Effect
from engine.expressions.nodes import Expression
from engine.problems import Location
from engine.values import Label, empty

OUTCOMES = ("open", "won", "done", "lost", "void", "cancelled")


@dataclass(frozen=True, slots=True)
class StageTask:
    """A checklist item: ticked by hand, or done when `done_when` holds; asked before moving forward when `required`."""

    id: str
    label: Label
    help: Label = with_default(default_factory=empty)
    done_when: Expression | None = None
    required: bool = True
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage or end. rank: 0, 1, … in written order, ends after all stages. `requires` are field ids.

    workflow   the approval that must pass before the stage is entered
    effects    what is carried out when a record has moved here
    was        the stage's former id
    who        the roles that may bring records here; empty = whoever may change them
    """

    id: str
    label: Label
    rank: int
    outcome: str  # one of OUTCOMES; "open" for a stage
    probability: Decimal | None
    stands_for: str | None
    at: Location
    color: str | None = None
    tasks: Mapping[str, StageTask] = with_default(default_factory=empty)
    requires: tuple[str, ...] = ()
    stale_after: int | None = None  # days
    stale_since: str | None = None  # field; None = since the stage was entered
    guidance: Label = with_default(default_factory=empty)
    optional: bool = False
    workflow: str | None = None
    effects: tuple[Effect, ...] = ()
    was: str | None = None
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSet:
    """The stages of one field of one form; `when` tells several sets of one field apart."""

    id: str
    form: str
    field: str
    when: Expression | None
    stages: Mapping[str, Stage]  # open stages, then ends
    order: str = "steps"  # steps: forward and back one by one | free
    reopen_from: tuple[str, ...] = ()
    reopen_to: str | None = None
    reopen_who: tuple[str, ...] = ()
    moved: Mapping[str, str] = with_default(default_factory=empty)
    at: Location | None = None
    label: Label = with_default(default_factory=empty)

    @property
    def gates(self) -> frozenset[str]:
        """The workflows that guard stages: they begin with a move."""
        return frozenset(stage.workflow for stage in self.stages.values() if stage.workflow is not None)

    @property
    def first(self) -> Stage:
        """Where a new record starts."""
        return next(iter(self.stages.values()))

    @property
    def successors(self) -> Mapping[str, str]:
        """Where records of stages that are not there any more go: by `was` of a stage, or by `moved`."""
        renamed = {stage.was: stage.id for stage in self.stages.values() if stage.was is not None}
        return {old: new for old, new in {**self.moved, **renamed}.items() if old not in self.stages}


def gates_of(stage_sets: Mapping[tuple[str, str], Iterable[StageSet]], form_id: str) -> frozenset[str]:
    """The workflows that guard stages of a form's records."""
    found = (each for (form, _), sets in stage_sets.items() if form == form_id for each in sets)
    return frozenset(workflow for each in found for workflow in each.gates)
