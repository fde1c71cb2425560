"""Approvals as pages show them: who has it since when, what happened, what the reader may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.catalog.workflows import Workflow
from engine.services.flow.picture import PictureState
from engine.storage.flows import RUNNING, StoredInstance
from engine.values import Label


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person by id and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a task now. `principal` is set when the person stands in for somebody; `mine` when it is the reader."""

    task_id: int
    person: Somebody
    principal: Somebody | None
    since: datetime
    due: datetime | None
    late: bool
    mine: bool
    read: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A step at which an approval stands; without holders it waits for time or for others."""

    step: str
    label: Label
    kind: str
    holders: tuple[Holder, ...]
    later: tuple[Somebody, ...] = ()  # who is asked after them

    @property
    def since(self) -> datetime | None:
        """When the step was reached."""
        return min((each.since for each in self.holders), default=None)

    @property
    def due(self) -> datetime | None:
        """The earliest time by which somebody should have decided."""
        return min((each.due for each in self.holders if each.due is not None), default=None)

    @property
    def late(self) -> bool:
        """Whether that time has passed."""
        return any(each.late for each in self.holders)


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the log. actor None: the engine. others: whom it concerned; to: the step it led to."""

    at: datetime
    action: str
    actor: Somebody | None
    behalf: Somebody | None
    step: str
    label: Label | None
    opinion: str
    others: tuple[Somebody, ...] = ()
    to: Label | None = None
    text: str = ""
    signature: int | None = None
    why: Label | None = None  # what an incident was


@dataclass(frozen=True, slots=True)
class Acts:
    """What the reader may do. decide, take_back: the task; urge: whether somebody else has it."""

    decide: int | None = None
    take_back: int | None = None
    withdraw: bool = False
    urge: bool = False
    comment: bool = False
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One approval of a record."""

    instance: StoredInstance
    workflow: Workflow
    places: tuple[Place, ...]
    events: tuple[Event, ...]
    initiator: Somebody | None
    where: PictureState
    acts: Acts

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.instance.state == RUNNING

    @property
    def late(self) -> bool:
        """Whether a task of it is late."""
        return self.running and any(each.late for each in self.places)

    @property
    def incident(self) -> Label | None:
        """What has stopped it; None while nothing has."""
        stopped = self.instance.incident
        if stopped is None or not self.running:
            return None
        told = next((each.why for each in reversed(self.events) if each.why is not None), None)
        return told or {"en": stopped, "zh": stopped}

    @property
    def with_initiator(self) -> bool:
        """Whether it was given back to the initiator."""
        return any(each.kind == "start" for each in self.places)


@dataclass(frozen=True, slots=True)
class Ask:
    """People that the initiator chooses for a step. required: the step is always reached."""

    step: str
    label: Label
    least: int
    most: int
    people: tuple[Somebody, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class StartOffer:
    """A workflow that the reader may start. again: the record has been through it."""

    workflow: str
    label: Label
    asks: tuple[Ask, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class RecordFlow:
    """The approvals of a record, latest first, and what could be started now."""

    stories: tuple[Story, ...] = ()
    offers: tuple[StartOffer, ...] = ()

    @property
    def latest(self) -> Story | None:
        """The one that runs, else the last."""
        return next((each for each in self.stories if each.running), next(iter(self.stories), None))

    @property
    def running(self) -> bool:
        """Whether one runs."""
        return any(each.running for each in self.stories)
