"""What record services answer: pages of records, one record as a reader may see it, the outcome of a bulk act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Literal

from engine.catalog import field_types
from engine.catalog.forms import Field, Form, View
from engine.catalog.stages import Stage, StageSet, StageTask
from engine.problems import Problem
from engine.runtime.dependents import Kept
from engine.values import Label, empty, in_language

PERSON_FORM = "people.person"
DEPARTMENT_FORM = "people.department"
PERSON_TYPES = frozenset({"user", "users"})
DEPARTMENT_TYPES = frozenset({"department", "departments"})
LINK_TYPES = frozenset({"link", "links"}) | PERSON_TYPES | DEPARTMENT_TYPES
SINGLE_LINKS = frozenset({"link", "user", "department"})
SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")

Total = Literal["cheap", "exact", "none"]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which records of a form, how many, in which order.

    view        id of a view of the form; None = the form's list
    where       a reader's filter in the expression language
    search      words to find in the search text
    sort        (field, descending) …; empty = the view's own
    fields      which fields to fetch; empty = the view's columns
    after       cursor of the page before
    deleted     True: the recycle bin
    saved_view  id of a saved view whose filter, sort and columns apply where the request names none
    """

    view: str | None = None
    where: str | None = None
    search: str | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] = ()
    limit: int = 20
    after: str | None = None
    total: Total = "cheap"
    deleted: bool = False
    saved_view: int | None = None


