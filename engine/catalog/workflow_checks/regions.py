"""Which records does a condition let through? And which are left over by all conditions of a block together?

A region is a list of boxes; a box says which values some subjects have, and leaves all others free. What is not
understood is a subject of its own that is true or false. So a case that is called useless is useless, whatever is
behind such subjects; a record that is named as left over might not exist when they depend on each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.catalog.workflow_checks.value_sets import Subject, ValueSet
from engine.expressions.nodes import Expression, Node, Type

Box = Mapping[str, ValueSet]
_MOST_BOXES = 64
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_YES = ValueSet(None, frozenset({True}))


class _TooMany(Exception):
    """The region has more boxes than are worth looking at."""


@dataclass
class Regions:
    """The regions of conditions, and the subjects they speak of."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    def of(self, when: Expression) -> list[Box]:
        """The region of a condition."""
        try:
            return self._boxes(when.node, holds=True)
        except _TooMany:
            return [self._opaque(when.node, holds=True)]

    def left_over(self, whole: Sequence[Box], taken: Iterable[Box]) -> list[Box] | None:
        """What of `whole` lies in none of the boxes; None when that is too much to say."""
        rest = list(whole)
        for box in taken:
            rest = [piece for each in rest for piece in self._cut(each, box)]
            if len(rest) > _MOST_BOXES * 4:
                return None
        return rest

    def touch(self, one: Box, other: Box) -> bool:
        """Whether some record lies in both boxes."""
        return self._both(one, other) is not None

    def values(self, box: Box, key: str) -> ValueSet:
        """What values a subject has in a box."""
        return box.get(key) or self.subjects[key].everything()

    # --- conditions -------------------------------------------------------------------------------------------------

    def _boxes(self, node: Node, *, holds: bool) -> list[Box]:
        if node.op == "literal":
            return [{}] if (node.value is True) is holds else []
        if node.op == "NOT":
            return self._boxes(node.args[0], holds=not holds)
        if node.op in ("AND", "OR"):
            parts = [self._boxes(arg, holds=holds) for arg in node.args]
            return self._joined(parts) if (node.op == "AND") is holds else _limited([b for part in parts for b in part])
        box = self._atom(node, holds=holds)
        return [box] if box is not None else []

    def _joined(self, parts: Sequence[list[Box]]) -> list[Box]:
        found: list[Box] = [{}]
        for part in parts:
            pairs = (self._both(one, other) for one in found for other in part)
            found = _limited([each for each in pairs if each is not None])
        return found

    def _atom(self, node: Node, *, holds: bool) -> Box | None:
        """One comparison; None when nothing lets it through."""
        subject, values = self._comparison(node)
        if subject is None or values is None:
            return self._opaque(node, holds=holds)
        found = (values if holds else values.opposite()).both(subject.everything())
        return None if found.is_nothing else {subject.key: found}

    def _comparison(self, node: Node) -> tuple[Subject | None, ValueSet | None]:
        """What is compared with constants, and the values for which that holds."""
        args = node.args
        if node.op == "ISEMPTY":
            subject = self._subject(args[0])
            return subject, subject.compared("=", None)
        if node.op == "IN" and args[0].op != "literal" and all(arg.op == "literal" for arg in args[1:]):
            subject = self._subject(args[0])
            return subject, subject.listed(arg.value for arg in args[1:])
        if node.op in _TURNED and len(args) == 2:
            thing, value, op = args[0], args[1], node.op
            if thing.op == "literal":
                thing, value, op = value, thing, _TURNED[op]
            if value.op == "literal" and thing.op != "literal":
                subject = self._subject(thing)
                return subject, subject.compared(op, value.value)
        return None, None

    def _subject(self, node: Node) -> Subject:
        key = _key(node)
        if key not in self.subjects:
            self.subjects[key] = Subject(key, node.type, can_be_empty=node.op != "N0" and node.type.kind != "boolean")
            self.nodes[key] = node
        return self.subjects[key]

    def _opaque(self, node: Node, *, holds: bool) -> Box:
        key = _key(node)
        self.subjects.setdefault(key, Subject(key, Type("boolean"), can_be_empty=False))
        self.nodes.setdefault(key, node)
        return {key: _YES if holds else ValueSet(None, frozenset({False}))}

    # --- boxes ------------------------------------------------------------------------------------------------------

    def _both(self, one: Box, other: Box) -> Box | None:
        found = dict(one)
        for key, values in other.items():
            common = found[key].both(values) if key in found else values
            if common.is_nothing:
                return None
            found[key] = common
        return found

    def _cut(self, whole: Box, taken: Box) -> list[Box]:
        """What is left of a box without another, in boxes apart from each other."""
        if not self.touch(whole, taken):
            return [whole]
        pieces: list[Box] = []
        rest = dict(whole)
        for key, values in taken.items():
            mine = self.values(rest, key)
            outside = mine.without(values)
            if not outside.is_nothing:
                pieces.append({**rest, key: outside})
            rest[key] = mine.both(values)
        return pieces


def _limited(boxes: list[Box]) -> list[Box]:
    if len(boxes) > _MOST_BOXES:
        raise _TooMany
    return boxes


def _key(node: Node) -> str:
    """The same for the same computation, wherever it is written."""
    return json.dumps(node.to_json(), default=str, ensure_ascii=False)
