"""A widget with its numbers as JSON: for the API, the page and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.catalog.dashboards import Dimension
from engine.problems import Problem
from engine.runtime.journal import to_wire
from engine.services.dashboards.views import Mark, MarkKey, WidgetData
from engine.services.views_of_records import RecordPage
from engine.values import Label


def widget_to_wire(data: WidgetData, language: str) -> dict[str, object]:
    """The widget: numbers as texts (exact), dimensions and series with labels in `language`."""
    widget = data.widget
    found: dict[str, object] = {
        "type": widget.type,
        "label": _in(widget.label, language),
        "state": data.state,
        "form": widget.form,
        "where": data.where,
        "count": data.count,
        "series": [
            {
                "name": each.name,
                "metric": each.metric.id or None,
                "label": _in(each.metric.label, language),
                "format": each.metric.format,
                "decimals": each.metric.decimals,
                "unit": _in(each.metric.unit, language),
                "good": each.metric.good,
                "axis": each.axis,
                "shape": each.shape,
            }
            for each in data.series
        ],
        "rows": [_dimension(each, language) for each in data.rows],
        "columns": [_dimension(each, language) for each in data.columns],
        "marks": [_mark(each) for each in data.marks],
        "totals": _numbers(data.totals),
    }
    if data.before:
        found["before"] = _numbers(data.before)
    if data.target is not None:
        found["target"] = _number(data.target)
    if data.page is not None:
        found["records"] = _records(data.page)
    if data.unfiltered:
        found["unfiltered"] = [_in(each, language) for each in data.unfiltered]
    if data.problems:
        found["problems"] = [_problem(each, language) for each in data.problems]
    return found


def _in(label: Label, language: str) -> str:
    return label.get(language) or next(iter(label.values()), "")


def _dimension(dimension: Dimension, language: str) -> dict[str, object]:
    label = _in(dimension.label, language)
    return {"name": dimension.name, "label": label, "kind": dimension.kind, "bucket": dimension.bucket}


def _mark(mark: Mark) -> dict[str, object]:
    found: dict[str, object] = {"keys": [_key(each) for each in mark.keys], "values": _numbers(mark.values)}
    if mark.before:
        found["before"] = _numbers(mark.before)
    if mark.rank_before is not None:
        found["rank_before"] = mark.rank_before
    if mark.others:
        found["others"] = mark.others
    return found


def _key(key: MarkKey) -> dict[str, object]:
    found: dict[str, object] = {"value": key.word, "text": key.text, "where": key.where}
    return {**found, "color": key.color} if key.color else found


def _numbers(values: Sequence[Decimal | None]) -> list[str | None]:
    return [_number(each) for each in values]


def _number(value: Decimal | None) -> str | None:
    if value is None:
        return None
    plain = value.normalize()
    return f"{plain:f}"


def _records(page: RecordPage) -> dict[str, object]:
    fields = page.form.fields
    shown = [name for name in page.columns if name in fields]
    rows = [
        {"id": row.id, "title": row.title, **{name: to_wire(fields[name], row.values.get(name)) for name in shown}}
        for row in page.rows
    ]
    return {"columns": list(page.columns), "rows": rows, "next": page.next, "total": page.total}


def _problem(problem: Problem, language: str) -> dict[str, object]:
    return {"code": problem.code, "message": problem.message(language)}
