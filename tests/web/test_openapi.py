"""The description of the API is a sound OpenAPI document: every schema is one, every reference leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema import Draft202012Validator

from tests.web.conftest import Web

METHODS = {"get", "post", "patch", "delete"}


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_the_document_holds_together(web: Web) -> None:
    document = web.program("bo").get("/acme/api/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert {reference.removeprefix("#/components/schemas/") for reference in references(document)} <= schemas.keys()
    operations = [one for path in document["paths"].values() for method, one in path.items() if method in METHODS]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["responses"] for operation in operations)


def test_what_is_answered_fits_its_schema(web: Web) -> None:
    program = web.program("bo")
    values = {"name": "Fit", "amount": "1.50", "share": "0.1", "due": "2026-12-01", "kind": "a", "done": True, "cost": "2"}
    made = program.post("/acme/api/v1/work/task", json=values).json
    document = program.get("/acme/api/v1/openapi.json").json
    schema = {**document["components"]["schemas"]["work.task"], "components": document["components"]}
    Draft202012Validator(schema).validate(made)
    assert made.keys() - schema["properties"].keys() <= {"created_at", "created_by", "updated_at", "updated_by"}
