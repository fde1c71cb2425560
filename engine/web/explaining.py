"""Addresses of explanations and of the records that they name."""

from __future__ import annotations

from flask import url_for

from engine.catalog.forms import Field


def explain_address(form_id: str, record_id: int, field: Field | str, row: tuple[str, int] | None = None) -> str:
    """The address of the explanation of a field, or of a cell: `row` = (name of the lines, id of the row)."""
    app, _, form = form_id.partition(".")
    name = field if isinstance(field, str) else field.id
    address = {"app": app, "form": form, "record_id": record_id, "field": name}
    if row is None:
        return url_for("explain", **address)  # type: ignore[arg-type]
    return url_for("explain_line", lines=row[0], row=row[1], **address)  # type: ignore[arg-type]


def record_address(form_id: str, record_id: int) -> str:
    """The address of a record."""
    app, _, form = form_id.partition(".")
    return url_for("record", app=app, form=form, record_id=record_id)
