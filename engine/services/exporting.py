"""Records out of the product, as the reader sees them: tables for people (csv, xlsx), wire form for programs (json)."""

from __future__ import annotations

import codecs
import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter

from engine.catalog.forms import Field, Form
from engine.problems import NotAllowed, Problem, ProblemsFound
from engine.runtime.access import refusal
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.lists import ListPlan, build_query, plan_list
from engine.services.reading import build_views, title_fields
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest, RecordView
from engine.storage.audit import note_audit
from engine.storage.queries import VisibleQuery
from engine.storage.selects import fetch_rows
from engine.values import in_language

ROWS_AT_ONCE = 500
NUMBERS = frozenset({"integer", "number", "money", "percent", "rating"})
# A spreadsheet takes a text that begins so for a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_UNSEEN = frozenset({"Cc", "Cf", "Zs"})


@dataclass(frozen=True, slots=True)
class Table:
    """What every format writes: the fields, in order, in one language and zone."""

    form: Form
    fields: tuple[Field, ...]
    language: str
    zone: ZoneInfo

    def headings(self) -> list[str]:
        """The labels of the fields."""
        return [in_language(each.label, self.language) for each in self.fields]

    def text(self, view: RecordView, each: Field) -> str:
        """The cell as a person reads it; instants in the company's zone."""
        value = view.values.get(each.id)
        if isinstance(value, datetime):
            return value.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
        return view.text(each.id, self.language)


class Writer(Protocol):
    """Writes one format, a row at a time."""

    def row(self, view: RecordView) -> None:
        """Write one record."""

    def end(self) -> None:
        """Finish the file."""


def export_records(
    company: OpenCompany, actor: Actor, form_id: str, request: ListRequest, kind: str, stream: BinaryIO
) -> int:
    """Write every record the request finds to `stream`; the number of rows.

    kind is csv, xlsx or json. Raises ProblemsFound (R101, R104, R116, FX…) before the first byte, NotAllowed without
    the right to export. Records that may be seen but not exported are left out.
    """
    with company.reading(actor) as work:
        plan, query = _plan(work, form_id, request)
        writer = _open_writer(kind, _table(work, plan, actor), stream)
        count = 0
        for view in _views(work, query, plan):
            writer.row(view)
            count += 1
        writer.end()
    with company.writing(actor, "export") as work:
        note_audit(work.uow, "export", {"kind": kind, "rows": count, "where": plan.where or ""}, form=form_id)
    return count


def _plan(work: Work, form_id: str, request: ListRequest) -> tuple[ListPlan, VisibleQuery]:
    rights = work.form_rights(form_id)
    rule = rights.verbs.get("export")
    if rule is None:
        raise NotAllowed(refusal("export"))
    plan = plan_list(work, form_id, request)
    query = build_query(work, plan, request)
    return plan, query if rule.constant is True else query.limited(rule)


def _table(work: Work, plan: ListPlan, actor: Actor) -> Table:
    fields = tuple(plan.form.fields[name] for name in plan.columns if name in plan.form.fields)
    return Table(plan.form, fields, actor.language, ZoneInfo(work.catalog.company.time_zone))


def _views(work: Work, query: VisibleQuery, plan: ListPlan) -> Iterator[RecordView]:
    rights = work.form_rights(plan.form.id)
    wanted = dict.fromkeys((*plan.columns, *title_fields(plan.form)))
    fields = tuple(name for name in wanted if name in rights.see)
    sorted_query = query.columns(fields).sorted(*plan.sort)
    after: str | None = None
    while True:
        rows = fetch_rows(work.uow.connection, sorted_query.page(ROWS_AT_ONCE, after))
        yield from build_views(work, plan.form, rows.records, fields)
        after = rows.next
        if after is None:
            return


def _open_writer(kind: str, table: Table, stream: BinaryIO) -> Writer:
    writers = {"csv": CsvWriter, "xlsx": XlsxWriter, "json": JsonWriter}
    if kind not in writers:
        raise ProblemsFound([Problem("R116", {"name": kind})])
    made: Writer = writers[kind](table, stream)
    return made


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    begins = next((char for char in text if unicodedata.category(char) not in _UNSEEN), "")
    is_formula = unicodedata.normalize("NFKC", begins).startswith(_DANGEROUS) or text.startswith(_DANGEROUS)
    return f"'{text}" if is_formula else text


