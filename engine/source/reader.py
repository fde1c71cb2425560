"""What does a YAML file say, and where? Strict: events are judged before anything is built from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from engine.problems import Location, Problem, ProblemsFound
from engine.source.guard import check_bytes
from engine.source.kinds import identify
from engine.source.tree import Document, Item, Scalar

MAX_NODES = 50_000
MAX_DEPTH = 30
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_MAX_DIGITS = 18
_NULLS = ("", "~", "null", "Null", "NULL")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it: ten times faster


def read_yaml(path: Path, name: str, layer: str = "") -> Document:
    """The document in the file at `path`, called `name` in messages. Raises ProblemsFound (families Y and D)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        values = {"file": name, "reason": error.strerror or ""}
        raise ProblemsFound([Problem("S101", values, Location(name, 1, 1))]) from error
    return read_text(content, name, layer)


def read_text(content: bytes, name: str, layer: str = "") -> Document:
    """Like read_yaml, for bytes that are already there."""
    item = read_item(content, name, layer)
    kind, identifier, overlay = identify(item)
    return Document(name, kind, identifier, item, overlay, layer)


def read_item(content: bytes, name: str, layer: str = "") -> Item:
    """The tree of values of any YAML file. Raises ProblemsFound (family Y)."""
    text = check_bytes(content, name)
    composer = _Composer(text, name, layer)
    try:
        item = composer.compose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name, 1, 1)
        # a value that seems to be missing is mostly the same slip of the pen
        problems = [problem for problem in composer.problems if problem.code != "Y114"]
        problems.append(Problem("Y104", {"reason": _reason(error)}, at))
        raise ProblemsFound(problems) from error
    except yaml.YAMLError as error:
        raise ProblemsFound([Problem("Y104", {"reason": str(error)}, Location(name, 1, 1))]) from error
    if composer.problems or item is None:
        raise ProblemsFound(composer.problems or [Problem("Y105", {}, Location(name, 1, 1))])
    return item


def _reason(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


class _Composer:
    """Builds items from events; what it refuses it notes in `problems` and goes on, except for limits."""

    def __init__(self, text: str, name: str, layer: str) -> None:
        self.lines = text.split("\n")
        self.name = name
        self.layer = layer
        self.problems: list[Problem] = []
        self.nodes = 0
        self.loader = _LOADER(text)

    def compose(self) -> Item | None:
        """The root item of the only document; None when the file is empty."""
        try:
            return self._document()
        finally:
            self.loader.dispose()

    def _document(self) -> Item | None:
        self.loader.get_event()  # stream start
        if self.loader.check_event(yaml.StreamEndEvent):
            return None
        start = self.loader.get_event()
        if start.version or start.tags:
            self._note("Y109", start, what="%YAML, %TAG")
        item = self._item(0, None)
        self.loader.get_event()  # document end
        if not self.loader.check_event(yaml.StreamEndEvent):
            self._note("Y110", self.loader.peek_event())
        return item

    def _item(self, depth: int, key_at: Location | None) -> Item:
        event = self.loader.get_event()
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop("Y107", event, limit=MAX_NODES)
        if depth > MAX_DEPTH:
            self._stop("Y106", event, limit=MAX_DEPTH)
        self._refuse_marks(event)
        at = self._at(event)
        if isinstance(event, yaml.MappingStartEvent):
            return Item(self._mapping(depth), at, key_at, self.layer)
        if isinstance(event, yaml.SequenceStartEvent):
            entries = []
            while not self.loader.check_event(yaml.SequenceEndEvent):
                entries.append(self._item(depth + 1, None))
            self.loader.get_event()
            return Item(tuple(entries), at, key_at, self.layer)
        if isinstance(event, yaml.AliasEvent):
            return Item("", at, key_at, self.layer)
        return self._scalar(event, key_at)

    def _mapping(self, depth: int) -> Mapping[str, Item]:
        entries: dict[str, Item] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            event = self.loader.peek_event()
            key_at = self._key_at(event)
            key = self._key(event, depth)
            if key == "<<" and event.implicit[0]:
                self._note("Y108", event, what="<<")
            if key in entries and key:
                first = entries[key].key_at or entries[key].at
                self.problems.append(Problem("Y111", {"key": key, "line": first.line}, key_at))
            value = self._item(depth + 1, key_at)
            entries.setdefault(key, value)
        self.loader.get_event()
        return entries

    def _key(self, event: yaml.Event, depth: int) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self.loader.get_event()
            self.nodes += 1
            self._refuse_marks(event)
            if not event.value.strip():
                self._note("Y113", event)
            return str(event.value)
        self._note("Y112", event)
        self._item(depth + 1, None)
        return ""

    def _scalar(self, event: yaml.ScalarEvent, key_at: Location | None) -> Item:
        text: str = event.value
        quoted = event.style in ("'", '"')
        at = self._at(event, offset=1 if quoted else 0, length=len(text))
        if not event.style and text in _NULLS:
            self.problems.append(Problem("Y114", {"word": text or "(nothing)"}, key_at or at))
            return Item("", at, key_at, self.layer)
        if event.style in ("|", ">"):
            at = self._block_start(event)
        value: Scalar = text
        if not event.style and event.tag is None:
            value = self._resolve(text, event)
        return Item(value, at, key_at, self.layer, (), self._style(event, at))

    def _resolve(self, text: str, event: yaml.ScalarEvent) -> Scalar:
        if text in ("true", "false"):
            return text == "true"
        if _INTEGER.match(text):
            if len(text.lstrip("-")) > _MAX_DIGITS:
                self._note("Y115", event, digits=_MAX_DIGITS)
                return text
            return int(text)
        return text

    def _style(self, event: Any, at: Location) -> str:
        if event.style == "|":
            return "block"
        if event.style == ">" or event.end_mark.line > event.start_mark.line:
            return "folded"
        if event.style:
            return "quoted"
        rest = self.lines[at.line - 1][event.end_mark.column :]
        return "commented" if rest.lstrip().startswith("#") else "plain"

    def _block_start(self, event: Any) -> Location:
        """The first character of a block text: below its header, after its indent."""
        for number in range(event.start_mark.line + 1, len(self.lines)):
            line = self.lines[number]
            if line.strip():
                return Location(self.name, number + 1, len(line) - len(line.lstrip(" ")) + 1, len(line.strip()))
        return self._at(event)

    def _refuse_marks(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._note("Y108", event, what=f"*{event.anchor}")
            return
        if event.anchor is not None:
            self._note("Y108", event, what=f"&{event.anchor}")
        if event.tag is not None:
            self._note("Y109", event, what=event.tag)

    def _key_at(self, event: Any) -> Location:
        """The key's first character, inside its quotes: a key may be an expression."""
        quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"') and event.value
        return self._at(event, offset=1, length=len(event.value)) if quoted else self._at(event)

    def _at(self, event: Any, *, offset: int = 0, length: int = 0) -> Location:
        start, end = event.start_mark, event.end_mark
        if not length:
            length = end.column - start.column if end.line == start.line else 1
        return Location(self.name, start.line + 1, start.column + 1 + offset, max(1, length))

    def _note(self, code: str, event: Any, **values: object) -> None:
        self.problems.append(Problem(code, values, self._at(event)))

    def _stop(self, code: str, event: Any, **values: object) -> None:
        self._note(code, event, **values)
        raise ProblemsFound(self.problems)
