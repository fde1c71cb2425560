"""Short forms become long ones before layers meet, so that a short base and a long overlay merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.source.steps import steps_by_name
from engine.source.tree import Item

LABEL_KEYS = ("label", "help", "hint", "message", "note", "guidance", "confirm")
_CHINESE = re.compile("[\u3400-\u9fff]")
_Expand = Callable[[Item], Item]


def expand(kind: str, item: Item) -> Item:
    """The document with every short form of its kind written out. What has the wrong shape is left as it is."""
    expanders: Mapping[str, Mapping[str, _Expand]] = {
        "form": {
            "label": _label, "plural": _label, "help": _label, "fields": _each(_field), "checks": _each(_texts),
            "page": _page, "views": _each(_texts), "relations": _each(_texts), "actions": _each(_action),
            "access": _each(_same), "number": _same,
        },
        "pipeline": {"label": _label, "stages": _each(_stage), "ends": _each(_stage)},
        "app": {"label": _label, "roles": _each(_label), "menu": _each(_texts)},
        "company": {"label": _label, "roles": _each(_label), "menu": _each(_texts)},
        "choices": {"label": _label, "options": _choices},
        "workflow": {"label": _label, "help": _label, "start": _step, "steps": _all_steps},
        "dashboard": {"label": _label, "help": _label, "filters": _each(_filter), "widgets": _each(_widget)},
    }  # fmt: skip
    known = expanders.get(kind, {})
    usual = _metric if kind == "metrics" else _same
    return _entries(item, lambda key, entry: known.get(key, usual)(entry))


def _entries(item: Item, change: Callable[[str, Item], Item]) -> Item:
    if not isinstance(item.value, Mapping):
        return item
    return item.with_value({key: change(key, entry) for key, entry in item.value.items()})


def _each(change: _Expand) -> _Expand:
    def expand_each(item: Item) -> Item:
        def expand_one(key: str, entry: Item) -> Item:
            return expand_each(entry) if key == "replace" else _unless_removed(entry, change)

        return _entries(item, expand_one)

    return expand_each


def _unless_removed(item: Item, change: _Expand) -> Item:
    return item if item.value == "remove" else change(item)


def _same(item: Item) -> Item:
    return item


def _label(item: Item) -> Item:
    if isinstance(item.value, str) and item.value != "remove":
        language = "zh" if _CHINESE.search(item.value) else "en"
        return item.with_value({language: Item(item.value, item.at, None, item.layer, (), item.style)})
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        return item.with_value({"en": Item(item.text, item.at, None, item.layer)})
    return item


def _texts(item: Item) -> Item:
    """The labels among an entry's keys."""
    return _entries(item, lambda key, entry: _label(entry) if key in LABEL_KEYS else entry)


def _metric(item: Item) -> Item:
    return _unless_removed(item, _shown_number)


def _shown_number(item: Item) -> Item:
    """A metric, or a number of a widget: besides labels, its unit is a text for people."""
    return _entries(item, lambda key, entry: _label(entry) if key in (*LABEL_KEYS, "unit") else entry)


def _filter(item: Item) -> Item:
    if isinstance(item.value, str):
        return item.with_value({"field": Item(item.value, item.at, item.key_at, item.layer)})
    return _texts(item)


def _widget(item: Item) -> Item:
    """`values: {a: SUM(x)}` becomes `values: {a: {value: SUM(x)}}`."""
    shown = _shown_number(item)
    return _entries(shown, lambda key, entry: _each(_value)(entry) if key == "values" else entry)


def _value(item: Item) -> Item:
    if isinstance(item.value, str):
        return item.with_value({"value": Item(item.value, item.at, item.key_at, item.layer, (), item.style)})
    return _shown_number(item)


def _field(item: Item) -> Item:
    if isinstance(item.value, str):
        return item.with_value({"type": Item(item.value, item.at, item.key_at, item.layer)})
    return _entries(item, _field_key)


def _field_key(key: str, item: Item) -> Item:
    if key == "choices":
        return _choices(item)
    if key == "fields":
        return _each(_field)(item)
    if key == "check":
        return _check(item)
    if key == "inverse" and isinstance(item.value, str):
        return item.with_value({"name": Item(item.value, item.at, None, item.layer)})
    if key == "inverse":
        return _texts(item)
    return _label(item) if key in LABEL_KEYS else item


