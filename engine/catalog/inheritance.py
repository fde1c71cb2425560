"""Who may see a computed field? Whoever may see everything it is computed from, unless it discloses it."""

from __future__ import annotations

from dataclasses import replace

from engine.catalog.access import FieldAccess
from engine.catalog.forms import Field, Form
from engine.catalog.reads import find_field, find_reads
from engine.catalog.world import World

_Source = tuple[str, str]


def inherit_access(world: World) -> None:
    """Adds to each computed field the (form, field) pairs whose rules must hold as well, and all that it reads."""
    forms = {form.id: _with_inherited(world, form) for form in world.forms.values()}
    world.forms.update(forms)


def _with_inherited(world: World, form: Form) -> Form:
    fields = {}
    for field in form.fields.values():
        columns = {column.id: _inheriting(world, form.id, field.id, column) for column in field.fields.values()}
        fields[field.id] = _inheriting(world, form.id, None, replace(field, fields=columns) if columns else field)
    return replace(form, fields=fields)


def _inheriting(world: World, form_id: str, lines: str | None, field: Field) -> Field:
    if field.formula is None or field.discloses:
        return field
    own, far = _reads(world, form_id, lines, field)
    told = replace(field, sources=tuple(sorted(own)), far_sources=tuple(sorted(far)))
    sources = _sources(world, form_id, lines, field, frozenset())
    if not sources:
        return told
    return replace(told, access=replace(field.access or FieldAccess(), inherited=tuple(sorted(sources))))


def _sources(world: World, form_id: str, lines: str | None, field: Field, seen: frozenset[_Source]) -> set[_Source]:
    """Fields of other forms, and fields with rules of their own, that the formula reads directly or through others."""
    if field.formula is None or field.discloses:
        return set()
    found: set[_Source] = set()
    for read in find_reads(world, form_id, lines, field.formula):
        source = find_field(world, read.form, read.lines, read.field)
        if source is None or read.node in seen:
            continue
        if read.form != form_id or source.access is not None:
            found.add(read.node)
        found |= _sources(world, read.form, read.lines, source, seen | {read.node})
    return found


def _reads(world: World, form_id: str, lines: str | None, field: Field) -> tuple[set[str], set[_Source]]:
    """(fields of the record itself, (form, field) of other records) that the formula reads, directly or through others
    that disclose nothing."""
    own: set[str] = set()
    far: set[_Source] = set()
    todo = [(form_id, lines, field, True)]
    while todo:
        form, within, reader, here = todo.pop()
        if reader.formula is None or reader.discloses:
            continue
        for read in find_reads(world, form, within, reader.formula):
            source = find_field(world, read.form, read.lines, read.field)
            on_record = here and not read.trail
            if source is None or (read.node[1] in own if on_record else read.node in far):
                continue
            if on_record:
                own.add(read.node[1])
            else:
                far.add(read.node)
            todo.append((read.form, read.lines, source, on_record))
    return own, far
