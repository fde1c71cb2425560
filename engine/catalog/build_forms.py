"""Forms: first as drafts that scopes can read, then complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalog.build_access import build_form_access
from engine.catalog.build_actions import build_actions
from engine.catalog.build_page import build_page, known_fields
from engine.catalog.build_views import build_views
from engine.catalog.compile_fields import compile_fields
from engine.catalog.draft_fields import draft_fields
from engine.catalog.field_types.links import PERSON_FORM
from engine.catalog.forms import Choice, Field, Form, FormCheck, NumberPattern, Template, Unique
from engine.catalog.names import TAKEN_APPS, safe_table
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, text_of, texts_of
from engine.catalog.scopes import FormScope
from engine.catalog.templates import build_number, build_title
from engine.catalog.world import World
from engine.problems import Location
from engine.source.tree import Item

_NUMBER_LABEL = {"en": "Number", "zh": "编号"}
_SEARCHED = ("text", "long_text", "email", "phone", "code", "barcode", "address")
_MOST_SEARCHED = 5


def draft_forms(world: World) -> None:
    """Fills `world.forms` with every form's names, fields and targets."""
    tables: dict[str, str] = {}
    for form_id, definition in world.of_kind("form").items():
        form = _draft(world, form_id, definition.item)
        other = tables.setdefault(form.table, form_id)
        if other != form_id or form.app in TAKEN_APPS:
            world.notes.add("C108", form.at, name=form_id, other=other)
        world.forms[form_id] = form


def fill_roles(world: World) -> None:
    """The options of a person's roles are the roles of the company."""
    person = world.forms.get(PERSON_FORM)
    roles = person.fields.get("roles") if person is not None else None
    if person is not None and roles is not None:
        choices = tuple(Choice(role, label) for role, label in world.roles.items())
        fields = {**person.fields, "roles": replace(roles, choices=choices)}
        world.forms[PERSON_FORM] = replace(person, fields=fields)


def _draft(world: World, form_id: str, item: Item) -> Form:
    app, _, name = form_id.partition(".")
    at = item.map["form"].at
    if "was" in item.map:
        world.notes.add("D108", item.map["was"].place, kind="was")
    fields = draft_fields(world, form_id, item.map["fields"])
    if "number" in item.map and "number" not in fields:
        fields = {"number": _number_field(item.map["number"].place), **fields}
    return Form(
        id=form_id,
        app=app,
        name=name,
        label=label_of(item.map.get("label"), name),
        icon=text_of(item, "icon") or "file-text",
        table=safe_table(form_id),
        at=at,
        fields=fields,
        title=Template("", ()),
        number=NumberPattern("", ()) if "number" in item.map else None,
        help=texts_of(item.map.get("help")),
        plural={**label_of(item.map.get("label"), name), **texts_of(item.map.get("plural"))},
        single=flag_of(item, "single"),
    )


def _number_field(at: Location) -> Field:
    return Field("number", "serial", _NUMBER_LABEL, "number", at, copy=False)


def complete_form(world: World, form_id: str) -> Form:
    """The form with everything that its definition says, its expressions compiled."""
    item = world.item(form_id)
    draft = world.forms[form_id]
    compiled = compile_fields(world, form_id)
    form = replace(draft, fields={name: compiled.get(name, field) for name, field in draft.fields.items()})
    world.forms[form_id] = form
    form = replace(
        form,
        number=build_number(world, form, item),
        owner=_field_of(world, form, item, "owner", ("user", "users")),
        department=_field_of(world, form, item, "department", ("department",)),
        checks=tuple(_checks(world, form, item)),
        uniques=tuple(_uniques(world, form, item)),
        access=build_form_access(world, form_id, item.map.get("access")),
        search=_search(world, form, item),
        quick=tuple(known_fields(world, form, item.map.get("quick"))),
        picker_columns=tuple(known_fields(world, form, item.map.get("picker"))),
    )
    _check_trees(world, form)
    form = replace(form, title=build_title(world, form, item))
    return replace(
        form,
        page=build_page(world, form, item.map.get("page")),
        views=build_views(world, form, item.map.get("views")),
        actions=build_actions(world, form, item.map.get("actions")),
    )


def _field_of(world: World, form: Form, item: Item, key: str, types: tuple[str, ...]) -> str | None:
    written = item.map.get(key)
    if written is None:
        return None
    field = form.fields.get(written.text)
    if field is None:
        world.notes.unknown("C103", written, written.text, form.fields, form=form.id)
    elif field.type not in types:
        world.notes.add("C122", written.at, name=written.text, expected=" / ".join(types))
    return written.text


def _checks(world: World, form: Form, item: Item) -> Iterator[FormCheck]:
    compiler = Compiler(world.notes, FormScope(world, form.id))
    for name, entry in entries_of(item.map.get("checks")):
        if ("holds" in entry.map) == ("unique" in entry.map):
            world.notes.add("C132", entry.place)
            continue
        holds = compiler.condition(entry.map.get("holds"))
        if holds is not None:
            yield FormCheck(name, holds, texts_of(entry.map.get("message")) or {"en": holds.text}, entry.place)


def _uniques(world: World, form: Form, item: Item) -> Iterator[Unique]:
    for name, entry in entries_of(item.map.get("checks")):
        if "unique" in entry.map and "holds" not in entry.map:
            fields = tuple(known_fields(world, form, entry.map["unique"]))
            usual = {"en": "There is already a record with the same values.", "zh": "已有相同内容的记录。"}
            yield Unique(name, fields, texts_of(entry.map.get("message")) or usual, entry.place)
    if form.number is not None:
        message = {"en": "This number is already used.", "zh": "编号已被使用。"}
        yield Unique("number", ("number",), message, form.fields["number"].at)


def _search(world: World, form: Form, item: Item) -> tuple[str, ...]:
    """As written; left out: the number and up to five text fields that have no access rules of their own."""
    if "search" in item.map:
        return tuple(known_fields(world, form, item.map["search"]))
    texts = [field.id for field in form.fields.values() if field.type in _SEARCHED and field.access is None]
    return (*(("number",) if form.number else ()), *texts[:_MOST_SEARCHED])


def _check_trees(world: World, form: Form) -> None:
    trees = [field for field in form.fields.values() if field.tree]
    for position, field in enumerate(trees):
        if position or field.to != (form.id,):
            world.notes.add("C121", field.at)
