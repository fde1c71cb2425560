"""Lists of steps become maps by name, so that overlays can address every step, however deep it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.problems import Problem, near_name
from engine.source.tree import Item

STEP_KINDS = ("approve", "fill", "cc", "branch", "parallel", "auto", "call", "wait", "end", "goto")
_LISTS = ("cases", "branches")
_AGAIN = " (again)"
Place = tuple[str, ...]


def steps_by_name(item: Item) -> Item:
    """`steps` as a map: [{approve: check, who: …}] → {check: {kind: approve, who: …}}; nested lists likewise.

    A name that stands twice is kept with a mark that no name can have (see `is_again`).
    """
    if isinstance(item.value, tuple):
        entries: dict[str, Item] = {}
        for number, entry in enumerate(item.value, 1):
            name, step = _named(entry, number)
            entries[name if name not in entries else f"{name}{_AGAIN * number}"] = step
        return item.with_value(entries)
    return item.with_value({name: _step(entry) for name, entry in item.map.items()})


def is_again(name: str) -> bool:
    """Whether a step or case had a name that another one has."""
    return name.endswith(_AGAIN)


def plain_name(name: str) -> str:
    """The name as it was written."""
    return name.split(_AGAIN, maxsplit=1)[0]


def _named(item: Item, number: int) -> tuple[str, Item]:
    """A step of a list: the first key that is a kind names it (a call also says what it waits for)."""
    kinds = [key for key in item.map if key in STEP_KINDS]
    if not kinds:
        return f"step_{number}", item
    kind = "call" if "call" in kinds else kinds[0]
    name = item.map[kind]
    word = Item(kind, name.key_at or name.at, None, item.layer)
    rest = {key: entry for key, entry in item.map.items() if key != kind}
    text = name.text
    if kind == "goto" and "to" not in rest:  # nobody asks for its own name
        rest["to"], text = name, f"goto_{name.at.line}_{name.at.column}"
    placed = Item({"kind": word, **rest}, item.at, name.at, item.layer)
    return text, _step(placed)


def _step(item: Item) -> Item:
    if not isinstance(item.value, Mapping):
        return item
    return item.with_value({key: _lists(entry) if key in _LISTS else entry for key, entry in item.map.items()})


def _lists(item: Item) -> Item:
    """Cases or branches by name; without a name case_1, case_2, else."""
    if isinstance(item.value, tuple):
        entries: dict[str, Item] = {}
        for number, entry in enumerate(item.value, 1):
            written = entry.map.get("name")
            name = written.text if written is not None else ("else" if "else" in entry.map else f"case_{number}")
            rest = {key: each for key, each in entry.map.items() if key != "name"}
            placed = Item(rest, entry.at, written.at if written is not None else entry.at, entry.layer)
            entries[name if name not in entries else f"{name}{_AGAIN * number}"] = _list(placed)
        return item.with_value(entries)
    return item.with_value({name: _list(entry) for name, entry in item.map.items()})


def _list(item: Item) -> Item:
    if not isinstance(item.value, Mapping):
        return item
    return item.with_value({key: steps_by_name(entry) if key == "steps" else entry for key, entry in item.map.items()})


def nest_changes(base: Item, change: Item, definition: str, problems: list[Problem]) -> Item:
    """An overlay's `steps`, written flat by name, as the nested maps that lie over `base`.

    A new step stands behind `after:`, in front of `before:`, at the end of the case or branch `into:`, else at the end.
    """
    written = change.map.get("steps")
    old = base.map.get("steps")
    if written is None or old is None or set(written.map) == {"replace"}:
        return change
    known = dict(_places(old, ()))
    lists = dict(_list_places(old, ()))
    nested = Item({}, written.at, written.key_at, written.layer)
    for name, entry in written.map.items():
        place = _place_of(name, entry, known, lists, definition, problems)
        nested = _put(nested, (*place, name), _without_into(entry))
        if name not in known:
            known[name] = place
    return change.with_value({**change.map, "steps": nested})


def _places(steps: Item, above: Place) -> Iterator[tuple[str, Place]]:
    """Each step with the keys that lead from the outermost `steps` to the map it stands in."""
    for name, step in steps.map.items():
        yield name, above
        for key in _LISTS:
            for inner, entry in step.map[key].map.items() if key in step.map else ():
                if "steps" in entry.map:
                    yield from _places(entry.map["steps"], (*above, name, key, inner, "steps"))


def _list_places(steps: Item, above: Place) -> Iterator[tuple[str, Place]]:
    """Each case and branch with the keys that lead to its steps."""
    for name, step in steps.map.items():
        for key in _LISTS:
            for inner, entry in step.map[key].map.items() if key in step.map else ():
                place = (*above, name, key, inner, "steps")
                yield inner, place
                if "steps" in entry.map:
                    yield from _list_places(entry.map["steps"], place)


def _place_of(
    name: str,
    entry: Item,
    known: Mapping[str, Place],
    lists: Mapping[str, Place],
    definition: str,
    problems: list[Problem],
) -> Place:
    if name in known:
        return known[name]
    for key, places in (("after", known), ("before", known), ("into", lists)):
        wanted = entry.map.get(key)
        if wanted is None:
            continue
        if wanted.text in places:
            return places[wanted.text]
        if key == "into":
            values = {"name": wanted.text, "id": definition, "near": near_name(wanted.text, places)}
            problems.append(Problem("O103", values, wanted.at))
    return ()


def _without_into(item: Item) -> Item:
    if "into" not in item.map:
        return item
    return item.with_value({key: entry for key, entry in item.map.items() if key != "into"})


def _put(item: Item, path: Place, entry: Item) -> Item:
    """`item` with `entry` at `path`, the maps on the way made where they are missing; maps are joined."""
    if not path:
        return _joined(item, entry)
    inner = item.map.get(path[0], Item({}, entry.at, entry.key_at, entry.layer))
    return item.with_value({**item.map, path[0]: _put(inner, path[1:], entry)})


def _joined(one: Item, other: Item) -> Item:
    """The changes of both; a block and a step inside it may be changed by the same overlay."""
    if not one.map or not other.map:
        return other
    entries = {key: _joined(one.map[key], entry) if key in one.map else entry for key, entry in other.map.items()}
    return other.with_value({**one.map, **entries})
