"""Tells somebody whose record was saved by another meanwhile: who changed what."""

from __future__ import annotations

from typing import Never

from engine.problems import Change, Stale
from engine.runtime.drafts import Draft
from engine.runtime.work import Work
from engine.services.history_texts import field_label, wire_text
from engine.services.reading import fetch_title_map
from engine.services.views_of_records import PERSON_FORM
from engine.storage.history import fetch_history

MOST_SAVES = 50


def raise_stale(work: Work, draft: Draft, seen_version: int) -> Never:
    """Raise Stale with every change since `seen_version` to fields this actor may see, newest first."""
    form = draft.program.form
    rights = work.form_rights(form.id)
    saves = fetch_history(work.uow, form.id, draft.record_id or 0, limit=MOST_SAVES)
    newer = [save for save in saves if save.version > seen_version]
    names = fetch_title_map(work, PERSON_FORM, {save.actor for save in newer if save.actor is not None})
    changes = [
        Change(
            field=name,
            label=field_label(form, name),
            before=wire_text(work, form, name, pair[0]),
            after=wire_text(work, form, name, pair[1]),
            by=names.get(save.actor or 0, ""),
            at=save.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        for save in newer
        for name, pair in save.changes.items()
        if name in rights.see and name not in rights.see_rules and isinstance(pair, list)
    ]
    raise Stale(draft.version, changes)
