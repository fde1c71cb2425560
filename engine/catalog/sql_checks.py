"""Can the databases compute what they will be asked: filters, rules, formulas read on the fly, rollups?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from engine.catalog.forms import Field, Form
from engine.catalog.reads import direct_reads, find_field, find_reads
from engine.catalog.world import World
from engine.expressions import sql_native, sql_supported
from engine.expressions.nodes import Expression, Node
from engine.problems import Location, Problem

_DIALECTS = ("sqlite", "postgresql")
MOST_NODES = 2000
Answers = Callable[[Expression, str], bool]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An expression that a database is asked, in the scope of a form (of its lines).

    `native`: a filter or rule of the definitions, which needs SQL of its own, as do the formulas that it reads.
    """

    expression: Expression
    form: str
    lines: str | None = None
    native: bool = False


def check_sql(world: World) -> None:
    """Notes FX042 for every expression that must run inside a query and cannot on one of the databases.

    What stands in definitions as a filter or rule is asked of every record: it needs SQL of its own (decision 55). What
    is computed once for each record that is shown may use the exact evaluator where a database has no words for it.
    """
    for form in world.forms.values():
        for expression in _asked_of_all(form):
            _note(world, form, expression, next(_culprits(world, form, expression), ""))
        for lines, field in _fields(form):
            if _asked_of_shown(world, form, lines, field) and field.formula is not None:
                _note(world, form, field.formula, _culprit(field.formula, sql_supported))


def _note(world: World, form: Form, expression: Expression, culprit: str) -> None:
    if culprit:
        world.notes.problems.append(Problem("FX042", {"what": culprit}, expression.at or form.at))


def _asked_of_all(form: Form) -> Iterator[Expression]:
    yield from (view.where for view in form.views.values() if view.where is not None)
    for rules in form.access.rules.values():
        yield from rules.values()
    yield from (related.match for related in form.related.values() if related.match is not None)
    for _, field in _fields(form):
        if field.where is not None:
            yield field.where
        if field.access is not None:
            yield from (*field.access.see.values(), *field.access.change.values())


def _culprits(world: World, form: Form, expression: Expression) -> Iterator[str]:
    """What has no SQL of its own in a condition, or in the formulas computed on reading that it names."""
    culprit = _culprit(expression, sql_native)
    if culprit:
        yield culprit
    for read in find_reads(world, form.id, None, expression):
        field = find_field(world, read.form, read.lines, read.field)
        if field is not None and field.formula is not None and field.compute == "read":
            if _culprit(field.formula, sql_native):
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
