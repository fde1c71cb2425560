"""What the filter bar and the filter builder of a list show, and the expression that comes back from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine.catalog.forms import Field, Form, View
from engine.problems import NotVisible, ProblemsFound
from engine.services import records
from engine.services.records import FormSight
from engine.services.views_of_records import PERSON_TYPES, ListRequest, linked_form
from engine.web.answers import go_to, label, say
from engine.web.conditions import ME, TESTS, Condition, shape_of, write_conditions
from engine.web.conditions_read import read_conditions
from engine.web.ids import find_id
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit

_KEPT = ("view", "saved", "search", "sort", "limit", "set")
_INPUTS = {
    "money": "number",
    "percent": "number",
    "integer": "number",
    "duration": "number",
    "rating": "number",
    "month": "date",
}


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field as the builder offers it: `options` (value, text) of short lists, `choices_url` for linked records."""

    id: str
    label: str
    shape: str
    type: str
    input: str
    tests: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...] = ()
    choices_url: str = ""
    people: bool = False


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """A drop-down over the list: which values are chosen now, and their texts."""

    field: FilterField
    chosen: tuple[str, ...]
    chosen_text: str
    test: str = ""


@dataclass(frozen=True, slots=True)
class Toggle:
    """A filter that is on or off; `where` is the expression of the list once it has been turned."""

    condition: str
    on: bool
    where: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Everything the filter bar shows. `rows` None = the expression says more than rows can show."""

    fields: tuple[FilterField, ...]
    quick: tuple[QuickFilter, ...] = ()
    rows: tuple[Condition, ...] | None = ()
    titles: Mapping[str, Mapping[str, str]] | None = None
    idle: Toggle | None = None

    @staticmethod
    def of_fields(form: Form, fields: Iterable[Field]) -> Filters:
        """The given fields as inputs."""
        return Filters(tuple(shown for field in fields if (shown := _filter_field(form, field)) is not None))

    @property
    def builder(self) -> Mapping[str, object]:
        """What the builder in the browser needs."""
        rows = [{"field": row.field, "test": row.test, "values": row.values} for row in self.rows or ()]
        fields = [
            {
                "id": each.id,
                "label": each.label,
                "shape": each.shape,
                "input": each.input,
                "tests": each.tests,
                "options": each.options,
                "choices": each.choices_url,
                "people": each.people,
            }
            for each in self.fields
        ]
        return {"fields": fields, "rows": rows, "titles": self.titles or {}}


def build_filters(form: Form, view: View, sight: FormSight, asked: ListRequest) -> Filters:
    """The filters of a list for a reader: only fields that may be seen."""
    seen = [field for field in form.fields.values() if field.id in sight.see]
    fields = tuple(shown for field in seen if (shown := _filter_field(form, field)) is not None)
    rest, idle = split_idle(form, asked.where or "")
    rows = _rows(form, rest)
    titles = _titles(form, rows or ())
    quick = tuple(_quick(each, rows or (), titles) for name in view.filters for each in fields if each.id == name)
    return Filters(fields, quick, rows, titles, _toggle(form, sight, rest, idle))


def _toggle(form: Form, sight: FormSight, rest: str, idle: str) -> Toggle | None:
    """The filter of what stands too long in its stage; None where no stage says how long that is."""
    sets = visit().company.catalog.stage_sets
    timed = (
        name
        for (form_id, name), found in sets.items()
        if form_id == form.id
        and name in sight.see
        and any(stage.stale_after is not None for each in found for stage in each.stages.values())
    )
    name = next(timed, None)
    if name is None:
        return None
    return Toggle(idle, on=True, where=rest) if idle else _off(rest, f"{name}.stale")


def _off(rest: str, condition: str) -> Toggle:
    return Toggle(condition, on=False, where=with_idle(rest, condition))


def split_idle(form: Form, where: str) -> tuple[str, str]:
    """(the expression without the condition on idleness, that condition: "stage.stale", or nothing)."""
    for name, field in form.fields.items():
        if field.type == "stage":
            idle = f"{name}.stale"
            if where == idle:
                return "", idle
            rest = where.removesuffix(f" and {idle}")
            if rest != where and with_idle(rest, idle) == where:
                return rest, idle
    return where, ""


def with_idle(rest: str, idle: str) -> str:
    """The expression with the condition on idleness at its end."""
    if not idle or not rest:
        return idle or rest
    return f"({rest}) and {idle}" if " or " in rest.lower() and not _is_bracketed(rest) else f"{rest} and {idle}"


def _is_bracketed(text: str) -> bool:
    """Whether the whole text stands in one pair of brackets; quoted brackets only make it more careful."""
    depth = 0
    for at, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return text.startswith("(") and at == len(text) - 1
    return False


def _rows(form: Form, where: str) -> tuple[Condition, ...] | None:
    current = visit()
    try:
        return read_conditions(records.seen_definitions(current.company, current.actor), form, where)
    except ProblemsFound:
        return None


def _filter_field(form: Form, field: Field) -> FilterField | None:
    shape = shape_of(field)
    if shape is None:
        return None
    address: dict[str, Any] = {"app": form.app, "form": form.name, "path": field.id}
    return FilterField(
        field.id,
        label(field.label),
        shape,
        field.type,
        _INPUTS.get(field.type, "date" if shape == "date" else "number" if shape == "number" else "text"),
        tuple((test, say(f"list.test_{test}")) for test in TESTS[shape]),
        _options(form, field, shape),
        url_for("choices", **address) if shape in ("link", "list") else "",
        field.type in PERSON_TYPES,
    )


def _options(form: Form, field: Field, shape: str) -> tuple[tuple[str, str], ...]:
    if field.type == "stage":
        sets = visit().company.catalog.stage_sets.get((form.id, field.id), ())
        found = {stage.id: label(stage.label) for each in sets for stage in each.stages.values()}
        return tuple(found.items())
    if shape in ("choice", "many"):
        return tuple((choice.id, label(choice.label)) for choice in field.choices)
    return ()


def _titles(form: Form, rows: Iterable[Condition]) -> Mapping[str, Mapping[str, str]]:
    """Titles of the records that conditions name, by field and id, as far as the reader may see them."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        ids = [value for value in row.values if find_id(value) is not None]
        if ids and shape_of(form.fields[row.field]) == "link":
            found[row.field] = _titles_in(linked_form(form.fields[row.field]), ids)
    return found


