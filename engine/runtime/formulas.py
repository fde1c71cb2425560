"""Formulas at work on records being saved: defaults, fills, stored formulas, and what is hidden,
required or read only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.catalog.forms import Field
from engine.expressions.nodes import Moment, RowValues, Values
from engine.problems import Problem
from engine.runtime.access import FormRights, may_copy
from engine.runtime.drafts import Draft, RecordValues, Row
from engine.runtime.drafts import RowValues as LineValues
from engine.runtime.finishing import finish as finish
from engine.runtime.finishing import out_of_range as out_of_range
from engine.runtime.programs import Closure, FieldProgram, link_target
from engine.runtime.work import Work
from engine.values import is_empty


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for the fields of one record now, as pointers: "amount", "lines/0/price";
    "lines/price" for any row.
    """

    hidden: frozenset[str]
    required: frozenset[str]
    read_only: frozenset[str]
    held: bool = False  # an approval is running on the record


def moment_of(work: Work, draft: Draft) -> Moment:
    """The request's moment, knowing whether this record is new."""
    return work.moment_for_new if draft.is_new else work.moment


def prepare_links(work: Work, drafts: Sequence[Draft]) -> None:
    """Fetch what formulas read below the links of all drafts: one statement for each link that is read through."""
    if not drafts:
        return
    program = drafts[0].program
    changing = [draft for draft in drafts if program.copies and _chooses(draft)]
    for key in {**program.reads, **program.copies}:
        definition = program.fields[key].field
        ids: dict[str, set[int]] = {}
        for draft in drafts if key in program.reads else changing:
            for _, row in draft.places(program.fields[key]):
                _collect(definition, row.get(definition.id), ids)
        paths = program.reads.get(key, frozenset()) | (
            program.copies.get(key, frozenset()) if changing else frozenset()
        )
        for form_id, wanted in ids.items():
            work.links.prepare(form_id, wanted, paths)


def _chooses(draft: Draft) -> bool:
    """Whether a link whose fills or title parts count is chosen anew."""
    return draft.is_new or not {key.split(".")[0] for key in draft.program.copies}.isdisjoint(draft.changed())


def _collect(definition: Field, value: object, ids: dict[str, set[int]]) -> None:
    if isinstance(value, int):
        ids.setdefault(link_target(definition), set()).add(value)
    elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        ids.setdefault(value[0], set()).add(value[1])


def apply_defaults(work: Work, draft: Draft) -> None:
    """Give every field that was not given its default: on a new record, and in new rows of any record."""
    moment = moment_of(work, draft)
    values = draft.read(work.links)
    owner = draft.program.form.owner
    for program in draft.program.starting:
        for pointer, row in draft.places(program):
            fresh = draft.is_new if program.lines is None else row.get("id") is None
            if not fresh or pointer in draft.given or not is_empty(row.get(program.field.id)):
                continue
            if program.default is not None:
                row[program.field.id] = finish(program.field, program.default(_values_at(values, program, row), moment))
            elif program.key == owner and program.field.type == "user" and work.actor.id is not None:
                row[program.field.id] = work.actor.id
            elif program.field.type == "boolean":
                row[program.field.id] = row.get(program.field.id) or False


def apply_fills(work: Work, draft: Draft) -> None:
    """Copy what a newly chosen link offers into fields that were not given with it."""
    values = draft.read(work.links)
    before = {row.get("id"): row for lines in draft.stored.values() if isinstance(lines, list) for row in lines}
    for program in draft.program.filling:
        for pointer, row in draft.places(program):
            old = draft.stored if program.lines is None else before.get(row.get("id"), {})
            chosen = row.get(program.field.id)
            if chosen is None or chosen == old.get(program.field.id):
                continue
            prefix = pointer[: -len(program.field.id)]
            for name, path in program.field.fill.items():
                if f"{prefix}{name}" not in draft.given and _may_fill(work, draft, program, name):
                    row[name] = _values_at(values, program, row).value(path)


def _may_fill(work: Work, draft: Draft, program: FieldProgram, name: str) -> bool:
    key = name if program.lines is None else f"{program.lines}.{name}"
    source, path = link_target(program.field), program.field.fill[name][1:]
    return may_copy(work.uow, work.rights, source, path, draft.program.form.id, key)


