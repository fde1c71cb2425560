"""Tells somebody whose record was saved by another meanwhile: who changed what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Never

from engine.problems import Change, Stale
from engine.runtime.access import FormRights
from engine.runtime.drafts import Draft
from engine.runtime.work import Work
from engine.services.history_texts import cell_text, field_label, wire_text
from engine.services.reading import fetch_title_map
from engine.services.views_of_records import PERSON_FORM
from engine.storage.history import Save, fetch_history

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
            at=_instant(save),
        )
        for save in newer
        for name, pair in save.changes.items()
        if name in rights.see and name not in rights.see_rules and isinstance(pair, list)
    ]
    raise Stale(draft.version, changes)


def net_changes(work: Work, draft: Draft, seen_version: int) -> tuple[Change, ...]:
    """What is different now from `seen_version` in fields this actor may see, rows of lines included.

    A field that has its old value again is not different. Each is told with who changed it last and when.
    """
    form_id = draft.program.form.id
    rights = work.form_rights(form_id)
    newer = list(_saves_since(work, form_id, draft.record_id or 0, seen_version))  # newest first
    names = fetch_title_map(work, PERSON_FORM, {save.actor for save in newer if save.actor is not None})
    found: dict[str, tuple[Any, Any, Save]] = {}
    lines: list[Change] = []
    for save in newer:
        by = names.get(save.actor or 0, "")
        for name, change in save.changes.items():
            if name not in rights.see or name in rights.see_rules:
                continue
            if isinstance(change, list):
                last = found.get(name)
                found[name] = (change[0], last[1] if last else change[1], last[2] if last else save)
            else:
                lines += _line_changes(work, rights, name, change, (by, _instant(save)))
    fields = [
        _change(work, rights, name, (before, after), (names.get(save.actor or 0, ""), _instant(save)))
        for name, (before, after, save) in found.items()
        if before != after
    ]
    return (*fields, *lines)


def _saves_since(work: Work, form_id: str, record_id: int, version: int) -> Iterator[Save]:
    before = None
    while True:
        saves = fetch_history(work.uow, form_id, record_id, before=before, limit=MOST_SAVES)
        for save in saves:
            if save.version <= version:
                return
            yield save
        if len(saves) < MOST_SAVES:
            return
        before = saves[-1].id


def _change(work: Work, rights: FormRights, name: str, pair: tuple[Any, Any], said: tuple[str, str]) -> Change:
    before, after = (wire_text(work, rights.form, name, each) for each in pair)
    return Change(name, field_label(rights.form, name), before, after, *said)


def _line_changes(
    work: Work, rights: FormRights, name: str, change: Mapping[str, Any], said: tuple[str, str]
) -> Iterator[Change]:
    """Rows added and removed as a whole, and cells changed; columns that may not be seen are left out."""
    definition = rights.form.fields[name]
    always = rights.see - rights.see_rules.keys()
    seen = [column for column in definition.fields if f"{name}.{column}" in always]
    for which in ("added", "removed"):
        for row in change.get(which, ()):
            text = " · ".join(
                cell_text(work, definition.fields[column], row[column])
                for column in seen
                if row.get(column) is not None
            )
            pair = ("", text) if which == "added" else (text, "")
            yield Change(name, definition.label, *pair, *said)
    for row in change.get("changed", ()):
        for column in seen:
            if column in row:
                inner = definition.fields[column]
                label = {key: f"{definition.label.get(key) or name} · {text}" for key, text in inner.label.items()}
                before, after = (cell_text(work, inner, each) for each in row[column])
                yield Change(f"{name}.{column}", label, before, after, *said)


def _instant(save: Save) -> str:
    return save.at.strftime("%Y-%m-%dT%H:%M:%SZ")
