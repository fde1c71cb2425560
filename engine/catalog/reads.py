"""What does a formula read, in which form does it lie, and how does one get back from there to the formula's record?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from engine.catalog.catalog import Hop
from engine.catalog.forms import Field, Form, Related
from engine.catalog.names import ENTERED, SYSTEM_FIELDS
from engine.expressions.nodes import Expression, Reference

LinesName = str | None


class HasForms(Protocol):
    """A catalog, or one that is being built."""

    @property
    def forms(self) -> Mapping[str, Form]:
        """Forms by id."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Nothing but forms."""

    forms: Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Read:
    """A column that is read: in `form` (in its `lines`), reached from the formula's record along `trail`."""

    form: str
    lines: LinesName
    field: str
    trail: tuple[Hop, ...]

    @property
    def node(self) -> tuple[str, str]:
        """The field as a node of the graph: (form, field or lines.field)."""
        return self.form, f"{self.lines}.{self.field}" if self.lines else self.field

    @property
    def column(self) -> str:
        """What changes in a record of the form: the field, or the lines as a whole."""
        return self.lines or self.field


@dataclass(frozen=True, slots=True)
class _Place:
    form: str
    lines: LinesName
    trail: tuple[Hop, ...]


def find_reads(world: HasForms, form_id: str, lines: LinesName, expression: Expression) -> Iterator[Read]:
    """Every read of an expression that stands in the form (in its `lines`); `read` formulas are looked into."""
    seen: set[Read] = set()
    todo = list(_direct(world, _Place(form_id, lines, ()), expression))
    while todo:
        read = todo.pop()
        if read in seen:
            continue
        seen.add(read)
        yield read
        field = find_field(world, read.form, read.lines, read.field)
        if field is not None and field.formula is not None and field.compute == "read":
            todo += _direct(world, _Place(read.form, read.lines, read.trail), field.formula)


def direct_reads(world: HasForms, form_id: str, lines: LinesName, expression: Expression) -> Iterator[Read]:
    """The reads of an expression itself, `read` formulas not looked into."""
    yield from _direct(world, _Place(form_id, lines, ()), expression)


def match_reads(world: HasForms, form_id: str, related: Related) -> Iterator[Read]:
    """The fields that decide which rows a declared relation of the form has, on both sides."""
    if related.match is not None:
        rows = _Place(related.form, None, (Hop("match", (related.name,), form_id),))
        yield from _of_match(world, _Place(form_id, None, ()), rows, related.match)


def find_field(world: HasForms, form_id: str, lines: LinesName, name: str) -> Field | None:
    """The field of the form, or the column of its lines."""
    form = world.forms[form_id]
    fields = form.fields[lines].fields if lines and lines in form.fields else form.fields
    return fields.get(name)


def _direct(world: HasForms, start: _Place, expression: Expression) -> Iterator[Read]:
    for reference in expression.references:
        yield from _of_reference(world, start, reference)


def _of_reference(world: HasForms, start: _Place, reference: Reference) -> Iterator[Read]:
    place = replace(start, lines=None) if reference.outer and start.lines else start
    yield from _walk(world, place, reference)


def _walk(world: HasForms, place: _Place, reference: Reference) -> Iterator[Read]:
    for step in (*(reference.rows or ()), *reference.path):
        related = world.forms[place.form].related.get(step) if place.lines is None else None
        if related is not None and related.match is not None and step not in world.forms[place.form].fields:
            rows = _Place(related.form, None, (*place.trail, Hop("match", (step,), place.form)))
            yield from _of_match(world, place, rows, related.match)
            place = rows
            continue
        read, following = _step(world, place, step)
        if read is not None:
            yield read
        if following is None:
            return
        place = following


def _of_match(world: HasForms, owner: _Place, rows: _Place, match: Expression) -> Iterator[Read]:
    """What decides which rows belong to a declared relation: fields of the rows, and of the record that has it."""
    for reference in match.references:
        yield from _walk(world, owner if reference.outer else rows, reference)


def _step(world: HasForms, place: _Place, name: str) -> tuple[Read | None, _Place | None]:
    """(what is read by taking the step, where one is then; None at the end)."""
    form = world.forms[place.form]
    if place.lines is not None and name == "header":
        return None, replace(place, lines=None)
    field = find_field(world, place.form, place.lines, name)
    if field is not None:
        return _through_field(world, place, field)
    if place.lines is None and name in form.related:
        return _through_related(place, form, name)
    if place.lines is None and name in ("below", "above"):
        return _through_tree(place, form, name)
    plain = name.removesuffix(ENTERED)
    if plain in form.fields:
        return Read(place.form, None, plain, place.trail), None
    known = name in SYSTEM_FIELDS and name != "id"
    return (Read(place.form, place.lines, name, place.trail) if known else None), None


def _through_field(world: HasForms, place: _Place, field: Field) -> tuple[Read | None, _Place | None]:
    read = Read(place.form, place.lines, field.id, place.trail)
    if field.type == "lines":
        return read, replace(place, lines=field.id)
    if len(field.to) == 1 and not field.many and field.to[0] in world.forms:
        names = (place.lines, field.id) if place.lines else (field.id,)
        hop = Hop("link", names, place.form)
        return read, _Place(field.to[0], None, (*place.trail, hop))
    return read, None


def _through_related(place: _Place, form: Form, name: str) -> tuple[Read | None, _Place | None]:
    related = form.related[name]
    names = (related.lines, related.field) if related.lines else (related.field,)
    trail = (*place.trail, Hop("rows", names, related.form))
    return Read(related.form, related.lines, related.field, trail), _Place(related.form, related.lines, trail)


def _through_tree(place: _Place, form: Form, name: str) -> tuple[Read | None, _Place | None]:
    back = "above" if name == "below" else "below"
    trail = (*place.trail, Hop("tree", (back,), form.id))
    link = form.tree.id if form.tree is not None else "id"
    return Read(form.id, None, link, trail), _Place(form.id, None, trail)
