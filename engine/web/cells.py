"""How a field of a record looks in a list, on a card or in a fact: what kind of thing it is and its text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from engine.catalog.forms import Field, Form
from engine.services.views_of_records import LINK_TYPES, PERSON_TYPES, RecordView, links_in
from engine.web.answers import label, language, say
from engine.web.page_values import Portrait, portrait

NUMBERS = frozenset({"number", "money", "percent", "integer", "duration"})
STAMP_TYPES = {"created_at": "datetime", "updated_at": "datetime", "created_by": "user", "updated_by": "user"}
_PLAIN = frozenset({"lines", "file", "image", "signature", "rich_text", "secret", "location"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. kind: number | chip | person | link | boolean | date | rating | count | text."""

    id: str
    label: str
    kind: str
    sortable: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: `chips` are (text, colour, outcome), `links` (text, address), `person` an avatar."""

    column: Column
    text: str = ""
    chips: tuple[tuple[str, str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    people: tuple[Portrait, ...] = ()
    on: bool = False


def columns_of(form: Form, names: Iterable[str]) -> tuple[Column, ...]:
    """The columns called `names`, those of system fields included."""
    return tuple(_column(form, name) for name in names)


def _column(form: Form, name: str) -> Column:
    field = form.fields.get(name)
    if field is None:
        return Column(name, say(f"list.field_{name}"), _kind(STAMP_TYPES.get(name, "integer")), sortable=True)
    kind = _kind(field.type)
    return Column(name, label(field.label), kind, sortable=field.type not in _PLAIN and kind not in ("chips", "people"))


def _kind(type_: str) -> str:
    if type_ in NUMBERS:
        return "number"
    if type_ in ("choice", "stage", "choices"):
        return "chip" if type_ != "choices" else "chips"
    if type_ in PERSON_TYPES:
        return "person" if type_ == "user" else "people"
    if type_ in LINK_TYPES:
        return "link"
    if type_ in ("lines", "file", "image", "signature"):
        return "count"
    return type_ if type_ in ("boolean", "date", "datetime", "rating", "email", "phone", "url") else "text"


def cells_of(view: RecordView, columns: Iterable[Column]) -> tuple[Cell, ...]:
    """The record's values for these columns; what the reader may not see is empty."""
    return tuple(_cell(view, column) for column in columns)


def _cell(view: RecordView, column: Column) -> Cell:
    field = view.form.fields.get(column.id)
    value = _value(view, column.id)
    if value is None or value == "" or column.id in view.unseen:
        return Cell(column)
    kind = column.kind
    if kind in ("chip", "chips") and field is not None:
        return Cell(column, chips=_chips(view, field, value))
    if kind in ("person", "people"):
        return Cell(column, people=_people(view, column.id, field, value))
    if kind == "link" and field is not None:
        return Cell(column, links=_links(view, field, value))
    if kind == "boolean":
        return Cell(column, on=bool(value))
    if kind == "count":
        return Cell(column, text=str(len(value)) if isinstance(value, (list, tuple)) else "1")
    text = view.text(column.id, language())
    return Cell(column, text=text if kind != "text" else _short(text))


def _value(view: RecordView, name: str) -> object:
    if name in STAMP_TYPES:
        return getattr(view.stamps, name)
    if name in ("id", "version"):
        return getattr(view, name)
    return view.values.get(name)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"


def _chips(view: RecordView, field: Field, value: object) -> tuple[tuple[str, str, str], ...]:
    if field.type == "stage":
        state = view.stages.get(field.id)
        if state is not None and state.stage is not None:
            return ((label(state.stage.label), state.stage.color or "", state.stage.outcome),)
        return ((str(value), "", ""),)
    ids = value if isinstance(value, (tuple, list)) else (value,)
    found = ((each, field.choice(each)) for each in ids)
    return tuple(
        (label(choice.label), choice.color or "", "") if choice else (str(each), "", "") for each, choice in found
    )


def _people(view: RecordView, name: str, field: Field | None, value: object) -> tuple[Portrait, ...]:
    if field is None:
        ids: tuple[tuple[str, int], ...] = (("people.person", value),) if isinstance(value, int) else ()
    else:
        ids = links_in(field, value)
    named = ((person, view.title_of(form, person)) for form, person in ids)
    return tuple(portrait(person, title) for person, title in named if title)


def _links(view: RecordView, field: Field, value: object) -> tuple[tuple[str, str], ...]:
    found = []
    for form_id, record_id in links_in(field, value):
        title = view.title_of(form_id, record_id)
        app, _, form = form_id.partition(".")
        if title:
            found.append((title, url_for("record", app=app, form=form, record_id=record_id)))
    return tuple(found)