@dataclass(frozen=True, slots=True)
class Stamps:
    """Who made, changed and deleted a record, and when (UTC); persons are ids of people.person, None = the system."""

    created_at: datetime | None = None
    created_by: int | None = None
    updated_at: datetime | None = None
    updated_by: int | None = None
    deleted_at: datetime | None = None
    deleted_by: int | None = None


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task of the current stage: `done` by tick or by its condition; `automatic` ones cannot be ticked."""

    task: StageTask
    done: bool
    automatic: bool
    by: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A stage the record could go to. `problems` says why it may not go now; empty = it may. `gate`: the approval that
    must pass before.
    """

    stage: Stage
    problems: tuple[Problem, ...] = ()
    gate: Label | None = None

    @property
    def allowed(self) -> bool:
        """Whether the move would succeed now."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class StageWish:
    """A guarded stage that the record enters when the approval that runs has passed. `by` asked for it."""

    stage: Stage
    instance_id: int
    workflow: Label
    since: datetime
    by: int | None


@dataclass(frozen=True, slots=True)
class Staleness:
    """Nothing has happened for `days`, more than the `allowed` ones; since the stage was entered, or in `field`."""

    since: date
    days: int
    allowed: int
    field: str | None


@dataclass(frozen=True, slots=True)
class StageState:
    """Where a record stands in one stage field. `stage` is None when the record has no stage yet.

    days   how many days it has stood in each stage in all, by stage id
    """

    set: StageSet
    stage: Stage | None
    entered: datetime | None
    tasks: tuple[TaskState, ...] = ()
    moves: tuple[Move, ...] = ()
    wish: StageWish | None = None
    days: Mapping[str, int] = field(default_factory=empty)
    stale: Staleness | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record as its reader may see it; all values in Python form, lines as lists of rows with "id".

    titles      {form id: {record id: title}} of every linked record the reader may see, stamps' persons included
    unseen      fields that exist for the reader, but not on this record; their values are absent
    hidden      fields whose `visible` does not hold now
    required    fields that must not be empty now
    read_only   fields the reader cannot write on this record, now
    away        parts of the page whose `when` does not hold now: "sections/terms", "tabs/deliveries"
    stale       fields whose stored formula waits to be computed again
    as_of       the day of the daily values; None where there are none, or not computed yet
    kept        what this save did not change because it is frozen, although its inputs have changed
    Rows of lines stand in hidden, required and read_only as "lines/0/price" (position of the row), columns as
    "lines/price".
    Lists leave hidden, required, read_only and stage moves empty: a page of one record fills them.
    """

    form: Form
    id: int | None
    version: int
    title: str
    values: Mapping[str, object]
    titles: Mapping[str, Mapping[int, str]] = field(default_factory=empty)
    unseen: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    stamps: Stamps = field(default_factory=Stamps)
    stages: Mapping[str, StageState] = field(default_factory=empty)
    away: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    as_of: date | None = None
    kept: tuple[Kept, ...] = ()

    def wire(self, name: str) -> object:
        """The wire form of a field (decision 57); links and persons as {"id", "title"}."""
        return self.wire_of(_field_named(self.form, name), self.values.get(name))

    def text(self, name: str, language: str) -> str:
        """The text of a field in `language`, "" when empty."""
        return self.text_of(_field_named(self.form, name), self.values.get(name), language)

    def wire_of(self, definition: Field, value: object) -> object:
        """The wire form of `value` of any field of the form, fields of lines included."""
        if value is None:
            return None
        if definition.type in LINK_TYPES:
            return self._wire_links(definition, value)
        if definition.type == "lines" and isinstance(value, Sequence):
            return [self._wire_row(definition, row) for row in value]
        return field_types.FIELD_TYPES[definition.type].to_wire(definition, value)

    def text_of(self, definition: Field, value: object, language: str) -> str:
        """The text of `value` of any field of the form, fields of lines included."""
        if value is None:
            return ""
        if definition.type in LINK_TYPES:
            return "、".join(self.title_of(form_id, each) for form_id, each in links_in(definition, value))
        if definition.type == "stage":
            return self._stage_text(definition.id, value, language)
        return field_types.FIELD_TYPES[definition.type].to_text(definition, value, language)

    def title_of(self, form_id: str, record_id: int) -> str:
        """The title of a linked record, "" when the reader may not see it."""
        return self.titles.get(form_id, {}).get(record_id, "")

    def _wire_links(self, definition: Field, value: object) -> object:
        several = len(definition.to) > 1
        wired = [
            {**({"form": form_id} if several else {}), "id": each, "title": self.title_of(form_id, each)}
            for form_id, each in links_in(definition, value)
        ]
        single = definition.type in SINGLE_LINKS and not definition.many
        return (wired[0] if wired else None) if single else wired

    def _wire_row(self, definition: Field, row: Mapping[str, object]) -> dict[str, object]:
        wired: dict[str, object] = {"id": row.get("id")}
        for name, inner in definition.fields.items():
            if name in row:
                wired[name] = self.wire_of(inner, row[name])
        return wired

    def _stage_text(self, name: str, value: object, language: str) -> str:
        state = self.stages.get(name)
        if state is not None and state.stage is not None and state.stage.id == value:
            return in_language(state.stage.label, language)
        return str(value)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a list. `total` None = not asked; `total_exact` False = at least that many."""

    form: Form
    rows: tuple[RecordView, ...]
    next: str | None
    total: int | None
    total_exact: bool
    columns: tuple[str, ...]
    view: View | None
    sort: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving these values would make of the record. Nothing is written.

    values      wire form of every field the reader sees, computed and filled ones included
    hidden, required, read_only, away   as in RecordView
    choices     ids of the options that may be chosen now, for choice fields whose options depend on others
    problems    what save would refuse
    known       wire form of what formulas read of other records, by place ("rest#1a2b3c4d", "lines/0/amount#5e6f7a8b")
    """

    values: Mapping[str, object]
    hidden: frozenset[str]
    required: frozenset[str]
    read_only: frozenset[str]
    problems: tuple[Problem, ...]
    titles: Mapping[str, Mapping[int, str]] = field(default_factory=empty)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=empty)
    away: frozenset[str] = frozenset()
    known: Mapping[str, object] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk act did: ids done, and why the others were left alone (each record is its own transaction)."""

    done: tuple[int, ...]
    problems: Mapping[int, tuple[Problem, ...]]


Wiring = Sequence[tuple[str, Callable[[RecordView], object]]]


def wire_fields(form: Form, names: Iterable[str]) -> Wiring:
    """For each field, how a view gives its wire form: worked out once for all rows of a list."""
    return tuple((name, _wirer(_field_named(form, name), name)) for name in names)


def _wirer(definition: Field, name: str) -> Callable[[RecordView], object]:
    if definition.type in SINGLE_LINKS and not definition.many and len(definition.to) <= 1:
        return partial(_wire_link, name, linked_form(definition))
    if definition.type in LINK_TYPES or definition.type == "lines":
        return partial(_wire_any, name, definition)
    return partial(_wire_plain, name, definition, field_types.FIELD_TYPES[definition.type].to_wire)


def _wire_link(name: str, form_id: str, view: RecordView) -> object:
    value = view.values.get(name)
    return {"id": value, "title": view.title_of(form_id, value)} if isinstance(value, int) else None


def _wire_any(name: str, definition: Field, view: RecordView) -> object:
    return view.wire_of(definition, view.values.get(name))


def _wire_plain(name: str, definition: Field, to_wire: Callable[[Field, object], object], view: RecordView) -> object:
    value = view.values.get(name)
    return None if value is None else to_wire(definition, value)


def links_in(definition: Field, value: object) -> tuple[tuple[str, int], ...]:
    """(form id, record id) of every record a link value holds, in order."""
    if value is None:
        return ()
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return ((value[0], value[1]),)
    ids = value if isinstance(value, (tuple, list)) else (value,)
    form_id = linked_form(definition)
    return tuple((form_id, each) for each in ids if isinstance(each, int))


def linked_form(definition: Field) -> str:
    """The form a link, user or department field leads to (the first one of several)."""
    if definition.type in PERSON_TYPES:
        return PERSON_FORM
    if definition.type in DEPARTMENT_TYPES:
        return DEPARTMENT_FORM
    return definition.to[0] if definition.to else ""


def _field_named(form: Form, name: str) -> Field:
    found = form.fields.get(name)
    if found is not None:
        return found
    kinds = {"created_by": "user", "updated_by": "user", "created_at": "datetime", "updated_at": "datetime"}
    kind = kinds.get(name, "integer")
    return Field(id=name, type=kind, label={"en": name}, column=name, at=form.at)
