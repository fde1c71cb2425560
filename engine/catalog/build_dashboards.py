"""Boards: widgets with their numbers and groupings, filters that fit the forms, a layout that names what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from engine.catalog.build_dimensions import DATES, build_dimensions, end_of
from engine.catalog.build_metrics import build_metric
from engine.catalog.dashboards import BoardFilter, Dashboard, Dimension, Metric, Series, Widget
from engine.catalog.forms import Field, Form
from engine.catalog.names import SYSTEM_FIELDS, is_name
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, text_of, texts_of, words_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions.nodes import Path
from engine.source.resolved import Definition
from engine.source.tree import Item


@dataclass(frozen=True, slots=True)
class Needs:
    """What a type of widget needs, and how wide it usually is."""

    numbers: tuple[int, int] = (1, 12)
    rows: tuple[int, int] = (1, 1)
    columns: tuple[int, int] = (0, 1)
    span: int = 6


WIDGETS: Mapping[str, Needs] = MappingProxyType({
    "number": Needs((1, 1), (0, 1), (0, 0), 3),
    "gauge": Needs((1, 1), (0, 0), (0, 0), 3),
    "progress": Needs((1, 1), (0, 1), (0, 0), 4),
    "bar": Needs(), "column": Needs(), "line": Needs(), "area": Needs(), "combined": Needs((2, 6)),
    "pie": Needs((1, 1), columns=(0, 0), span=4), "donut": Needs((1, 1), columns=(0, 0), span=4),
    "funnel": Needs((1, 2), columns=(0, 0)), "ranking": Needs((1, 4), columns=(0, 0)),
    "pivot": Needs((1, 6), (1, 4), (0, 3), 12), "table": Needs((0, 0), (0, 0), (0, 0), 12),
    "scatter": Needs((2, 3), columns=(0, 1)), "segments": Needs((1, 2), (1, 1), (1, 1)),
    "map": Needs((1, 1), columns=(0, 0)), "timeline": Needs((0, 0), (0, 0), (0, 0), 12),
    "heat": Needs((1, 1), (1, 1), (1, 1)),
})  # fmt: skip


def build_dashboards(world: World, metrics: Mapping[str, Metric]) -> dict[str, Dashboard]:
    """Every board by id; what is wrong is noted."""
    return {
        identifier: build_board(world, metrics, definition)
        for identifier, definition in world.of_kind("dashboard").items()
    }


def build_board(world: World, metrics: Mapping[str, Metric], definition: Definition) -> Dashboard:
    """One board; what is wrong is noted."""
    return _Builder(world, metrics, definition).dashboard()


class _Builder:
    """Builds one board."""

    def __init__(self, world: World, metrics: Mapping[str, Metric], definition: Definition) -> None:
        self.world = world
        self.notes = world.notes
        self.metrics = metrics
        self.id = definition.id
        self.app = definition.id.partition(".")[0]
        self.item = definition.item

    def dashboard(self) -> Dashboard:
        """The whole board."""
        widgets = dict(self._widgets())
        filters = dict(self._filters(widgets))
        self._check_comparisons(widgets, filters)
        return Dashboard(
            id=self.id,
            label=label_of(self.item.map.get("label"), self.id.partition(".")[2]),
            icon=text_of(self.item, "icon") or "chart-bar",
            widgets=widgets,
            filters=filters,
            layout=tuple(self._layout(widgets)),
            roles=frozenset(self._roles("roles")),
            home=frozenset(self._roles("home")),
            at=self.item.map["dashboard"].at,
            help=texts_of(self.item.map.get("help")),
        )

    def _roles(self, key: str) -> Iterator[str]:
        for word in words_of(self.item.map.get(key)):
            if word.text not in self.world.roles:
                self.notes.unknown("C105", word, word.text, self.world.roles, role=word.text)
            yield word.text

    # --- widgets ----------------------------------------------------------------------------------------------

    def _widgets(self) -> Iterator[tuple[str, Widget]]:
        for name, item in entries_of(self.item.map.get("widgets")):
            if not is_name(name):
                self.notes.add("C107", item.place, name=name)
            widget = self._widget(name, item)
            if widget is not None:
                yield name, widget

    def _widget(self, name: str, item: Item) -> Widget | None:
        kind = item.map["type"].text
        needs = WIDGETS[kind]
        form = self._form(name, item)
        if form is None:
            return None
        rows = build_dimensions(self.world, form, item.map.get("by") or item.map.get("rows"))
        across = build_dimensions(self.world, form, item.map.get("split") or self._across(kind, item))
        series = tuple(self._series(name, item, form, (*rows, *across)))
        fields = item.map.get("columns") if kind in _OF_RECORDS else None
        self._check_needs(kind, needs, item, (len(series), len(rows), len(across)))
        target = item.map.get("target")
        return Widget(
            name=name,
            type=kind,
            label=self._label(name, item, series),
            at=item.place,
            form=form.id,
            series=series,
            rows=rows,
            columns=across,
            drill=build_dimensions(self.world, form, item.map.get("drill")),
            where=Compiler(self.notes, FormScope(self.world, form.id)).condition(item.map.get("where")),
            compare=text_of(item, "compare"),
            target=self._one_number(f"{name}_target", "target", target, form, rows) if target is not None else None,
            sort=text_of(item, "sort"),
            limit=_whole(item, "limit"),
            trend=text_of(item, "trend"),
            average=_whole(item, "average"),
            stacked=flag_of(item, "stacked", default=True),
            fields=tuple(self._fields(form, fields)),
            order=tuple((name.lstrip("-"), name.startswith("-")) for name in self._order(form, item)),
            start=self._date(form, item.map.get("start")),
            end=self._date(form, item.map.get("end")),
            span=_whole(item, "span") or needs.span,
            help=texts_of(item.map.get("help")),
            icon=text_of(item, "icon") or "",
        )

    def _across(self, kind: str, item: Item) -> Item | None:
        return item.map.get("columns") if kind not in _OF_RECORDS else None

    def _label(self, name: str, item: Item, series: tuple[Series, ...]) -> Mapping[str, str]:
        if "label" not in item.map and series and series[0].metric.id:
            return series[0].metric.label
        return label_of(item.map.get("label"), name)

    def _form(self, name: str, item: Item) -> Form | None:
        written = item.map.get("of")
        if written is not None:
            form = self.world.forms.get(self.world.full_id(written.text, self.app))
            if form is None:
                self.notes.unknown("C104", written, written.text, self.world.forms)
            return form
        named = [*words_of(item.map.get("metric"))]
        named += [each.map["metric"] for _, each in entries_of(item.map.get("values")) if "metric" in each.map]
        metrics = [self._metric(word) for word in named]
        if not named:
            self.notes.add("B102", item.place, name=name)
        return next((self.world.forms[each.form] for each in metrics if each is not None), None)

    def _metric_id(self, word: Item) -> str:
        return word.text if word.text.count(".") == 2 else f"{self.app}.{word.text}"

    def _metric(self, word: Item) -> Metric | None:
        found = self.metrics.get(self._metric_id(word))
        if found is None:
            self.notes.unknown("B101", word, word.text, tuple(self.metrics))
        return found

    def _series(self, name: str, item: Item, form: Form, dimensions: tuple[Dimension, ...]) -> Iterator[Series]:
        for word in words_of(item.map.get("metric")):
            metric = self._metric(word)
            if metric is not None:
                yield self._placed(Series(word.text.rpartition(".")[2], metric, dimensions), form, word)
        for key in ("value", "then"):
            if key in item.map:
                found = self._one_number(f"{name}_{key}", key, item.map[key], form, dimensions)
                if found is not None:
                    yield self._dressed(found, item) if key == "value" else found
        for key, entry in entries_of(item.map.get("values")):
            found = self._written(key, entry, form, dimensions)
            if found is not None:
                yield found

    def _dressed(self, series: Series, item: Item) -> Series:
        """The number with the format that the widget gives it."""
        metric = replace(
            series.metric,
            format=text_of(item, "format") or "number",
            decimals=_whole(item, "decimals"),
            unit=texts_of(item.map.get("unit")),
            good=text_of(item, "good") or "up",
            label=label_of(item.map.get("label"), series.name),
        )
        return replace(series, metric=metric)

    def _one_number(
        self, name: str, key: str, item: Item, form: Form, dimensions: tuple[Dimension, ...]
    ) -> Series | None:
        """A number written at `key`: an expression, or the name of a metric."""
        metric = self.metrics.get(self._metric_id(item))
        if metric is None:
            whole = Item({"value": item}, item.at, item.key_at)
            metric = build_metric(self.world, f"{self.app}..{name}", whole, form.id)
            metric = replace(metric, id="") if metric is not None else None
        return self._placed(Series(key, metric, dimensions), form, item) if metric is not None else None

    def _written(self, key: str, item: Item, form: Form, dimensions: tuple[Dimension, ...]) -> Series | None:
        named = item.map.get("metric")
        if named is not None:
            metric = self._metric(named)
        elif "value" in item.map:
            metric = build_metric(self.world, f"{self.app}..{key}", item, form.id)
            metric = replace(metric, id="", where=None) if metric is not None else None
        else:
            self.notes.add("B103", item.place, type=key, what="metric / value")
            return None
        if metric is None:
            return None
        if "label" in item.map:
            metric = replace(metric, label=label_of(item.map["label"], key))
        own = self.world.forms[metric.form]
        by = build_dimensions(self.world, own, item.map["by"]) if "by" in item.map else dimensions
        series = Series(
            key,
            metric,
            by,
            axis=text_of(item, "axis") or "left",
            shape=text_of(item, "shape"),
            where=Compiler(self.notes, FormScope(self.world, own.id)).condition(item.map.get("where")),
        )
        return series if "by" in item.map else self._placed(series, form, item)

    def _placed(self, series: Series, form: Form, item: Item) -> Series:
        """The series with dimensions of its own form, when that is another than the widget's."""
        if series.metric.form == form.id or not series.dimensions:
            return series
        own = self.world.forms[series.metric.form]
        by = tuple(
            each
            for dimension in series.dimensions
            for each in build_dimensions(self.world, own, _as_written(dimension, item))
        )
        return replace(series, dimensions=by)

    def _check_needs(self, kind: str, needs: Needs, item: Item, found: tuple[int, int, int]) -> None:
        for what, (least, most), count in zip(
            ("number (value, metric)", "by", "split / columns"),
            (needs.numbers, needs.rows, needs.columns),
            found,
            strict=True,
        ):
            if not least <= count <= most and not (count < least and self._noted(item)):
                words = str(least) if least == most else f"{least}–{most}"
                self.notes.add("B103", item.place, type=kind, what=f"{words} × {what}")
        if kind == "timeline" and not {"start", "end"} <= set(item.map):
            self.notes.add("B103", item.place, type=kind, what="start, end")
        if kind in ("gauge", "progress") and "target" not in item.map:
            self.notes.add("B103", item.place, type=kind, what="target")

    def _noted(self, item: Item) -> bool:
        """Whether something inside the widget was refused already, so that what is missing is its consequence."""
        first = item.place
        places = [each.at for each in self.notes.problems if each.at is not None]
        return any(at.file == first.file and at.line >= first.line for at in places)

    # --- fields -----------------------------------------------------------------------------------------------

    def _fields(self, form: Form, item: Item | None) -> Iterator[str]:
        for word in words_of(item):
            if word.text in form.fields or word.text in SYSTEM_FIELDS:
                yield word.text
            else:
                self.notes.unknown("C103", word, word.text, form.fields, form=form.id)

    def _order(self, form: Form, item: Item) -> Iterator[str]:
        for word in words_of(item.map.get("order")):
            if word.text.lstrip("-") in (*form.fields, *SYSTEM_FIELDS):
                yield word.text
            else:
                self.notes.unknown("C103", word, word.text, form.fields, form=form.id)

    def _date(self, form: Form, item: Item | None) -> Path | None:
        found = build_dimensions(self.world, form, item)
        if item is not None and found and found[0].kind not in DATES:
            self.notes.add("B105", item.at, name=item.text, bucket="day")
        return found[0].path if found else None

    # --- filters and layout -----------------------------------------------------------------------------------

    def _filters(self, widgets: Mapping[str, Widget]) -> Iterator[tuple[str, BoardFilter]]:
        for name, item in entries_of(self.item.map.get("filters")):
            field = item.map.get("field")
            fields = dict(self._filter_fields(name, field, widgets)) if field is not None else {}
            kinds = {kind for _, kind in fields.values()}
            if len(kinds) > 1 and not kinds <= DATES:
                self.notes.add("B108", item.place, name=name, kinds=", ".join(sorted(kinds)))
            label = self._filter_label(name, item, {form: path for form, (path, _) in fields.items()})
            yield (
                name,
                BoardFilter(
                    name,
                    "period" if kinds and kinds <= DATES else next(iter(kinds), "text"),
                    label,
                    {form: path for form, (path, _) in fields.items()},
                    tuple(word.text for word in words_of(item.map.get("default"))),
                    self._end_of({form: path for form, (path, _) in fields.items()}),
                ),
            )

    def _filter_label(self, name: str, item: Item, fields: Mapping[str, Path]) -> Mapping[str, str]:
        if "label" in item.map:
            return label_of(item.map["label"], name)
        if name == "period":
            return _PERIOD
        end = self._end_of(fields)
        return end.label if end is not None else label_of(None, name)

    def _end_of(self, fields: Mapping[str, Path]) -> Field | None:
        """The field at the end of one of the paths."""
        ends = (end_of(self.world, self.world.forms[form], path) for form, path in fields.items())
        return next((each for each in ends if each is not None), None)

    def _filter_fields(
        self, name: str, item: Item, widgets: Mapping[str, Widget]
    ) -> Iterator[tuple[str, tuple[Path, str]]]:
        shown = dict.fromkeys(form for widget in widgets.values() for form in _forms_of(widget))
        if item.map:
            for form_name, entry in item.map.items():
                form = self.world.forms.get(self.world.full_id(form_name, self.app))
                if form is None:
                    self.notes.unknown("C104", entry, form_name, self.world.forms)
                    continue
                for found in build_dimensions(self.world, form, entry):
                    if found.path is not None:
                        yield form.id, (found.path, found.kind)
            return
        for form_id in shown:
            form = self.world.forms[form_id]
            if FormScope(self.world, form_id).find(item.text.partition(".")[0]) is None:
                widget = next(key for key, each in widgets.items() if form_id in _forms_of(each))
                self.notes.add("B106", item.at, filter=name, field=item.text, form=form_id, widget=widget)
                continue
            for found in build_dimensions(self.world, form, item):
                if found.path is not None:
                    yield form_id, (found.path, found.kind)

    def _check_comparisons(self, widgets: Mapping[str, Widget], filters: Mapping[str, BoardFilter]) -> None:
        dated = {form for each in filters.values() if each.kind == "period" for form in each.fields}
        for widget in widgets.values():
            if widget.compare is not None and widget.form not in dated:
                self.notes.add("B111", widget.at, name=widget.name, form=widget.form)

    def _layout(self, widgets: Mapping[str, Widget]) -> Iterator[tuple[str, ...]]:
        item = self.item.map.get("layout")
        if item is None:
            yield from ((name,) for name in widgets)
            return
        for row in item.list:
            for word in row.list:
                if word.text not in self.item.map["widgets"].map:
                    self.notes.unknown("B107", word, word.text, tuple(widgets))
            yield tuple(word.text for word in row.list if word.text in widgets)


_OF_RECORDS = frozenset({"table", "timeline"})
_PERIOD = MappingProxyType({"en": "Period", "zh": "期间"})


def _forms_of(widget: Widget) -> tuple[str, ...]:
    return tuple(dict.fromkeys((widget.form, *(each.metric.form for each in widget.series))))


def _as_written(dimension: Dimension, item: Item) -> Item:
    """The dimension as it would be written, at the place of `item`."""
    text = Item(dimension.text, item.at)
    return Item({dimension.text: Item(dimension.bucket, item.at)}, item.at) if dimension.bucket else text


def _whole(item: Item, key: str) -> int | None:
    found = item.map.get(key)
    return found.value if found is not None and isinstance(found.value, int) else None
