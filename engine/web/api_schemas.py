"""The JSON Schema of a field's wire form (decision 57)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.catalog.forms import Field

Schema = Mapping[str, object]

ERROR: Schema = MappingProxyType(
    {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {
                            "type": "string",
                            "description": "JSON pointer of the field; empty = the whole record",
                        },
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "advice": {"type": "string"},
                    },
                },
            },
        },
    }
)
LINK: Schema = MappingProxyType(
    {
        "type": ["object", "null"],
        "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
    }
)
PREVIEW: Schema = MappingProxyType(
    {
        "type": "object",
        "properties": {
            "values": {"type": "object"},
            "hidden": {"type": "array", "items": {"type": "string"}},
            "required": {"type": "array", "items": {"type": "string"}},
            "read_only": {"type": "array", "items": {"type": "string"}},
            "problems": {"type": "array", "items": {"type": "object"}},
        },
    }
)

_DECIMALS = frozenset({"number", "money", "percent", "rating"})
_WHOLE = frozenset({"integer", "duration"})
_FORMATS: Mapping[str, str] = MappingProxyType(
    {"date": "date", "datetime": "date-time", "time": "time", "email": "email", "url": "uri"}
)
_ONE = frozenset({"link", "user", "department"})
_SEVERAL = frozenset({"links", "users", "departments"})
_FILES = frozenset({"file", "image", "signature"})


def field_schema(field: Field, names: frozenset[str], *, writing: bool) -> Schema:
    """The schema of a field's value (`writing`: as it may be sent); of lines only the fields in `names`."""
    if field.type == "lines":
        return _lines_schema(field, names, writing=writing)
    if field.type in _DECIMALS:
        return _number_schema(field, writing=writing)
    if field.type in _WHOLE:
        return {"type": ["integer", "null"]}
    if field.type == "boolean":
        return {"type": "boolean"}
    if field.type in _ONE or field.type in _SEVERAL:
        return _link_schema(field, writing=writing)
    if field.type in _FILES:
        return (
            {"type": "array", "items": {"type": "integer"}} if field.many else {"type": ["integer", "object", "null"]}
        )
    if field.type in ("choice", "choices"):
        return _choice_schema(field)
    return _text_schema(field)


def _number_schema(field: Field, *, writing: bool) -> Schema:
    words = f"A decimal number with up to {field.places} decimals, as a string"
    return {"type": ["string", "number", "null"] if writing else ["string", "null"], "description": words}


def _link_schema(field: Field, *, writing: bool) -> Schema:
    linked: Schema = {"$ref": "#/components/schemas/Link"}
    one: Schema = {"anyOf": [{"type": "integer"}, linked]} if writing else linked
    return {"type": "array", "items": one} if field.type in _SEVERAL or field.many else one


def _choice_schema(field: Field) -> Schema:
    known = [choice.id for choice in field.choices]
    if field.type == "choices":
        return {"type": "array", "items": {"type": "string", "enum": known}}
    return {"enum": [*known, None]}


def _text_schema(field: Field) -> Schema:
    schema: dict[str, object] = {"type": ["string", "null"]}
    if field.type in _FORMATS:
        schema["format"] = _FORMATS[field.type]
    if field.max_length:
        schema["maxLength"] = field.max_length
    return schema


def _lines_schema(field: Field, names: frozenset[str], *, writing: bool) -> Schema:
    properties: dict[str, object] = {"id": {"type": "integer"}}
    if writing:
        properties["_delete"] = {"type": "boolean"}
    for name, inner in field.fields.items():
        if f"{field.id}.{name}" in names:
            properties[name] = field_schema(inner, names, writing=writing)
    return {"type": "array", "items": {"type": "object", "properties": properties}}
