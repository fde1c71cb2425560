"""What a definition file says: a tree of values in which every value and every key knows its place and its layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.problems import Location

Scalar: TypeAlias = "str | int | bool"
Path: TypeAlias = "tuple[str | int, ...]"
Plain: TypeAlias = "Scalar | dict[str, Plain] | list[Plain]"


@dataclass(frozen=True, slots=True)
class Beaten:
    """A value of a lower layer that is no longer in effect: what it was, as a short text, and where."""

    layer: str
    at: Location
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One value: a scalar, a map of items in written order, or a list of items.

    at      the value's first character, inside the quotes of a quoted text.
    key_at  the place of its key, None in lists and at the root.
    layer   the layer that set it.
    beaten  the values of lower layers it replaced, nearest first.
    style   how a text was written: "plain", "quoted", "block" (|), "folded" (> or over several lines),
            "commented" (plain, with a # behind it on the line).
    """

    value: Scalar | Mapping[str, Item] | tuple[Item, ...]
    at: Location
    key_at: Location | None = None
    layer: str = ""
    beaten: tuple[Beaten, ...] = ()
    style: str = "plain"

    @property
    def map(self) -> Mapping[str, Item]:
        """The entries when this is a map, else none."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def list(self) -> tuple[Item, ...]:
        """The entries when this is a list, else none."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def text(self) -> str:
        """The scalar as it was written; "" for maps and lists."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value) if isinstance(self.value, (str, int)) else ""

    @property
    def place(self) -> Location:
        """The place of the key when there is one: where a whole entry is pointed at."""
        return self.key_at or self.at

    def with_value(self, value: Scalar | Mapping[str, Item] | tuple[Item, ...]) -> Item:
        """The same place and layer with another value."""
        return replace(self, value=value)


def plain(item: Item) -> Plain:
    """The value alone, as dicts, lists and scalars."""
    if isinstance(item.value, Mapping):
        return {key: plain(entry) for key, entry in item.value.items()}
    if isinstance(item.value, tuple):
        return [plain(entry) for entry in item.value]
    return item.value


def walk(item: Item, path: Path = ()) -> Iterator[tuple[Path, Item]]:
    """Every item with its path, parents first."""
    yield path, item
    if isinstance(item.value, Mapping):
        for key, entry in item.value.items():
            yield from walk(entry, (*path, key))
    elif isinstance(item.value, tuple):
        for index, entry in enumerate(item.value):
            yield from walk(entry, (*path, index))


def find_item(item: Item, path: Path) -> Item | None:
    """The item at `path`, None when there is none."""
    for step in path:
        found: Item | None = None
        if isinstance(item.value, Mapping):
            found = item.value.get(str(step))
        elif isinstance(item.value, tuple) and isinstance(step, int) and 0 <= step < len(item.value):
            found = item.value[step]
        if found is None:
            return None
        item = found
    return item


def short_text(item: Item, limit: int = 60) -> str:
    """The value in one line, for messages and provenance."""
    text = _one_line(item)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _one_line(item: Item) -> str:
    if isinstance(item.value, Mapping):
        return "{" + ", ".join(f"{key}: {_one_line(entry)}" for key, entry in item.value.items()) + "}"
    if isinstance(item.value, tuple):
        return "[" + ", ".join(_one_line(entry) for entry in item.value) + "]"
    return item.text


@dataclass(frozen=True, slots=True)
class Document:
    """One file: what it defines (`kind`, `id`; overlay = it changes a definition of a lower layer)."""

    name: str
    kind: str
    id: str
    item: Item
    overlay: bool = False
    layer: str = ""

    @property
    def root(self) -> Plain:
        """The whole file as plain values."""
        return plain(self.item)

    @property
    def places(self) -> Mapping[Path, Location]:
        """The place of every value."""
        return {path: item.at for path, item in walk(self.item)}

    @property
    def key_places(self) -> Mapping[Path, Location]:
        """The place of every key."""
        return {path: item.key_at for path, item in walk(self.item) if item.key_at is not None}
