"""What is done from a list: many records at once, export, saved views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

from flask import request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.catalog.forms import Field, Form
from engine.problems import Problem, ProblemsFound
from engine.services import exchange, records, views
from engine.services.views_of_records import BulkResult, ListRequest
from engine.web.answers import go_to, json_answer, label, language, say
from engine.web.list_request import read_list_request
from engine.web.routes import Route
from engine.web.visit import fetch_form, note_once, visit

_MOST = 1000
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_SEVERAL = frozenset({"choices", "users", "departments", "links"})


def change_many(app: str, form: str) -> ResponseReturnValue:
    """Deletes the chosen records, or gives one field of all of them a value. Each record is its own transaction."""
    current, definition = visit(), fetch_form(app, form)
    ids = _ids()
    if request.form.get("do") == "delete":
        result = records.bulk_delete(current.company, current.actor, definition.id, ids)
        return _report(definition, result, "list.bulk_deleted")
    values = _value(definition, request.form.get("field", ""))
    result = records.bulk_change(current.company, current.actor, definition.id, ids, values)
    return _report(definition, result, "list.bulk_done")


def _ids() -> tuple[int, ...]:
    given = request.form.getlist("ids")
    if (
        not given
        or len(given) > _MOST
        or not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in given)
    ):
        raise BadRequest
    return tuple(int(each) for each in given)


def _value(form: Form, name: str) -> Mapping[str, object]:
    field = form.fields.get(name)
    if field is None:
        raise ProblemsFound([Problem("R101", {"name": name})])
    return {name: _wire(field, request.form.getlist("value"))}


def _wire(field: Field, given: list[str]) -> object:
    if field.type in _SEVERAL:
        return [value for value in given if value]
    text = given[0].strip() if given else ""
    if field.type == "percent" and text:
        return _fraction(text)
    return text or None


def _fraction(text: str) -> object:
    """What is typed as 15 is 0.15; anything else goes on as it is and is refused with the field's own words."""
    digits = text.rstrip("%％ ")
    return f"{digits}%" if digits else text


def _report(form: Form, result: BulkResult, done: str) -> ResponseReturnValue:
    text = say(done, count=len(result.done))
    if not result.problems:
        note_once(done, count=len(result.done))
    titles = _titles(form, list(result.problems))
    speech = language()
    refused = [
        {
            "id": each,
            "title": titles.get(each, f"#{each}"),
            "message": " ".join(problem.message(speech) for problem in found),
        }
        for each, found in result.problems.items()
    ]
    return json_answer({"text": text, "done": list(result.done), "refused": refused})


def _titles(form: Form, ids: list[int]) -> Mapping[int, str]:
    if not ids:
        return {}
    current = visit()
    asked = ListRequest(where=f"id in [{', '.join(map(str, ids[:200]))}]", limit=min(len(ids), 200), total="none")
    page = records.list_records(current.company, current.actor, form.id, asked)
    return {row.id: row.title for row in page.rows if row.id is not None}


def export(app: str, form: str) -> ResponseReturnValue:
    """The list as it is seen (or the ticked rows of it) as a file."""
    current, definition = visit(), fetch_form(app, form)
    kind = request.form.get("format", "")
    if kind not in _TYPES:
        raise BadRequest
    asked = read_list_request(request.form, limit=50, total="none")
    if request.form.getlist("ids"):
        chosen = f"id in [{', '.join(map(str, _ids()))}]"
        asked = replace(asked, where=f"({asked.where}) and {chosen}" if asked.where else chosen)
    stream = BytesIO()
    exchange.export_records(current.company, current.actor, definition.id, asked, kind, stream)
    stream.seek(0)
    name = say("list.export_name", form=label(definition.label), date=current.company.clock().date().isoformat())
    return send_file(stream, mimetype=_TYPES[kind], as_attachment=True, download_name=f"{name}.{kind}")


def save_view(app: str, form: str) -> ResponseReturnValue:
    """Keeps what the list shows now under a name, for oneself or for everybody."""
    current, definition, given = visit(), fetch_form(app, form), request.form
    asked = read_list_request(given, limit=50, total="none")
    saved = views.save_view(
        current.company,
        current.actor,
        definition.id,
        given.get("name", ""),
        view=asked.view,
        where=asked.where,
        sort=asked.sort,
        columns=asked.fields,
        shared=bool(given.get("shared")),
        view_id=asked.saved_view,
    )
    note_once("list.view_saved", name=saved.name)
    view = None if saved.view in (None, "list") else saved.view
    return go_to(url_for("list", app=app, form=form, view=view, saved=saved.id, where=saved.where))


def delete_view(app: str, form: str, view_id: int) -> ResponseReturnValue:
    """Forgets a saved view of one's own."""
    current = visit()
    views.delete_view(current.company, current.actor, view_id)
    note_once("list.view_deleted")
    return go_to(url_for("list", app=app, form=form))


ROUTES = (
    Route("/<company>/<app>/<form>/bulk", "bulk", change_many, ("POST",)),
    Route("/<company>/<app>/<form>/export", "export", export, ("POST",)),
    Route("/<company>/<app>/<form>/views", "save_view", save_view, ("POST",)),
    Route("/<company>/<app>/<form>/views/<int:view_id>/delete", "delete_view", delete_view, ("POST",)),
)
