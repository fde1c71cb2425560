"""What is in effect once all layers lie on each other, and which value of which layer did each beat?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.problems import Problem, near_name
from engine.source.tree import Beaten, Item, short_text

_LIST_EDIT = frozenset({"add", "remove", "after", "before"})
_PLACES = ("after", "before")
_TIMES = ("due", "until", "timeout")  # there `after` is a length of time


@dataclass(frozen=True, slots=True)
class _Target:
    """Whose definition is being changed, for messages, and where problems go."""

    id: str
    problems: list[Problem]


def merge(base: Item, change: Item, definition: str, problems: list[Problem]) -> Item:
    """`base` with the overlay `change` (without its first key) laid over it; problems are appended."""
    return _merge_map(base, change, _Target(definition, problems))


def place_entries(item: Item, definition: str, problems: list[Problem]) -> Item:
    """A definition of its own with its `after:`/`before:` carried out, as in an overlay."""
    empty = Item({}, item.at, item.key_at, item.layer)
    return _merge_map(empty, item, _Target(definition, problems))


def _merge_map(base: Item, change: Item, target: _Target) -> Item:
    entries: dict[str, Item] = dict(base.map)
    for key, item in change.map.items():
        if item.value == "remove":
            _remove(entries, key, item, target)
            continue
        moved, item = (None, item) if _is_time(key, item, entries.get(key)) else _without_place(item)
        old = entries.get(key)
        entries[key] = _merge_value(old, item, target) if old is not None else _new(item, target)
        if moved is not None:
            entries = _moved(entries, key, moved, target)
    return base.with_value(entries)


def _remove(entries: dict[str, Item], key: str, item: Item, target: _Target) -> None:
    if key not in entries:
        values = {"name": key, "id": target.id, "near": near_name(key, entries)}
        target.problems.append(Problem("O102", values, item.place))
        return
    del entries[key]


def _new(item: Item, target: _Target) -> Item:
    """An entry that no lower layer has: edits of lists find nothing, nested places are carried out."""
    if _is_list_edit(item):
        target.problems.append(Problem("O104", {"id": target.id}, item.place))
        return item.with_value(())
    if not item.map:
        return item
    if set(item.map) == {"replace"}:
        return item.with_value(item.map["replace"].value)
    return _merge_map(item.with_value({}), item, target)


def _merge_value(old: Item, item: Item, target: _Target) -> Item:
    if _is_list_edit(item) and isinstance(old.value, tuple):
        return _edit_list(old, item, target)
    if isinstance(item.value, Mapping) and set(item.map) == {"replace"}:
        fresh = _new(item, target)
        return _beats(old, fresh)
    if isinstance(old.value, Mapping) and isinstance(item.value, Mapping):
        return _merge_map(old, item, target)
    if isinstance(item.value, Mapping):
        return _beats(old, _new(item, target))
    return _beats(old, item)


def _beats(old: Item, item: Item) -> Item:
    lost = Beaten(old.layer, old.at, short_text(old))
    return replace(item, beaten=(lost, *old.beaten), key_at=item.key_at)


def _is_list_edit(item: Item) -> bool:
    if not isinstance(item.value, Mapping) or not item.value or not set(item.value) <= _LIST_EDIT:
        return False
    return any(isinstance(item.map[key].value, tuple) for key in ("add", "remove") if key in item.map)


def _edit_list(old: Item, edit: Item, target: _Target) -> Item:
    entries = list(old.list)
    for gone in edit.map["remove"].list if "remove" in edit.map else ():
        texts = [entry.text for entry in entries]
        if gone.text in texts:
            del entries[texts.index(gone.text)]
        else:
            values = {"name": gone.text, "id": target.id, "near": near_name(gone.text, texts)}
            target.problems.append(Problem("O102", values, gone.at))
    added = edit.map["add"].list if "add" in edit.map else ()
    position = _position([entry.text for entry in entries], edit, target)
    entries[position:position] = added
    return _beats(old, edit.with_value(tuple(entries)))


def _position(names: list[str], item: Item, target: _Target) -> int:
    """Where `after:` / `before:` of `item` says; the end when neither does or the name is not there."""
    for key in _PLACES:
        if key not in item.map:
            continue
        wanted = item.map[key]
        if wanted.text in names:
            return names.index(wanted.text) + (1 if key == "after" else 0)
        values = {"name": wanted.text, "id": target.id, "near": near_name(wanted.text, names)}
        target.problems.append(Problem("O103", values, wanted.at))
    return len(names)


def _is_time(key: str, item: Item, old: Item | None) -> bool:
    """Whether `after: 2 workdays` says how long, not where: a field may be called due as well."""
    field = "type" in item.map or (old is not None and "type" in old.map)
    return key in _TIMES and not field


def _without_place(item: Item) -> tuple[Item | None, Item]:
    """(the entry's after/before, the entry without them); lists being edited keep theirs."""
    if not isinstance(item.value, Mapping) or _is_list_edit(item):
        return None, item
    places = {key: item.map[key] for key in _PLACES if key in item.map and isinstance(item.map[key].value, str)}
    if not places:
        return None, item
    rest = {key: entry for key, entry in item.map.items() if key not in places}
    return item.with_value(places), item.with_value(rest)


def _moved(entries: Mapping[str, Item], key: str, place: Item, target: _Target) -> dict[str, Item]:
    others = [name for name in entries if name != key]
    others.insert(_position(others, place, target), key)
    return {name: entries[name] for name in others}
