"""A record's values as its page shows them: every field as a fact, lines as tables with their totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from engine.catalog.forms import Field
from engine.services.views_of_pages import FileInfo
from engine.services.views_of_records import LINK_TYPES, RecordView, links_in
from engine.web.answers import language
from engine.web.cells import Cell, cells_of, columns_of
from engine.web.explaining import explain_address
from engine.web.form_page import file_infos
from engine.web.inputs import FILE_TYPES, NUMBER_TYPES
from engine.web.moments import company_zone

_LONG = frozenset({"long_text", "address"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One field with its value. kind: that of `Cell`, or long | rich | files | locked | empty."""

    definition: Field
    kind: str
    text: str = ""
    cell: Cell | None = None
    files: tuple[FileInfo, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether digits should stand under each other."""
        return self.definition.type in NUMBER_TYPES


@dataclass(frozen=True, slots=True)
class LineCell:
    """A value in a row; `href` leads to the linked record, `why` to how it was computed."""

    text: str
    href: str
    is_number: bool
    why: str = ""


def fact_of(view: RecordView, name: str) -> Fact:
    """The fact for the field `name`."""
    definition = view.form.fields[name]
    if name in view.unseen:
        return Fact(definition, "locked")
    value = view.values.get(name)
    if value is None or value in ("", (), []):
        return Fact(definition, "empty")
    if definition.type in FILE_TYPES:
        return Fact(definition, "files", files=file_infos(_ids(value)))
    if definition.type == "rich_text":
        return Fact(definition, "rich", text=str(value))
    if definition.type in _LONG:
        return Fact(definition, "long", text=view.text(name, language()))
    if isinstance(value, datetime):
        return Fact(definition, "text", text=f"{value.astimezone(company_zone()):%Y-%m-%d %H:%M}")
    (cell,) = cells_of(view, columns_of(view.form, (name,)))
    return Fact(definition, cell.column.kind, view.text(name, language()), cell)


def _ids(value: object) -> tuple[int, ...]:
    each = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(one for one in each if isinstance(one, int))


def line_rows(view: RecordView, lines: Field, columns: tuple[Field, ...]) -> tuple[tuple[LineCell, ...], ...]:
    """The rows of lines as cells."""
    rows = view.values.get(lines.id)
    return tuple(
        tuple(_line_cell(view, lines, column, row) for column in columns)
        for row in (rows if isinstance(rows, (list, tuple)) else ())
    )


def _line_cell(view: RecordView, lines: Field, column: Field, row: Mapping[str, object]) -> LineCell:
    value, row_id = row.get(column.id), row.get("id")
    why = why_address(view, column, (lines.id, row_id)) if isinstance(row_id, int) else ""
    text = view.text_of(column, value, language())
    return LineCell(text, _href(view, column, value), column.type in NUMBER_TYPES, why)


def why_address(view: RecordView, field: Field, row: tuple[str, int] | None = None) -> str:
    """Where a computed field, or a cell of a row (name of the lines, id of the row), explains itself; "" for others."""
    if field.formula is None or view.id is None or field.id in view.unseen:
        return ""
    return explain_address(view.form.id, view.id, field, row)


def _href(view: RecordView, column: Field, value: object) -> str:
    linked = links_in(column, value) if column.type in LINK_TYPES and column.type not in ("user", "users") else ()
    if len(linked) != 1 or not view.title_of(*linked[0]):
        return ""
    app, _, form = linked[0][0].partition(".")
    return url_for("record", app=app, form=form, record_id=linked[0][1])
