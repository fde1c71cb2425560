"""What boards group and filter by: fields, fields behind links, expressions, dates by month and the like."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.dashboards import Dimension
from engine.catalog.forms import Field, Form
from engine.catalog.notes import Compiler
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions.nodes import Expression, Path
from engine.source.tree import Item
from engine.values import Label

DATES = frozenset({"date", "datetime"})
GROUPED = DATES | {"choice", "stage", "person", "department", "link", "text", "boolean", "number"}
_SYSTEM_LABELS: dict[str, Label] = {
    "created_at": {"en": "Created", "zh": "创建时间"},
    "updated_at": {"en": "Changed", "zh": "更新时间"},
    "created_by": {"en": "Created by", "zh": "创建人"},
    "updated_by": {"en": "Changed by", "zh": "更新人"},
}


def build_dimensions(world: World, form: Form, item: Item | None) -> tuple[Dimension, ...]:
    """The dimensions of a form that `item` writes: one, a list, or {date field: bucket}; what is wrong is noted."""
    return tuple(_dimensions(world, form, item)) if item is not None else ()


def _dimensions(world: World, form: Form, item: Item) -> Iterator[Dimension]:
    for entry in item.list or (item,):
        if entry.map:
            for name, bucket in entry.map.items():
                yield from _one(world, form, Item(name, bucket.place), bucket)
        elif entry.text:
            yield from _one(world, form, entry, None)


def _one(world: World, form: Form, item: Item, bucket: Item | None) -> Iterator[Dimension]:
    value = Compiler(world.notes, FormScope(world, form.id)).expression(item)
    if value is None:
        return
    kind = value.type.kind
    if kind not in GROUPED:
        world.notes.add("B104", item.at, name=item.text, got=kind)
    elif bucket is not None and kind not in DATES:
        world.notes.add("B105", item.at, name=item.text, bucket=bucket.text)
    else:
        chosen = bucket.text if bucket is not None else ("month" if kind in DATES else None)
        yield dimension_of(world, form, value, chosen)


def dimension_of(world: World, form: Form, value: Expression, bucket: str | None) -> Dimension:
    """The dimension of a compiled expression on `form`."""
    path = value.node.value if value.node.op == "field" and isinstance(value.node.value, tuple) else None
    field = end_of(world, form, path) if path is not None else None
    return Dimension(value.text, value, _label(value, path, field), path, field, bucket)


def end_of(world: World, form: Form, path: Path) -> Field | None:
    """The field at the end of a path; None for what every record has, such as created_at."""
    for name in path[:-1]:
        link = form.fields.get(name)
        if link is None or len(link.to) != 1 or link.to[0] not in world.forms:
            return None
        form = world.forms[link.to[0]]
    name = form.owner if path[-1] == "owner" and "owner" not in form.fields and form.owner else path[-1]
    return form.fields.get(name)


def _label(value: Expression, path: Path | None, field: Field | None) -> Label:
    if field is not None:
        return field.label
    return _SYSTEM_LABELS.get(path[-1] if path else "", {"en": value.text})
