"""What the template of a widget shows: figures, marks and shapes by its type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import url_for

from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, WidgetData
from engine.web.answers import label, language, say
from engine.web.board_grids import grid, pivot
from engine.web.board_links import why_address, widget_links
from engine.web.board_marks import MarkView, mark_views, picked_words
from engine.web.board_numbers import change, figure
from engine.web.board_shapes import aims, course, funnel, ranking, tile_icon
from engine.web.board_timeline import timeline
from engine.web.cells import cells_of, columns_of
from engine.web.moments import company_zone
from engine.web.visit import visit

DRAWN_BY_BROWSER = frozenset({"bar", "column", "line", "area", "combined", "pie", "donut", "scatter", "map"})
MOST_LISTED = 200
Shape = Callable[[WidgetData, list[MarkView]], Mapping[str, object]]


def widget_values(board_id: str, data: WidgetData, state: BoardState) -> dict[str, object]:
    """The values of one widget's template."""
    views = mark_views(data, state)
    kind = data.widget.type
    shaped = _SHAPES[kind](data, views) if kind in _SHAPES and data.state == "ok" else {}
    return {
        "data": data,
        "widget": data.widget,
        "drawn": kind in DRAWN_BY_BROWSER,
        "views": views,
        "picked_here": any(view.on for view in views),
        "listed": views[:MOST_LISTED],
        "figure": figure,
        "chart": _chart(data, state) if kind in DRAWN_BY_BROWSER else "",
        "dimensions": json.dumps([each.name for each in (*data.rows, *data.columns)]),
        "records_url": records_url(data, state),
        "unfiltered": [label(each) for each in data.unfiltered],
        "level_names": json.dumps([each.name for each in (*data.widget.rows[:1], *data.widget.drill)]),
        "levels": [label(each.label) for each in (*data.widget.rows[:1], *data.widget.drill)],
        "why_words": lambda words: why_address(board_id, data.widget.name, state, words),
        **widget_links(board_id, data, state),
        **shaped,
    }


def _chart(data: WidgetData, state: BoardState) -> str:
    """The numbers for the browser, with what is picked in this widget."""
    picked = {name: sorted(words) for name, words in picked_words(data, state).items()}
    widget = data.widget
    extras = {"picked": picked, "stacked": widget.stacked, "trend": widget.trend, "average": widget.average}
    return json.dumps({**widget_to_wire(data, language()), **extras}, ensure_ascii=False)


def records_url(data: WidgetData, state: BoardState) -> str:
    """The list of exactly the records behind a widget, or behind the marks that are picked in it."""
    app, _, form = data.widget.form.partition(".")
    parts = [data.where] if data.where else []
    for at, dimension in enumerate((*data.rows, *data.columns)):
        words = picked_words(data, state).get(dimension.name, set())
        keys = {mark.keys[at].word: mark.keys[at].where for mark in data.marks if len(mark.keys) > at}
        texts = [keys[word] for word in sorted(words) if keys.get(word)]
        if texts:
            parts.append(texts[0] if len(texts) == 1 else " or ".join(texts))
    joined = " and ".join(f"({each})" if " or " in each and len(parts) > 1 else each for each in parts)
    return url_for("list", app=app, form=form, where=joined or None)


def _tile(data: WidgetData, _: list[MarkView]) -> Mapping[str, object]:
    changes = [
        change(series.metric, now, before)
        for series, now, before in zip(data.series, data.totals, data.before, strict=False)
    ]
    line, area = course(data)
    return {
        "tile_icon": tile_icon(data),
        "total": figure(data.series[0].metric, data.totals[0] if data.totals else None),
        "changed": changes[0] if changes else None,
        "compared": say(f"boards.than_{data.widget.compare}") if data.widget.compare else "",
        "line": line,
        "area": area,
    }


def _aims(data: WidgetData, views: list[MarkView]) -> Mapping[str, object]:
    return {"aims": aims(data, views)}


def _funnel(data: WidgetData, views: list[MarkView]) -> Mapping[str, object]:
    steps, away = funnel(views, staged=bool(data.rows) and data.rows[0].kind == "stage")
    return {"steps": steps, "away": away}


def _ranking(data: WidgetData, views: list[MarkView]) -> Mapping[str, object]:
    return {"ranks": ranking(data, views)}


def _grid(_: WidgetData, views: list[MarkView]) -> Mapping[str, object]:
    return {"grid": grid(views)}


def _pivot(data: WidgetData, views: list[MarkView]) -> Mapping[str, object]:
    dimensions = (*data.rows, *data.columns)
    labels = [*(label(each.label) for each in dimensions), *(label(each.metric.label) for each in data.series)]
    return {"pivot": pivot(data, views, labels)}


def _table(data: WidgetData, _: list[MarkView]) -> Mapping[str, object]:
    if data.page is None:
        return {}
    columns = columns_of(data.page.form, list(data.page.columns))
    return {"table_columns": columns, "table_rows": [(row, cells_of(row, columns)) for row in data.page.rows]}


def _timeline(data: WidgetData, _: list[MarkView]) -> Mapping[str, object]:
    return {"timeline": timeline(data, visit().company.clock().astimezone(company_zone()).date())}


_SHAPES: Mapping[str, Shape] = MappingProxyType({
    "number": _tile, "gauge": _aims, "progress": _aims, "funnel": _funnel, "ranking": _ranking, "heat": _grid,
    "segments": _grid, "pivot": _pivot, "table": _table, "timeline": _timeline,
})  # fmt: skip
