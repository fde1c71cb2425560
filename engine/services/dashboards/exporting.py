"""Widgets and whole boards as a workbook: a sheet for each widget, numbers as numbers, as the reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter

from engine.catalog.dashboards import Dashboard, Metric, Widget
from engine.problems import NotAllowed
from engine.runtime.access import refusal
from engine.runtime.actors import Actor
from engine.runtime.conditions import all_met
from engine.runtime.work import Work
from engine.services.dashboards.asking import MOST_GROUPS
from engine.services.dashboards.boards import find_board
from engine.services.dashboards.choosing import choose, find_widget
from engine.services.dashboards.views import BoardState, Mark, WidgetData
from engine.services.dashboards.widgets import Asker, fetch_widget
from engine.services.exporting import NUMBERS, number_format, sheet_name
from engine.services.site import OpenCompany
from engine.services.views_of_records import RecordView
from engine.storage.audit import note_audit
from engine.values import in_language

RECORD_TYPES = frozenset({"table", "timeline"})
MOST_RECORDS = 10_000
ROWS_AT_ONCE = 200
_SINGLE = frozenset({"number", "gauge", "progress"})


@dataclass(frozen=True, slots=True)
class Words:
    """What a workbook says besides the labels of the definitions; `about` are lines of its first sheet."""

    total: str
    others: str  # with {count}
    target: str
    before: str
    count: str
    about_title: str
    about: tuple[tuple[str, str], ...]


def export_board(
    company: OpenCompany,
    actor: Actor,
    board_id: str,
    names: Iterable[str] | None,
    state: BoardState,
    language: str,
    words: Words,
    stream: BinaryIO,
) -> int:
    """Write widgets of a board (`names` None: all) to `stream`; how many sheets of numbers there are.

    Widgets of forms that the reader may not export are left out; NotAllowed when none is left.
    """
    with company.reading(actor) as work:
        board = find_board(work, board_id)
        wanted = [find_widget(board, name) for name in names] if names is not None else _in_layout(board)
        free = [each for each in wanted if _may_export(work, each)]
        if not free:
            raise NotAllowed(refusal("export"))
        asker = Asker(work, board, choose(work, board, state), state, language, ROWS_AT_ONCE, None)
        book = _Book(stream, language, ZoneInfo(work.catalog.company.time_zone), words)
        for widget in free:
            book.widget(_whole(asker, widget), _records(asker, widget))
        book.end()
    with company.writing(actor, "export") as work:
        note_audit(work.uow, "export", {"board": board_id, "widgets": [each.name for each in free]})
    return len(free)


def _in_layout(board: Dashboard) -> list[Widget]:
    return [board.widgets[name] for row in board.layout for name in row]


def _may_export(work: Work, widget: Widget) -> bool:
    """Whether the reader may take what the widget is made of out of the product.

    The numbers of records are left out where some of them may be seen but not exported; of a table only those rows.
    """
    for form_id in {widget.form, *(each.metric.form for each in widget.series)}:
        rights = work.rights.roles.of(form_id)
        rule = rights.verbs.get("export") if rights is not None else None
        if rights is None or rule is None:
            return False
        if widget.type not in RECORD_TYPES and rule.constant is not True and rule.node != rights.verbs["see"].node:
            return False
    return True


def _whole(asker: Asker, widget: Widget) -> WidgetData:
    """The widget with all its groups instead of the largest ones."""
    return fetch_widget(asker, widget if widget.type in _SINGLE else replace(widget, limit=MOST_GROUPS))


def _records(asker: Asker, widget: Widget) -> Iterator[RecordView]:
    """The records of a table that the reader may export, page by page."""
    rights = asker.work.rights.roles.of(widget.form)
    if widget.type not in RECORD_TYPES or rights is None:
        return
    rule = rights.verbs["export"]
    narrowed = widget if rule.constant is True else replace(widget, where=all_met((widget.where, rule)))
    after: str | None = None
    for _ in range(MOST_RECORDS // ROWS_AT_ONCE):
        page = fetch_widget(replace(asker, after=after), narrowed).page
        if page is None:
            return
        yield from page.rows
        after = page.next
        if after is None:
            return


class _Book:
    """A workbook being written."""

    def __init__(self, stream: BinaryIO, language: str, zone: ZoneInfo, words: Words) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(stream, options)
        self._language, self._zone, self._words = language, zone, words
        self._names: set[str] = set()
        self._head = self._book.add_format(
            {"bold": True, "bg_color": "#F2F4F7", "bottom": 1, "bottom_color": "#D0D5DD"}
        )
        self._formats: dict[tuple[str, bool], Any] = {}

    def widget(self, data: WidgetData, records: Iterable[RecordView]) -> None:
        """A sheet of the widget."""
        sheet = _Sheet(self._book.add_worksheet(self._name(in_language(data.widget.label, self._language))))
        if data.widget.type in RECORD_TYPES:
            self._table(sheet, data, records)
        elif data.widget.type in _SINGLE:
            self._single(sheet, data)
        else:
            self._marks(sheet, data)
        sheet.fit()

    def end(self) -> None:
        """The sheet that tells what this is, and the file."""
        sheet = _Sheet(self._book.add_worksheet(self._name(self._words.about_title)))
        for name, text in self._words.about:
            sheet.text(0, name, self._head)
            sheet.text(1, text)
            sheet.next()
        sheet.fit()
        self._book.close()

    def _name(self, label: str) -> str:
        """The label as the name of a sheet; two sheets never have the same."""
        base, name, number = sheet_name(label), sheet_name(label), 2
        while name.casefold() in self._names:
            name, number = f"{base[:27]} {number}", number + 1
        self._names.add(name.casefold())
        return name

    def _label(self, label: Mapping[str, str]) -> str:
        return in_language(label, self._language)

    def _marks(self, sheet: _Sheet, data: WidgetData) -> None:
        dimensions = (*data.rows, *data.columns)
        heads = [self._label(each.label) for each in dimensions]
        heads += [self._label(each.metric.label) for each in data.series]
        sheet.heads(heads, self._head)
        for mark in data.marks:
            self._keys(sheet, mark, len(dimensions))
            self._numbers(sheet, data, mark.values, len(dimensions))
            sheet.next()
        if data.totals and data.marks:
            sheet.text(0, self._words.total, self._format("", bold=True))
            self._numbers(sheet, data, data.totals, max(1, len(dimensions)), bold=True)

    def _keys(self, sheet: _Sheet, mark: Mark, width: int) -> None:
        if mark.others:
            sheet.text(0, self._words.others.replace("{count}", str(mark.others)))
            return
        for at, key in enumerate(mark.keys[:width]):
            sheet.text(at, key.text)

    def _single(self, sheet: _Sheet, data: WidgetData) -> None:
        """The number with what it is compared with, and its course below."""
        rows: list[tuple[str, Sequence[Decimal | None]]] = [(self._label(data.widget.label), data.totals)]
        if data.before:
            rows.append((self._words.before, data.before))
        if data.target is not None:
            rows.append((self._words.target, (data.target,)))
        for name, values in rows:
            sheet.text(0, name, self._head)
            self._numbers(sheet, data, values, 1)
            sheet.next()
        sheet.text(0, self._words.count, self._head)
        sheet.number(1, Decimal(data.count), self._format("#,##0"))
        sheet.next()
        for mark in data.marks:
            sheet.text(0, mark.keys[0].text if mark.keys else "")
            self._numbers(sheet, data, mark.values, 1)
            sheet.next()

    def _numbers(
        self,
        sheet: _Sheet,
        data: WidgetData,
        values: Sequence[Decimal | None],
        first: int,
        *,
        bold: bool = False,
    ) -> None:
        for at, (series, value) in enumerate(zip(data.series, values, strict=False)):
            if value is not None:
                sheet.number(first + at, value, self._format(metric_format(series.metric, value), bold=bold))

    def _table(self, sheet: _Sheet, data: WidgetData, records: Iterable[RecordView]) -> None:
        if data.page is None:
            return
        fields = [data.page.form.fields[name] for name in data.page.columns if name in data.page.form.fields]
        sheet.heads([self._label(each.label) for each in fields], self._head)
        for view in records:
            for at, each in enumerate(fields):
                value = view.values.get(each.id)
                if each.type in NUMBERS and isinstance(value, (Decimal, int)):
                    sheet.number(at, Decimal(value), self._format(number_format(each)))
                elif isinstance(value, datetime):
                    moment = value.astimezone(self._zone).replace(tzinfo=None)
                    sheet.moment(at, moment, self._format("yyyy-mm-dd hh:mm"))
                elif isinstance(value, date):
                    sheet.moment(at, value, self._format("yyyy-mm-dd"))
                elif value is not None:
                    sheet.text(at, view.text(each.id, self._language))
            sheet.next()

    def _format(self, pattern: str, *, bold: bool = False) -> Any:
        known = self._formats.get((pattern, bold))
        if known is None:
            wanted = {"bold": True, "top": 1, "top_color": "#D0D5DD"} if bold else {}
            known = self._book.add_format({**wanted, **({"num_format": pattern} if pattern else {})})
            self._formats[pattern, bold] = known
        return known


def metric_format(metric: Metric, value: Decimal) -> str:
    """How a spreadsheet shows a number of a metric."""
    usual = {"percent": 1, "money": 2}.get(metric.format, 0 if value == value.to_integral_value() else 2)
    places = usual if metric.decimals is None else metric.decimals
    whole = "0" if metric.format == "percent" else "#,##0"
    sign = "%" if metric.format == "percent" else ""
    return f"{whole}.{'0' * places}{sign}" if places else f"{whole}{sign}"


@dataclass
class _Sheet:
    """A sheet written row by row; columns get as wide as their longest text."""

    sheet: Any
    line: int = 0
    widths: dict[int, int] = field(default_factory=dict)

    def heads(self, texts: Sequence[str], format_: Any) -> None:
        """The headings, which stay in sight."""
        for at, text in enumerate(texts):
            self.text(at, text, format_)
        self.next()
        self.sheet.freeze_panes(1, 0)

    def text(self, column: int, text: str, format_: Any = None) -> None:
        """A text, never a formula."""
        self.sheet.write_string(self.line, column, text, format_)
        self._wide(column, sum(2 if ord(char) > 0x2E80 else 1 for char in text))

    def number(self, column: int, value: Decimal, format_: Any) -> None:
        """A number."""
        self.sheet.write_number(self.line, column, value, format_)
        self._wide(column, len(f"{value:,.2f}"))

    def moment(self, column: int, value: date, format_: Any) -> None:
        """A date, or an instant on the company's clock."""
        self.sheet.write_datetime(self.line, column, value, format_)
        self._wide(column, 16)

    def next(self) -> None:
        """The next row."""
        self.line += 1

    def fit(self) -> None:
        """Set the widths of the columns."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, max(10, min(50, width + 3)))

    def _wide(self, column: int, width: int) -> None:
        self.widths[column] = max(width, self.widths.get(column, 0))
