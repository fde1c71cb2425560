"""Views: as written, and a list (and a board per stage field named board) where they are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalog.forms import Form, View
from engine.catalog.names import SYSTEM_FIELDS
from engine.catalog.notes import Compiler, entries_of, text_of, texts_of, words_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.tree import Item
from engine.values import Label

_LIST: Label = {"en": "All", "zh": "全部"}
_BOARD: Label = {"en": "Board", "zh": "看板"}
_MOST_COLUMNS = 7
_NO_COLUMN = (
    "long_text",
    "rich_text",
    "lines",
    "file",
    "image",
    "signature",
    "secret",
    "links",
    "users",
    "departments",
)
_LANES = ("stage", "choice")
_FILTERS = ("choice", "stage", "user", "department", "boolean")


def build_views(world: World, form: Form, item: Item | None) -> dict[str, View]:
    """The views by name; `list` comes first when it is generated."""
    compiler = Compiler(world.notes, FormScope(world, form.id))
    views = {name: _view(world, form, name, entry, compiler) for name, entry in entries_of(item)}
    if "list" not in views:
        views = {"list": _generated(form), **views}
    return views


def _view(world: World, form: Form, name: str, item: Item, compiler: Compiler) -> View:
    kind = text_of(item, "type") or ("board" if name == "board" else "list")
    columns = tuple(_names(world, form, item.map.get("columns")))
    view = View(
        id=name,
        type=kind,
        label=texts_of(item.map.get("label")) or _usual_label(name),
        columns=columns or _generated(form).columns,
        where=compiler.condition(item.map.get("where")),
        sort=tuple(_sort(world, form, item.map.get("sort"))) or _generated(form).sort,
        filters=tuple(_names(world, form, item.map.get("filters"))),
        group=_only_name(world, form, item, "group"),
        card=tuple(_names(world, form, item.map.get("card"))),
        sum=_only_name(world, form, item, "sum"),
    )
    if "filters" not in item.map:
        view = replace(view, filters=_generated(form).filters)
    if kind == "board":
        return _as_board(world, form, view, item)
    if kind == "calendar":
        view = _as_calendar(world, form, view, item)
    if kind == "tree" and form.tree is None:
        world.notes.add("C136", item.map["type"].at)
    return view if kind == "list" or "sort" in item.map else replace(view, sort=_by_title(form))


def _usual_label(name: str) -> Label:
    if name in ("list", "board"):
        return _LIST if name == "list" else _BOARD
    return {"en": name.replace("_", " ").capitalize()} if name.isascii() else {"zh": name}


def _as_board(world: World, form: Form, view: View, item: Item) -> View:
    group = view.group or next((field.id for field in form.fields.values() if field.type == "stage"), None)
    if group is None or group not in form.fields or form.fields[group].type not in _LANES:
        world.notes.add("C124", item.map["group"].at if "group" in item.map else item.place)
        return view
    card = view.card or tuple(name for name in view.columns if name != group)[:4]
    return replace(view, group=group, card=card)


def _as_calendar(world: World, form: Form, view: View, item: Item) -> View:
    named = _only_name(world, form, item, "date")
    found = named or next((field.id for field in form.fields.values() if field.type == "date"), None)
    if found is None or found not in form.fields or form.fields[found].type != "date":
        world.notes.add("C137", item.map["date" if "date" in item.map else "type"].at)
        return view
    return replace(view, date=found)


def _by_title(form: Form) -> tuple[tuple[str, bool], ...]:
    """The order of trees and calendars that name none: by the fields of the title."""
    parts = [part[0] for part in form.title.parts if isinstance(part, tuple) and len(part) == 1]
    return tuple((name, False) for name in parts if name in form.fields and form.fields[name].type not in _NO_COLUMN)


def _names(world: World, form: Form, item: Item | None) -> Iterator[str]:
    """Fields and system fields."""
    scope = FormScope(world, form.id)
    for word in words_of(item):
        if word.text in form.fields or word.text in SYSTEM_FIELDS:
            yield word.text
        else:
            world.notes.unknown("C103", word, word.text, tuple(scope.names()), form=form.id)


def _only_name(world: World, form: Form, item: Item, key: str) -> str | None:
    return next(_names(world, form, item.map.get(key)), None)


def _sort(world: World, form: Form, item: Item | None) -> Iterator[tuple[str, bool]]:
    for word in words_of(item):
        name = word.text.lstrip("-+")
        if name in form.fields or name in SYSTEM_FIELDS:
            yield name, word.text.startswith("-")
        else:
            near = near_name(name, (*form.fields, *SYSTEM_FIELDS))
            world.notes.add("C103", word.at, name=name, form=form.id, near=near)


def _generated(form: Form) -> View:
    """The first fields that fit into a column, newest records first."""
    fitting = [field.id for field in form.fields.values() if field.type not in _NO_COLUMN]
    filters = tuple(field.id for field in form.fields.values() if field.type in _FILTERS)[:4]
    columns = tuple(fitting[:_MOST_COLUMNS])
    return View("list", "list", _LIST, columns=columns, sort=(("updated_at", True),), filters=filters)
