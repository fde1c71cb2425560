"""Which values does a condition let through? Cases that the earlier ones leave nothing to are found by it.

A region is a list of terms, a term gives the allowed values of fields. What is not understood counts as “everything”
for the case asked about and as “nothing” for the cases before it, so no case is ever called useless wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from engine.catalog.workflows import Step, StepList
from engine.expressions.nodes import Node, Path
from engine.values import Label

Bound = tuple[Any, int] | None  # (value, -1 just below, 0 at, 1 just above it); None: without end
Interval = tuple[Bound, Bound]
Values = Interval | frozenset[object]
Term = Mapping[Path, Values]
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_MOST_TERMS = 16


def never_taken(step: Step) -> Iterator[tuple[StepList, Label]]:
    """The cases of a branch that no record reaches, with the reason."""
    before: list[tuple[StepList, Term]] = []
    for each in step.lists:
        if each.when is None:
            continue
        node = each.when.node
        whole = _terms(node, sure=False)
        if not whole or each.when.constant is False:
            yield each, {"en": "its condition never holds", "zh": "条件永远不成立"}
        elif all(_is_covered(term, before) for term in whole):
            names = ", ".join(dict.fromkeys(other.name for other, _ in before))
            text = each.when.text
            yield each, {"en": f"{text} is taken by {names} before", "zh": f"{text} 已由前面的 {names} 处理"}
        before += [(each, term) for term in _terms(node, sure=True)]


def _terms(node: Node, *, sure: bool) -> list[Term]:
    """The region of a condition: `sure` is a part of it, else it lies inside."""
    if node.op == "literal":
        return [{}] if node.value is True else []
    if node.op == "OR":
        return [term for arg in node.args for term in _terms(arg, sure=sure)][: _MOST_TERMS if sure else None]
    if node.op == "AND":
        found: list[Term] = [{}]
        for arg in node.args:
            found = [
                both for one in found for other in _terms(arg, sure=sure) if (both := _both(one, other)) is not None
            ]
            if len(found) > _MOST_TERMS:
                return [] if sure else [{}]
        return found
    atom = _atom(node)
    if atom is None:
        return [] if sure else [{}]
    return [dict([atom])]


def _atom(node: Node) -> tuple[Path, Values] | None:
    """A comparison of a field of the record with a constant."""
    args = node.args
    if node.op == "IN" and _is_field(args[0]) and all(arg.op == "literal" for arg in args[1:]):
        return _path(args[0]), frozenset(arg.value for arg in args[1:] if arg.value is not None)
    if node.op not in _TURNED or len(args) != 2:
        return None
    field, value, op = args[0], args[1], node.op
    if _is_field(value):
        field, value, op = value, field, _TURNED[op]
    if not _is_field(field) or value.op != "literal" or value.value is None:
        return None
    if op == "=" and isinstance(value.value, str):
        return _path(field), frozenset({value.value})
    return (_path(field), _interval(op, value.value)) if isinstance(value.value, (Decimal, date)) else None


def _interval(op: str, value: object) -> Interval:
    if op == "=":
        return (value, 0), (value, 0)
    if op in ("<", "<="):
        return None, (value, -1 if op == "<" else 0)
    return (value, 1 if op == ">" else 0), None


def _is_field(node: Node) -> bool:
    return node.op == "field" and node.depth == 0 and isinstance(node.value, tuple)


def _path(node: Node) -> Path:
    return node.value if isinstance(node.value, tuple) else ()


def _both(one: Term, other: Term) -> Term | None:
    """What lies in both terms; None when nothing does."""
    found = dict(one)
    for path, values in other.items():
        known = found.get(path)
        if known is None:
            found[path] = values
            continue
        if isinstance(known, frozenset) or isinstance(values, frozenset):
            if not (isinstance(known, frozenset) and isinstance(values, frozenset)):
                continue
            common = known & values
            if not common:
                return None
            found[path] = common
            continue
        low, high = max(known[0], values[0], key=_low), min(known[1], values[1], key=_high)
        if low is not None and high is not None and low > high:
            return None
        found[path] = (low, high)
    return found


def _low(bound: Bound) -> tuple[bool, Any]:
    return (bound is not None, bound or 0)


def _high(bound: Bound) -> tuple[bool, Any]:
    return (bound is None, bound or 0)


def _is_covered(term: Term, before: Sequence[tuple[StepList, Term]]) -> bool:
    """Whether one earlier term holds the whole term, or the earlier terms on one field together do."""
    if any(all(path in term and _inside(term[path], values) for path, values in other.items()) for _, other in before):
        return True
    for path, wanted in term.items():
        single = [other[path] for _, other in before if set(other) == {path}]
        if _inside_union(wanted, single):
            return True
    return False


def _inside(one: Values, other: Values) -> bool:
    return _inside_union(one, [other])


def _inside_union(wanted: Values, parts: Sequence[Values]) -> bool:
    if isinstance(wanted, frozenset):
        known = frozenset[object]().union(*(each for each in parts if isinstance(each, frozenset)))
        return bool(parts) and wanted <= known
    intervals = sorted((each for each in parts if not isinstance(each, frozenset)), key=lambda each: _low(each[0]))
    reached, started = wanted[0], False
    for low, high in intervals:
        if low is not None and (reached is None or low > reached):
            continue
        started = True
        if high is None:
            return True
        if reached is None or (high[0], high[1] + 1) > reached:
            reached = (high[0], high[1] + 1)
    return started and wanted[1] is not None and reached is not None and reached > wanted[1]