def _check(item: Item) -> Item:
    """{"amount > 0": text} and the bare "amount > 0"."""
    if isinstance(item.value, str):
        return item.with_value({item.value: Item({}, item.at, item.at, item.layer)})
    return _entries(item, lambda _key, entry: _label(entry))


def _choices(item: Item) -> Item:
    """[A, B] → {A: {}, B: {}}; {system: 系统} → {system: {label: {zh: 系统}}}; {zh, color} → {label: {zh}, color}."""
    if isinstance(item.value, tuple):
        entries = {entry.text: Item({}, entry.at, entry.at, entry.layer) for entry in item.value}
        return item.with_value(entries)
    if _edits_list(item):
        return _edited_choices(item)
    return _each(_choice)(item)


def _edits_list(item: Item) -> bool:
    """Whether choices are written {add: [C], remove: [A]}, as a list is edited."""
    edit = item.map
    return (
        bool(edit)
        and set(edit) <= {"add", "remove", "after", "before"}
        and any(isinstance(edit[key].value, tuple) for key in ("add", "remove") if key in edit)
    )


def _edited_choices(item: Item) -> Item:
    entries: dict[str, Item] = {}
    places = {key: entry for key, entry in item.map.items() if key in ("after", "before")}
    for entry in item.map["add"].list if "add" in item.map else ():
        entries[entry.text] = Item(places, entry.at, entry.at, entry.layer)
    for entry in item.map["remove"].list if "remove" in item.map else ():
        entries[entry.text] = Item("remove", entry.at, entry.at, entry.layer)
    return item.with_value(entries)


def _choice(item: Item) -> Item:
    if isinstance(item.value, (str, int)) and not isinstance(item.value, bool):
        return item.with_value({"label": _label(item)})
    return _labelled(item)


def _labelled(item: Item) -> Item:
    """{zh: 系统, en: System, color: blue} → {label: {zh, en}, color}: the languages may stand beside the other keys."""
    if not isinstance(item.value, Mapping):
        return item
    languages = {key: entry for key, entry in item.value.items() if key in ("zh", "en")}
    rest = {key: entry for key, entry in item.value.items() if key not in languages}
    if languages:
        label = _label(rest["label"]) if "label" in rest else next(iter(languages.values())).with_value({})
        rest = {**rest, "label": label.with_value({**languages, **label.map})}
    return _texts(item.with_value(rest))


def _stage(item: Item) -> Item:
    if isinstance(item.value, str):
        return item.with_value({"label": _label(item)})

    def change(key: str, entry: Item) -> Item:
        if key == "tasks":
            return _tasks(entry)
        return _label(entry) if key in LABEL_KEYS else entry

    return _entries(_labelled(item), change)


def _tasks(item: Item) -> Item:
    if isinstance(item.value, tuple):
        entries = {f"task_{number}": entry for number, entry in enumerate(item.value, 1)}
        item = item.with_value(entries)
    return _each(_choice)(item)


def _page(item: Item) -> Item:
    def change(key: str, entry: Item) -> Item:
        if key in ("sections", "tabs") and isinstance(entry.value, Mapping):
            return _each(_section)(entry)
        return entry

    return _entries(item, change)


def _section(item: Item) -> Item:
    if isinstance(item.value, tuple):
        return item.with_value({"fields": item})
    return _labelled(item)


def _action(item: Item) -> Item:
    if isinstance(item.value, str):
        return item.with_value({item.value: Item(value=True, at=item.at, key_at=item.at, layer=item.layer)})

    def change(key: str, entry: Item) -> Item:
        if key == "asks":
            return _each(_field)(entry)
        return _label(entry) if key in LABEL_KEYS else entry

    return _entries(item, change)


def _all_steps(item: Item) -> Item:
    """The steps of a workflow by name, with their labels and checks written out."""
    if set(item.map) == {"replace"}:
        return item.with_value({"replace": _all_steps(item.map["replace"])})
    return _each(_step)(steps_by_name(item))


def _step(item: Item) -> Item:
    def change(key: str, entry: Item) -> Item:
        if key in ("check", "attention"):
            return _check(entry)
        if key in ("cases", "branches"):
            return _each(_step)(entry)
        if key == "steps":
            return _each(_step)(entry)
        return _label(entry) if key in LABEL_KEYS else entry

    return _entries(item, change)
