"""Writes sound drafts: numbers, rows, history, stage log; and asks the rights again on what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.problems import NotAllowed, Problem, ProblemsFound
from engine.runtime.access import Expression, FormRights, may, may_differ, refusal
from engine.runtime.drafts import Draft
from engine.runtime.journal import changes_of
from engine.runtime.numbers import number_drafts
from engine.runtime.stages import StageMove
from engine.runtime.titles import search_texts, searched_fields
from engine.runtime.work import Work
from engine.storage.closures import rebuild_closures
from engine.storage.files import bind_files
from engine.storage.flows import HANDOVER
from engine.storage.history import HistoryRow, note_changes
from engine.storage.lookups import satisfying
from engine.storage.outbox import add_job
from engine.storage.records import insert_records, update_record
from engine.storage.search_text import build_search_text
from engine.storage.stage_log import StageEntry, log_stages

PEOPLE_FORMS = frozenset({"people.person", "people.department"})
FILES = frozenset({"file", "image", "signature"})
Moves = Mapping[int, Sequence[StageMove]]
Titles = Mapping[str, Mapping[int, str]]


def write_drafts(
    work: Work, form_id: str, drafts: Sequence[Draft], moves: Moves, rights: FormRights, titles: Titles
) -> None:
    """Write new and changed records of one form. `moves` by id(draft).

    Raises NotAllowed when a merged row is refused.
    """
    new = [draft for draft in drafts if draft.is_new]
    old = [draft for draft in drafts if not draft.is_new]
    number_drafts(work, new)
    history = [HistoryRow(form_id, 0, 1, "create", changes_of(draft)) for draft in new]
    if new:
        ids = insert_records(work.uow, form_id, [_with_search(work, draft, titles) for draft in new])
        for draft, record_id in zip(new, ids, strict=True):
            draft.record_id, draft.version = record_id, 1
    history = [
        HistoryRow(form_id, draft.record_id or 0, 1, "create", row.changes)
        for draft, row in zip(new, history, strict=True)
    ]
    for draft in old:
        history.append(_update(work, form_id, draft, rights, titles))
    require_after(work, rights, new, "create")
    note_changes(work.uow, history)
    _log_moves(work, form_id, drafts, moves)
    if form_id in PEOPLE_FORMS:
        rebuild_closures(work.uow)
        _note_departures(work, form_id, old)
    bind_files(work.uow, _files(drafts))
    for draft in drafts:
        work.links.forget(form_id, draft.record_id or 0)


def _note_departures(work: Work, form_id: str, drafts: Sequence[Draft]) -> None:
    """Leave the handing over of what waits for persons who may not act any more."""
    for draft in drafts:
        if form_id == "people.person" and "active" in draft.changed() and not draft.values.get("active"):
            add_job(work.uow, HANDOVER, {"person": draft.record_id})


def _update(work: Work, form_id: str, draft: Draft, rights: FormRights, titles: Titles) -> HistoryRow:
    """Write one changed record. A record handed over is asked for as it is before its owner changes,
    one taken over after.
    """
    changes = changes_of(draft)
    changed = {name: draft.values.get(name) for name in draft.changed()}
    if searched_fields(draft.program.form) & changed.keys():
        changed["search_text"] = _with_search(work, draft, titles)["search_text"]
    owner = rights.form.owner
    record_id = draft.record_id or 0
    version = draft.version
    if owner is not None and owner in changed and not rights.always("change"):
        _require_assign(work, rights, record_id)
        handed = {owner: changed.pop(owner)}
        if changed:
            version = update_record(work.uow, form_id, record_id, version, changed, draft.stored)
        kept = not changed or _holds_after(work, rights, draft)
        draft.version = update_record(work.uow, form_id, record_id, version, handed, draft.stored)
        if not kept:
            require_after(work, rights, [draft], "change")
    else:
        draft.version = update_record(work.uow, form_id, record_id, version, changed, draft.stored)
        require_after(work, rights, [draft], "change")
    return HistoryRow(form_id, record_id, draft.version, "change", changes)


def _holds_after(work: Work, rights: FormRights, draft: Draft) -> bool:
    try:
        require_after(work, rights, [draft], "change")
    except NotAllowed:
        return False
    return True


def _require_assign(work: Work, rights: FormRights, record_id: int) -> None:
    if not may(work.uow, rights, ("assign",), record_id, work.moment):
        raise NotAllowed(refusal("assign"))


def require_after(work: Work, rights: FormRights, drafts: Sequence[Draft], verb: str) -> None:
    """The rule of the verb, and those of the fields written, hold on the rows as they are now; else all is undone."""
    if not drafts:
        return
    ids = [draft.record_id or 0 for draft in drafts]
    rule = rights.verbs.get(verb)
    if rule is None:
        raise NotAllowed(refusal(verb))
    _require_rule(work, rights, drafts, verb, rule)
    written = {key for draft in drafts for key in draft.written_keys()} & rights.change_rules.keys()
    for name in sorted(written):
        if len(satisfying(work.uow, rights.form.id, ids, rights.change_rules[name], work.moment)) < len(set(ids)):
            raise ProblemsFound([Problem("R101", {"name": name}, pointer=name)])


def _require_rule(work: Work, rights: FormRights, drafts: Sequence[Draft], verb: str, rule: Expression) -> None:
    """The rule holds on the rows as they are now, where the save may have changed it; or a collaborator saves."""
    if rule.constant is True:
        return
    changing = verb == "change"
    asked = {each.record_id or 0 for each in drafts if not changing or may_differ(rights.form, rule, each.changed())}
    refused = asked - satisfying(work.uow, rights.form.id, asked, rule, work.moment) if asked else asked
    if not all(changing and may(work.uow, rights, (verb,), each, work.moment) for each in refused):
        raise NotAllowed(refusal(verb))


def _with_search(work: Work, draft: Draft, titles: Titles) -> dict[str, Any]:
    return {**draft.values, "search_text": build_search_text(search_texts(work, draft, titles))}


def _log_moves(work: Work, form_id: str, drafts: Sequence[Draft], moves: Moves) -> None:
    entries = [
        StageEntry(form_id, draft.record_id or 0, move.field, move.after, is_first=move.before is None)
        for draft in drafts
        for move in moves.get(id(draft), ())
    ]
    if entries:
        log_stages(work.uow, entries)


def _files(drafts: Sequence[Draft]) -> set[int]:
    """The files that these records hold anew."""
    found: set[int] = set()
    for draft in drafts:
        changed = draft.changed()
        for name, definition in draft.program.form.fields.items():
            if definition.type in FILES and name in changed:
                value = draft.values.get(name)
                found.update(
                    each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, int)
                )
    return found