def _titles_in(form_id: str, ids: list[str]) -> dict[str, str]:
    current = visit()
    asked = ListRequest(where=f"id in [{', '.join(ids)}]", limit=len(ids), total="none")
    try:
        page = records.list_records(current.company, current.actor, form_id, asked)
    except (NotVisible, ProblemsFound):
        return {}
    return {str(row.id): row.title for row in page.rows}


def _quick(field: FilterField, rows: Iterable[Condition], titles: Mapping[str, Mapping[str, str]]) -> QuickFilter:
    row = next((each for each in rows if each.field == field.id), None)
    if row is None:
        return QuickFilter(field, (), "")
    words = {ME: say("list.me"), "TODAY()": say("list.today"), **dict(field.options), **titles.get(field.id, {})}
    shown = [words.get(value, value) for value in row.values]
    test = dict(field.tests)[row.test]
    listed = say("shell.comma").join(shown)
    text = listed if row.test in ("any", "has") else f"{test} {listed}".strip()
    return QuickFilter(field, row.values, text, row.test)


def set_filter(app: str, form: str) -> ResponseReturnValue:
    """Leads to the list with the filter that was put together: `c` rows of the builder, or one quick filter."""
    definition, query = fetch_form(app, form), request.args
    where, idle = split_idle(definition, query.get("where", "").strip())
    if "field" in query:
        where = _with_quick(definition, where, query)
    elif "builder" in query:
        where = write_conditions(definition, _built(query.getlist("c")))
    where = with_idle(where, idle)
    words: dict[str, Any] = {name: query[name] for name in _KEPT if query.get(name)}
    columns = ",".join(query.getlist("column")) or query.get("fields", "")
    if columns:
        words["fields"] = columns
    return go_to(url_for("list", app=app, form=form, where=where or None, **words))


def _with_quick(form: Form, where: str, query: MultiDict[str, str]) -> str:
    current, name = visit(), query["field"]
    if name not in records.form_sight(current.company, current.actor, form.id).see or name not in form.fields:
        raise NotVisible
    condition = Condition(name, query.get("test", ""), tuple(query.getlist("value")))
    rows = _rows(form, where)
    added = write_conditions(form, [condition])
    if rows is None:
        return f"({where}) and {added}" if added else where
    return write_conditions(form, [*(row for row in rows if row.field != name), condition])


def _built(texts: Iterable[str]) -> list[Condition]:
    found = []
    for text in texts:
        try:
            name, test, values = json.loads(text)
            found.append(Condition(str(name), str(test), tuple(str(value) for value in values)))
        except (ValueError, TypeError):
            continue
    return found


ROUTES = (Route("/<company>/<app>/<form>/filter", "filter", set_filter),)
