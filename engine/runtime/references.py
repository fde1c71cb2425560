"""Links written by number ({"number": "C-7"}) and files: resolved and checked before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.problems import Problem
from engine.runtime.access import FormRights
from engine.runtime.drafts import Draft, Row
from engine.runtime.programs import FILE_TYPES, FormProgram, is_link, link_target
from engine.runtime.work import Work
from engine.storage.files import fetch_files
from engine.storage.matching import fetch_matching

NUMBER = "number"
NO_RECORD = 2**62  # an id that no record will ever have


def with_ids(work: Work, program: FormProgram, values: Mapping[str, object], rights: FormRights) -> dict[str, object]:
    """The values with numbers of linked records replaced by ids; NO_RECORD where there is none."""
    resolved = dict(values)
    for name, value in values.items():
        each = program.fields.get(name)
        if each is None or name not in rights.change:
            continue
        if each.field.type == "lines" and isinstance(value, Sequence) and not isinstance(value, str):
            resolved[name] = [_row_with_ids(work, program, name, row) for row in value]
        elif is_link(each.field):
            resolved[name] = _with_id(work, link_target(each.field), value)
    return resolved


def _row_with_ids(work: Work, program: FormProgram, lines: str, row: object) -> object:
    if not isinstance(row, Mapping):
        return row
    links = {each.field.id: link_target(each.field) for each in program.links if each.lines == lines}
    return {name: _with_id(work, links[name], cell) if name in links else cell for name, cell in row.items()}


def _with_id(work: Work, form_id: str, value: object) -> object:
    if isinstance(value, list):
        return [_with_id(work, form_id, each) for each in value]
    if not isinstance(value, Mapping) or NUMBER not in value or "id" in value:
        return value
    form = work.catalog.forms.get(form_id)
    if form is None or NUMBER not in form.fields:
        return value
    key = (str(value[NUMBER]),)
    ids = fetch_matching(work.uow, form_id, (NUMBER,), [key]).get(key, [])
    return ids[0] if ids else NO_RECORD


def check_files(work: Work, drafts: Sequence[Draft]) -> None:
    """Note every file that a draft takes in and that its actor did not upload: files are not passed on by number."""
    taken = [each for draft in drafts for each in _new_files(draft)]
    if not taken or work.actor.system:
        return
    known = fetch_files(work.uow.connection, work.uow.database, {file_id for _, _, file_id, _ in taken})
    for draft, pointer, file_id, label in taken:
        stored = known.get(file_id)
        if stored is None or stored.stored_by != work.actor.id:
            draft.problems.append(Problem("V132", {"label": label}, pointer=pointer))


def _new_files(draft: Draft) -> Iterator[tuple[Draft, str, int, Any]]:
    stored_rows: dict[object, Row] = {
        row.get("id"): row for rows in draft.stored.values() if isinstance(rows, list) for row in rows
    }
    for program in draft.program.fields.values():
        if program.field.type not in FILE_TYPES:
            continue
        for pointer, row in draft.places(program):
            before = draft.stored if program.lines is None else stored_rows.get(row.get("id"), {})
            had = set(_ids(before.get(program.field.id)))
            yield from (
                (draft, pointer, each, program.field.label)
                for each in _ids(row.get(program.field.id))
                if each not in had
            )


def _ids(value: object) -> tuple[int, ...]:
    return tuple(each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, int))
