"""Can the databases compute what they will be asked: filters, rules, formulas read on the fly, rollups?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.catalog.forms import Field, Form
from engine.catalog.reads import direct_reads, find_field, find_reads
from engine.catalog.world import World
from engine.expressions import sql_native, sql_supported
from engine.expressions.nodes import Expression, Node
from engine.problems import Problem

_DIALECTS = ("sqlite", "postgresql")
MOST_NODES = 2000
_Key = tuple[str, str | None, str]  # form, lines, field


def check_sql(world: World) -> None:
    """Notes FX042 for every expression that must run inside a query and cannot on one of the databases.

    What stands in definitions as a filter or rule is asked of every record: it needs SQL of its own (decision 55). What
    is computed once for each record that is shown may use the exact evaluator where a database has no words for it.
    """
    sizes: dict[_Key, int] = {}
    for form in world.forms.values():
        for of, expression in _asked_of_all(form):
            _note(world, form, expression, next(_culprits(world, of, expression), ""))
            _note_size(world, form, expression, _size(world, (of, None), expression, sizes))
        for lines, field in _fields(form):
            if _asked_of_shown(world, form, lines, field) and field.formula is not None:
                _note(world, form, field.formula, _culprit(field.formula, sql_supported))
                _note_size(world, form, field.formula, _size(world, (form.id, lines), field.formula, sizes))


def _note(world: World, form: Form, expression: Expression, culprit: str) -> None:
    if culprit:
        world.notes.problems.append(Problem("FX042", {"what": culprit}, expression.at or form.at))


def _note_size(world: World, form: Form, expression: Expression, size: int) -> None:
    if size > MOST_NODES:
        values = {"count": size, "most": MOST_NODES}
        world.notes.problems.append(Problem("FX043", values, expression.at or form.at))


def _size(world: World, at: tuple[str, str | None], expression: Expression, sizes: dict[_Key, int]) -> int:
    """How many nodes stand in the query: those of the expression and of every formula computed on reading in it."""
    nodes = list(_nodes(expression.node))
    names = Counter(str(node.value[-1]) for node in nodes if node.op == "field" and isinstance(node.value, tuple))
    total = len(nodes)
    for read in {(each.form, each.lines, each.field) for each in direct_reads(world, *at, expression)}:
        total += names[read[2]] * _size_of_field(world, read, sizes)
    return total


def _size_of_field(world: World, key: _Key, sizes: dict[_Key, int]) -> int:
    if key not in sizes:
        field = find_field(world, *key)
        formula = field.formula if field is not None and field.compute == "read" else None
        sizes[key] = _size(world, key[:2], formula, sizes) if formula is not None else 0
    return sizes[key]


def _asked_of_all(form: Form) -> Iterator[tuple[str, Expression]]:
    """(form whose records are asked, condition)."""
    yield from ((form.id, view.where) for view in form.views.values() if view.where is not None)
    yield from ((form.id, rule) for rules in form.access.rules.values() for rule in rules.values())
    yield from ((each.form, each.match) for each in form.related.values() if each.match is not None)
    for _, field in _fields(form):
        if field.where is not None:
            yield from ((target, field.where) for target in field.to)
        if field.access is not None:
            yield from ((form.id, rule) for rule in (*field.access.see.values(), *field.access.change.values()))


def _culprits(world: World, form_id: str, expression: Expression) -> Iterator[str]:
    """What has no SQL of its own in a condition, or in the formulas computed on reading that it names."""
    culprit = _culprit(expression, sql_native)
    if culprit:
        yield culprit
    # What is read of `this` is a value that the query is given.
    own = frozenset(each for each in expression.references if not each.outer)
    for read in find_reads(world, form_id, None, replace(expression, references=own)):
        field = find_field(world, read.form, read.lines, read.field)
        formula = field.formula if field is not None and field.compute == "read" else None
        if formula is not None and _culprit(formula, sql_native):
            yield f"{read.form}.{read.field}"


def _fields(form: Form) -> Iterator[tuple[str | None, Field]]:
    for field in form.fields.values():
        yield None, field
        yield from ((field.id, column) for column in field.fields.values())


def _asked_of_shown(world: World, form: Form, lines: str | None, field: Field) -> bool:
    if field.formula is None:
        return False
    return field.compute == "read" or (lines is None and _rolls_up(world, form, field.formula))


def _rolls_up(world: World, form: Form, formula: Expression) -> bool:
    return any(hop.kind != "link" for read in find_reads(world, form.id, None, formula) for hop in read.trail)


def _culprit(expression: Expression, works: Callable[[Expression, str], bool]) -> str:
    """The function that is to blame, else the whole text; "" when every database can compute it."""
    if all(works(expression, dialect) for dialect in _DIALECTS):
        return ""
    alone = (node for node in _nodes(expression.node) if node.op.isupper())
    names = [node.op for node in alone if not all(works(Expression("", node, frozenset()), each) for each in _DIALECTS)]
    return names[-1] if names else expression.text


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for arg in node.args:
        yield from _nodes(arg)
