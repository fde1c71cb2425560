"""What may a form in the browser compute by itself, and which parts of its formulas does the server tell it?

A tree whose values all stand in the form is computed there. Where only a part needs other records, that part becomes
a "known" leaf: its value comes with the form and again with each preview. Parts that read the person, the settings or
the like stay here, and with them the whole formula: nobody may read them out of a page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from engine.catalog.forms import Field, Form
from engine.expressions import compile_closure, uses_calendar
from engine.expressions.nodes import Expression, Node, Reference, Values
from engine.expressions.references import find_references, find_volatile
from engine.runtime.access import FormRights
from engine.runtime.drafts import Draft
from engine.runtime.formulas import moment_of, values_at
from engine.runtime.programs import Closure
from engine.runtime.work import Work

LOCAL = frozenset({"today", "now", "is_new"})


@dataclass(frozen=True, slots=True)
class Sight:
    """The fields that the browser holds; `row_of` the lines whose row an expression is asked of."""

    seen: frozenset[str]
    row_of: Field | None = None


def local_tree(expression: Expression, sight: Sight) -> Node | None:
    """The tree when everything that it reads stands in the form."""
    return expression.node if _is_local(expression.node, sight) else None


def split_formula(field: Field, sight: Sight) -> tuple[Node | None, tuple[tuple[str, Node], ...]]:
    """A formula's tree for the browser, None when it is the server's; and its known parts by name."""
    if field.formula is None:
        return None, ()
    node = field.formula.node
    if _is_local(node, sight):
        return node, ()
    if field.discloses or not field.formula.volatile <= LOCAL:
        return None, ()
    parts: list[tuple[str, Node]] = []
    tree = _split(node, sight, field.id, parts)
    return (tree, tuple(parts)) if tree.op != "known" else (None, ())


def known_values(work: Work, draft: Draft, seen: frozenset[str], rights: FormRights) -> dict[str, object]:
    """The known parts of the formulas that the reader sees in wire form, by place: "rest#1a2b", "lines/0/sum#3c4d"."""
    found: dict[str, object] = {}
    for program in draft.program.fields.values():
        if program.key not in rights.see or program.key in rights.see_rules:
            continue
        row_of = draft.program.form.fields[program.lines] if program.lines is not None else None
        _, parts = split_formula(program.field, Sight(seen, row_of))
        for name, node in parts:
            value = work.programs.remembered(f"part {draft.program.form.id} {name}", partial(_closure, node))
            for pointer, row in draft.places(program):
                at: Values = values_at(work, draft, program, row)
                place = pointer.removesuffix(program.field.id) + name
                found[place] = _wire(value(at, moment_of(work, draft)))
    return found


def shown_values(work: Work, draft: Draft) -> dict[str, object]:
    """The values of a draft with those computed on reading; lines as copies of their rows."""
    record = draft.read(work.links)
    values: dict[str, object] = {
        name: [dict(row) for row in value] if isinstance(value, list) else value for name, value in draft.values.items()
    }
    for program in draft.program.fields.values():
        if not program.on_reading:
            continue
        name = program.field.id
        if program.lines is None:
            values[name] = record.value((name,))
            continue
        copies = values.get(program.lines)
        for row, copy in zip(record.rows((program.lines,)), copies if isinstance(copies, list) else [], strict=True):
            copy[name] = row.value((name,))
    return values


def _closure(node: Node) -> Closure:
    return compile_closure(Expression("", node, frozenset()))


def browser_order(form: Form) -> tuple[str, ...]:
    """Every formula of the form, each after those it reads; columns of lines as "lines.amount"."""
    formulas = dict(_formulas(form))
    order: dict[str, None] = {}

    def visit(key: str) -> None:
        if key in order or key not in formulas:
            return
        lines, _, _ = key.rpartition(".")
        for read in _read_keys(formulas[key].formula, lines):
            visit(read)
        order[key] = None

    for key in formulas:
        visit(key)
    return tuple(order)


def _read_keys(formula: Expression | None, lines: str) -> list[str]:
    found: set[str] = set()
    for reference in formula.references if formula is not None else ():
        if reference.rows:
            found |= {reference.rows[0], f"{reference.rows[0]}.{reference.path[0]}"}
        else:
            found |= {reference.path[0], f"{lines}.{reference.path[0]}"}
    return sorted(found)


def counts_work_days(form: Form) -> bool:
    """Whether an expression that the browser may compute asks for the calendar."""
    fields = [field for outer in form.fields.values() for field in (outer, *outer.fields.values())]
    asked = [each for field in fields for each in (field.formula, field.visible, field.required, field.read_only)]
    asked += [each.when for each in form.page.sections]
    asked += [each.when for each in form.page.tabs]
    return any(each is not None and uses_calendar(each.node) for each in asked)


def _formulas(form: Form) -> Iterator[tuple[str, Field]]:
    for field in form.fields.values():
        for column in field.fields.values():
            if column.formula is not None:
                yield f"{field.id}.{column.id}", column
        if field.formula is not None:
            yield field.id, field


def _split(node: Node, sight: Sight, name: str, parts: list[tuple[str, Node]]) -> Node:
    if _is_local(node, sight):
        return node
    if node.op in ("field", "aggregate") or not any(_reads_form(arg, sight) for arg in node.args):
        plain = json.dumps(node.to_json(), ensure_ascii=True, default=str)
        mark = hashlib.sha256(plain.encode()).hexdigest()[:8]
        parts.append((f"{name}#{mark}", node))
        return Node("known", node.type, value=f"{name}#{mark}")
    return replace(node, args=tuple(_split(arg, sight, name, parts) for arg in node.args))


def _reads_form(node: Node, sight: Sight) -> bool:
    """Whether a part of the tree is a value of the form itself."""
    if _is_local(node, sight) and find_references(node):
        return True
    return node.op != "aggregate" and any(_reads_form(arg, sight) for arg in node.args)


def _is_local(node: Node, sight: Sight) -> bool:
    return find_volatile(node) <= LOCAL and all(_is_at_hand(each, sight) for each in find_references(node))


def _is_at_hand(reference: Reference, sight: Sight) -> bool:
    """Whether the browser holds the value: a field of the record, of a row of its lines, or around the row."""
    if reference.rows is not None:
        return len(reference.path) <= 1 and len(reference.rows) == 1 and reference.rows[0] in sight.seen
    if len(reference.path) != 1:
        return False
    own = sight.row_of.fields if sight.row_of is not None and not reference.outer else sight.seen
    return reference.path[0] in own


def _wire(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def describe(form: Form, seen: frozenset[str]) -> Mapping[str, object]:
    """By key of every formula: its tree as JSON, or "server"."""
    found: dict[str, object] = {}
    for key, field in _formulas(form):
        lines, _, _ = key.rpartition(".")
        tree, _ = split_formula(field, Sight(seen, form.fields[lines] if lines else None))
        found[key] = "server" if tree is None else tree.to_json()
    return found
