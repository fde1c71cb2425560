"""The timeline's entries: history, comments, stage moves and files of a record, newest first,
as its reader may see them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from engine.catalog.forms import Form
from engine.catalog.stages import Stage
from engine.problems import Problem, ProblemsFound
from engine.runtime.work import Work
from engine.services.files import file_info
from engine.services.history_texts import field_label, wire_text
from engine.services.reading import fetch_title_map
from engine.services.views_of_pages import FieldChange, Timeline, TimelineEntry
from engine.services.views_of_records import PERSON_FORM
from engine.storage.comments import Comment, fetch_comments
from engine.storage.files import Attachment, fetch_attachments
from engine.storage.history import Save, fetch_history
from engine.storage.selects import fetch_rows

KINDS = {"create": "created", "change": "changed", "delete": "deleted", "restore": "restored"}
MOST = 100


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place between two entries: their moment, and how many of that moment were shown."""

    at: datetime
    skip: int


def fetch_entries(work: Work, form_id: str, record_id: int, before: str | None, limit: int) -> Timeline:
    """A page of entries; the cursor of the older ones."""
    cursor = _read_cursor(before)
    wanted = min(limit, MOST)
    enough = wanted + 1 + (cursor.skip if cursor else 0)
    entries = [
        *_changes(work, form_id, record_id, cursor, enough),
        *_comments(work, form_id, record_id, cursor, enough),
    ]
    entries += _files(work, form_id, record_id, cursor)
    entries.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    entries = entries[cursor.skip :] if cursor else entries
    page, rest = entries[:wanted], entries[wanted:]
    return Timeline(tuple(_named(work, page)), _write_cursor(page, cursor) if rest else None)


def _changes(work: Work, form_id: str, record_id: int, cursor: Cursor | None, enough: int) -> Iterator[TimelineEntry]:
    form = work.form(form_id)
    visible = _fields_seen(work, form, record_id)
    found, last = 0, None
    while found < enough:
        saves = fetch_history(work.uow, form_id, record_id, before=last, limit=MOST)
        for save in saves:
            last = save.id
            if cursor is not None and save.at > cursor.at:
                continue
            for entry in _entries_of(work, form, save, visible):
                found += 1
                yield entry
        if len(saves) < MOST:
            return


def _fields_seen(work: Work, form: Form, record_id: int) -> frozenset[str]:
    """The fields whose history the reader may read: those seen on the record as it is now."""
    rights = work.form_rights(form.id)
    asked = tuple(name for name in rights.see_rules if "." not in name)
    if not asked:
        return rights.see
    rows = fetch_rows(work.uow.connection, work.query(form.id).with_ids([record_id]).columns(asked).page(1)).records
    withheld = rows[0].unseen if rows else frozenset(asked)
    return rights.see - withheld


def _entries_of(work: Work, form: Form, save: Save, visible: frozenset[str]) -> Iterator[TimelineEntry]:
    plain = TimelineEntry(f"h{save.id:012}", KINDS.get(save.action, save.action), save.at, save.actor, "", save.cause)
    changes = []
    for name, pair in save.changes.items():
        if name not in visible:
            continue
        if save.action == "change" and isinstance(pair, list) and (form.id, name) in work.catalog.stage_sets:
            before, after = (_stage(work, form, name, each) for each in pair)
            yield replace(plain, id=f"{plain.id}{name}", kind="stage", stage=after, before=before)
        elif isinstance(pair, list):
            texts = [wire_text(work, form, name, each) for each in pair]
            changes.append(FieldChange(name, field_label(form, name), texts[0], texts[1]))
        elif isinstance(pair, Mapping):
            changes.append(_lines_change(work, form, name, pair))
    if changes or save.action != "change":
        yield replace(plain, changes=tuple(changes))


def _lines_change(work: Work, form: Form, name: str, pair: Mapping[str, Any]) -> FieldChange:
    words = {"added": ("added", "新增"), "changed": ("changed", "修改"), "removed": ("removed", "删除")}
    at = 1 if work.actor.language == "zh" else 0
    texts = [f"{words[kind][at]} {len(rows)}" for kind in words if (rows := pair.get(kind))]
    return FieldChange(name, field_label(form, name), "", ", ".join(texts))


def _stage(work: Work, form: Form, name: str, stage_id: object) -> Stage | None:
    for each in work.catalog.stage_sets.get((form.id, name), ()):
        now_called = each.successors.get(str(stage_id), str(stage_id))
        if now_called in each.stages:
            return each.stages[now_called]
    return None


def _comments(work: Work, form_id: str, record_id: int, cursor: Cursor | None, enough: int) -> list[TimelineEntry]:
    comments = fetch_comments(work.uow, form_id, record_id, until=cursor.at if cursor else None, limit=enough)
    names = fetch_title_map(work, PERSON_FORM, {each for comment in comments for each in comment.mentions})
    return [_comment_entry(comment, names) for comment in comments]


def _comment_entry(comment: Comment, names: Mapping[int, str]) -> TimelineEntry:
    mentions = tuple((each, names.get(each, "")) for each in comment.mentions)
    return TimelineEntry(
        f"c{comment.id:012}", "comment", comment.at, comment.author, "", text=comment.text, mentions=mentions
    )


def _files(work: Work, form_id: str, record_id: int, cursor: Cursor | None) -> list[TimelineEntry]:
    found = fetch_attachments(work.uow.connection, work.uow.database, form_id, record_id)
    return [_file_entry(each) for each in found if cursor is None or each.added_at <= cursor.at]


def _file_entry(each: Attachment) -> TimelineEntry:
    info = file_info(each.file, each.added_at, each.added_by)
    return TimelineEntry(f"f{each.file.id:012}", "file", each.added_at, each.added_by, "", file=info)


def _named(work: Work, entries: list[TimelineEntry]) -> Iterator[TimelineEntry]:
    names = fetch_title_map(work, PERSON_FORM, {entry.by for entry in entries if entry.by is not None})
    for entry in entries:
        yield replace(entry, name=names.get(entry.by or 0, ""))


def _read_cursor(text: str | None) -> Cursor | None:
    if not text:
        return None
    try:
        moment, skip = text.split("~")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(text)
        return Cursor(at.astimezone(UTC), max(0, min(int(skip), 1000)))
    except (ValueError, OverflowError) as error:
        raise ProblemsFound([Problem("R110")]) from error


def _write_cursor(page: list[TimelineEntry], cursor: Cursor | None) -> str:
    last = page[-1].at
    shown = sum(1 for entry in page if entry.at == last)
    if cursor is not None and cursor.at == last:
        shown += cursor.skip
    return f"{last.strftime('%Y-%m-%dT%H:%M:%S+00:00')}~{shown}"