@dataclass
class CsvWriter:
    """UTF-8 with a byte order mark, so that Excel shows Chinese."""

    table: Table
    stream: BinaryIO

    def __post_init__(self) -> None:
        self.stream.write(codecs.BOM_UTF8)
        self._write([harmless(each) for each in self.table.headings()])

    def row(self, view: RecordView) -> None:
        """Numbers as plain numbers, everything else as it is shown."""
        self._write([self._cell(view, each) for each in self.table.fields])

    def end(self) -> None:
        """Nothing more to write."""

    def _cell(self, view: RecordView, each: Field) -> str:
        value = view.values.get(each.id)
        if each.type in NUMBERS and isinstance(value, (Decimal, int)):
            return str(value)
        return harmless(self.table.text(view, each))

    def _write(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        self.stream.write(line.getvalue().encode())


@dataclass
class JsonWriter:
    """One array of records in wire form."""

    table: Table
    stream: BinaryIO
    _first: bool = True

    def row(self, view: RecordView) -> None:
        """An object with id, version, title and the fields."""
        record: dict[str, Any] = {"id": view.id, "version": view.version, "title": view.title}
        record.update({each.id: view.wire(each.id) for each in self.table.fields if each.id not in view.unseen})
        self.stream.write(b"[\n" if self._first else b",\n")
        self.stream.write(json.dumps(record, ensure_ascii=False).encode())
        self._first = False

    def end(self) -> None:
        """Close the array."""
        self.stream.write(b"[]\n" if self._first else b"\n]\n")


@dataclass
class XlsxWriter:
    """A worksheet with numbers as numbers, dates as dates and a frozen heading."""

    table: Table
    stream: BinaryIO
    _line: int = 0
    _formats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self.stream, options)
        self._sheet = self._book.add_worksheet(sheet_name(in_language(self.table.form.label, self.table.language)))
        heading = self._book.add_format({"bold": True, "bg_color": "#F2F4F7", "bottom": 1, "bottom_color": "#D0D5DD"})
        for position, text in enumerate(self.table.headings()):
            self._sheet.set_column(position, position, max(10, min(40, 2 * len(text) + 6)))
            self._sheet.write_string(0, position, text, heading)
        self._sheet.freeze_panes(1, 0)

    def row(self, view: RecordView) -> None:
        """One line of the sheet."""
        self._line += 1
        for position, each in enumerate(self.table.fields):
            self._cell(position, each, view)

    def end(self) -> None:
        """Write the file."""
        self._book.close()

    def _cell(self, position: int, each: Field, view: RecordView) -> None:
        value = view.values.get(each.id)
        if each.type in NUMBERS and isinstance(value, (Decimal, int)):
            self._sheet.write_number(self._line, position, value, self._format(number_format(each)))
        elif isinstance(value, datetime):
            local = value.astimezone(self.table.zone).replace(tzinfo=None)
            self._sheet.write_datetime(self._line, position, local, self._format("yyyy-mm-dd hh:mm"))
        elif isinstance(value, date):
            self._sheet.write_datetime(self._line, position, value, self._format("yyyy-mm-dd"))
        elif value is not None:
            self._sheet.write_string(self._line, position, self.table.text(view, each))

    def _format(self, pattern: str) -> Any:
        if pattern not in self._formats:
            self._formats[pattern] = self._book.add_format({"num_format": pattern})
        return self._formats[pattern]


def number_format(each: Field) -> str:
    """How a spreadsheet shows the numbers of a field."""
    if each.type == "percent":
        shown = max(each.places - 2, 0)
        return "0%" if shown == 0 else f"0.{'0' * shown}%"
    whole = "#,##0" if each.type == "money" else "0"
    return whole if each.places == 0 else f"{whole}.{'0' * each.places}"


def sheet_name(label: str) -> str:
    """The label without what a sheet's name cannot have."""
    return "".join(char for char in label if char not in "[]:*?/\\")[:31] or "Sheet1"
