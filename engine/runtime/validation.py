"""All that is wrong with a record: required fields, options, checks, links, uniqueness, trees.

Nothing stops at the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.expressions.nodes import Moment, Values
from engine.problems import Problem
from engine.runtime.drafts import Draft, Row
from engine.runtime.formulas import Conditions, moment_of, values_at
from engine.runtime.programs import CHOICES, FieldProgram
from engine.runtime.work import Work
from engine.values import is_empty


def check_draft(work: Work, draft: Draft, conditions: Conditions) -> Iterator[Problem]:
    """Every problem of one record that can be told from its values (and what lies below its links)."""
    moment = moment_of(work, draft)
    changed = draft.changed_keys()
    for program in draft.program.asked:
        for pointer, row in draft.places(program):
            if pointer in conditions.hidden or program.lines in conditions.hidden:
                continue
            yield from _check_field(work, draft, program, pointer, row, conditions, changed, moment)
    values = draft.read(work.links)
    for holds, check in draft.program.checks:
        if not holds(values, moment):
            yield Problem("V103", {"label": draft.program.form.label, "rule": check.holds.text}, text=check.message)


def _check_field(
    work: Work,
    draft: Draft,
    program: FieldProgram,
    pointer: str,
    row: Row,
    conditions: Conditions,
    changed: frozenset[str],
    moment: Moment,
) -> Iterator[Problem]:
    value = row.get(program.field.id)
    if is_empty(value):
        if pointer in conditions.required and program.field.type != "serial":
            yield Problem("V101", {"label": program.field.label}, pointer=pointer)
        return
    if program.checks:
        values = values_at(work, draft, program, row)
        for holds, check in program.checks:
            if not holds(values, moment):
                about = {"label": program.field.label, "rule": check.holds.text}
                yield Problem("V103", about, pointer=pointer, text=check.message)
    if program.field.type in CHOICES and program.key in changed:
        yield from _check_options(program, value, values_at(work, draft, program, row), pointer, moment)


def _check_options(
    program: FieldProgram, value: object, values: Values, pointer: str, moment: Moment
) -> Iterator[Problem]:
    known = {choice.id for choice in program.field.choices}
    for each in value if isinstance(value, tuple) else (value,):
        rule = program.choice_rules.get(str(each))
        if each not in known or (rule is not None and not rule(values, moment)):
            yield Problem("V122", {"label": program.field.label, "value": each}, pointer=pointer)


def open_options(work: Work, draft: Draft, program: FieldProgram, row: Row) -> tuple[str, ...]:
    """The options of a choice field that may be chosen now."""
    moment = moment_of(work, draft)
    values = values_at(work, draft, program, row)
    return tuple(
        choice.id
        for choice in program.field.choices
        if (rule := program.choice_rules.get(choice.id)) is None or rule(values, moment)
    )


def check_locked(draft: Draft, conditions: Conditions) -> Iterator[Problem]:
    """Given values that differ from the stored ones although the field cannot be changed now."""
    stored_rows = {
        (name, row.get("id")): row for name, rows in draft.stored.items() if isinstance(rows, list) for row in rows
    }
    for program in draft.program.fields.values():
        if program.lines is not None and f"{program.lines}" not in draft.given:
            continue
        for pointer, row in draft.places(program):
            if pointer not in draft.given or pointer not in conditions.read_only or program.field.formula is not None:
                continue
            before = draft.stored if program.lines is None else stored_rows.get((program.lines, row.get("id")), {})
            if _same(before.get(program.field.id), row.get(program.field.id)):
                continue
            fixed = program.field.fixed and not draft.is_new
            if program.field.type != "serial":
                yield Problem("V121" if fixed else "V120", {"label": program.field.label}, pointer=pointer)


def _same(left: object, right: object) -> bool:
    return left == right or (_nothing(left) and _nothing(right))


def _nothing(value: object) -> bool:
    return value is False or is_empty(value)
