"""The records of a form for programs: list, read, create, change, delete, move, act, preview (decisions 56 to 58)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.catalog.forms import Form
from engine.problems import Problem, ProblemsFound
from engine.services import actions, records, timeline
from engine.services.views_of_records import Preview, RecordView, Wiring, wire_fields
from engine.web.answers import json_answer, problem_list
from engine.web.json_body import read_body
from engine.web.list_request import read_list_request
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit

_CAUSE = "api"
_PAGE = 50
_KEY_LENGTH = 200
STAMPS = ("created_at", "created_by", "updated_at", "updated_by")


def list_records(app: str, form: str) -> ResponseReturnValue:
    """A page of records; `total` is null unless asked or cheap."""
    current, definition = visit(), fetch_form(app, form)
    if "group" in request.args:
        return _list_groups(definition)
    asked = read_list_request(request.args, limit=_PAGE, total="none")
    page = records.list_records(current.company, current.actor, definition.id, asked)
    wiring = wire_fields(page.form, page.columns)
    return json_answer(
        {"rows": [record_json(row, wiring) for row in page.rows], "next": page.next, "total": page.total}
        | ({} if page.total is None or page.total_exact else {"total_exact": False})
    )


def _list_groups(form: Form) -> ResponseReturnValue:
    current, query = visit(), request.args
    sums = tuple(name for name in query.get("sum", "").split(",") if name)
    groups = records.list_groups(
        current.company,
        current.actor,
        form.id,
        query["group"],
        sums,
        query.get("where") or None,
        query.get("search") or None,
    )
    return json_answer({"groups": groups})


def read_record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """One record; `?related=a,b` adds the first page of its related lists."""
    current, definition = visit(), fetch_form(app, form)
    view = records.fetch_record(current.company, current.actor, definition.id, record_id)
    body = record_json(view)
    names = tuple(name for name in request.args.get("related", "").split(",") if name)
    if names:
        body["related"] = {name: _related(definition, record_id, name) for name in names}
    return _with_version(json_answer(body), view)


def _related(form: Form, record_id: int, name: str) -> Mapping[str, object]:
    current = visit()
    if name not in form.related:
        raise ProblemsFound([Problem("R101", {"name": name})])
    page = timeline.fetch_related(current.company, current.actor, form.id, record_id, name, None)
    wiring = wire_fields(page.form, page.columns)
    return {"rows": [record_json(row, wiring) for row in page.rows], "next": page.next}


def create_record(app: str, form: str) -> ResponseReturnValue:
    """Saves a new record: 201 and where it is."""
    definition = fetch_form(app, form)
    view = _save(definition, None, dict(read_body()), None)
    answer = _with_version(json_answer(record_json(view), 201), view)
    answer.headers["Location"] = url_for("api_record", app=app, form=form, record_id=view.id)
    return answer


def change_record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Saves the given fields of a record; others stay."""
    values = dict(read_body())
    view = _save(fetch_form(app, form), record_id, values, _version(values))
    return _with_version(json_answer(record_json(view)), view)


def delete_record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Puts a record into the recycle bin."""
    current, definition = visit(), fetch_form(app, form)
    version = _version(dict(read_body()))
    records.delete_record(current.company, current.actor, definition.id, record_id, version=version)
    return Response(status=204)


def restore_record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Takes a record out of the recycle bin."""
    current, definition = visit(), fetch_form(app, form)
    records.restore_record(current.company, current.actor, definition.id, record_id)
    return read_record(app, form, record_id)


