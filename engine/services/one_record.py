"""One record with all that its page needs: lines, what may be done, what is hidden or required, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.problems import NotVisible
from engine.runtime.access import FormRights
from engine.runtime.dependents import Kept
from engine.runtime.drafts import Draft
from engine.runtime.evaluation import parts_away
from engine.runtime.work import Work
from engine.services.reading import build_views, computing_columns, fetch_title_map, title_fields, with_verbs
from engine.services.saving import Given, Saving, prepare_batch
from engine.services.stage_states import states_of
from engine.services.views_of_records import RecordView
from engine.storage.lookups import which_hold
from engine.storage.selects import fetch_rows
from engine.values import empty


def fetch_view(
    work: Work, form_id: str, record_id: int, *, page: bool = True, known: Mapping[str, Mapping[int, str]] = empty()
) -> RecordView:
    """The record as the actor may see it; NotVisible when it is not there. Without `page`: no conditions, no moves.

    known   titles of linked records, by form, that need not be fetched again
    """
    rights = work.form_rights(form_id)
    fields = tuple(name for name in rights.form.fields if name in rights.see)
    shown = tuple(dict.fromkeys((*fields, *(name for name in title_fields(rights.form) if name in rights.see))))
    stamps = ("created_at", "created_by", "updated_at", "updated_by")
    columns = (*shown, *stamps, *computing_columns(work, rights.form))
    query = with_verbs(work, work.query(form_id), rights).with_ids([record_id]).columns(columns).page(1)
    rows = fetch_rows(work.uow.connection, query).records
    if not rows:
        raise NotVisible(f"{form_id}/{record_id}")
    (view,) = build_views(work, rights.form, rows, fields, known)
    return _with_conditions(work, view, rights) if page else view


def answer_of(work: Work, saving: Saving, draft: Draft) -> RecordView:
    """What a save answers: the record as its saver may see it; one handed over may be out of sight."""
    try:
        view = fetch_view(work, saving.form_id, draft.record_id or 0, page=False, known=saving.titles)
    except NotVisible:
        form = draft.program.form
        return RecordView(form, draft.record_id, draft.version, f"#{draft.record_id}", {})
    return _with_kept(work, view, saving) if saving.kept else view


def _with_kept(work: Work, view: RecordView, saving: Saving) -> RecordView:
    """The frozen values that this save left as they are, of records and fields that the saver may see."""
    seen = [each for each in saving.kept if _sees(work, each)]
    titles = {form_id: dict(found) for form_id, found in view.titles.items()}
    for form_id in {each.form for each in seen}:
        ids = {each.id for each in seen if each.form == form_id}
        titles.setdefault(form_id, {}).update(fetch_title_map(work, form_id, ids))
    kept = tuple(each for each in seen if each.id in titles.get(each.form, {}))
    return replace(view, kept=kept, titles=titles)


def _sees(work: Work, kept: Kept) -> bool:
    if work.rights.see(kept.form) is None:
        return False
    rights = work.form_rights(kept.form)
    return kept.field in rights.see and kept.field not in rights.see_rules


def _with_conditions(work: Work, view: RecordView, rights: FormRights) -> RecordView:
    saving = prepare_batch(work, view.form.id, [Given(view.id, {})], lock=False)
    draft, conditions = saving.drafts[0], saving.conditions[0]
    read_only = conditions.read_only if "change" in view.may else frozenset(view.form.fields)
    return replace(
        view,
        hidden=conditions.hidden,
        required=conditions.required,
        read_only=read_only | _unchangeable(work, rights, draft),
        stages=states_of(saving, draft, may_move="change" in view.may),
        away=parts_away(work, draft),
    )


def _unchangeable(work: Work, rights: FormRights, draft: Draft) -> frozenset[str]:
    """Fields whose rule does not let the actor write them on this record."""
    if not rights.change_rules:
        return frozenset()
    may = which_hold(work.uow, rights.form.id, draft.record_id or 0, rights.change_rules, work.moment)
    return frozenset(rights.change_rules) - may
