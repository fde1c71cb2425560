"""The form of one record, ready for the template: inputs, their state, problems, and the definition for the browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for

from engine.catalog.forms import Field, Form
from engine.problems import Change, NotVisible
from engine.services import files, records
from engine.services.browser import work_days_for
from engine.services.flow.views import StartOffer
from engine.services.records import FormSight
from engine.services.views_of_pages import FileInfo
from engine.services.views_of_records import RecordView
from engine.web.answers import label, language
from engine.web.form_builder import FormClasses, LineForm, RecordForm, initial
from engine.web.form_state import (
    FormSection,
    Messages,
    browser_definition,
    grand_total,
    sections_of,
    span,
)
from engine.web.form_values import Inputs, blank_row, inputs_of, seen_fields, to_json
from engine.web.ids import find_id
from engine.web.inputs import is_flow_state, kind_of, links_to_several, shown, target_form
from engine.web.moments import company_zone
from engine.web.visit import visit

_EXTENSION = "weft.form_classes"


@dataclass(frozen=True, slots=True)
class Rival:
    """A field that somebody else changed meanwhile; `shown` is what their change would put into my input."""

    change: Change
    mine: bool
    shown: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """Everything the form's templates ask for. Pointers are "amount", "lines/2/price", "lines/price" for the column."""

    view: RecordView
    inputs: RecordForm
    sight: FormSight
    zone: ZoneInfo
    start: Inputs
    messages: Messages = field(default_factory=Messages)
    rivals: tuple[Rival, ...] = ()
    conflict: bool = False
    origin: str = ""
    key: str = ""
    starts: tuple[StartOffer, ...] = ()
    asks: str = ""  # the address that tells what saving would do; "" = the form's own

    @property
    def form(self) -> Form:
        """The definition."""
        return self.view.form

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """What stands on the page."""
        return sections_of(
            self.form, [name for name in seen_fields(self.view) if self._belongs(self.form.fields[name])]
        )

    def _belongs(self, definition: Field) -> bool:
        """A stage is chosen when a record is made and moves on the record's page later. A save gives numbers."""
        if is_flow_state(definition):
            return False
        return definition.type != "serial" and (definition.type != "stage" or self.view.id is None)

    @property
    def start_text(self) -> str:
        """What the inputs held at the start, carried along by the form."""
        return to_json(self.start)

    def kind(self, definition: Field) -> str:
        """The kind of input; output for what this reader can never write."""
        kind = kind_of(definition)
        return kind if kind == "lines" or definition.id in self.sight.change else "output"

    def blank_row(self, lines: str) -> LineForm:
        """The inputs of a row that does not exist yet; the browser puts a number for __row__."""
        rows: Any = self.inputs.entry(lines)
        row_class = rows.unbound_field.args[0]
        cells = initial(blank_row(self.form.fields[lines], self.zone))
        made: LineForm = row_class(data=cells, prefix=f"{lines}-__row__-")
        return made

    def row_kind(self, lines: str, inner: Field) -> str:
        """The kind of input in a row."""
        return kind_of(inner) if f"{lines}.{inner.id}" in self.sight.change else "output"

    def columns(self, lines: str) -> tuple[Field, ...]:
        """The fields of a row that this reader sees, in the order of the definition's columns."""
        definition = self.form.fields[lines]
        names = definition.columns or tuple(definition.fields)
        return tuple(
            definition.fields[name] for name in names if f"{lines}.{name}" in self.sight.see - self.view.unseen
        )

    def span(self, section: FormSection, name: str) -> str:
        """The grid columns a field takes."""
        return span(section.section, self.form.fields[name])

    def is_hidden(self, pointer: str) -> bool:
        """Whether `visible` does not hold."""
        return pointer in self.view.hidden

    def is_required(self, pointer: str) -> bool:
        """Whether it must not be empty."""
        return pointer in self.view.required

    def is_locked(self, pointer: str) -> bool:
        """Whether it cannot be written now."""
        return pointer in self.view.read_only

    def errors(self, pointer: str) -> tuple[str, ...]:
        """What is wrong with one input."""
        return self.messages.of(pointer)

    def text(self, name: str) -> str:
        """The text of a computed or locked field."""
        return self._text(self.form.fields[name], self.view.values.get(name))

    def row_text(self, lines: str, position: int, name: str) -> str:
        """The text of a computed field in a row."""
        rows = self.view.values.get(lines)
        row = rows[position] if isinstance(rows, (list, tuple)) and position < len(rows) else {}
        return self._text(self.form.fields[lines].fields[name], row.get(name))

    def _text(self, definition: Field, value: object) -> str:
        if isinstance(value, datetime):
            value = value.astimezone(self.zone)
        return self.view.text_of(definition, value, language())

    def options(self, definition: Field, chosen: object) -> tuple[tuple[str, str], ...]:
        """(value, title) of what an input for links holds."""
        values = (chosen,) if isinstance(chosen, str) else tuple(chosen) if isinstance(chosen, (list, tuple)) else ()
        return tuple((value, self._title(definition, str(value))) for value in values if value)

    def _title(self, definition: Field, value: str) -> str:
        form_id, slash, record_id = (
            value.partition("/") if links_to_several(definition) else (target_form(definition), "/", value)
        )
        linked = find_id(record_id) if slash else None
        return (self.view.title_of(form_id, linked) if linked is not None else "") or f"#{record_id}"

    def files(self, chosen: Iterable[str]) -> tuple[FileInfo, ...]:
        """The files an input holds; those that are gone or not this reader's are left out."""
        return file_infos(file_id for each in chosen if (file_id := find_id(str(each))) is not None)

    def is_section_hidden(self, each: FormSection) -> bool:
        """Whether nothing of the section is to be seen now; one with something wrong in it is shown."""
        section = each.section
        if each.pointer in self.view.away:
            return not any(self.messages.of(name) for name in section.fields)
        names = [name for name in section.fields if name in self.view.values]
        return bool(names) and all(name in self.view.hidden for name in names)

    def stages(self, name: str) -> tuple[tuple[str, str], ...]:
        """(id, label) of the stages a new record may start in."""
        state = self.view.stages.get(name)
        return tuple((each.id, label(each.label)) for each in state.set.stages.values()) if state is not None else ()

    def grand(self, totals: tuple[str, ...]) -> str:
        """The total in large type."""
        return grand_total(self.form, totals)

    @property
    def main_total(self) -> str:
        """The total that stays in sight on a phone; "" when the form has none."""
        totals = tuple(name for each in self.sections for block in each.blocks for name in block.totals)
        return self.grand(totals) if totals else ""

    def choices_url(self, path: str) -> str:
        """Where the options of a link come from."""
        return url_for("choices", app=self.form.app, form=self.form.name, path=path)

    def quick(self, definition: Field) -> Form | None:
        """The form a link leads to, when this reader may create records there in a small dialog."""
        current, target = visit(), current_form(target_form(definition))
        if target is None or target.id.startswith("people.") or len(definition.to) > 1:
            return None
        return target if "create" in records.form_sight(current.company, current.actor, target.id).verbs else None

    @property
    def browser(self) -> Mapping[str, object]:
        """The definition for the browser's own computing."""
        return browser_definition(
            self.view,
            {
                "preview": self.asks or url_for("preview", app=self.form.app, form=self.form.name),
                "record": self.view.id,
                "zone": str(self.zone),
                "currency": visit().company.catalog.company.currency,
                "language": language(),
                "main": self.main_total,
                "calendar": work_days_for(visit().company, self.form),
            },
        )


