"""The part of the expression language that the filter builder can show: conditions joined by `and`.

`write_conditions` gives the expression a person would have typed; `read_conditions` understands it again, and says None
when an expression says more than the builder can show (it is then shown as text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from engine.catalog.forms import Field, Form
from engine.services.views_of_records import LINK_TYPES
from engine.web.ids import find_id

ME = "me"
NUMBERS = frozenset({"number", "money", "percent", "rating", "integer", "duration"})
DATES = frozenset({"date", "month"})
INSTANTS = frozenset({"datetime"})
CHOICES = frozenset({"choice", "stage"})
MANY = frozenset({"choices"})
LISTS = frozenset({"users", "departments", "links"})
FILES = frozenset({"file", "image", "signature"})
UNSHOWN = frozenset({"lines", "secret", "location"})

TESTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("contains", "is", "is_not", "starts", "empty", "filled"),
        "number": ("ge", "le", "is", "is_not", "gt", "lt", "empty", "filled"),
        "date": ("ge", "le", "is", "last", "next", "before_today", "empty", "filled"),
        "choice": ("any", "none", "empty", "filled"),
        "many": ("has", "empty", "filled"),
        "link": ("any", "none", "empty", "filled"),
        "list": ("empty", "filled"),
        "boolean": ("yes", "no"),
    }
)
_SIGNS = MappingProxyType({"is": "=", "is_not": "<>", "ge": ">=", "le": "<=", "gt": ">", "lt": "<"})
_WITHOUT_VALUE = frozenset({"empty", "filled", "yes", "no", "before_today"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of the builder: a field, a test of TESTS, what it is compared with (as typed: percent in percent)."""

    field: str
    test: str
    values: tuple[str, ...] = ()


def shape_of(field: Field) -> str | None:
    """Which tests a field offers (a key of TESTS); None when the builder does not show it."""
    if field.type in UNSHOWN:
        return None
    for kinds, shape in ((NUMBERS, "number"), (DATES | INSTANTS, "date"), (CHOICES, "choice"), (MANY, "many")):
        if field.type in kinds:
            return shape
    if field.type in LISTS or field.type in FILES or (field.type in LINK_TYPES and (field.many or len(field.to) > 1)):
        return "list"
    if field.type in LINK_TYPES:
        return "link"
    return "boolean" if field.type == "boolean" else "text"


def write_conditions(form: Form, conditions: Iterable[Condition]) -> str:
    """The conditions as one expression; those that are incomplete or do not fit their field are left out."""
    written = (_write(form.fields[each.field], each) for each in conditions if each.field in form.fields)
    return " and ".join(text for text in written if text)


def _write(field: Field, condition: Condition) -> str:
    shape = shape_of(field)
    if shape is None or condition.test not in TESTS[shape]:
        return ""
    name = field.id
    if condition.test in _WITHOUT_VALUE:
        return _write_alone(name, condition.test)
    values = [value.strip() for value in condition.values if value.strip()]
    if not values:
        return ""
    if shape == "text":
        return _write_text(name, condition.test, values[0])
    if shape == "number":
        return _write_number(field, condition.test, values[0])
    if shape == "date":
        return _write_date(field, condition.test, values[0])
    if shape == "many":
        return f"HAS({name}, {quoted(values[0])})"
    return _write_members(name, shape, condition.test, values)


def _write_alone(name: str, test: str) -> str:
    return {
        "empty": f"ISEMPTY({name})",
        "filled": f"not ISEMPTY({name})",
        "yes": name,
        "no": f"not {name}",
        "before_today": f"{name} < TODAY()",
    }[test]


def _write_text(name: str, test: str, value: str) -> str:
    if test in _SIGNS:
        return f"{name} {_SIGNS[test]} {quoted(value)}"
    return f"{'CONTAINS' if test == 'contains' else 'STARTSWITH'}({name}, {quoted(value)})"


def _write_number(field: Field, test: str, value: str) -> str:
    try:
        number = Decimal(value.replace(",", ""))
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return ""
    shown = f"{number:f}"
    return f"{field.id} {_SIGNS[test]} {shown}{'%' if field.type == 'percent' else ''}"


def _write_date(field: Field, test: str, value: str) -> str:
    name = f"TODATE({field.id})" if field.type in INSTANTS else field.id
    if test in ("last", "next"):
        if not (value.isascii() and value.isdecimal()) or len(value) > 4:
            return ""
        near = f"{name} {'>=' if test == 'last' else '<='} TODAY() {'-' if test == 'last' else '+'} {int(value)}"
        return f"{near} and {name} {'<=' if test == 'last' else '>='} TODAY()"
    if value.upper() == "TODAY()":
        return f"{name} {_SIGNS[test]} TODAY()"
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ""
    return f"{name} {_SIGNS[test]} DATE({day.year}, {day.month}, {day.day})"


def _write_members(name: str, shape: str, test: str, values: list[str]) -> str:
    if shape == "choice":
        inside = f"{name} in [{', '.join(quoted(value) for value in values)}]"
    else:
        ids = [value for value in values if find_id(value) is not None]
        parts = [f"{name} = me"] if ME in values else []
        if ids:
            parts.append(f"{name}.id in [{', '.join(ids)}]")
        if not parts:
            return ""
        inside = parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"
    return f"not ({inside})" if test == "none" else inside


def quoted(text: str) -> str:
    """`text` as a literal of the language."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
