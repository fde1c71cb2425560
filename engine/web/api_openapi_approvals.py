"""The OpenAPI paths and schemas of tasks, approvals and stand-ins; the same for every reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from engine.catalog.catalog import Catalog
from engine.web import api_approvals, api_tasks

Schema = dict[str, object]

_JSON = "application/json"
_TEXT: Schema = {"type": ["string", "null"], "maxLength": 4000}
_INSTANT: Schema = {"type": ["string", "null"], "format": "date-time"}
_ID: Schema = {"type": "integer"}
_MAYBE_ID: Schema = {"type": ["integer", "null"]}
_WORDS: Schema = {"type": "array", "items": {"type": "string"}}
_PERSON: Schema = {"anyOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Link"}]}
_PEOPLE: Schema = {"type": "array", "items": _PERSON}
_STEPS: Schema = {
    "type": "array",
    "items": {"type": "object", "properties": {"step": {"type": "string"}, "label": {"type": "string"}}},
}
_LINK: Schema = {"$ref": "#/components/schemas/Link"}
_PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_TAGS = ("Tasks", "Approvals", "Stand-ins")


def _object(required: Iterable[str] = (), **properties: Schema) -> Schema:
    made: Schema = {"type": "object", "properties": properties}
    return {**made, "required": list(required)} if required else made


_REASON = _object(opinion=_TEXT)
_AT_STEP = _object(["step"], step={"type": "string"}, opinion=_TEXT)
_DECISION = _object(
    ["decision", "version"],
    decision={"enum": ["approve", "reject", "submit", "return", "abstain"]},
    version={"type": "integer", "description": "The version of the record that was seen"},
    rev={"type": "integer", "description": "The rev of the task that was seen"},
    opinion=_TEXT,
    values={"type": "object", "description": "The fields that the step lets its handler edit, in wire form"},
    to={"type": ["string", "null"], "description": "The step to return to"},
    resume={"enum": ["rerun", "direct", None]},
    signature={"type": ["integer", "null"], "description": "The id of an uploaded picture"},
    people={"type": "object", "additionalProperties": _PEOPLE, "description": "Step → the people chosen for it"},
)
_TASK_BODIES: Mapping[str, Schema] = MappingProxyType(
    {
        "decide": {"$ref": "#/components/schemas/Decision"},
        "save": _object(values={"type": "object"}, opinion=_TEXT, rev=_ID),
        "transfer": _object(["to"], to=_PERSON, opinion=_TEXT, rev=_ID),
        "add_signer": _object(
            ["signers", "where"],
            signers=_PEOPLE,
            where={"enum": ["before", "after", "with"]},
            mode={"enum": ["any", "all", "sequence"]},
            decision={"enum": ["approve", "submit"], "description": "With `after`: what the handler says himself"},
            version=_ID,
            opinion=_TEXT,
            rev=_ID,
        ),
        "remove_signer": _REASON,
        "claim": _object(rev=_ID),
        "release": _object(rev=_ID),
        "take_back": _object(),
        "reassign": _object(["to"], to=_PERSON, opinion=_TEXT),
    }
)
_APPROVAL_BODIES: Mapping[str, Schema] = MappingProxyType(
    {
        "revoke": _REASON,
        "urge": _object(task=_MAYBE_ID, text=_TEXT),
        "comment": _object(["text"], text=_TEXT, to=_PEOPLE),
        "copy": _object(["to"], to=_PEOPLE, text=_TEXT),
        "read": _object(version=_MAYBE_ID),
        "suspend": _REASON,
        "resume": _REASON,
        "retry": _REASON,
        "terminate": _REASON,
        "jump": _AT_STEP,
        "pass_step": _AT_STEP,
    }
)
_START = _object(
    ["workflow"],
    workflow={"type": "string"},
    record={"type": ["integer", "null"], "description": "Left out: the record is made of `values`"},
    values={"type": "object"},
    version=_MAYBE_ID,
    people={"type": "object", "additionalProperties": _PEOPLE},
)
_DELEGATE = _object(
    ["delegate", "starts_at", "ends_at"],
    delegate=_PERSON,
    starts_at={"type": "string", "format": "date-time"},
    ends_at={"type": "string", "format": "date-time"},
    workflows=_WORDS,
    note=_TEXT,
)
_PLACE = _object(
    step={"type": "string"},
    label={"type": "string"},
    kind={"type": "string"},
    holders={
        "type": "array",
        "items": _object(
            task=_ID,
            person=_LINK,
            principal=_LINK,
            since=_INSTANT,
            due_at=_INSTANT,
            late={"type": "boolean"},
            read={"type": "boolean"},
        ),
    },
    later={"type": "array", "items": _LINK},
)
SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "Decision": _DECISION,
        "Approval": _object(
            id=_ID,
            rev=_ID,
            workflow={"type": "string"},
            label={"type": "string"},
            title={"type": "string"},
            form={"type": "string"},
            record=_ID,
            url={"type": "string"},
            state={"enum": ["running", "approved", "rejected", "revoked", "terminated"]},
            returned={"type": "boolean"},
            suspended={"type": "boolean"},
            incident={"type": ["string", "null"]},
            late={"type": "boolean"},
            initiator=_LINK,
            started_at=_INSTANT,
            ended_at=_INSTANT,
            places={"type": "array", "items": _PLACE},
            passed=_WORDS,
            may={"type": "object"},
        ),
        "Task": _object(
            id=_ID,
            rev=_ID,
            state={"enum": ["waiting", "pending", "done", "superseded", "cancelled", "transferred"]},
            step={"type": "string"},
            label={"type": "string"},
            created_at=_INSTANT,
            due_at=_INSTANT,
            read_at=_INSTANT,
            offers=_WORDS,
            returns=_STEPS,
            resume={"enum": ["rerun", "direct", "choose", None]},
            edit=_WORDS,
            require=_WORDS,
            opinion={"type": "object", "additionalProperties": {"enum": ["required", "optional", "none"]}},
            signature={"type": "boolean"},
            draft=_object(values={"type": "object"}, opinion=_TEXT),
            record={"type": "object", "description": "The record as the step shows it"},
            approval={"$ref": "#/components/schemas/Approval"},
        ),
        "ListedTask": _object(
            task=_MAYBE_ID,
            approval=_ID,
            workflow={"type": "string"},
            label={"type": "string"},
            title={"type": "string"},
            form={"type": "string"},
            record=_ID,
            state={"type": "string"},
            suspended={"type": "boolean"},
            steps=_STEPS,
            initiator=_LINK,
            principal=_LINK,
            holders={"type": "array", "items": _LINK},
            decision={"type": ["string", "null"]},
            at=_INSTANT,
            due_at=_INSTANT,
            read_at=_INSTANT,
        ),
        "Event": _object(
            at=_INSTANT,
            action={"type": "string"},
            actor=_LINK,
            on_behalf_of=_LINK,
            step={"type": ["string", "null"]},
            label={"type": ["string", "null"]},
            opinion={"type": ["string", "null"]},
            people={"type": "array", "items": _LINK},
            to={"type": ["string", "null"]},
            text={"type": ["string", "null"]},
            signature=_MAYBE_ID,
        ),
    }
)
_PAGED = (("search", "string", "Words of the title"), ("after", "string", "The cursor `next` of the page before"))
_TASK_QUERY = (
    ("tab", "string", "waiting | done | started | copies"),
    ("workflow", "string", "The id of a workflow"),
    ("overdue", "boolean", "Only what should have been decided already"),
    ("initiator", "integer", "Who started it"),
    *_PAGED,
)
_APPROVAL_QUERY = (
    ("state", "string", "running | late | incident | suspended | approved | rejected | revoked | terminated | all"),
    ("workflow", "string", "The id of a workflow"),
    ("step", "string", "Where it stands; with `workflow`"),
    ("person", "integer", "Who has it, or started it"),
    *_PAGED,
)


def approval_paths(catalog: Catalog) -> dict[str, object]:
    """Tasks, approvals and stand-ins; {} for a company without workflows."""
    if not catalog.workflows:
        return {}
    base, task, approval = f"/{catalog.company.id}/api/v1", {"parameters": [_path()]}, {"parameters": [_path()]}
    found: dict[str, object] = {
        f"{base}/tasks": {"get": _get(0, "tasks.list", _rows("ListedTask"), _TASK_QUERY)},
        f"{base}/tasks/decide": {"post": _post(0, "tasks.decide_many", _many(), _outcomes())},
        f"{base}/tasks/{{id}}": {**task, "get": _get(0, "tasks.read", _ref("Task"))},
        f"{base}/approvals": {
            "get": _get(1, "approvals.list", _object(rows={"type": "array"}, next=_TEXT), _APPROVAL_QUERY),
            "post": _post(1, "approvals.start", _START, _ref("Approval"), "201"),
        },
        f"{base}/approvals/{{id}}": {**approval, "get": _get(1, "approvals.read", _ref("Approval"))},
        f"{base}/approvals/{{id}}/log": {**approval, "get": _get(1, "approvals.log", _events())},
        f"{base}/delegations": {
            "get": _get(2, "delegations.list", _object(rows={"type": "array"})),
            "post": _post(2, "delegations.make", _DELEGATE, _object(id=_ID), "201"),
        },
        f"{base}/delegations/{{id}}/end": {**approval, "post": _post(2, "delegations.end", None, None, "204")},
    }
    for name in api_tasks.NAMES:
        done = _post(0, f"tasks.{name}", _TASK_BODIES[name], _ref("Approval"))
        found[f"{base}/tasks/{{id}}/{name}"] = {**task, "post": done}
    for name in api_approvals.NAMES:
        done = _post(1, f"approvals.{name}", _APPROVAL_BODIES[name], _ref("Approval"))
        found[f"{base}/approvals/{{id}}/{name}"] = {**approval, "post": done}
    return found


def _path() -> Schema:
    return {"name": "id", "in": "path", "required": True, "schema": _ID}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _rows(name: str) -> Schema:
    return _object(rows={"type": "array", "items": _ref(name)}, next={"type": ["string", "null"]})


def _events() -> Schema:
    return _object(events={"type": "array", "items": _ref("Event")})


def _many() -> Schema:
    one: Schema = {"allOf": [_ref("Decision"), _object(["task"], task=_ID)]}
    return _object(["decisions"], decisions={"type": "array", "maxItems": 100, "items": one})


def _outcomes() -> Schema:
    one = _object(
        task=_ID,
        done={"type": "boolean"},
        state={"type": ["string", "null"]},
        stale={"type": "boolean"},
        errors={"type": "array", "items": {"type": "object"}},
    )
    return _object(outcomes={"type": "array", "items": one})


def _get(tag: int, name: str, answer: Schema, query: Iterable[tuple[str, str, str]] = ()) -> Schema:
    told = {"description": "What is asked for", "content": {_JSON: {"schema": answer}}}
    found: Schema = {"tags": [_TAGS[tag]], "operationId": name, "responses": {"200": told, "4XX": _PROBLEM}}
    asked = [{"name": key, "in": "query", "description": text, "schema": {"type": kind}} for key, kind, text in query]
    return {**found, "parameters": asked} if asked else found


def _post(tag: int, name: str, body: Schema | None, answer: Schema | None, status: str = "200") -> Schema:
    headers = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}]
    told: Schema = {"description": "Done"}
    if answer is not None:
        told["content"] = {_JSON: {"schema": answer}}
    found: Schema = {"tags": [_TAGS[tag]], "operationId": name, "responses": {status: told, "4XX": _PROBLEM}}
    if body is None:
        return found
    return {**found, "parameters": headers, "requestBody": {"content": {_JSON: {"schema": body}}}}
