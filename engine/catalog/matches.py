"""Declared relations: rows of another form that a condition ties to a record, without a link column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from engine.catalog.forms import Form, Related
from engine.catalog.names import RESERVED, SYSTEM_FIELDS
from engine.catalog.notes import Compiler, entries_of, label_of, texts_of
from engine.catalog.reads import HasForms, find_reads
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions.checking import TRUE
from engine.expressions.nodes import Expression, Node, Path
from engine.expressions.references import find_references, find_volatile
from engine.expressions.types import BOOLEAN
from engine.problems import Problem
from engine.source.tree import Item

# How well a field leads from a row to few records; types that are not here do not serve as a key.
_KEYS: Mapping[str, int] = MappingProxyType(
    {"id": 0, "link": 1, "user": 1, "serial": 2, "code": 2, "barcode": 2, "text": 3, "email": 3, "phone": 3}
    | {"department": 4, "integer": 5, "number": 5, "money": 5, "date": 6, "month": 6, "choice": 7}
)
_SYSTEM_KEYS: Mapping[str, str] = MappingProxyType({"id": "id", "created_by": "user", "updated_by": "user"})


def build_matches(world: World) -> None:
    """Adds the relations that forms declare to their `related`."""
    for form in list(world.forms.values()):
        found = {each.name: each for each in _relations(world, form)}
        world.forms[form.id] = replace(world.forms[form.id], related={**form.related, **found})


def check_matches(world: World) -> None:
    """Notes the relations whose key turned out to be a formula that is computed on reading (FX044)."""
    for form in world.forms.values():
        for related in form.related.values():
            if related.match is None:
                continue
            ends = ((world.forms[related.form], related.field), (form, related.own))
            fields = [each.fields[name] for each, name in ends if name in each.fields]
            if any(field.formula is not None and field.compute == "read" for field in fields):
                world.notes.add("FX044", related.match.at, name=related.name)


def matches_behind(definitions: HasForms, form_id: str, lines: str | None, expression: Expression) -> list[str]:
    """The conditions of the declared relations that an expression reads through, in a fixed order."""
    hops = {hop for read in find_reads(definitions, form_id, lines, expression) for hop in read.trail}
    found = [definitions.forms[hop.form].related[hop.names[0]].match for hop in hops if hop.kind == "match"]
    return sorted(each.text for each in found if each is not None)


def _relations(world: World, form: Form) -> Iterator[Related]:
    for name, entry in entries_of(world.item(form.id).map.get("relations")):
        if name in form.fields or name in SYSTEM_FIELDS or name in form.related:
            world.notes.add("C123", entry.place, name=name, form=form.id)
            continue
        if name in RESERVED:
            world.notes.add("C106", entry.place, name=name)
            continue
        related = _relation(world, form, name, entry)
        if related is not None:
            yield related


def _relation(world: World, form: Form, name: str, entry: Item) -> Related | None:
    target = _target(world, form, entry.map["form"])
    if target is None:
        return None
    rows = FormScope(world, target.id)
    match = Compiler(world.notes, FormScope(world, form.id), rows).condition(entry.map["match"])
    if match is None or _notes_rows(world, match, entry):
        return None
    key = min(_keys(form, target, match), default=None, key=lambda each: each[0])
    if key is None:
        world.notes.add("FX044", match.at, name=name)
        return None
    label = texts_of(entry.map.get("label")) or {**target.label, **label_of(None, name)}
    rest = _without(match, key[3])
    return Related(name, label, target.id, key[1], own=key[2], match=match, rest=rest)


def _target(world: World, form: Form, written: Item) -> Form | None:
    found = world.forms.get(world.full_id(written.text, form.app))
    if found is None:
        world.notes.unknown("C104", written, written.text, world.forms)
    return found


def _notes_rows(world: World, match: Expression, entry: Item) -> bool:
    """Whether the match aggregates rows itself, which no single row decides; noted as FX042."""
    culprit = next((node for node in _nodes(match.node) if node.op == "aggregate"), None)
    if culprit is not None:
        at = match.at or entry.place
        world.notes.problems.append(Problem("FX042", {"what": str(culprit.value)}, at))
    return culprit is not None


def _keys(form: Form, target: Form, match: Expression) -> Iterator[tuple[int, str, str, Node]]:
    """(how well it serves, field of the rows, field of the record, the equality) of every usable equality."""
    for node in _conjuncts(match.node):
        if node.op != "=" or any(arg.op != "field" for arg in node.args):
            continue
        inner, outer = sorted(node.args, key=lambda arg: arg.depth)
        if (inner.depth, outer.depth) != (0, 1):
            continue
        row, own = _key(target, inner), _key(form, outer)
        if row is not None and own is not None and row[2] == own[2]:
            yield _KEYS[row[1]] + _KEYS[own[1]], row[0], own[0], node


def _key(form: Form, leaf: Node) -> tuple[str, str, int] | None:
    """(field, type, decimals) when the leaf is a stored single value of the form."""
    path: Path = leaf.value if isinstance(leaf.value, tuple) else ()
    if len(path) != 1:
        return None
    field = form.fields.get(path[0])
    if field is None:
        return (path[0], _SYSTEM_KEYS[path[0]], 0) if path[0] in _SYSTEM_KEYS else None
    computed = field.formula is not None and field.compute == "read"
    if field.type not in _KEYS or len(field.to) > 1 or field.many or computed:
        return None
    return field.id, field.type, field.places if field.type in ("number", "money") else 0


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for arg in node.args:
        yield from _nodes(arg)


def _conjuncts(node: Node) -> Iterator[Node]:
    if node.op == "AND":
        for arg in node.args:
            yield from _conjuncts(arg)
    else:
        yield node


def _without(match: Expression, key: Node) -> Expression:
    rest = [node for node in _conjuncts(match.node) if node is not key]
    node = Node("AND", BOOLEAN, tuple(rest)) if len(rest) > 1 else (rest[0] if rest else TRUE)
    return replace(match, node=node, references=find_references(node), volatile=find_volatile(node))
