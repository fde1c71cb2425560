"""Turns what a caller wrote (wire form) into a draft, and refuses what the caller may not write at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.catalog import field_types
from engine.catalog.forms import Field
from engine.problems import Problem, ProblemsFound, near_name
from engine.runtime.access import FormRights
from engine.runtime.drafts import Draft, Row
from engine.runtime.formulas import is_locked
from engine.runtime.programs import is_link

MOST_ROWS = 1000
WHOLE = frozenset({"integer", "duration"})


def parse_values(draft: Draft, raw: Mapping[str, object], rights: FormRights, *, importing: bool = False) -> None:
    """Put the parsed values into the draft, problems beside them. Unknown,
    hidden and unwritable fields are all R101.
    """
    for name, value in raw.items():
        program = draft.program.fields.get(name) if "." not in name else None
        if program is None or name not in rights.see or _unwritable(draft, name, rights, importing=importing):
            draft.problems.append(_unknown(name, name, rights.change))
            continue
        if program.field.type == "lines":
            _parse_lines(draft, program.field, value, rights)
        else:
            _parse_into(draft, draft.values, program.field, value, name)
        draft.given.add(name)


def _unwritable(draft: Draft, key: str, rights: FormRights, *, importing: bool) -> bool:
    program = draft.program.fields[key]
    if program.field.type == "serial":
        return not importing
    return program.field.formula is not None and is_locked(draft, program, rights) or key not in rights.change


def _unknown(name: str, pointer: str, known: frozenset[str]) -> Problem:
    own = {key.split(".")[-1] for key in known} if "/" in pointer else {key for key in known if "." not in key}
    return Problem("R101", {"name": name, "near": near_name(name, own - {name})}, pointer=pointer)


def _parse_into(draft: Draft, row: Row, definition: Field, value: object, pointer: str) -> None:
    try:
        row[definition.id] = parse_field(definition, value)
    except ProblemsFound as found:
        draft.problems.extend(replace(problem, pointer=pointer) for problem in found.problems)


def parse_field(definition: Field, value: object) -> object:
    """The Python value of one field; links may be written {"id": 7}. Raises ProblemsFound without pointer."""
    if is_link(definition):
        value = _plain_link(value)
    parsed = field_types.FIELD_TYPES[definition.type].parse(definition, value)
    return int(parsed) if isinstance(parsed, Decimal) and definition.type in WHOLE else parsed


def _plain_link(value: object) -> object:
    if isinstance(value, Mapping):
        if "form" in value and "id" in value:
            return [value["form"], value["id"]]
        return value.get("id", value)
    if isinstance(value, list):
        return [_plain_link(each) if isinstance(each, Mapping) else each for each in value]
    return value


def _parse_lines(draft: Draft, definition: Field, value: object, rights: FormRights) -> None:
    """Rows with "id" change stored rows, rows without are new, {"id", "_delete": true} goes, others stay."""
    if value is None:
        value = []
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MOST_ROWS:
        about = {"label": definition.label, "expected": {"en": "a list of rows", "zh": "行列表"}, "value": ""}
        draft.problems.append(Problem("V102", about, pointer=definition.id))
        return
    rows = _merge_rows(draft, definition, value)
    draft.values[definition.id] = [row for row, _ in rows]
    for position, (row, given) in enumerate(rows):
        for name, cell in given.items():
            _parse_cell(draft, definition, row, (name, cell), f"{definition.id}/{position}/{name}", rights)


def _parse_cell(
    draft: Draft, lines: Field, row: Row, written: tuple[str, object], pointer: str, rights: FormRights
) -> None:
    name, cell = written
    key = f"{lines.id}.{name}"
    inner = lines.fields.get(name)
    if inner is None or key not in rights.see or key not in rights.change or inner.formula is not None:
        draft.problems.append(_unknown(name, pointer, rights.change))
        return
    _parse_into(draft, row, inner, cell, pointer)
    draft.given.add(pointer)


def _merge_rows(draft: Draft, definition: Field, value: Sequence[object]) -> list[tuple[Row, Mapping[str, Any]]]:
    """Every row of the record as it will be, with what was given for it; in the order given when all were named."""
    stored = {row["id"]: dict(row) for row in draft.stored.get(definition.id) or []}
    merged: list[tuple[Row, Mapping[str, Any]]] = []
    gone: set[object] = set()
    named: set[object] = set()
    for position, each in enumerate(value):
        row_id = _row_id(each)
        if not isinstance(each, Mapping) or (row_id is not None and row_id not in stored):
            pointer = f"{definition.id}/{position}"
            draft.problems.append(Problem("V123", {"label": definition.label}, pointer=pointer))
            continue
        if each.get("_delete") in (True, "true", "1"):
            gone.add(row_id)
            continue
        if row_id in named and row_id is not None:
            continue
        named.add(row_id)
        given = {name: cell for name, cell in each.items() if name not in ("id", "_delete")}
        merged.append(({**_blank(definition), **stored.get(row_id, {"id": None})}, given))
    left_out = [row_id for row_id in stored if row_id not in named | gone]
    return list(_in_stored_order(stored, merged, left_out)) if left_out else merged


def _in_stored_order(
    stored: Mapping[Any, Row], merged: list[tuple[Row, Mapping[str, Any]]], left_out: list[Any]
) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    by_id = {row["id"]: (row, given) for row, given in merged if row["id"] is not None}
    for row_id, row in stored.items():
        if row_id in left_out:
            yield row, {}
        elif row_id in by_id:
            yield by_id[row_id]
    yield from (each for each in merged if each[0]["id"] is None)


def _row_id(row: object) -> object:
    """The id that a row names: None for a new row, "" (which no row has) for what is no id."""
    found = row.get("id") if isinstance(row, Mapping) else None
    if found is None or found == "":
        return None
    if isinstance(found, str) and found.isdecimal() and len(found) < 19:
        return int(found)
    return found if type(found) is int else ""


def _blank(definition: Field) -> Row:
    return {name: False if inner.type == "boolean" else None for name, inner in definition.fields.items()}
