"""A record on its way to being saved: what is stored, what was given, what it becomes; and how expressions read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from engine.catalog.forms import Field
from engine.catalog.names import ENTERED
from engine.expressions.nodes import Moment, Path, Values
from engine.expressions.nodes import RowValues as WithRecord
from engine.problems import Problem
from engine.runtime.finishing import computed
from engine.runtime.programs import FieldProgram, FormProgram, is_link, link_target

Row = dict[str, Any]


class LinkReader(Protocol):
    """Reads what lies below links, and rows of related lists; fetched in one go for many records where possible."""

    @property
    def moment(self) -> Moment:
        """The request's moment."""

    def value(self, form_id: str, record_id: int, path: Path) -> object:
        """The value at `path` of another record."""

    def rows(self, form_id: str, record_id: int, source: Path) -> Sequence[Values]:
        """The rows of a row source of another record, or of this one."""

    def matched(self, form_id: str, name: str, values: Values) -> Sequence[Values]:
        """The rows of a declared relation of a record with these values, saved or not."""


@dataclass(slots=True)
class Draft:
    """One record being saved.

    stored   the record as it is in the database, {} for a new one; lines as lists of rows with "id"
    values   the record as it will be
    given    keys the caller wrote: "amount", "lines", "lines/0/price" (position in values)
    entered  when each stage was entered
    """

    program: FormProgram
    record_id: int | None
    stored: Mapping[str, Any]
    values: dict[str, Any]
    version: int = 0
    given: set[str] = field(default_factory=set)
    entered: dict[str, datetime | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    created_at: datetime | None = None
    created_by: int | None = None
    _changed: frozenset[str] | None = None

    @property
    def is_new(self) -> bool:
        """Whether the record does not exist yet."""
        return self.record_id is None

    def rows(self, lines: str) -> list[Row]:
        """The rows of one kind of lines as they will be."""
        found: list[Row] = self.values.get(lines) or []
        return found

    def settle(self) -> None:
        """Remember which fields differ: the values are not touched any more."""
        self._changed = None
        self._changed = self.changed()

    def changed(self) -> frozenset[str]:
        """The ids of the fields whose value differs from the stored one."""
        if self._changed is not None:
            return self._changed
        return frozenset(
            name for name in self.program.form.fields if _differs(self.values.get(name), self.stored.get(name))
        )

    def changed_keys(self) -> frozenset[str]:
        """As `changed`, with "lines.price" for every field of lines that differs in some row."""
        changed = set(self.changed())
        for name in [each for each in changed if self.program.form.fields[each].type == "lines"]:
            changed |= _changed_columns(name, self.stored.get(name) or [], self.rows(name))
        return frozenset(changed)

    def written_keys(self) -> frozenset[str]:
        """The keys of the fields that the caller wrote and that differ: "amount", "lines.price"."""
        keys = {f"{parts[0]}.{parts[2]}" if len(parts := name.split("/")) == 3 else name for name in self.given}
        return frozenset(keys) & self.changed_keys()

    def places(self, program: FieldProgram) -> list[tuple[str, Row]]:
        """Where a field stands in the record: (pointer, the header or each row holding it)."""
        if program.lines is None:
            return [(program.field.id, self.values)]
        return [
            (f"{program.lines}/{position}/{program.field.id}", row)
            for position, row in enumerate(self.rows(program.lines))
        ]

    def read(self, links: LinkReader) -> RecordValues:
        """The record as expressions read it."""
        return RecordValues(self, links)


def _differs(new: object, old: object) -> bool:
    if isinstance(new, list) or isinstance(old, list):
        return (new or []) != (old or [])
    if new in (None, ()) and old in (None, ()):
        return False
    return new != old


def _changed_columns(lines: str, old: Sequence[Row], new: Sequence[Row]) -> set[str]:
    before = {row.get("id"): row for row in old}
    changed: set[str] = set()
    for row in new:
        earlier = before.pop(row.get("id"), None) if row.get("id") is not None else None
        names = row.keys() if earlier is None else {name for name in row if _differs(row.get(name), earlier.get(name))}
        changed |= {f"{lines}.{name}" for name in names if name != "id"}
    for row in before.values():
        changed |= {f"{lines}.{name}" for name in row if name != "id"}
    return changed


@dataclass(slots=True)
class RecordValues:
    """A draft as `Values`: its fields, what lies below its links, its lines and related rows."""

    draft: Draft
    links: LinkReader

    def value(self, path: Path) -> object:
        """The value at `path`."""
        name = path[0]
        if name in ("this", "header"):
            return self.draft.record_id if len(path) == 1 else self.value(path[1:])
        definition = self.draft.program.form.fields.get(name)
        if definition is None:
            return self._system(path)
        if len(path) > 1:
            return _below(definition, self.draft.values.get(name), path[1:], self.links)
        program = self.draft.program.fields.get(name)
        if program is not None and program.formula is not None and program.on_reading:
            return computed(definition, program.formula(self, self.moment))
        return self.draft.values.get(name)

    @property
    def moment(self) -> Moment:
        """The request's moment, knowing whether the record is new."""
        return replace(self.links.moment, is_new=True) if self.draft.is_new else self.links.moment

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of own lines or of a related list."""
        if source[0] in ("this", "header"):
            return self.rows(source[1:])
        form = self.draft.program.form
        definition = form.fields.get(source[0])
        if definition is not None and definition.type == "lines":
            return [RowValues(self, definition, row) for row in self.draft.rows(source[0])]
        if definition is not None and is_link(definition) and len(source) > 1:
            target = self.draft.values.get(source[0])
            return self.links.rows(link_target(definition), target, source[1:]) if isinstance(target, int) else ()
        related = form.related.get(source[0])
        if related is not None and related.match is not None:
            return self.links.matched(form.id, source[0], self)
        if self.draft.record_id is None:
            return ()
        return self.links.rows(form.id, self.draft.record_id, source)

    def _system(self, path: Path) -> object:
        draft = self.draft
        if path[0].endswith(ENTERED):
            return draft.entered.get(path[0].removesuffix(ENTERED))
        known: Mapping[str, object] = {
            "id": draft.record_id,
            "version": draft.version,
            "created_at": draft.created_at,
            "created_by": draft.created_by,
        }
        if len(path) == 1 or known.get(path[0]) is None:
            return known.get(path[0])
        person = known[path[0]]
        return self.links.value("people.person", person, path[1:]) if isinstance(person, int) else None


@dataclass(slots=True)
class RowValues:
    """One row of lines as `Values`; `header` is the record it belongs to."""

    header: RecordValues
    lines: Field
    row: Row

    def value(self, path: Path) -> object:
        """The value at `path`, of the row or, below `header`, of its record."""
        if path[0] in ("header", "this"):
            return self.header.value(path)
        definition = self.lines.fields.get(path[0])
        if definition is None:
            return self.row.get("id") if path == ("id",) else self.header.value(path)
        if len(path) > 1:
            return _below(definition, self.row.get(path[0]), path[1:], self.header.links)
        program = self.header.draft.program.fields.get(f"{self.lines.id}.{path[0]}")
        if program is not None and program.formula is not None and program.on_reading:
            return computed(definition, program.formula(WithRecord(self, self.header), self.header.moment))
        return self.row.get(path[0])

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of the record the row belongs to, or of a related list below a link of the row."""
        definition = self.lines.fields.get(source[0])
        if definition is not None and is_link(definition) and len(source) > 1:
            target = self.row.get(source[0])
            rows = self.header.links.rows
            return rows(link_target(definition), target, source[1:]) if isinstance(target, int) else ()
        return self.header.rows(source)


def _below(definition: Field, value: object, path: Path, links: LinkReader) -> object:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return links.value(value[0], value[1], path)
    return links.value(link_target(definition), value, path) if isinstance(value, int) else None


@dataclass(slots=True)
class OtherValues:
    """A stored record of another form as `Values`, read through its id."""

    form_id: str
    record_id: int
    links: LinkReader
    known: Mapping[str, object]
    fields: Callable[[str], Field | None]

    def value(self, path: Path) -> object:
        """The value at `path`."""
        if path[0] in ("this", "header"):
            return self.record_id if len(path) == 1 else self.value(path[1:])
        if len(path) == 1 and path[0] in self.known:
            return self.known[path[0]]
        definition = self.fields(path[0])
        if len(path) > 1 and definition is not None and is_link(definition) and path[0] in self.known:
            return _below(definition, self.known[path[0]], path[1:], self.links)
        return self.links.value(self.form_id, self.record_id, path)

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of a row source of that record."""
        return self.links.rows(self.form_id, self.record_id, source)