def current_form(form_id: str) -> Form | None:
    """A form that this reader sees something of."""
    current = visit()
    form = current.company.catalog.forms.get(form_id)
    roles = current.actor.roles
    return form if form is not None and any("see" in form.access.rules.get(role, {}) for role in roles) else None


def file_infos(ids: Iterable[int]) -> tuple[FileInfo, ...]:
    """Names and sizes of files that this reader may open."""
    found: list[FileInfo] = []
    for each in ids:
        try:
            found.append(files.open_file(visit().company, visit().actor, each).info)
        except NotVisible:
            continue
    return tuple(found)


def build_page(view: RecordView, sight: FormSight, inputs: Inputs | None = None, *, prefix: str = "") -> FormPage:
    """The page for `view`; `inputs` replaces what stands in the inputs, `prefix` goes before their names."""
    zone = company_zone()
    start = inputs_of(view, zone)
    form = form_class(view.form)(data=initial(inputs if inputs is not None else start), prefix=prefix)
    return FormPage(view, form, sight, zone, start)


def form_class(form: Form) -> type[RecordForm]:
    """The WTForms class of `form` in the reader's language, from the application's store."""
    classes = current_app.extensions.setdefault(_EXTENSION, FormClasses())
    catalog = visit().company.catalog
    made: type[RecordForm] = classes.form_class(catalog.company.id, catalog.digest, form, language())
    return made


def with_conflict(page: FormPage, changes: tuple[Change, ...], mine: Mapping[str, object]) -> FormPage:
    """The page with what somebody else changed, and which of it I changed too."""
    rivals = tuple(_rival(page, change, mine) for change in changes)
    return replace(page, rivals=rivals, conflict=True)


def _rival(page: FormPage, change: Change, mine: Mapping[str, object]) -> Rival:
    definition = page.form.fields.get(change.field)
    if definition is None or definition.type == "lines":
        return Rival(change, change.field in mine, "")
    now = shown(definition, page.view.values.get(change.field), page.zone)
    return Rival(change, change.field in mine, now if isinstance(now, str) else "")
