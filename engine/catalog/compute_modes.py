"""When is a formula computed? What its value depends on besides fields decides, also through formulas it reads.

A formula without `compute:` is `read` when its value changes by itself, else `stored`. `stored` must not change by
itself, `daily` only with the date and the settings (FX041).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from engine.catalog.forms import Field
from engine.catalog.formula_order import find_formulas
from engine.catalog.notes import text_of
from engine.catalog.reads import find_field, find_reads
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.source.tree import Item

Key = tuple[str, str]  # (form, field or lines.field)

_ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"stored": frozenset(), "daily": frozenset({"today", "now", "settings", "stage_log"})}
)


def settle_compute(world: World) -> None:
    """Sets `compute` of every formula that does not say it, and notes those that say what cannot be."""
    formulas = {(form, name): field for form, name, field in find_formulas(world)}
    written = {key: text_of(_entry(world, key), "compute") for key in formulas}
    open_keys = [key for key, mode in written.items() if mode is None]
    while True:
        changing = [key for key in open_keys if _find(world, key).compute != "read" and find_changes(world, key)]
        if not changing:
            break
        for key in changing:
            _set_read(world, key)
    for key, mode in written.items():
        changes = find_changes(world, key) - _ALLOWED.get(mode or "", find_changes(world, key))
        if changes:
            world.notes.add("FX041", _entry(world, key).map["formula"].at, what=", ".join(sorted(changes)))


def find_changes(world: World, key: Key) -> frozenset[str]:
    """What changes the value of a formula although no field changes: today, now, me, settings …"""
    lines, _, _ = key[1].rpartition(".")
    formula = _find(world, key).formula
    if formula is None:
        return frozenset()
    return formula.volatile.union(*(each.volatile for each in _looked_into(world, key[0], lines or None, formula)))


def _looked_into(world: World, form_id: str, lines: str | None, expression: Expression) -> Iterator[Expression]:
    """The formulas computed on reading, and the conditions of relations, that an expression reads."""
    for read in find_reads(world, form_id, lines, expression):
        field = find_field(world, read.form, read.lines, read.field)
        if field is not None and field.formula is not None and field.compute == "read":
            yield field.formula
        for hop in read.trail:
            related = world.forms[hop.form].related.get(hop.names[0]) if hop.kind == "match" else None
            if related is not None and related.match is not None:
                yield related.match


def _entry(world: World, key: Key) -> Item:
    lines, _, name = key[1].rpartition(".")
    fields = world.item(key[0]).map["fields"].map
    return fields[lines].map["fields"].map[name] if lines else fields[name]


def _find(world: World, key: Key) -> Field:
    lines, _, name = key[1].rpartition(".")
    fields = world.forms[key[0]].fields
    return fields[lines].fields[name] if lines else fields[name]


def _set_read(world: World, key: Key) -> None:
    form = world.forms[key[0]]
    lines, _, name = key[1].rpartition(".")
    field = replace(_find(world, key), compute="read")
    if lines:
        outer = form.fields[lines]
        name, field = lines, replace(outer, fields={**outer.fields, name: field})
    world.forms[form.id] = replace(form, fields={**form.fields, name: field})
