"""What one company's definitions come to: every effective value with its place, its layer and the values it beat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.problems import Location
from engine.source.tree import Beaten, Item, plain
from engine.values import empty


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition after all layers: its kind, its id, its values; `app` is where its id says it belongs."""

    kind: str
    id: str
    item: Item

    @property
    def app(self) -> str:
        """The app of a definition app.name."""
        return self.id.partition(".")[0]

    @property
    def digest(self) -> str:
        """A name for its content: definitions with equal values in equal order have the same."""
        written = json.dumps([self.kind, self.id, plain(self.item)], ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The definition alone as JSON, places included."""
        writer = _Writer()
        item = writer.item(self.item)
        return {
            "kind": self.kind,
            "id": self.id,
            "files": list(writer.files),
            "layers": list(writer.layers),
            "item": item,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Definition:
        """The definition that `to_json` wrote."""
        return cls(stored["kind"], stored["id"], _Reader(stored["files"], stored["layers"]).item(stored["item"]))


@dataclass(frozen=True, slots=True)
class Resolved:
    """All definitions of one company, before names are resolved and expressions compiled."""

    company: Definition
    site: Definition
    apps: Mapping[str, Definition] = field(default_factory=empty)  # in the order of their requirements
    definitions: Mapping[str, Definition] = field(default_factory=empty)  # forms, stages, choices by id

    @property
    def digest(self) -> str:
        """A name for this state of the definitions: equal values in equal order have the same digest."""
        everything = [[entry.kind, entry.id, plain(entry.item)] for entry in self._all()]
        return hashlib.sha256(json.dumps(everything, ensure_ascii=False).encode()).hexdigest()

    def _all(self) -> list[Definition]:
        return [self.site, self.company, *self.apps.values(), *self.definitions.values()]

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON, places and provenance included; `from_json` gives an equal object back."""
        writer = _Writer()
        entries = [[entry.kind, entry.id, writer.item(entry.item)] for entry in self._all()]
        return {
            "format": 1,
            "files": list(writer.files),
            "layers": list(writer.layers),
            "apps": len(self.apps),
            "definitions": entries,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Resolved:
        """The object that `to_json` wrote."""
        reader = _Reader(stored["files"], stored["layers"])
        entries = [
            Definition(kind, identifier, reader.item(value)) for kind, identifier, value in stored["definitions"]
        ]
        apps = entries[2 : 2 + stored["apps"]]
        rest = entries[2 + stored["apps"] :]
        return cls(entries[1], entries[0], {each.id: each for each in apps}, {each.id: each for each in rest})


class _Writer:
    """Items as nested lists; file and layer names are written once."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.layers: dict[str, int] = {}

    def item(self, item: Item) -> list[Any]:
        value: Any = item.value
        if isinstance(item.value, Mapping):
            value = {key: self.item(entry) for key, entry in item.value.items()}
        elif isinstance(item.value, tuple):
            value = [self.item(entry) for entry in item.value]
        key_at = self._at(item.key_at) if item.key_at else None
        beaten = [[self._layer(lost.layer), self._at(lost.at), lost.text] for lost in item.beaten]
        return [value, self._at(item.at), key_at, self._layer(item.layer), item.style, beaten]

    def _at(self, at: Location) -> list[int]:
        return [self.files.setdefault(at.file, len(self.files)), at.line, at.column, at.length]

    def _layer(self, layer: str) -> int:
        return self.layers.setdefault(layer, len(self.layers))


class _Reader:
    def __init__(self, files: list[str], layers: list[str]) -> None:
        self.files = files
        self.layers = layers

    def item(self, stored: list[Any]) -> Item:
        value, at, key_at, layer, style, beaten = stored
        if isinstance(value, dict):
            value = {key: self.item(entry) for key, entry in value.items()}
        elif isinstance(value, list):
            value = tuple(self.item(entry) for entry in value)
        lost = tuple(Beaten(self.layers[old], self._at(where), text) for old, where, text in beaten)
        return Item(value, self._at(at), self._at(key_at) if key_at else None, self.layers[layer], lost, style)

    def _at(self, stored: list[int]) -> Location:
        return Location(self.files[stored[0]], stored[1], stored[2], stored[3])
