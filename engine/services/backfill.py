"""Computes, when definitions change, the stored formulas that rows already there do not have yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.runtime.access import fields_of
from engine.runtime.dependents import Recomputation, Written, draft_of, recompute
from engine.runtime.formulas import compute_formulas, prepare_links
from engine.runtime.work import Work
from engine.storage.records import fetch_system_rows, update_record
from engine.storage.schema_plan import Step
from engine.storage.selects import fetch_ids

ROWS_AT_ONCE = 500
_ALL = 1 << 62
Keys = Mapping[str, tuple[str, ...]]


def formulas_to_compute(before: Catalog | None, after: Catalog) -> Keys:
    """Keys ("total", "lines.amount") of the stored formulas that are new or say something else, by form."""
    found: dict[str, tuple[str, ...]] = {}
    for form in after.forms.values():
        known = _formulas(before.forms.get(form.id)) if before is not None else {}
        changed = tuple(key for key, formula in _formulas(form).items() if known.get(key) != formula)
        if changed and before is not None:
            found[form.id] = changed
    return found


def compute_steps(catalog: Catalog, keys: Keys) -> Iterator[Step]:
    """What `backfill` will do, for the plan."""
    for form_id, names in keys.items():
        for name in names:
            words = {
                "en": f"compute {form_id}.{name} for the records that are there",
                "zh": f"为已有记录计算 {form_id}.{name}",
            }
            yield Step("compute", catalog.forms[form_id].table, name, words)


def backfill(work: Work, keys: Keys) -> None:
    """Compute these formulas for every record, the recycle bin included, and all that depends on them."""
    ids = {form_id: _ids(work, form_id) for form_id in keys}
    for form_id, names in keys.items():
        if any("." in name for name in names):
            for part in _parts(ids[form_id]):
                _compute_lines(work, form_id, part)
    own = [(form_id, name) for form_id, names in keys.items() for name in names if "." not in name]
    for form_id, name in sorted(own, key=lambda each: _place(work, *each)):
        rank = work.programs.rank(form_id, name)
        for part in _parts(ids[form_id]):
            recomputation = Recomputation(work)
            recomputation.dirty[rank, form_id, name] = set(part)
            recomputation.run()


def _formulas(form: Form | None) -> dict[str, tuple[object, ...]]:
    """What decides the stored value of each formula."""
    if form is None:
        return {}
    return {key: _meaning(each) for key, each in fields_of(form) if key in form.formula_order}


def _meaning(each: Field) -> tuple[object, ...]:
    formula = each.formula.text if each.formula is not None else ""
    freeze = each.freeze.text if each.freeze is not None else ""
    return (formula, freeze, each.type, each.places, each.compute)


def _place(work: Work, form_id: str, name: str) -> tuple[int, int]:
    order = work.program(form_id).order
    return work.programs.rank(form_id, name), order.index(name) if name in order else len(order)


def _ids(work: Work, form_id: str) -> list[int]:
    query, connection = work.system_query(form_id), work.uow.connection
    return [*fetch_ids(connection, query, _ALL), *fetch_ids(connection, query.deleted(only=True), _ALL)]


def _parts(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + ROWS_AT_ONCE] for start in range(0, len(ids), ROWS_AT_ONCE))


def _compute_lines(work: Work, form_id: str, ids: Iterable[int]) -> None:
    stored = fetch_system_rows(work.uow, form_id, list(ids), lock=True)
    drafts = [draft_of(work, form_id, row) for row in stored.values()]
    prepare_links(work, drafts)
    for draft in drafts:
        compute_formulas(work, draft)
    for draft in drafts:
        changed = draft.changed()
        if not changed or draft.record_id is None:
            continue
        keys = draft.changed_keys()
        values = {name: draft.values.get(name) for name in changed}
        update_record(work.uow, form_id, draft.record_id, draft.version, values, draft.stored)
        recompute(work, [Written(form_id, draft.record_id, keys, draft.stored, draft.values)])
