"""What the other services answer: boards, options, hits, timelines, files, saved views,
results of actions and imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from engine.catalog.forms import Action, Form, View
from engine.catalog.stages import Stage, StageSet
from engine.services.views_of_records import RecordView
from engine.values import empty

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage on a board: how many records stand there, their sum, the first cards, the cursor of the next ones, and
    for how many days nothing has happened with those that stand there too long, by id.
    """

    stage: Stage
    count: int
    total: Decimal | None
    cards: tuple[RecordView, ...]
    more: str | None
    idle: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """A board by stage. `set` is the stage set shown, `sets` all of the field; `sum` the field summed in each lane."""

    form: Form
    view: View
    field: str
    set: StageSet
    sets: tuple[StageSet, ...]
    sum: str | None
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A record of a tree. `count`: how many stand directly below; `below`: those at hand; `found`: it was asked for."""

    record: RecordView
    count: int
    below: tuple[Branch, ...] = ()
    found: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of a tree: branches beside each other, the cursor of the next ones, how many records there are in all."""

    form: Form
    view: View | None
    link: str
    columns: tuple[str, ...]
    branches: tuple[Branch, ...]
    more: str | None
    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in a tree: (id, title) of those above, from the top; the first ones directly below."""

    above: tuple[tuple[int, str], ...]
    below: tuple[RecordView, ...]
    count: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The records of some days, by day in order; `more` when there are too many to show."""

    form: Form
    view: View
    field: str
    days: Mapping[date, tuple[RecordView, ...]]
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A record to choose. `context` tells same-named ones apart; `fills` are wire values its choice copies (fill:)."""

    id: int
    title: str
    context: tuple[str, ...] = ()
    form: str = ""
    fills: Mapping[str, object] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found by the search over everything."""

    id: int
    title: str
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action leads to: a form to fill (`opens`: form id, wire values), or the record it saved (`saved`), with
    the approval that it started (`started`: the instance's id).
    """

    opens: tuple[str, Mapping[str, object]] | None = None
    saved: RecordView | None = None
    started: int | None = None


@dataclass(frozen=True, slots=True)
class ActionOffer:
    """An action that the reader may use on this record, now."""

    action: Action
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, as display texts. `lines` changes have before/after "" and say what happened in `note`."""

    field: str
    label: Mapping[str, str]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened to a record. kind: created | changed | deleted | restored | comment | stage | file.

    by      person id, None = the system; `name` is the person's name
    changes of kind created and changed · text of kind comment · stage and before (ids) of kind stage · file of kind
    file
    """

    id: str
    kind: str
    at: datetime
    by: int | None
    name: str
    cause: str = ""
    changes: tuple[FieldChange, ...] = ()
    text: str = ""
    stage: Stage | None = None
    before: Stage | None = None
    file: FileInfo | None = None
    mentions: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries, newest first; `before` is the cursor of the older ones."""

    entries: tuple[TimelineEntry, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A stored file."""

    id: int
    name: str
    media_type: str
    size: int
    at: datetime | None = None
    by: int | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it says it is a picture that can be shown small; only opening it tells for sure."""
        return self.media_type in PICTURES


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file somebody may read: where its bytes lie."""

    info: FileInfo
    path: Path


@dataclass(frozen=True, slots=True)
class Collaborator:
    """A person who sees the record though no rule says so; `may_change` as well when set."""

    person: int
    name: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class SavedView:
    """A reader's own way to look at a form; `shared` ones are offered to everybody who sees the form."""

    id: int
    form: str
    name: str
    shared: bool
    mine: bool
    view: str | None
    where: str | None
    sort: tuple[tuple[str, bool], ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """Something a person should look at. kind: mention, approval (an effect tells), or flow_task and the like.

    instance, task  of an approval: it, and the task in it that waits for the reader
    """

    id: int
    kind: str
    form: str
    record_id: int
    title: str
    text: str
    by: str
    at: datetime
    read: bool
    instance: int | None = None
    task: int | None = None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A browser signed in."""

    id: int
    started_at: datetime
    used_at: datetime
    address: str
    agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A personal API token; its secret is shown once, when made."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person to sign in as on a demo site."""

    id: int
    name: str
    login: str
    roles: tuple[str, ...]
    department: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in rows; `error_file` names row, column and reason of everything refused (None = nothing)."""

    created: int
    updated: int
    unchanged: int
    refused: int
    error_file: Path | None = None
