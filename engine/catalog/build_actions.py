"""Actions: what a button creates or sets, when it is offered, what it asks first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.catalog.compile_fields import compile_value
from engine.catalog.draft_fields import draft_fields
from engine.catalog.effect_scopes import RowScope
from engine.catalog.forms import Action, Field, Form, LinesCopy
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, text_of, texts_of, words_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.problems import near_name
from engine.source.tree import Item
from engine.values import Label

_KINDS = ("creates", "sets", "starts", "runs", "duplicate")
_LATER = ("prints",)
# A dialog is asked and gone: its fields have no rules beyond whether they must be filled in.
_NOT_ASKED = frozenset({"visible", "read_only", "check", "formula", "compute", "freeze", "fill", "access", "where"})
_DUPLICATE: Label = {"en": "Duplicate", "zh": "复制"}


def build_actions(world: World, form: Form, item: Item | None) -> dict[str, Action]:
    """The actions by name; those that are wrong are noted and left out."""
    actions = {}
    for name, entry in entries_of(item):
        action = _action(world, form, name, entry)
        if action is not None:
            actions[name] = action
    return actions


def _action(world: World, form: Form, name: str, item: Item) -> Action | None:
    for key in _LATER:
        if key in item.map:
            world.notes.add("D108", item.map[key].place, kind=key)
            return None
    kinds = [key for key in _KINDS if key in item.map]
    if len(kinds) != 1:
        world.notes.add("C118", item.place)
        return None
    kind = kinds[0]
    asks = _asks(world, form, item.map.get("asks"))
    compiler = Compiler(world.notes, FormScope(world, form.id, asked=asks))
    target = _target(world, form, item) if kind == "creates" else form
    written = item.map.get({"creates": "with", "sets": "sets"}.get(kind, ""))
    values, lines = _values(world, form, target, written, compiler) if target is not None else ({}, {})
    return Action(
        id=name,
        label=_DUPLICATE if kind == "duplicate" and "label" not in item.map else label_of(item.map.get("label"), name),
        kind=kind,
        creates=target.id if kind == "creates" and target is not None else None,
        values=values,
        lines=lines,
        when=compiler.condition(item.map.get("when")),
        who=tuple(_who(world, item)),
        confirm=texts_of(item.map.get("confirm")),
        asks=asks,
        back=_back(world, form, item, target),
        icon=text_of(item, "icon") if flag_of(item, "duplicate") is False or "icon" in item.map else "copy",
    )


def _back(world: World, form: Form, item: Item, target: Form | None) -> str | None:
    """The link that `back:` names; it must lead to the form that the action creates."""
    written = item.map.get("back")
    if written is None or target is None:
        return None
    field = form.fields.get(written.text)
    if field is None:
        world.notes.unknown("C103", written, written.text, form.fields, form=form.id)
    elif target.id not in field.to or field.many:
        world.notes.add("C122", written.at, name=written.text, expected=f"link → {target.id}")
    return written.text


def _who(world: World, item: Item) -> Iterator[str]:
    for word in words_of(item.map.get("who")):
        if word.text not in world.roles:
            world.notes.add("C105", word.at, role=word.text, near=near_name(word.text, world.roles))
        yield word.text


def _target(world: World, form: Form, item: Item) -> Form | None:
    written = item.map["creates"]
    form_id = world.full_id(written.text, form.app)
    if form_id not in world.forms:
        world.notes.unknown("C104", written, written.text, world.forms)
    return world.forms.get(form_id)


def _asks(world: World, form: Form, item: Item | None) -> Mapping[str, Field]:
    drafts = draft_fields(world, form.id, item, in_lines=True)
    compiler = Compiler(world.notes, FormScope(world, form.id, asked=drafts))
    fields = {}
    for field in drafts.values():
        entry = item.map[field.id] if item is not None else Item({}, field.at)
        for key in _NOT_ASKED & entry.map.keys():
            known = "required, default, label, help"
            world.notes.add("C102", entry.map[key].place, key=key, type="asks", near="", known=known)
        default = entry.map.get("default")
        fields[field.id] = replace(
            field,
            required=compiler.condition(entry.map.get("required")),
            default=compile_value(world, field, default, compiler) if default is not None else None,
        )
    return fields


def _values(
    world: World, form: Form, target: Form, item: Item | None, compiler: Compiler
) -> tuple[dict[str, Expression], dict[str, LinesCopy]]:
    values: dict[str, Expression] = {}
    lines: dict[str, LinesCopy] = {}
    for name, entry in entries_of(item):
        field = _field_at(world, target, name, entry)
        if field is None:
            continue
        if field.type == "lines":
            copy = _lines_copy(world, form, field, entry)
            if copy is not None:
                lines[name] = copy
            continue
        value = compile_value(world, field, entry, compiler)
        if value is not None:
            values[name] = value
    return values, lines


def _field_at(world: World, target: Form, name: str, entry: Item) -> Field | None:
    """The field that `name` means: of the target, or behind one link (`parent.stage`)."""
    first, _, rest = name.partition(".")
    field = target.fields.get(first)
    if field is not None and rest and len(field.to) == 1:
        return _field_at(world, world.forms[field.to[0]], rest, entry)
    if field is None or rest:
        near = near_name(first, target.fields)
        world.notes.add("C103", entry.place, name=name, form=target.id, near=near)
        return None
    return field


def _lines_copy(world: World, form: Form, target: Field, item: Item) -> LinesCopy | None:
    """`=lines`, or {from, where, set}: rows of this form's lines become rows of the target's."""
    written = item.map.get("from", item)
    source = form.fields.get(written.text.lstrip("="))
    if source is None or source.type != "lines":
        known = [field.id for field in form.fields.values() if field.type == "lines"]
        world.notes.unknown("C103", written, written.text.lstrip("="), known, form=form.id)
        return None
    rows = Compiler(world.notes, FormScope(world, form.id), RowScope(world, form, source.id))
    changed = {}
    for name, entry in entries_of(item.map.get("set")):
        column = target.fields.get(name)
        if column is None:
            world.notes.add("C103", entry.place, name=name, form=target.id, near=near_name(name, target.fields))
        else:
            value = compile_value(world, column, entry, rows)
            if value is not None:
                changed[name] = value
    return LinesCopy(source.id, rows.condition(item.map.get("where")), changed)
