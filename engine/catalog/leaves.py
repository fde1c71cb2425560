"""Which field of which form does a leaf of an expression name?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Protocol

from engine.catalog.forms import Field, Form
from engine.expressions.nodes import Expression, Node, Path
from engine.expressions.syntax import place
from engine.problems import Location


class Forms(Protocol):
    """Where forms are looked up: a Catalog, or the half-built forms of a builder."""

    @property
    def forms(self) -> Mapping[str, Form]:
        """Forms by id."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a name is looked up: a form, or its lines."""

    form: str
    lines: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with the spots around it, innermost first."""

    node: Node
    around: tuple[Spot, ...]


def find_nodes(forms: Forms, placed: Placed) -> Iterator[Placed]:
    """The node and every node below it; inside aggregates the rows come in front of the spots."""
    yield placed
    node = placed.node
    if node.op != "aggregate":
        for arg in node.args:
            yield from find_nodes(forms, Placed(arg, placed.around))
        return
    for arg in node.args[1:3]:
        yield from find_nodes(forms, Placed(arg, inside(forms, placed)))
    per_row = node.value in ("FIRST", "LAST")
    for arg in node.args[3:]:
        yield from find_nodes(forms, Placed(arg, inside(forms, placed) if per_row else placed.around))


def inside(forms: Forms, placed: Placed) -> tuple[Spot, ...]:
    """The spots inside the rows of an aggregate."""
    rows = placed.node.args[0]
    spot = placed.around[min(rows.depth, len(placed.around) - 1)]
    for name in path_of(rows):
        spot = _step(forms, spot, name) or spot
    return (spot, *placed.around)


def path_of(node: Node) -> Path:
    """The path that a leaf names."""
    return node.value if isinstance(node.value, tuple) else ()


def fields_along(forms: Forms, placed: Placed) -> tuple[Field | None, ...]:
    """The fields that a "field" node passes and ends at; None for what is no field of a form (system fields)."""
    if placed.node.depth >= len(placed.around):
        return (None,)
    spot: Spot | None = placed.around[placed.node.depth]
    found: list[Field | None] = []
    for name in path_of(placed.node):
        if spot is None:
            break
        if not (spot.lines and name == "header"):
            found.append(_field(forms, spot, name))
        spot = _step(forms, spot, name)
    return tuple(found) or (None,)


def _field(forms: Forms, spot: Spot, name: str) -> Field | None:
    form = forms.forms.get(spot.form)
    if form is None:
        return None
    own = form.fields[spot.lines].fields if spot.lines in form.fields and spot.lines else form.fields
    return own.get(name)


def _step(forms: Forms, spot: Spot, name: str) -> Spot | None:
    form = forms.forms.get(spot.form)
    if form is None:
        return None
    if spot.lines is not None and name == "header":
        return Spot(spot.form)
    field = _field(forms, spot, name)
    if field is not None:
        if field.type == "lines":
            return Spot(spot.form, field.id)
        return Spot(field.to[0]) if len(field.to) == 1 and not field.many else None
    if name in ("below", "above"):
        return spot
    related = form.related.get(name) if spot.lines is None else None
    return Spot(related.form, related.lines) if related is not None else None


def expressions_of(part: object) -> Iterator[Expression]:
    """Every expression anywhere in a part of a form."""
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from expressions_of(each)
    elif isinstance(part, tuple):
        for each in part:
            yield from expressions_of(each)
    elif is_dataclass(part) and not isinstance(part, (type, Node, Location)):
        for each in fields(part):
            yield from expressions_of(getattr(part, each.name))


def place_of(expression: Expression, node: Node, length: int = 1) -> Location | None:
    """Where in the definitions a node stands."""
    if expression.at is None:
        return None
    return place(expression.text, expression.at, node.position, node.position + max(1, length))
