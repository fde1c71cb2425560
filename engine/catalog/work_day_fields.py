"""Which stored formulas count work days, so that they are computed again when the known days change?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field
from engine.catalog.reads import find_field, find_reads
from engine.expressions import uses_calendar
from engine.expressions.nodes import Expression


def work_day_fields(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """(form, field or lines.field) of every stored formula that depends on the calendar, also through others."""
    return tuple(
        (form.id, f"{lines}.{field.id}" if lines else field.id)
        for form in catalog.forms.values()
        for lines, field in _fields(form.fields.values())
        if field.formula is not None
        and field.compute in ("stored", "daily")
        and any(uses_calendar(each.node) for each in _below(catalog, form.id, lines, field.formula))
    )


def _fields(fields: Iterable[Field]) -> Iterator[tuple[str | None, Field]]:
    for field in fields:
        yield None, field
        for column in field.fields.values():
            yield field.id, column


def _below(catalog: Catalog, form_id: str, lines: str | None, formula: Expression) -> Iterator[Expression]:
    """The formula, and those computed on reading that it reads."""
    yield formula
    for read in find_reads(catalog, form_id, lines, formula):
        field = find_field(catalog, read.form, read.lines, read.field)
        if field is not None and field.formula is not None and field.compute == "read":
            yield field.formula
