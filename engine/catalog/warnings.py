"""What can be used all the same, but is worth a second look: FX050 … FX053. `accepts:` explains one away."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.catalog import Catalog
from engine.catalog.emptiness import empty_operands
from engine.catalog.forms import Field, Form
from engine.catalog.leaves import Placed, Spot, expressions_of, find_nodes, path_of, place_of
from engine.catalog.reads import find_field, find_reads
from engine.catalog.world import World
from engine.expressions.nodes import Expression, Node
from engine.problems import Problem
from engine.source.resolved import Resolved
from engine.source.tree import Item

_ORDERING = frozenset({"<", "<=", ">", ">="})
_SHARED = frozenset({"choice", "boolean"})  # a value of these stands in very many records


def find_warnings(catalog: Catalog, resolved: Resolved) -> list[Problem]:
    """Every warning that no `accepts:` explains, in the order of forms and fields."""
    world = World(resolved, roles=dict(catalog.roles), forms=dict(catalog.forms), stage_sets=dict(catalog.stage_sets))
    found: list[Problem] = []
    for form in catalog.forms.values():
        definition = resolved.definitions.get(form.id)
        accepted = _accepted(definition.item) if definition is not None else frozenset()
        found += (each for each in _of_form(world, form) if each.code not in accepted)
    return found


def _accepted(item: Item | None) -> frozenset[str]:
    return frozenset(item.map["accepts"].map) if item is not None and "accepts" in item.map else frozenset()


def _of_form(world: World, form: Form) -> Iterator[Problem]:
    for field in form.fields.values():
        item = _item(world, form, (field.id,))
        own = (*_of_field(world, form, None, field), *_comparisons(field, columns=False))
        yield from (each for each in own if each.code not in _accepted(item))
        for column in field.fields.values():
            inner = (*_of_field(world, form, field.id, column), *_comparisons(column))
            accepted = _accepted(item) | _accepted(_item(world, form, (field.id, column.id)))
            yield from (each for each in inner if each.code not in accepted)
    for part in (form.checks, form.views, form.actions, form.access, form.page):
        for expression in expressions_of(part):
            yield from _never_true(expression)


def _item(world: World, form: Form, names: tuple[str, ...]) -> Item | None:
    """The definition of a field as written; None for fields that the engine adds."""
    definition = world.resolved.definitions.get(form.id)
    item = definition.item if definition is not None else None
    for name in names:
        fields = item.map.get("fields") if item is not None else None
        item = fields.map.get(name) if fields is not None else None
    return item


def _of_field(world: World, form: Form, lines: str | None, field: Field) -> Iterator[Problem]:
    if field.formula is None:
        return
    yield from _stricter(world, form, lines, field, field.formula)
    if field.formula.type.kind == "number":
        yield from _may_vanish(world, form, lines, field.formula)
    yield from _slow(world, form, field.formula)


# --- FX050: fewer people than one would think see the field ---------------------------------------------------------


def _stricter(world: World, form: Form, lines: str | None, field: Field, formula: Expression) -> Iterator[Problem]:
    if field.discloses:
        return
    seeing = _seeing(form, field) & (_seeing(form, form.fields[lines]) if lines else _seeing(form, field))
    for read in sorted(find_reads(world, form.id, lines, formula), key=lambda each: each.node):
        source = find_field(world, read.form, read.lines, read.field)
        home = world.forms[read.form]
        if source is None:
            continue
        allowed = _seeing(home, source)
        if read.lines:
            allowed &= _seeing(home, home.fields[read.lines])
        fewer = sorted(seeing - allowed)
        if fewer:
            values = {"roles": ", ".join(fewer), "name": ".".join(read.node), "field": field.id}
            yield Problem("FX050", values, formula.at, warning=True)
            return


def _seeing(form: Form, field: Field) -> frozenset[str]:
    """The roles that see the field in at least some records."""
    roles = frozenset(role for role, verbs in form.access.rules.items() if "see" in verbs)
    if field.access is None or not field.access.see:
        return roles
    return roles & frozenset(field.access.see)


# --- FX051: arithmetic with something empty is empty ----------------------------------------------------------------


def _may_vanish(world: World, form: Form, lines: str | None, formula: Expression) -> Iterator[Problem]:
    spots = (Spot(form.id),) if lines is None else (Spot(form.id, lines), Spot(form.id))
    found = list(empty_operands(world, Placed(formula.node, spots)))
    if not found:
        return
    names = list(dict.fromkeys(_name(each.node) for each in found))
    first = found[0].node
    values = {"name": ", ".join(names), "first": names[0]}
    yield Problem("FX051", values, place_of(formula, first, len(names[0])), warning=True)


def _name(node: Node) -> str:
    if node.op == "aggregate":
        return f"{node.value}({'.'.join((*path_of(node.args[0]), *path_of(node.args[2])))})"
    return ".".join(path_of(node)) or f"{node.op}(…)"


# --- FX052: never true ----------------------------------------------------------------------------------------------


def _comparisons(field: Field, *, columns: bool = True) -> Iterator[Problem]:
    parts: tuple[object, ...] = (
        (field,) if columns else tuple(getattr(field, name) for name in field.__dataclass_fields__ if name != "fields")
    )
    for expression in expressions_of(parts):
        yield from _never_true(expression)


def _never_true(expression: Expression) -> Iterator[Problem]:
    for node in _nodes(expression.node):
        if node.op in _ORDERING and any(arg.op == "literal" and arg.value is None for arg in node.args):
            at = place_of(expression, node)
            yield Problem("FX052", {"operator": node.op}, at, warning=True)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for arg in node.args:
        yield from _nodes(arg)


# --- FX053: rows that no index finds quickly ------------------------------------------------------------------------


def _slow(world: World, form: Form, formula: Expression) -> Iterator[Problem]:
    for placed in find_nodes(world, Placed(formula.node, (Spot(form.id),))):
        if placed.node.op != "aggregate":
            continue
        for name in path_of(placed.node.args[0])[-1:]:
            related = form.related.get(name)
            key = world.forms[related.form].fields.get(related.field) if related is not None else None
            if key is not None and key.type in _SHARED:
                values = {"name": name, "field": f"{related.form}.{key.id}" if related is not None else key.id}
                yield Problem("FX053", values, place_of(formula, placed.node), warning=True)
                return
