"""Which input a field has in a form, what stands in it, and what the text in it means (wire form)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.catalog.forms import Field
from engine.catalog.workflows import STATES
from engine.services.views_of_records import LINK_TYPES, linked_form

Shown = str | tuple[str, ...]
"""What stands in an input: a text, or the chosen ids of an input for several."""

MANY_TYPES = frozenset({"choices", "users", "departments", "links"})
FILE_TYPES = frozenset({"file", "image", "signature"})
NUMBER_TYPES = frozenset({"number", "money", "percent", "integer"})
WIDE_KINDS = frozenset({"area", "rich", "address", "files", "lines"})
SHORT_KINDS = frozenset({"number", "money", "percent", "date", "time", "month", "switch", "rating", "duration"})
_SELECT_UP_TO = 12
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?")  # no exponents: one could stand for a million digits

_KINDS = {
    "long_text": "area",
    "rich_text": "rich",
    "address": "address",
    "email": "email",
    "phone": "tel",
    "url": "url",
    "integer": "number",
    "number": "number",
    "money": "money",
    "percent": "percent",
    "rating": "rating",
    "boolean": "switch",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "month": "month",
    "duration": "duration",
    "choices": "choices",
    "stage": "stage",
    "lines": "lines",
    "serial": "output",
    "secret": "secret",
}


def kind_of(field: Field) -> str:
    """The kind of input: output, text, area, number, money, percent, switch, date, choice, picker, files, lines …"""
    if field.type == "lines":
        return "lines"
    if field.formula is not None and field.compute != "once":
        return "output"
    if field.type == "choice":
        return "choice" if len(field.choices) <= _SELECT_UP_TO else "choice_long"
    if field.type in LINK_TYPES:
        return "picker"
    return "files" if field.type in FILE_TYPES else _KINDS.get(field.type, "text")


def is_flow_state(field: Field) -> bool:
    """Whether approvals keep this field: pages show it beside the title, not among the others."""
    return field.id == "state" and {choice.id for choice in field.choices} == set(STATES)


def holds_many(field: Field) -> bool:
    """Whether the input takes several values."""
    return field.type in MANY_TYPES or (field.type in FILE_TYPES and field.many)


def links_to_several(field: Field) -> bool:
    """Whether the field's values name their form as well."""
    return field.type == "link" and len(field.to) > 1


# --- from the record to the input ----------------------------------------


def shown(field: Field, value: object, zone: ZoneInfo) -> Shown:
    """What stands in the input for the Python value `value`."""
    if holds_many(field) or field.type in FILE_TYPES:
        return _shown_many(value)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "/".join(str(part) for part in value)
    return _shown_one(field, value, zone)


def _shown_many(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(each) for each in value) if isinstance(value, (tuple, list)) else (str(value),)


def _shown_one(field: Field, value: object, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.strftime("%Y-%m") if field.type == "month" else value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if field.type == "duration" and isinstance(value, int):
        return f"{value // 3600}:{value % 3600 // 60:02d}"
    return _shown_number(field, value) if isinstance(value, (Decimal, int)) else str(value)


def _shown_number(field: Field, value: Decimal | int) -> str:
    if field.type == "percent":
        return plain(Decimal(value) * 100)
    return f"{value:.{field.places}f}" if field.type == "money" else plain(Decimal(value))


def plain(number: Decimal) -> str:
    """`number` without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- from the input to the wire ----------------------------------------


def wire_from(field: Field, given: Shown, zone: ZoneInfo) -> object:
    """The wire form of what was entered; a text that fits nothing is handed on: the service says what is wrong."""
    if not isinstance(given, str):
        return _wire_many(field, given)
    if field.type == "boolean":
        return given == "true"
    text = given.strip()
    if not text:
        return None
    if field.type in LINK_TYPES:
        return _wire_link(field, text)
    return _wire_text(field, text, zone)


def _wire_text(field: Field, text: str, zone: ZoneInfo) -> object:
    if field.type in NUMBER_TYPES or field.type == "rating":
        return _wire_number(field, text)
    if field.type == "datetime":
        return _wire_datetime(text, zone)
    if field.type == "duration":
        return _wire_duration(text)
    return text


def _wire_many(field: Field, given: Sequence[str]) -> object:
    filled = [each for each in given if each]
    if field.type == "choices":
        return filled
    ids: list[object] = [_id(each) for each in filled]
    if field.type in FILE_TYPES and not field.many:
        return ids[0] if ids else None
    return ids


def _wire_link(field: Field, text: str) -> object:
    form_id, slash, record_id = text.partition("/")
    if links_to_several(field) and slash:
        return {"form": form_id, "id": _id(record_id)}
    return _id(text)


def _id(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text


def _wire_number(field: Field, text: str) -> str:
    """A number as people type it: full-width digits, separators of thousands, a percent sign, a sign of money."""
    compact = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").lstrip("¥$€£").removesuffix("%")
    if not _PLAIN_NUMBER.fullmatch(compact):
        return text
    number = Decimal(compact)
    return f"{number / 100:f}" if field.type == "percent" else f"{number:f}"


def _wire_datetime(text: str, zone: ZoneInfo) -> str:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    aware = local if local.tzinfo else local.replace(tzinfo=zone)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wire_duration(text: str) -> object:
    hours, colon, minutes = unicodedata.normalize("NFKC", text).partition(":")
    if not hours.isdecimal() or (colon and not (minutes.isdecimal() and int(minutes) < 60)):
        return text
    return int(hours) * 3600 + (int(minutes) * 60 if colon else 0)


def target_form(field: Field) -> str:
    """The form whose records the field links to; the first one of several."""
    return linked_form(field)
