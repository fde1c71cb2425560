"""Form → WTForms class: one class per form and language, built once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import wtforms
from wtforms.utils import unset_value

from engine.catalog.forms import Field, Form
from engine.values import Label, in_language
from engine.web.inputs import FILE_TYPES, Shown, holds_many, kind_of

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
ATTRIBUTE = "field_"  # keeps ids such as `data` or `errors` apart from what WTForms calls its own
MOST_ROWS = 1000


class Entry(wtforms.Field):
    """One input. `data` is what stands in it (never converted, so that a refused form shows what was typed)."""

    data: Shown

    def __init__(
        self, label: str = "", *, definition: Field, help_text: str = "", hint: str = "", **options: Any
    ) -> None:
        self.definition = definition
        self.kind = kind_of(definition)
        self.many = holds_many(definition) or definition.type in FILE_TYPES
        self.help_text = help_text
        self.hint = hint
        super().__init__(label, **options)
        self.id = f"f-{self.name}"  # apart from the page's own ids, whatever a field is called

    @property
    def posted(self) -> bool:
        """Whether the form that was sent had this input at all."""
        return bool(self.raw_data)

    def process_data(self, value: Shown | None) -> None:
        """What the page shows at first."""
        self.data = value if value is not None else (() if self.many else "")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """What was sent. A switch sends "false" before "true"; an input for several sends "" to say none."""
        if not valuelist:
            return
        if self.many:
            self.data = tuple(each for each in valuelist if each)
        else:
            self.data = typed_text(self.kind, valuelist[-1])


def typed_text(kind: str, text: str) -> str:
    """What was sent, with one kind of line ends and numbers without the groups that the page shows."""
    if kind in ("number", "money", "percent") and _GROUPED.fullmatch(text.strip()):
        return text.strip().replace(",", "")
    return text.replace("\r\n", "\n")


class Lines(wtforms.FieldList):  # type: ignore[type-arg] # generic in the stubs only
    """The rows of a lines field. `posted` tells a form that sent no rows from one that has no such table."""

    posted = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Makes a row form of every row that was sent."""
        super().process(formdata, data, extra_filters)
        self.posted = bool(formdata) and (bool(self.entries) or f"{self.name}-shown" in formdata)


class RecordForm(wtforms.Form):
    """The inputs of one form; subclasses are made by `build_form_class`."""

    def entry(self, name: str) -> wtforms.Field:
        """The input of the field `name`; KeyError when it has none."""
        found: wtforms.Field = self._fields[ATTRIBUTE + name]
        return found

    def names(self) -> tuple[str, ...]:
        """The fields that have an input, in the order of the definition."""
        return tuple(name.removeprefix(ATTRIBUTE) for name in self._fields if name.startswith(ATTRIBUTE))


class LineForm(RecordForm):
    """The inputs of one row of lines; `row_id` is empty for a new row."""

    row_id = wtforms.HiddenField(name="id")


@dataclass(slots=True)
class FormClasses:
    """The classes built so far, by company, form and language; replaced when the definitions change."""

    built: dict[tuple[str, str, str], tuple[str, type[RecordForm]]] = field(default_factory=dict)

    def form_class(self, company: str, digest: str, form: Form, language: str) -> type[RecordForm]:
        """The class for `form` as it is defined in the state `digest`."""
        key = (company, form.id, language)
        known = self.built.get(key)
        if known is None or known[0] != digest:
            known = self.built[key] = (digest, build_form_class(form, language))
        return known[1]


def build_form_class(form: Form, language: str) -> type[RecordForm]:
    """A WTForms class with one input per field of `form`; lines are lists of row forms."""
    inputs = {ATTRIBUTE + name: _input(definition, language) for name, definition in form.fields.items()}
    return type(f"RecordForm_{form.app}_{form.name}", (RecordForm,), inputs)


def _input(definition: Field, language: str) -> Any:
    if definition.type == "lines":
        rows = wtforms.FormField(_line_class(definition, language))
        return Lines(rows, label=_text(definition.label, language), name=definition.id, max_entries=MOST_ROWS)
    return Entry(
        _text(definition.label, language),
        definition=definition,
        help_text=_text(definition.help, language),
        hint=_text(definition.placeholder, language),
        name=definition.id,
    )


def _line_class(definition: Field, language: str) -> type[LineForm]:
    inputs = {ATTRIBUTE + name: _input(inner, language) for name, inner in definition.fields.items()}
    return type(f"LineForm_{definition.id}", (LineForm,), inputs)


def _text(text: Label, language: str) -> str:
    return in_language(text, language) if text else ""


def initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` by field id, as keyword data of a form class; rows are {"id": …, field: shown}."""
    return {ATTRIBUTE + name: _initial(value) for name, value in values.items()}


def _initial(value: Any) -> Any:
    if isinstance(value, list):
        return [{"row_id": row.get("id", ""), **initial({k: v for k, v in row.items() if k != "id"})} for row in value]
    return value