def move_record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Moves a record to another stage: body {"field", "stage", "version"?}. 202: an approval has begun, it stays."""
    current, definition = visit(), fetch_form(app, form)
    body = dict(read_body())
    field, stage = str(body.get("field", "")), str(body.get("stage", ""))
    view = records.move_record(
        current.company, current.actor, definition.id, record_id, field, stage, version=_version(body)
    )
    waits = view.values.get(field) not in (stage, None)
    return _with_version(json_answer(record_json(view), 202 if waits else 200), view)


def run_action(app: str, form: str, record_id: int, name: str) -> ResponseReturnValue:
    """Runs an action: the record it saved, the approval it started, or the form it opens with its first values."""
    current, definition = visit(), fetch_form(app, form)
    asked = read_body().get("asked", {})
    if not isinstance(asked, Mapping):
        raise BadRequest
    result = actions.run_action(current.company, current.actor, definition.id, record_id, name, asked)
    if result.opens is not None:
        return json_answer({"opens": {"form": result.opens[0], "values": dict(result.opens[1])}})
    saved = result.saved
    started = {"started": result.started} if result.started is not None else {}
    return json_answer({"saved": record_json(saved) if saved is not None else None, **started})


def preview_record(app: str, form: str) -> ResponseReturnValue:
    """What saving {"id"?, "values"} would make of the record; nothing is written."""
    current, definition = visit(), fetch_form(app, form)
    body = read_body()
    record_id, values = body.get("id"), body.get("values", {})
    if not isinstance(values, Mapping) or not (record_id is None or isinstance(record_id, int)):
        raise BadRequest
    preview = records.preview_record(current.company, current.actor, definition.id, record_id, values)
    return json_answer(preview_json(preview))


def record_json(view: RecordView, wiring: Wiring | None = None) -> dict[str, object]:
    """A record in wire form: id, version, title, and the fields of `wiring` (left out: all it has)."""
    body: dict[str, object] = {"id": view.id, "version": view.version, "title": view.title}
    unseen = view.unseen
    for name, wire in wire_fields(view.form, view.values) if wiring is None else wiring:
        if name not in unseen and name not in body:
            body[name] = wire(view)
    if view.stale:
        body["stale"] = sorted(view.stale)
    if view.kept:
        body["kept"] = [{"form": each.form, "id": each.id, "field": each.field} for each in view.kept]
    return body


def preview_json(preview: Preview) -> dict[str, object]:
    """A preview in wire form."""
    return {
        "values": dict(preview.values),
        "hidden": sorted(preview.hidden),
        "required": sorted(preview.required),
        "read_only": sorted(preview.read_only),
        "choices": {name: list(ids) for name, ids in preview.choices.items()},
        "titles": {form: {str(each): title for each, title in found.items()} for form, found in preview.titles.items()},
        "problems": problem_list(preview.problems),
    }


def _save(form: Form, record_id: int | None, values: dict[str, object], version: int | None) -> RecordView:
    current = visit()
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _KEY_LENGTH:
        raise BadRequest
    return records.save_record(
        current.company, current.actor, form.id, record_id, values, version=version, cause=_CAUSE, key=key
    )


def _version(body: dict[str, object]) -> int | None:
    """The version the caller has seen, taken out of the body, or of If-Match."""
    given = body.pop("version", None)
    header = request.headers.get("If-Match", "").strip()
    if given is None and header and header != "*":
        digits = header.removeprefix("W/").strip('"')
        given = int(digits) if digits.isdecimal() and len(digits) < 19 else -1
    if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
        raise BadRequest
    return given


def _with_version(answer: Response, view: RecordView) -> Response:
    answer.headers["ETag"] = f'"{view.version}"'
    return answer


_FORM = "/<company>/api/v1/<app>/<form>"
_RECORD = f"{_FORM}/<int:record_id>"
ROUTES = (
    Route(_FORM, "api_list", list_records),
    Route(_FORM, "api_create", create_record, ("POST",)),
    Route(f"{_FORM}/preview", "api_preview", preview_record, ("POST",)),
    Route(_RECORD, "api_record", read_record),
    Route(_RECORD, "api_change", change_record, ("PATCH",)),
    Route(_RECORD, "api_delete", delete_record, ("DELETE",)),
    Route(f"{_RECORD}/restore", "api_restore", restore_record, ("POST",)),
    Route(f"{_RECORD}/move", "api_move", move_record, ("POST",)),
    Route(f"{_RECORD}/actions/<name>", "api_action", run_action, ("POST",)),
)