def compute_formulas(work: Work, draft: Draft, keys: Iterable[str] | None = None, *, thawed: bool = False) -> None:
    """Compute the stored formulas of the record in order; frozen ones and, after creation, `once` stay."""
    moment = moment_of(work, draft)
    values = draft.read(work.links)
    for key in draft.program.order if keys is None else keys:
        program = draft.program.fields[key]
        if program.formula is None or (not thawed and _stays(work, draft, key)):
            continue
        for pointer, row in draft.places(program):
            value = finish(program.field, program.formula(_values_at(values, program, row), moment))
            if out_of_range(program.field, value):
                draft.problems.append(Problem("V126", {"label": program.field.label}, pointer=pointer))
                value = None
            row[program.field.id] = value


def _stays(work: Work, draft: Draft, key: str) -> bool:
    if draft.is_new:
        return False
    program = draft.program.fields[key]
    # Rollups are computed by the database once everything is written; what decides their rows shows at once.
    if program.field.compute == "once" or (program.rollup and program.matched.isdisjoint(draft.changed())):
        return True
    return is_frozen(work, draft, key)


def is_frozen(work: Work, draft: Draft, key: str) -> bool:
    """Whether the stored record keeps the value of this formula for good."""
    frozen = draft.program.frozen.get(key)
    if frozen is None or draft.is_new:
        return False
    stored = replace(draft, values=dict(draft.stored))
    return bool(frozen(stored.read(work.links), work.moment))


def find_conditions(work: Work, draft: Draft) -> Conditions:
    """What the definitions make hidden, required and read only in this record, now."""
    moment = moment_of(work, draft)
    values = draft.read(work.links)
    hidden: set[str] = set()
    required: set[str] = set()
    read_only: set[str] = set()
    for program in draft.program.conditional:
        for pointer, row in draft.places(program):
            at = _values_at(values, program, row)
            if (program.lines in hidden) or _fails(program.visible, at, moment):
                hidden.add(pointer)
            elif _holds(program.required, at, moment):
                required.add(pointer)
            if _holds(program.read_only, at, moment):
                read_only.add(pointer)
    return Conditions(frozenset(hidden), frozenset(required), frozenset(read_only))


def with_locks(draft: Draft, conditions: Conditions, rights: FormRights) -> Conditions:
    """The conditions with the fields that nobody, or not this actor, ever writes; and what holds for whole columns."""
    required, read_only = set(conditions.required), set(conditions.read_only)
    for program in draft.program.fields.values():
        locked = is_locked(draft, program, rights)
        if program.lines is not None:
            _note_column(program, required, read_only, locked=locked)
        if locked:
            read_only.update(pointer for pointer, _ in draft.places(program))
    return Conditions(conditions.hidden, frozenset(required), frozenset(read_only))


def is_locked(draft: Draft, program: FieldProgram, rights: FormRights) -> bool:
    """Whether nobody, or not this actor, ever writes this field of this record."""
    definition = program.field
    computed = definition.formula is not None and (draft.is_new or definition.compute != "once")
    fixed = definition.fixed and not draft.is_new and not is_empty(draft.stored.get(definition.id))
    return computed or fixed or definition.type == "serial" or program.key not in rights.change


def clear_hidden(draft: Draft, hidden: frozenset[str]) -> bool:
    """Empty the hidden fields that ask for it; True when a value went."""
    cleared = False
    for program in draft.program.fields.values():
        if not program.field.clear_when_hidden:
            continue
        for pointer, row in draft.places(program):
            if pointer in hidden and not is_empty(row.get(program.field.id)) and row[program.field.id] is not False:
                row[program.field.id] = False if program.field.type == "boolean" else None
                cleared = True
    return cleared


def values_at(work: Work, draft: Draft, program: FieldProgram, row: Row) -> Values:
    """What an expression of a field reads, in the header or in one row."""
    return _values_at(draft.read(work.links), program, row)


def _values_at(values: RecordValues, program: FieldProgram, row: Row) -> Values:
    if program.lines is None:
        return values
    lines = values.draft.program.form.fields[program.lines]
    return RowValues(LineValues(values, lines, row), values)


def _note_column(program: FieldProgram, required: set[str], read_only: set[str], *, locked: bool) -> None:
    name = f"{program.lines}/{program.field.id}"
    if program.field.required is not None and program.field.required.constant is True:
        required.add(name)
    if locked or (program.field.read_only is not None and program.field.read_only.constant is True):
        read_only.add(name)


def _holds(closure: Closure | None, values: Values, moment: Moment) -> bool:
    return closure is not None and bool(closure(values, moment))


def _fails(closure: Closure | None, values: Values, moment: Moment) -> bool:
    return closure is not None and not closure(values, moment)
