"""Metrics: their expressions compiled over the records of their forms."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.dashboards import RECORDS, Metric
from engine.catalog.forms import Form
from engine.catalog.metric_scope import MetricScope
from engine.catalog.names import is_name
from engine.catalog.notes import Compiler, label_of, text_of, texts_of
from engine.catalog.scopes import FormScope
from engine.catalog.world import World
from engine.expressions import can_group, compile_expression
from engine.expressions.nodes import Expression, Node, Path
from engine.problems import ProblemsFound
from engine.source.tree import Item

DATES = ("date", "datetime")


def build_metrics(world: World) -> dict[str, Metric]:
    """Every metric by app.dictionary.name; what is wrong is noted."""
    found = {}
    for identifier, definition in world.of_kind("metrics").items():
        for name, item in definition.item.map.items():
            if name == "metrics":
                continue
            if not is_name(name):
                world.notes.add("C107", item.place, name=name)
            metric = build_metric(world, f"{identifier}.{name}", item)
            if metric is not None:
                found[metric.id] = metric
    return found


def build_metric(world: World, identifier: str, item: Item, usual_form: str | None = None) -> Metric | None:
    """A metric, or a number that a widget writes itself on `usual_form`; None when its form is not known."""
    app, _, rest = identifier.partition(".")
    written = item.map.get("of")
    form_id = world.full_id(written.text, app) if written is not None else usual_form
    form = world.forms.get(form_id or "")
    if form is None:
        if written is not None:
            world.notes.unknown("C104", written, written.text, world.forms)
        return None
    value = compile_value(world, form, item.map["value"])
    if value is None:
        return None
    period = item.map.get("period")
    places = item.map.get("decimals")
    return Metric(
        id=identifier,
        form=form.id,
        value=value,
        label=label_of(item.map.get("label"), rest.rpartition(".")[2] or rest),
        at=item.map["value"].at,
        where=Compiler(world.notes, FormScope(world, form.id)).condition(item.map.get("where")),
        format=text_of(item, "format") or "number",
        decimals=places.value if places is not None and isinstance(places.value, int) else None,
        unit=texts_of(item.map.get("unit")),
        good=text_of(item, "good") or "up",
        period=find_period(world, form, period) if period is not None else None,
        help=texts_of(item.map.get("help")),
    )


def compile_value(world: World, form: Form, item: Item) -> Expression | None:
    """The number over the records of `form` that `item` writes; what is no such number is noted."""
    if item.style in ("folded", "commented"):
        world.notes.add("Y117" if item.style == "folded" else "Y116", item.at)
        return None
    try:
        value = compile_expression(item.text, MetricScope(world, form.id), at=item.at, implicit_rows=RECORDS)
    except ProblemsFound as found:
        world.notes.extend(found)
        return None
    if value.type.kind not in ("number", "null"):
        world.notes.add("B110", item.at, got=value.type.kind)
        return None
    ordered = next((node for node in aggregates_of(value.node) if not can_group(node)), None)
    if ordered is not None:
        world.notes.add("B109", item.at, function=ordered.value)
        return None
    return value


def aggregates_of(node: Node) -> Iterator[Node]:
    """The outermost aggregates of a tree, from left to right."""
    if node.op == "aggregate":
        yield node
        return
    for arg in node.args:
        yield from aggregates_of(arg)


def find_period(world: World, form: Form, item: Item) -> Path | None:
    """The date field that `item` names on `form`, or behind its links."""
    found = Compiler(world.notes, FormScope(world, form.id)).expression(item)
    if found is None:
        return None
    if found.node.op != "field" or found.type.kind not in DATES or not isinstance(found.node.value, tuple):
        world.notes.add("B105", item.at, name=item.text, bucket="period")
        return None
    return found.node.value
