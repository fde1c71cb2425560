"""Deletes into the recycle bin and restores from it, with what goes along; nothing stored is destroyed."""

from __future__ import annotations

from collections.abc import Collection

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import refusal, require
from engine.runtime.deletion import Deletion, links_to
from engine.runtime.dependents import Written, draft_of, recompute
from engine.runtime.drafts import Draft
from engine.runtime.formulas import compute_formulas, prepare_links
from engine.runtime.journal import changes_of
from engine.runtime.trees import hold_trees_alone
from engine.runtime.work import Work
from engine.services.stale import raise_stale
from engine.services.writing import PEOPLE_FORMS
from engine.storage.closures import rebuild_closures
from engine.storage.flows import running_ids
from engine.storage.history import HistoryRow, note_changes
from engine.storage.pointing import fetch_pointing
from engine.storage.records import Stored, fetch_system_rows, mark_deleted, mark_restored, update_record
from engine.storage.selects import fetch_rows


def delete_one(work: Work, form_id: str, record_id: int, version: int | None) -> None:
    """Delete a record the actor may delete; ProblemsFound (V130) when a link forbids it."""
    hold_trees_alone(work, [form_id])
    draft = _locked(work, form_id, record_id)
    require(work.uow, work.form_rights(form_id), "delete", record_id, work.moment)
    if version is not None and version != draft.version:
        raise_stale(work, draft, version)
    if work.catalog.workflows and running_ids(work.uow, form_id, [record_id]):
        raise Conflict(Problem("A106"))
    deletion = Deletion(work)
    deletion.add(form_id, record_id)
    problems = deletion.problems()
    if problems:
        raise ProblemsFound(problems)
    hold_trees_alone(work, {other for other, _ in deletion.going} - {form_id})
    releasing = [each for key, each in deletion.letting_go.items() if each.changed() and key not in deletion.going]
    history = [_release(work, each) for each in releasing]
    by_form: dict[str, list[int]] = {}
    for other, each_id in deletion.going:
        by_form.setdefault(other, []).append(each_id)
    for other, ids in by_form.items():
        mark_deleted(work.uow, other, ids)
    history += [
        HistoryRow(other, each_id, each.version + 1, "delete", {}) for (other, each_id), each in deletion.going.items()
    ]
    note_changes(work.uow, history)
    _rebuild(work, by_form)
    gone = [Written(other, each_id, None, each.stored, {}) for (other, each_id), each in deletion.going.items()]
    recompute(work, [*gone, *map(_released, releasing)])


def restore_one(work: Work, form_id: str, record_id: int, version: int | None) -> None:
    """Restore a deleted record and what went with it; who may delete may restore."""
    rights = work.form_rights(form_id)
    hold_trees_alone(work, [form_id])
    stored = fetch_system_rows(work.uow, form_id, [record_id], lock=True).get(record_id)
    if stored is None or stored.deleted_at is None:
        raise NotVisible(f"{form_id}/{record_id}")
    require_deleted(work, form_id, record_id)
    if "delete" not in rights.verbs:
        raise NotAllowed(refusal("delete"))
    if version is not None and version != stored.version:
        raise_stale(work, draft_of(work, form_id, stored), version)
    going = _gone_with(work, form_id, stored)
    hold_trees_alone(work, {other for other, _ in going} - {form_id})
    for (other, each_id), _ in going.items():
        mark_restored(work.uow, other, [each_id])
    note_changes(
        work.uow,
        [HistoryRow(other, each_id, each.version + 1, "restore", {}) for (other, each_id), each in going.items()],
    )
    _rebuild(work, {other for other, _ in going})
    recompute(work, [Written(other, each_id, None, {}, each.values) for (other, each_id), each in going.items()])


def _rebuild(work: Work, forms: Collection[str]) -> None:
    if PEOPLE_FORMS.intersection(forms):
        rebuild_closures(work.uow)


def require_deleted(work: Work, form_id: str, record_id: int) -> None:
    """NotVisible unless the actor sees the record in the recycle bin."""
    query = work.query(form_id).with_ids([record_id]).deleted().columns(()).page(1)
    if not fetch_rows(work.uow.connection, query).records:
        raise NotVisible(f"{form_id}/{record_id}")


def _locked(work: Work, form_id: str, record_id: int) -> Draft:
    work.form_rights(form_id)
    stored = fetch_system_rows(work.uow, form_id, [record_id], lock=True).get(record_id)
    if stored is None or stored.deleted_at is not None:
        raise NotVisible(f"{form_id}/{record_id}")
    return draft_of(work, form_id, stored)


def _release(work: Work, draft: Draft) -> HistoryRow:
    """Write a record whose link lets go of a deleted one, and its formulas that read something there."""
    form_id = draft.program.form.id
    changes = changes_of(draft)
    prepare_links(work, [draft])
    compute_formulas(work, draft)
    changed = {name: draft.values.get(name) for name in draft.changed()}
    version = update_record(work.uow, form_id, draft.record_id or 0, draft.version, changed, draft.stored)
    return HistoryRow(form_id, draft.record_id or 0, version, "change", changes)


def _released(draft: Draft) -> Written:
    return Written(draft.program.form.id, draft.record_id or 0, draft.changed_keys(), draft.stored, draft.values)


def _gone_with(work: Work, form_id: str, stored: Stored) -> dict[tuple[str, int], Stored]:
    """The record and those that its deletion took along: deleted at the same moment, below links that cascade."""
    found = {(form_id, stored.id): stored}
    waiting = [(form_id, stored)]
    while waiting:
        above_form, above = waiting.pop()
        for form, path, link in links_to(work, above_form):
            if link.on_delete != "cascade" or len(path) > 1:
                continue
            ids = fetch_pointing(work.uow.connection, work.uow.database, form.id, path, (above.id,))
            for other in fetch_system_rows(work.uow, form.id, ids, lock=True).values() if ids else ():
                if other.deleted_at == stored.deleted_at and (form.id, other.id) not in found:
                    found[form.id, other.id] = other
                    waiting.append((form.id, other))
    return found
