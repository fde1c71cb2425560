"""The tables of one company's forms, derived from its definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, Table, false
from sqlalchemy.types import TypeEngine

from engine.catalog.catalog import Catalog
from engine.catalog.field_types.columns import BigId, IsoDate, UtcDateTime, plain_text
from engine.catalog.forms import Field, Form
from engine.storage.flow_tables import FlowTables, build_flow_tables
from engine.storage.indexes import add_form_indexes, add_line_indexes, add_many_indexes
from engine.storage.shapes import FILE, column_type, has_column, is_lines, is_many, is_polymorphic, targets
from engine.storage.source_indexes import source_indexes
from engine.storage.system_tables import SystemTables, build_system_tables, identity
from engine.storage.word_vector import WordVector

# Fields cannot begin with an underscore, so these never meet a field's column.
RECORD, POSITION, TARGET = "_record", "_position", "_target"
# Which stored formulas of a record wait to be computed again (" total grade "); the day of its daily values.
STALE, AS_OF = "_stale", "_as_of"


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table of one company: forms by form id, lines and many-links by (form id, field id)."""

    dialect: str
    metadata: MetaData
    forms: Mapping[str, Table]
    lines: Mapping[tuple[str, str], Table]
    many: Mapping[tuple[str, str], Table]
    system: SystemTables
    texts: Mapping[str, str]  # form id -> name of the full-text table on SQLite
    flow: FlowTables


def build_tables(catalog: Catalog, dialect: str) -> Tables:
    """The tables that these definitions need, not yet in any database."""
    metadata = MetaData()
    system = build_system_tables(metadata, dialect)
    forms: dict[str, Table] = {}
    lines: dict[tuple[str, str], Table] = {}
    many: dict[tuple[str, str], Table] = {}
    besides = source_indexes(catalog)
    for form in catalog.forms.values():
        forms[form.id] = _form_table(metadata, catalog, form, dialect)
        add_form_indexes(forms[form.id], form, dialect, besides.get(form.id, ()))
        for field in form.fields.values():
            if is_lines(field):
                lines[form.id, field.id] = _lines_table(metadata, catalog, form, field)
                add_line_indexes(lines[form.id, field.id], field)
            elif is_many(field):
                many[form.id, field.id] = _many_table(metadata, catalog, form, field)
                add_many_indexes(many[form.id, field.id])
    texts = {form.id: f"{form.table}_words" for form in catalog.forms.values()}
    return Tables(dialect, metadata, forms, lines, many, system, texts, build_flow_tables(metadata))


def _form_table(metadata: MetaData, catalog: Catalog, form: Form, dialect: str) -> Table:
    columns: list[Column[object]] = [
        identity(),
        Column("version", Integer, nullable=False, server_default="1"),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("created_by", BigId()),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("updated_by", BigId()),
        Column("deleted_at", UtcDateTime()),
        Column("deleted_by", BigId()),
    ]
    if dialect == "postgresql":  # on SQLite it stands in the full-text table only
        columns.append(Column("search_text", WordVector()))
    for field in form.fields.values():
        if has_column(field):
            columns += _field_columns(catalog, field)
    return Table(form.table, metadata, *columns, *_computing_columns(form))


def _computing_columns(form: Form) -> list[Column[object]]:
    """What is kept with records that have stored formulas."""
    columns: list[Column[object]] = [Column(STALE, plain_text())] if form.formula_order else []
    if has_daily(form):
        columns.append(Column(AS_OF, IsoDate()))
    return columns


def has_daily(form: Form) -> bool:
    """Whether a field of the form is computed anew every day."""
    inner = (each for field in form.fields.values() for each in field.fields.values())
    return any(each.formula is not None and each.compute == "daily" for each in (*form.fields.values(), *inner))


def _field_columns(catalog: Catalog, field: Field) -> list[Column[object]]:
    if field.type == "boolean":
        return [Column(field.column, Boolean(), nullable=False, server_default=false())]
    columns = [_value_column(catalog, field, field.column)]
    if is_polymorphic(field):
        columns.append(Column(f"{field.column}_form", plain_text()))
    if field.type == "stage":
        columns.append(Column(f"{field.column}_entered", UtcDateTime()))
    return columns


def _value_column(catalog: Catalog, field: Field, name: str) -> Column[object]:
    kind: TypeEngine[object] = column_type(field)
    table = _target_table(catalog, field)
    return Column(name, kind, ForeignKey(f"{table}.id")) if table else Column(name, kind)


def _target_table(catalog: Catalog, field: Field) -> str | None:
    leads_to = targets(field)
    if leads_to == (FILE,):
        return "sys_file"
    if len(leads_to) == 1 and leads_to[0] in catalog.forms:
        return catalog.forms[leads_to[0]].table
    return None


def child_name(form: Form, field: Field) -> str:
    """The table of a form's lines or many-links."""
    return f"{form.table}_{field.column}"


def _lines_table(metadata: MetaData, catalog: Catalog, form: Form, field: Field) -> Table:
    columns: list[Column[object]] = [
        identity(),
        Column(RECORD, BigId(), ForeignKey(f"{form.table}.id"), nullable=False),
        Column(POSITION, Integer, nullable=False),
    ]
    for inner in field.fields.values():
        if has_column(inner):
            columns += _field_columns(catalog, inner)
    return Table(child_name(form, field), metadata, *columns)


def _many_table(metadata: MetaData, catalog: Catalog, form: Form, field: Field) -> Table:
    return Table(
        child_name(form, field),
        metadata,
        Column(RECORD, BigId(), ForeignKey(f"{form.table}.id"), primary_key=True, autoincrement=False),
        Column(
            TARGET, BigId(), ForeignKey(f"{_target_table(catalog, field)}.id"), primary_key=True, autoincrement=False
        ),
        Column(POSITION, Integer, nullable=False),
    )
