"""Options: of one field, or a list that several fields share."""

from __future__ import annotations

from engine.catalog.field_types.numbers import parse_number
from engine.catalog.forms import Choice
from engine.catalog.notes import entries_of, label_of, text_of
from engine.catalog.world import World
from engine.source.tree import Item

_LONGEST_KEY = 60


def build_choices(world: World, item: Item) -> tuple[Choice, ...]:
    """The options in written order. `where` is compiled later, in the scope of the field that uses them."""
    choices = []
    for name, entry in entries_of(item):
        if len(name) > _LONGEST_KEY or name != name.strip():
            world.notes.add("C107", entry.place, name=name)
            continue
        if "was" in entry.map:
            world.notes.add("D108", entry.map["was"].place, kind="was")
        value = None
        written = entry.map.get("value")
        if written is not None:
            value = parse_number(written.text)
            if value is None:
                world.notes.add("C111", written.at, where="value", reason=f"'{written.text}' ≠ 1234.50")
        label = label_of(entry.map.get("label"), name) if "label" in entry.map else {"en": name, "zh": name}
        choices.append(Choice(name, label, text_of(entry, "color"), value))
    return tuple(choices)


def build_shared_choices(world: World) -> None:
    """Fills `world.shared_choices` from the choices: files."""
    for identifier, definition in world.of_kind("choices").items():
        world.shared_choices[identifier] = build_choices(world, definition.item.map["options"])
