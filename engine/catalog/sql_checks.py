"""Can the databases compute what they will be asked: filters, rules, formulas read on the fly, rollups?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.forms import Field, Form
from engine.catalog.reads import find_reads
from engine.catalog.world import World
from engine.expressions import sql_supported
from engine.expressions.nodes import Expression, Node
from engine.problems import Problem

_DIALECTS = ("sqlite", "postgresql")


def check_sql(world: World) -> None:
    """Notes FX042 for every expression that must run inside a query and cannot on one of the databases."""
    for form in world.forms.values():
        for expression in _asked(world, form):
            culprit = _culprit(expression)
            if culprit:
                values = {"what": culprit}
                world.notes.problems.append(Problem("FX042", values, expression.at or form.at))


def _asked(world: World, form: Form) -> Iterator[Expression]:
    for view in form.views.values():
        if view.where is not None:
            yield view.where
    for rules in form.access.rules.values():
        yield from rules.values()
    for related in form.related.values():
        if related.match is not None:
            yield related.match
    for field in form.fields.values():
        yield from _of_field(world, form, None, field)
        for column in field.fields.values():
            yield from _of_field(world, form, field.id, column)


def _of_field(world: World, form: Form, lines: str | None, field: Field) -> Iterator[Expression]:
    if field.where is not None:
        yield field.where
    if field.access is not None:
        yield from (*field.access.see.values(), *field.access.change.values())
    if field.formula is not None and (field.compute == "read" or _rolls_up(world, form, lines, field.formula)):
        yield field.formula


def _rolls_up(world: World, form: Form, lines: str | None, formula: Expression) -> bool:
    return any(hop.kind != "link" for read in find_reads(world, form.id, lines, formula) for hop in read.trail)


def _culprit(expression: Expression) -> str:
    """The function that is to blame, else the whole text; "" when every database can compute it."""
    if all(sql_supported(expression, dialect) for dialect in _DIALECTS):
        return ""
    names = [node.op for node in _nodes(expression.node) if node.op.isupper() and not _alone_works(node)]
    return names[-1] if names else expression.text


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for arg in node.args:
        yield from _nodes(arg)


def _alone_works(node: Node) -> bool:
    part = Expression("", node, frozenset())
    return all(sql_supported(part, dialect) for dialect in _DIALECTS)
