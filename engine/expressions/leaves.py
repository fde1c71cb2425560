"""What is the value of a tree's leaf: field, person, moment? Both evaluators read leaves here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.expressions.nodes import Moment, Node, Path, RowValues, Type, Values


class Surroundings(NamedTuple):
    """The records around the current place, innermost first, and the moment."""

    records: tuple[Values, ...]
    moment: Moment

    def inside(self, row: Values) -> Surroundings:
        """The surroundings of what is asked of a row."""
        return Surroundings((row, *self.records), self.moment)

    def rows(self, source: Node) -> Sequence[Values]:
        """The rows of a "rows" node."""
        return self.records[source.depth].rows(path_of(source))


def surroundings(values: Values, moment: Moment) -> Surroundings:
    """The surroundings that an evaluation starts in."""
    if values.__class__ is RowValues:
        return Surroundings((values.row, values.record), moment)
    return Surroundings((values,), moment)


def path_of(node: Node) -> Path:
    """The path that a leaf names."""
    return node.value if isinstance(node.value, tuple) else ()


def read_leaf(node: Node, around: Surroundings) -> object:
    """The value of a leaf in the vocabulary of types: Decimal, str, bool, date, datetime, int, tuple, None."""
    moment = around.moment
    match node.op:
        case "literal":
            return node.value
        case "field":
            return in_vocabulary(around.records[node.depth].value(path_of(node)), node.type)
        case "me":
            return _of_person(node, moment)
        case "today":
            return moment.today
        case "now":
            return moment.now.replace(microsecond=0)
        case "is_new":
            return moment.is_new
        case "asked":
            return in_vocabulary(moment.asked.get(str(node.value)), node.type)
        case "settings":
            return in_vocabulary(moment.settings.value(path_of(node)) if moment.settings else None, node.type)
    raise KeyError(node.op)


def _of_person(node: Node, moment: Moment) -> object:
    path = path_of(node)
    if not path:
        return moment.me
    return in_vocabulary(moment.me_values.value(path) if moment.me_values else None, node.type)


def in_vocabulary(value: object, type_: Type) -> object:
    """Whole numbers as Decimal, empty texts and lists as null or (), boolean nulls as false."""
    if type_.kind == "number":
        return Decimal(value) if isinstance(value, int) else value
    if type_.kind == "boolean":
        return bool(value)
    if value == "":
        return None
    return tuple(value) if isinstance(value, (list, set, frozenset)) else value
