"""One stored formula for many records at once: where the database can say it, in one statement, else by closures.

Values are written only where they differ, and only those records are answered, so that only they are followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.runtime.dependents import Recomputation, draft_of
from engine.runtime.drafts import Draft
from engine.runtime.formulas import compute_formulas, finish, is_frozen, out_of_range, prepare_links
from engine.runtime.programs import FieldProgram
from engine.runtime.work import Work
from engine.storage.aggregates import fetch_aggregates
from engine.storage.computing import fetch_column, update_natively, write_column
from engine.storage.records import fetch_system_rows, update_computed

Formulas = frozenset[tuple[str, str]]
_NONE: Formulas = frozenset()


@dataclass(frozen=True, slots=True)
class Differing:
    """A stored value and the right one; `frozen` ones are to stay. `field` is "lines.amount" for rows of lines."""

    form: str
    id: int
    field: str
    stored: object
    right: object
    frozen: bool = False


def compute_column(work: Work, form_id: str, key: str, ids: Sequence[int]) -> list[int]:
    """Compute the formula for these records, which are locked: the ids of those whose value is another now."""
    if "." in key:
        return _compute_lines(work, form_id, key, ids)
    found = update_natively(work.uow, form_id, key, ids, work.moment)
    changed = list(found) if found is not None else []
    if found is None:
        right = {each.id: each.right for each in find_differing(work, form_id, key, ids) if not each.frozen}
        write_column(work.uow, form_id, key, right)
        changed = sorted(right)
    for each in changed:
        work.links.forget(form_id, each)
    return changed


def compute_batch(
    work: Work, form_id: str, key: str, ids: Sequence[int], coming: Formulas = _NONE, marked: Formulas = _NONE
) -> list[int]:
    """Compute the formula for these records and everything that reads what changed, but not what the caller comes to
    later: formulas of every record, and of every record with a mark.
    """
    changed = compute_column(work, form_id, key, ids)
    if changed:
        recomputation = Recomputation(work, coming=coming, marked=marked)
        recomputation.note_stored(form_id, key, changed)
        recomputation.run()
    return changed


def find_differing(work: Work, form_id: str, key: str, ids: Sequence[int]) -> list[Differing]:
    """The records whose stored value is not what the formula says; nothing is written."""
    program = work.program(form_id).fields[key]
    if "." in key:
        return _lines_differing(work, form_id, program, ids)
    right = right_values(work, form_id, program, ids)
    stored = fetch_column(work.uow, form_id, key, ids)
    wrong = [each for each, value in right.items() if _differs(stored.get(each), value)]
    frozen = _frozen(work, form_id, key, wrong)
    return [Differing(form_id, each, key, stored.get(each), right[each], each in frozen) for each in wrong]


def right_values(work: Work, form_id: str, program: FieldProgram, ids: Sequence[int]) -> Mapping[int, object]:
    """What the formula says for each record, as its column keeps it."""
    found = fetch_aggregates(work.uow, form_id, program.key, ids, work.moment)
    values = {each: finish(program.field, value) for each, value in found.items()}
    return {each: None if out_of_range(program.field, value) else value for each, value in values.items()}


def _differs(stored: object, right: object) -> bool:
    if stored in (None, ()) and right in (None, ()):
        return False
    return stored != right


def _frozen(work: Work, form_id: str, key: str, ids: Sequence[int]) -> frozenset[int]:
    if not ids or key not in work.program(form_id).frozen:
        return frozenset()
    drafts = _drafts(work, form_id, ids)
    return frozenset(draft.record_id or 0 for draft in drafts if is_frozen(work, draft, key))


def _drafts(work: Work, form_id: str, ids: Sequence[int]) -> list[Draft]:
    stored = fetch_system_rows(work.uow, form_id, ids)
    drafts = [draft_of(work, form_id, row) for row in stored.values()]
    prepare_links(work, drafts)
    return drafts


def _lines_differing(work: Work, form_id: str, program: FieldProgram, ids: Sequence[int]) -> list[Differing]:
    """Rows of lines whose formula is wrong; the value told is that of the whole column, in the order of the rows."""
    found = []
    for draft in _drafts(work, form_id, ids):
        before = _cells(draft, program)
        compute_formulas(work, draft, (program.key,), thawed=True)
        after = _cells(draft, program)
        if before != after:
            frozen = is_frozen(work, draft, program.key)
            found.append(Differing(form_id, draft.record_id or 0, program.key, before, after, frozen))
    return found


def _cells(draft: Draft, program: FieldProgram) -> list[object]:
    return [row.get(program.field.id) for _, row in draft.places(program)]


def _compute_lines(work: Work, form_id: str, key: str, ids: Sequence[int]) -> list[int]:
    changed: dict[int, Mapping[str, object]] = {}
    for draft in _drafts(work, form_id, ids):
        compute_formulas(work, draft, (key,))
        names = draft.changed()
        if names and draft.record_id is not None:
            changed[draft.record_id] = {name: draft.values.get(name) for name in names}
    update_computed(work.uow, form_id, changed)
    return sorted(changed)
