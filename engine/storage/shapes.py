"""Where a field's values lie: in a column, in rows of a child table, or nowhere because reading computes them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.types import TypeEngine

from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.forms import Field, Form

PERSON = "people.person"
DEPARTMENT = "people.department"
FILE = "file"
SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by")

_NUMBERS = frozenset({"number", "money", "percent", "rating", "integer"})
_ONE = {"user": PERSON, "department": DEPARTMENT}
_MANY = {"users": PERSON, "departments": DEPARTMENT}
_FILES = frozenset({"file", "image", "signature"})


def is_lines(field: Field) -> bool:
    """Whether the values are rows of their own table."""
    return field.type == "lines"


def is_many(field: Field) -> bool:
    """Whether the value is a tuple of ids, kept in a child table."""
    return field.type in ("links", "users", "departments") or (field.type in _FILES and field.many)


def is_computed(field: Field) -> bool:
    """Whether the value is computed on reading."""
    return field.formula is not None and field.compute == "read"


def has_column(field: Field) -> bool:
    """Whether the value stands in a column of the form's table."""
    return not (is_lines(field) or is_many(field) or is_computed(field))


def is_polymorphic(field: Field) -> bool:
    """Whether a link may lead to one of several forms, so that a second column names the form."""
    return field.type == "link" and len(field.to) > 1


def targets(field: Field) -> tuple[str, ...]:
    """The forms that the ids of a field lead to; (FILE,) for files, () for everything else."""
    if field.type in ("link", "links"):
        return field.to
    if field.type in _FILES:
        return (FILE,)
    form = _ONE.get(field.type) or _MANY.get(field.type)
    return (form,) if form else ()


def places(field: Field) -> int:
    """Decimals of a number, 0 of everything else."""
    return field.places if field.type in _NUMBERS and field.type != "integer" else 0


def column_type(field: Field) -> TypeEngine[object]:
    """The type of the field's column."""
    found = FIELD_TYPES[field.type].column_type(field)
    if found is None:
        raise ValueError(f"a field of type {field.type} has no column")
    return found


def column_fields(form: Form) -> Iterator[Field]:
    """The form's fields that have a column."""
    return (field for field in form.fields.values() if has_column(field))
