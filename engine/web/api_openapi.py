"""The OpenAPI 3.1 document of a company's records, made from its definitions for one reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.catalog.catalog import Catalog
from engine.catalog.dashboards import Dashboard
from engine.catalog.forms import Field, Form
from engine.services.records import FormSight
from engine.services.views_of_records import LINK_TYPES
from engine.values import Label, in_language
from engine.web.api_openapi_approvals import SCHEMAS, approval_paths
from engine.web.api_openapi_boards import SCHEMAS as BOARD_SCHEMAS
from engine.web.api_openapi_boards import board_paths
from engine.web.api_schemas import ERROR, LINK, PREVIEW, field_schema

_JSON = "application/json"
_PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_QUERY: tuple[tuple[str, str, str], ...] = (
    ("where", "string", "A filter in the expression language, for example: amount > 1000 and stage = 'won'"),
    ("search", "string", "Words to find"),
    ("sort", "string", "Field ids, comma separated; a leading - means descending"),
    ("fields", "string", "Field ids, comma separated; left out: the columns of the view"),
    ("view", "string", "A view of the form"),
    ("limit", "integer", "Rows of a page, 1 to 200; 50 when left out"),
    ("after", "string", "The cursor `next` of the page before"),
    ("total", "string", "exact | cheap | none"),
    ("group", "string", "A field to group by; then `sum` names the fields to sum and rows are not answered"),
    ("sum", "string", "Fields to sum in each group"),
)

_FIELD = {"name": "field", "in": "path", "required": True, "schema": {"type": "string"}}


def build_document(
    catalog: Catalog,
    forms: Iterable[Form],
    sights: Mapping[str, FormSight],
    boards: Iterable[Dashboard],
    language: str,
) -> Mapping[str, object]:
    """The document; every form gives its paths and two schemas (what is answered, what may be sent)."""
    paths: dict[str, object] = {}
    schemas: dict[str, object] = {"Error": ERROR, "Link": LINK, "Preview": PREVIEW}
    for form in forms:
        sight = sights[form.id]
        paths.update(_paths(catalog.company.id, form, sight, language))
        schemas[form.id] = _record_schema(form, _seen(form, sight.see), sight.see, language, stamped=True)
        schemas[f"{form.id}.write"] = _record_schema(
            form, _seen(form, sight.change), sight.change, language, stamped=False
        )
    approvals = approval_paths(catalog)
    paths.update(approvals)
    schemas.update(SCHEMAS if approvals else {})
    numbers = board_paths(catalog.company.id, boards, language)
    paths.update(numbers)
    schemas.update(BOARD_SCHEMAS if numbers else {})
    return {
        "openapi": "3.1.0",
        "info": {"title": in_language(catalog.company.label, language), "version": catalog.digest[:12]},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _seen(form: Form, names: frozenset[str]) -> Mapping[str, Field]:
    return {name: field for name, field in form.fields.items() if name in names}


def _paths(company: str, form: Form, sight: FormSight, language: str) -> Mapping[str, object]:
    base = f"/{company}/api/v1/{form.app}/{form.name}"
    tag, key = in_language(form.label, language), form.id
    many: dict[str, object] = {"get": _list(tag, key)}
    if "create" in sight.verbs:
        many["post"] = _write(tag, key, "create", "201")
    one: dict[str, object] = {"parameters": [_id()], "get": _operation(tag, key, "read", "200")}
    if "change" in sight.verbs:
        one["patch"] = _write(tag, key, "change", "200")
    if "delete" in sight.verbs:
        one["delete"] = {
            "tags": [tag],
            "operationId": f"{key}.delete",
            "responses": {"204": {"description": "Deleted"}, "4XX": _PROBLEM},
        }
    found: dict[str, object] = {base: many, f"{base}/{{id}}": one, f"{base}/preview": {"post": _preview(tag, key)}}
    if any(name in sight.see and field.formula is not None for name, field in form.fields.items()):
        found[f"{base}/{{id}}/explain/{{field}}"] = {"parameters": [_id(), _FIELD], "get": _explain(tag, key)}
    for name, action in form.actions.items():
        body = {"content": {_JSON: {"schema": {"type": "object", "properties": {"asked": {"type": "object"}}}}}}
        operation: dict[str, object] = {
            "tags": [tag],
            "operationId": f"{key}.{name}",
            "summary": in_language(action.label, language),
            "requestBody": body,
            "responses": {"200": {"description": "Done"}, "4XX": _PROBLEM},
        }
        found[f"{base}/{{id}}/actions/{name}"] = {"parameters": [_id()], "post": operation}
    return found


def _explain(tag: str, key: str) -> Mapping[str, object]:
    answer = {
        "type": "object",
        "properties": {
            "words": {"type": "string"},
            "value": {},
            "result": {},
            "agrees": {"type": "boolean"},
            "compute": {"enum": ["stored", "read", "daily", "once"]},
            "as_of": {"type": ["string", "null"]},
            "stale": {"type": "boolean"},
            "part": {"type": "object"},
        },
    }
    told = {"description": "How the value came about", "content": {_JSON: {"schema": answer}}}
    return {"tags": [tag], "operationId": f"{key}.explain", "responses": {"200": told, "4XX": _PROBLEM}}


def _id() -> Mapping[str, object]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def _list(tag: str, key: str) -> Mapping[str, object]:
    answer = {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": {"$ref": f"#/components/schemas/{key}"}},
            "next": {"type": ["string", "null"]},
            "total": {"type": ["integer", "null"]},
        },
    }
    return {
        "tags": [tag],
        "operationId": f"{key}.list",
        "parameters": [
            {"name": name, "in": "query", "description": words, "schema": {"type": kind}}
            for name, kind, words in _QUERY
        ],
        "responses": {"200": {"description": "A page", "content": {_JSON: {"schema": answer}}}, "4XX": _PROBLEM},
    }


def _operation(tag: str, key: str, name: str, status: str) -> dict[str, object]:
    content = {_JSON: {"schema": {"$ref": f"#/components/schemas/{key}"}}}
    return {
        "tags": [tag],
        "operationId": f"{key}.{name}",
        "responses": {status: {"description": "The record", "content": content}, "4XX": _PROBLEM},
    }


def _write(tag: str, key: str, name: str, status: str) -> Mapping[str, object]:
    headers = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}]
    if name == "change":
        headers.append({"name": "If-Match", "in": "header", "schema": {"type": "string"}})
    body = {"required": True, "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{key}.write"}}}}
    return {**_operation(tag, key, name, status), "parameters": headers, "requestBody": body}


def _preview(tag: str, key: str) -> Mapping[str, object]:
    sent = {
        "type": "object",
        "properties": {"id": {"type": ["integer", "null"]}, "values": {"$ref": f"#/components/schemas/{key}.write"}},
    }
    answer = {
        "description": "What saving would do",
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Preview"}}},
    }
    return {
        "tags": [tag],
        "operationId": f"{key}.preview",
        "requestBody": {"content": {_JSON: {"schema": sent}}},
        "responses": {"200": answer, "4XX": _PROBLEM},
    }


def _record_schema(
    form: Form, fields: Mapping[str, Field], names: frozenset[str], language: str, *, stamped: bool
) -> Mapping[str, object]:
    properties: dict[str, object] = {}
    if stamped:
        properties = {"id": {"type": "integer"}, "version": {"type": "integer"}, "title": {"type": "string"}}
    for name, field in fields.items():
        properties[name] = _described(field, field_schema(field, names, writing=not stamped), language)
    return {"type": "object", "title": in_language(form.label, language), "properties": properties}


def _described(field: Field, schema: Mapping[str, object], language: str) -> Mapping[str, object]:
    help_text: Label = field.help
    words = {"title": in_language(field.label, language)}
    if help_text:
        words["description"] = in_language(help_text, language)
    if field.type in LINK_TYPES and field.to:
        words["x-form"] = ", ".join(field.to)
    return {**words, **schema}
