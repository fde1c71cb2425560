"""What stands in the inputs of a record, what a sent form changes, and how two people's changes are laid together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from engine.catalog import field_types
from engine.catalog.forms import Field, Form
from engine.problems import ProblemsFound
from engine.services.views_of_records import LINK_TYPES, Preview, RecordView
from engine.web.form_builder import Entry, Lines, RecordForm
from engine.web.ids import find_id
from engine.web.inputs import shown, wire_from

Row = dict[str, Any]
Inputs = dict[str, Any]
"""What stands in the inputs: Shown by field id; lines as a list of rows with "id" ("" = new)."""


def inputs_of(view: RecordView, zone: ZoneInfo) -> Inputs:
    """What stands in the inputs for the record `view`: fields that the reader sees, computed ones included."""
    return {name: _input_of(view, view.form.fields[name], zone) for name in seen_fields(view)}


def seen_fields(view: RecordView) -> tuple[str, ...]:
    """The fields of the form that this reader sees on this record, in the order of the definition."""
    return tuple(name for name in view.form.fields if name in view.values and name not in view.unseen)


def _input_of(view: RecordView, definition: Field, zone: ZoneInfo) -> Any:
    value = view.values.get(definition.id)
    if definition.type != "lines":
        return shown(definition, value, zone)
    rows = value if isinstance(value, (list, tuple)) else ()
    return [_row_of(definition, row, zone) for row in rows]


def _row_of(definition: Field, row: Mapping[str, Any], zone: ZoneInfo) -> Row:
    cells: Row = {name: shown(inner, row[name], zone) for name, inner in definition.fields.items() if name in row}
    return {**cells, "id": "" if row.get("id") is None else str(row["id"])}


def to_json(inputs: Inputs) -> str:
    """Inputs as the hidden text that a form carries, to tell later what was changed."""
    return json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Inputs:
    """What `to_json` wrote; empty when it was tampered with."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# --- what was sent ----------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent.

    inputs   what stands in the inputs now (only those that were sent)
    values   wire form of what differs from the start
    """

    inputs: Inputs
    values: dict[str, object]


def read_sent(form: Form, sent: RecordForm, start: Inputs, zone: ZoneInfo, *, whole: bool) -> Sent:
    """Reads the form; fields that still hold what they held at the `start` are not among the values.

    whole  True for a new record: everything that is filled is a value, as nothing is stored yet.
    """
    inputs: Inputs = {}
    values: dict[str, object] = {}
    for name in sent.names():
        entry, definition, before = sent.entry(name), form.fields[name], start.get(name)
        if isinstance(entry, Lines) and entry.posted:
            rows, stood = _sent_rows(entry, definition, blank_row(definition, zone)), _rows_of(before)
            inputs[name] = rows
            if not _same_rows(rows, stood) or (whole and rows):
                values[name] = wire_rows(definition, rows, stood, zone)
        elif isinstance(entry, Entry) and entry.posted and entry.kind != "output":
            inputs[name] = entry.data
            if not same(entry.data, before) or (whole and entry.data):
                values[name] = wire_from(definition, entry.data, zone)
    return Sent(inputs, values)


def _sent_rows(entry: Any, definition: Field, blank: Row) -> list[Row]:
    return [row for row in (_sent_row(each.form) for each in entry) if row["id"] or _filled(definition, row, blank)]


def _sent_row(row: Any) -> Row:
    cells: Row = {name: row.entry(name).data for name in row.names() if row.entry(name).posted}
    return {**cells, "id": row.row_id.data or ""}


def _filled(definition: Field, row: Row, blank: Row) -> bool:
    cells = ((row[name], blank.get(name)) for name in row if name in definition.fields)
    return any(cell and cell != "false" and not same(cell, untouched) for cell, untouched in cells)


def blank_row(definition: Field, zone: ZoneInfo) -> Row:
    """What stands in the inputs of a new row: defaults that are the same for every row."""
    return {name: shown(inner, _default(inner), zone) for name, inner in definition.fields.items()}


def _default(definition: Field) -> object:
    constant = definition.default.constant if definition.default is not None else None
    return None if constant is definition.default else constant


def wire_rows(definition: Field, rows: Sequence[Row], before: Sequence[Row], zone: ZoneInfo) -> list[dict[str, object]]:
    """Every row as it was sent, in order, then those that were taken out."""
    wired = [_wire_row(definition, row, zone) for row in rows]
    kept = {row["id"] for row in rows}
    gone = [row["id"] for row in before if row.get("id") and row["id"] not in kept]
    return wired + [{"id": row_id, "_delete": True} for each in gone if (row_id := find_id(str(each))) is not None]


def _wire_row(definition: Field, row: Row, zone: ZoneInfo) -> dict[str, object]:
    row_id = find_id(row["id"])
    wired: dict[str, object] = {} if row_id is None else {"id": row_id}
    for name, inner in definition.fields.items():
        if name in row and inner.formula is None and (wired.get("id") or row[name]):
            wired[name] = wire_from(inner, row[name], zone)
    return wired


def same(one: object, other: object) -> bool:
    """Whether two inputs hold the same; JSON knows no tuples."""
    return _listed(one) == _listed(other)


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value or ("" if not isinstance(value, list) else [])


def _same_rows(rows: Sequence[Row], before: Sequence[Row]) -> bool:
    return len(rows) == len(before) and all(
        all(same(cell, old.get(name)) for name, cell in row.items()) for row, old in zip(rows, before, strict=True)
    )


# --- two people at once ----------------------------------------


def lay_over(current: Inputs, mine: Inputs, start: Inputs) -> Inputs:
    """The record as it is now, with what I changed since the `start` on top of it."""
    laid: Inputs = dict(current)
    for name, value in mine.items():
        if isinstance(value, list):
            laid[name] = _lay_rows(_rows_of(current.get(name)), value, _rows_of(start.get(name)))
        elif not same(value, start.get(name)):
            laid[name] = value
    return laid


def _rows_of(value: object) -> list[Row]:
    """The rows in a value that came along with the form; anything else in it is left out."""
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _lay_rows(current: Sequence[Row], mine: Sequence[Row], start: Sequence[Row]) -> list[Row]:
    at_start = {row["id"]: row for row in start}
    own = {row["id"]: row for row in mine if row["id"]}
    kept = [row for row in current if row["id"] in own or row["id"] not in at_start]
    laid = [_lay_cells(row, own.get(row["id"], {}), at_start.get(row["id"], {})) for row in kept]
    return laid + [row for row in mine if not row["id"]]


def _lay_cells(current: Row, mine: Row, start: Row) -> Row:
    changed = {name: cell for name, cell in mine.items() if not same(cell, start.get(name))}
    return {**current, **changed}


# --- what saving would make of it ----------------------------------------


def view_of_preview(view: RecordView, preview: Preview) -> RecordView:
    """The record as `preview` says it would become."""
    values = {
        name: python_value(view.form.fields[name], wire)
        for name, wire in preview.values.items()
        if name in view.form.fields
    }
    return replace(
        view,
        values={**view.values, **values},
        titles={
            **view.titles,
            **{form: {**view.titles.get(form, {}), **named} for form, named in preview.titles.items()},
        },
        hidden=preview.hidden,
        required=preview.required,
        read_only=preview.read_only,
        away=preview.away,
    )


def python_value(definition: Field, wire: object) -> object:
    """The Python value of a wire form that a service gave; None when it has none."""
    if wire is None:
        return None
    if definition.type == "lines" and isinstance(wire, list):
        return [_python_row(definition, row) for row in wire if isinstance(row, Mapping)]
    if definition.type in LINK_TYPES:
        wire = _plain_link(definition, wire)
    try:
        return field_types.FIELD_TYPES[definition.type].parse(definition, wire)
    except ProblemsFound:
        return None


def _python_row(definition: Field, row: Mapping[str, object]) -> dict[str, object]:
    cells = {name: python_value(inner, row[name]) for name, inner in definition.fields.items() if name in row}
    return {**cells, "id": row.get("id")}


def _plain_link(definition: Field, wire: object) -> object:
    if isinstance(wire, Mapping):
        return [wire["form"], wire["id"]] if len(definition.to) > 1 else wire.get("id")
    if isinstance(wire, list) and definition.type != "link":
        return [_plain_link(definition, each) for each in wire]
    return wire
