"""Is money only added to money of its own currency? FX019 where two fixed currencies, or rows of several, meet."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.forms import Field
from engine.catalog.leaves import Placed, Spot, expressions_of, fields_along, find_nodes, inside, place_of
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.problems import Problem

_ADDING = frozenset({"+", "-", "SUM", "AVG", "MIN", "MAX", "COALESCE"})
_KEEPING = _ADDING | {"NEGATE", "N0", "ROUND", "ROUNDUP", "ROUNDDOWN", "ROUNDEVEN", "ABS"}
_TOTALS = frozenset({"SUM", "AVG", "MEDIAN"})


def check_currencies(world: World, company_currency: str) -> None:
    """Notes FX019 once per expression."""
    for form in world.forms.values():
        spots = (Spot(form.id),)
        for expression in expressions_of((form.checks, form.views)):
            _check(world, expression, spots, company_currency)
        for field in form.fields.values():
            for expression in _of_field(field):
                _check(world, expression, spots, company_currency)
            for column in field.fields.values():
                for expression in _of_field(column):
                    _check(world, expression, (Spot(form.id, field.id), *spots), company_currency)


def _of_field(field: Field) -> Iterator[Expression]:
    yield from expressions_of((field.formula, field.default, field.checks, field.visible, field.required))


def _check(world: World, expression: Expression, spots: tuple[Spot, ...], own: str) -> None:
    for placed in find_nodes(world, Placed(expression.node, spots)):
        node = placed.node
        if node.op == "aggregate" and node.value in _TOTALS:
            currency = _currency(world, Placed(node.args[2], inside(world, placed)), own)
            found = [currency, "…"] if currency is not None and not _fixed(currency) else []
        elif node.op in _ADDING:
            currencies = (_currency(world, Placed(arg, placed.around), own) for arg in node.args)
            found = sorted({each for each in currencies if each is not None})
        else:
            found = []
        if len(found) > 1:
            values = {"one": found[0], "other": found[1]}
            world.notes.problems.append(Problem("FX019", values, place_of(expression, node) or expression.at))
            return


def _fixed(currency: str) -> bool:
    return len(currency) == 3 and currency.isupper()


def _currency(world: World, placed: Placed, own: str) -> str | None:
    """The code, or the field that holds it; None for plain numbers and for products, which may be converted."""
    node = placed.node
    if node.op == "field":
        *_, last = fields_along(world, placed)
        if last is None or last.type != "money":
            return None
        if last.currency is None:
            return own
        return last.currency
    if node.op == "aggregate" and node.value in (*_TOTALS, "MIN", "MAX", "FIRST", "LAST"):
        return _currency(world, Placed(node.args[2], inside(world, placed)), own)
    if node.op in _KEEPING:
        found = {_currency(world, Placed(arg, placed.around), own) for arg in node.args} - {None}
        return found.pop() if len(found) == 1 else None
    return None
