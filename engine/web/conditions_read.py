"""Reads an expression back into rows of the filter builder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Protocol

from engine.catalog.forms import Form
from engine.catalog.scopes import Definitions, compile_filter
from engine.web.conditions import INSTANTS, ME, TESTS, Condition, shape_of

_SIGNS = {"=": "is", "<>": "is_not", ">=": "ge", "<=": "le", ">": "gt", "<": "lt"}
_WORDS = {"CONTAINS": "contains", "STARTSWITH": "starts", "HAS": "has"}


class Tree(Protocol):
    """What is read of an expression's node."""

    @property
    def op(self) -> str: ...
    @property
    def args(self) -> tuple[Tree, ...]: ...
    @property
    def value(self) -> object: ...


def read_conditions(definitions: Definitions, form: Form, text: str) -> tuple[Condition, ...] | None:
    """The rows that show `text`; None when it cannot be shown as rows. ProblemsFound when it is no expression.

    `definitions` are those the reader sees.
    """
    if not text.strip():
        return ()
    rows = [_read(form, each) for each in _parts(compile_filter(definitions, form.id, text).node)]
    return _joined([row for row in rows if row is not None]) if None not in rows else None


def _parts(node: Tree) -> Iterator[Tree]:
    if node.op == "AND":
        for each in node.args:
            yield from _parts(each)
    else:
        yield node


def _read(form: Form, node: Tree) -> Condition | None:
    if node.op == "NOT":
        return _read_negated(form, node.args[0])
    found = (
        _read_alone(form, node) or _read_comparison(form, node) or _read_word(form, node) or _read_members(form, node)
    )
    return found if found is not None and _fits(form, found) else None


def _fits(form: Form, condition: Condition) -> bool:
    shape = shape_of(form.fields[condition.field])
    return shape is not None and condition.test in TESTS[shape]


def _read_negated(form: Form, node: Tree) -> Condition | None:
    inner = _read(form, node)
    opposite = {"empty": "filled", "yes": "no", "any": "none"}
    if inner is None or inner.test not in opposite:
        return None
    return Condition(inner.field, opposite[inner.test], inner.values)


def _read_alone(form: Form, node: Tree) -> Condition | None:
    if node.op == "ISEMPTY":
        name = _field(form, node.args[0])
        return Condition(name, "empty") if name else None
    name = _field(form, node)
    return Condition(name, "yes") if name and form.fields[name].type == "boolean" else None


def _read_comparison(form: Form, node: Tree) -> Condition | None:
    if node.op not in _SIGNS or len(node.args) != 2:
        return None
    left, right = node.args
    name = _field(form, left)
    if not name:
        return None
    shape = shape_of(form.fields[name])
    if shape == "date":
        return _read_date(name, node.op, right)
    if shape == "link" and right.op == "me" and not right.value and node.op == "=":
        return Condition(name, "any", (ME,))
    if shape == "choice" and right.op == "literal" and node.op in ("=", "<>"):
        return Condition(name, "any" if node.op == "=" else "none", (str(right.value),))
    shown = _shown(right, percent=form.fields[name].type == "percent")
    return Condition(name, _SIGNS[node.op], (shown,)) if shown is not None else None


def _read_date(name: str, sign: str, right: Tree) -> Condition | None:
    if right.op == "today":
        return Condition(name, "before_today") if sign == "<" else Condition(name, _SIGNS[sign], ("TODAY()",))
    if right.op in ("ADDDAYS", "SUBTRACTDAYS") and right.args[0].op == "today" and sign in (">=", "<="):
        days = _shown(right.args[1], percent=False)
        fits = (sign, right.op) in ((">=", "SUBTRACTDAYS"), ("<=", "ADDDAYS"))
        return Condition(name, "last" if sign == ">=" else "next", (days,)) if days and fits else None
    shown = _shown(right, percent=False)
    return Condition(name, _SIGNS[sign], (shown,)) if shown is not None else None


def _read_word(form: Form, node: Tree) -> Condition | None:
    if node.op not in _WORDS or len(node.args) != 2:
        return None
    name, shown = _field(form, node.args[0]), _shown(node.args[1], percent=False)
    return Condition(name, _WORDS[node.op], (shown,)) if name and shown is not None else None


def _read_members(form: Form, node: Tree) -> Condition | None:
    """`x in [..]`, and `(x = me or x.id in [..])` of people."""
    if node.op == "OR":
        rows = [_read(form, each) for each in node.args]
        if (
            len(rows) == 2
            and rows[0]
            and rows[1]
            and rows[0].field == rows[1].field
            and {rows[0].test, rows[1].test} == {"any"}
        ):
            return Condition(rows[0].field, "any", rows[0].values + rows[1].values)
        return None
    if node.op != "IN":
        return None
    target = node.args[0]
    name = _field(form, target) or _field_of_id(form, target)
    shown = [_shown(each, percent=False) for each in node.args[1:]]
    if not name or None in shown:
        return None
    return Condition(name, "any", tuple(each for each in shown if each is not None))


def _field(form: Form, node: Tree) -> str:
    if node.op == "TODATE":
        name = _field(form, node.args[0])
        return name if name and form.fields[name].type in INSTANTS else ""
    path = node.value
    if node.op == "field" and isinstance(path, tuple) and len(path) == 1 and path[0] in form.fields:
        return str(path[0])
    return ""


def _field_of_id(form: Form, node: Tree) -> str:
    path = node.value
    if node.op == "field" and isinstance(path, tuple) and len(path) == 2 and path[1] == "id" and path[0] in form.fields:
        return str(path[0])
    return ""


def _shown(node: Tree, *, percent: bool) -> str | None:
    """A literal as it is typed into the builder; None when the node is no literal."""
    if node.op == "DATE" and all(each.op == "literal" for each in node.args):
        parts = [int(str(each.value)) for each in node.args]
        return date(parts[0], parts[1], parts[2]).isoformat()
    if node.op != "literal" or node.value is None:
        return None
    value = node.value
    if isinstance(value, Decimal):
        return f"{(value * 100 if percent else value).normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _joined(rows: list[Condition]) -> tuple[Condition, ...]:
    """`d >= TODAY() - 7 and d <= TODAY()` was written by one row "in the last 7 days"."""
    spans = {row.field: row.test for row in rows if row.test in ("last", "next")}
    other_end = {"last": "le", "next": "ge"}
    return tuple(
        row
        for row in rows
        if not (row.values == ("TODAY()",) and row.field in spans and row.test == other_end[spans[row.field]])
    )
