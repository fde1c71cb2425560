"""The other side of every link: related lists, by name in formulas or as a tab only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalog.draft_fields import inverse_label
from engine.catalog.field_types.links import PERSON_FORM
from engine.catalog.forms import Field, Form, Related
from engine.catalog.names import RESERVED, SYSTEM_FIELDS
from engine.catalog.world import World
from engine.source.tree import Item
from engine.values import Label

_LINKS = ("link", "links", "user", "users", "department", "departments")


def build_relations(world: World) -> None:
    """Fills `related` of every form that is linked to."""
    related: dict[str, dict[str, Related]] = {form_id: {} for form_id in world.forms}
    for form in world.forms.values():
        fields = world.item(form.id).map.get("fields")
        for field, lines, item in _links(form, fields):
            for target in field.to:
                _add(world, related[target], form, field, lines, target, item)
    for form_id, entries in related.items():
        world.forms[form_id] = replace(world.forms[form_id], related=entries)


def _links(form: Form, fields: Item | None) -> Iterator[tuple[Field, str | None, Item]]:
    """(link, name of the lines it stands in, its definition) of every link of the form."""
    if fields is None:
        return
    for field in form.fields.values():
        item = fields.map.get(field.id)
        if item is None:
            continue  # the number, which the engine adds
        if field.type in _LINKS:
            yield field, None, item
        for column in field.fields.values():
            if column.type in _LINKS:
                yield column, field.id, item.map["fields"].map[column.id]


def _add(
    world: World, entries: dict[str, Related], form: Form, field: Field, lines: str | None, target: str, item: Item
) -> None:
    if field.inverse is None:
        # people and departments would drown in tabs: they list only what a definition names
        if field.type in ("link", "links") and target != PERSON_FORM:
            name = f"{form.id.replace('.', '_')}_{field.column if lines is None else f'{lines}_{field.column}'}"
            entries.setdefault(name, Related(name, form.label, form.id, field.id, lines))
        return
    owner = world.forms[target]
    at = item.map["inverse"].at
    if field.inverse in owner.fields or field.inverse in SYSTEM_FIELDS or field.inverse in entries:
        world.notes.add("C123", at, name=field.inverse, form=target)
    elif field.inverse in RESERVED:
        world.notes.add("C106", at, name=field.inverse)
    else:
        label: Label = inverse_label(item) or form.label
        entries[field.inverse] = Related(field.inverse, label, form.id, field.id, lines)
