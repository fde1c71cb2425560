"""What a save changed, in the words of history: {field: [old, new]} in wire form, rows of lines as added,
removed, changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.catalog import field_types
from engine.catalog.forms import Field
from engine.runtime.drafts import Draft, Row
from engine.values import is_empty


def to_wire(definition: Field, value: object) -> object:
    """The wire form of a field's value, None when empty; rows of lines as objects."""
    if is_empty(value):
        return None
    if definition.type == "lines" and isinstance(value, list):
        return [row_to_wire(definition, row) for row in value]
    return field_types.FIELD_TYPES[definition.type].to_wire(definition, value)


def row_to_wire(definition: Field, row: Row) -> dict[str, object]:
    """A row of lines in wire form, without its empty fields."""
    wired = {name: to_wire(inner, row.get(name)) for name, inner in definition.fields.items()}
    return {"id": row.get("id"), **{name: value for name, value in wired.items() if value is not None}}


def changes_of(draft: Draft) -> dict[str, object]:
    """Every changed field of a draft; empty when nothing changed."""
    changes: dict[str, object] = {}
    for name in sorted(draft.changed()):
        definition = draft.program.form.fields[name]
        if definition.type == "lines":
            changes[name] = _row_changes(definition, draft.stored.get(name) or [], draft.rows(name))
        else:
            old, new = to_wire(definition, draft.stored.get(name)), to_wire(definition, draft.values.get(name))
            if old != new:
                changes[name] = [old, new]
    return changes


def _row_changes(definition: Field, old: Sequence[Row], new: Sequence[Row]) -> Mapping[str, Any]:
    before = {row["id"]: row for row in old}
    kept = {row["id"] for row in new if row.get("id") in before}
    changed = []
    for row in new:
        earlier = before.get(row.get("id"))
        if earlier is None:
            continue
        cells = {
            name: [to_wire(inner, earlier.get(name)), to_wire(inner, row.get(name))]
            for name, inner in definition.fields.items()
            if earlier.get(name) != row.get(name)
        }
        if cells:
            changed.append({"id": row["id"], **cells})
    return {
        "added": [row_to_wire(definition, row) for row in new if row.get("id") not in kept],
        "removed": [row_to_wire(definition, row) for row in old if row["id"] not in kept],
        "changed": changed,
    }
