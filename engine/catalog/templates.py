"""Titles and number patterns: texts with {holes}."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.catalog.forms import Field, Form, NumberPattern, Template
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions.nodes import Path, Scope
from engine.problems import Location, near_name
from engine.source.tree import Item

_HOLE = re.compile(r"\{([^{}]*)\}")
_DAYS = ("year", "month", "day")
_SERIAL = re.compile(r"serial:([1-9])\Z")
_IN_NUMBERS = ("text", "choice", "code", "barcode", "integer", "date", "month")
_NO_TITLE = ("rows", "files", "file", "links", "people", "departments")


def build_title(world: World, form: Form, item: Item) -> Template:
    """The template of `title:`; left out: the number, else the first text field, else the id."""
    written = item.map.get("title")
    if written is None:
        return _generated_title(form)
    return compile_template(world, form.id, written)


def compile_template(world: World, form_id: str, written: Item) -> Template:
    """A text with {field} and {link.field}, read on records of the form; wrong holes are noted."""
    parts: list[str | Path] = []
    scope = FormScope(world, form_id)
    for hole, text, at in _pieces(written):
        if hole is None:
            parts.append(text)
        elif path := _path(world, scope, hole, at):
            parts.append(path)
    return Template(written.text, tuple(parts))


def _generated_title(form: Form) -> Template:
    texts = [field.id for field in form.fields.values() if field.type == "text"]
    usual = [each for each in ("name", "title", "subject") if each in texts]
    name = "number" if form.number else (*usual, *texts, "id")[0]
    return Template("{" + name + "}", ((name,),))


def _pieces(item: Item) -> Iterator[tuple[str | None, str, Location]]:
    """(name in a hole or None, literal text, place) along the text."""
    end = 0
    for match in _HOLE.finditer(item.text):
        if match.start() > end:
            yield None, item.text[end : match.start()], item.at
        at = Location(item.at.file, item.at.line, item.at.column + match.start(), len(match.group()))
        yield match[1].strip(), "", at
        end = match.end()
    if end < len(item.text):
        yield None, item.text[end:], item.at


def _path(world: World, scope: Scope, hole: str, at: Location) -> Path | None:
    path = tuple(hole.split("."))
    current: Scope | None = scope
    type_kind = ""
    for step in path:
        symbol = current.find(step) if current is not None else None
        if symbol is None:
            near = near_name(step, current.names()) if current is not None else ""
            world.notes.add("C109", at, hole="{" + hole + "}", near=near)
            return None
        current, type_kind = symbol.scope, symbol.type.kind
    if type_kind in _NO_TITLE:
        world.notes.add("C109", at, hole="{" + hole + "}")
        return None
    return path


def build_number(world: World, form: Form, item: Item) -> NumberPattern | None:
    """The pattern of `number:`; None when there is none or it is wrong."""
    written = item.map.get("number")
    if written is None:
        return None
    parts: list[str | tuple[str, ...]] = []
    for hole, text, at in _pieces(written):
        if hole is None:
            parts.append(text)
        elif hole in _DAYS:
            parts.append((hole,))
        elif serial := _SERIAL.match(hole):
            parts.append(("serial", serial[1]))
        elif hole in form.fields and _stands_in_numbers(form.fields[hole]):
            parts.append(("field", hole))
        else:
            world.notes.add("C109", at, hole="{" + hole + "}", near=near_name(hole, [*form.fields, *_DAYS, "serial:4"]))
    if sum(1 for part in parts if isinstance(part, tuple) and part[0] == "serial") != 1:
        world.notes.add("C110", written.at)
        return None
    return NumberPattern(written.text, tuple(parts))


def _stands_in_numbers(field: Field) -> bool:
    """Whether the field has a short value of its own when a record is given its number."""
    return field.type in _IN_NUMBERS and not (field.formula is not None and field.compute == "read")
