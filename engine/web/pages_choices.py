"""What the inputs of a form ask the server for: options of links, a small form to make a new one, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO, cast

from flask import Response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Field, Form
from engine.problems import NotVisible, ProblemsFound
from engine.services import choices as choice_service
from engine.services import files, pictures, records
from engine.services.views_of_pages import Option
from engine.services.views_of_records import PERSON_FORM, ListRequest, RecordView
from engine.web.answers import json_answer, language, problem_list
from engine.web.form_page import FormPage, build_page, form_class
from engine.web.form_state import messages_of
from engine.web.form_values import inputs_of, python_value, read_sent, view_of_preview
from engine.web.inputs import links_to_several, shown
from engine.web.json_body import parse_json
from engine.web.moments import company_zone
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit

_SHOWN_AT_ONCE = 20
_QUICK = "quick-"


def choices(app: str, form: str, path: str) -> ResponseReturnValue:
    """Options of the link `path` ("customer", "lines.product") for what was typed; `values` = the record so far."""
    definition, current = fetch_form(app, form), visit()
    found = choice_service.find_choices(
        current.company,
        current.actor,
        definition.id,
        path,
        request.args.get("q", "").strip()[:100],
        _values(),
        limit=_SHOWN_AT_ONCE,
    )
    beside = _fields_beside(definition, path)
    return json_answer({"options": [_option(_field_at(definition, path), each, beside) for each in found]})


def people_hints() -> ResponseReturnValue:
    """People to name in a comment or to ask along, for what was typed."""
    current = visit()
    request_ = ListRequest(search=request.args.get("q", "").strip()[:60] or None, limit=_SHOWN_AT_ONCE, total="none")
    found = records.list_records(current.company, current.actor, PERSON_FORM, request_)
    return json_answer({"options": [_person(each) for each in found.rows]})


def _person(view: RecordView) -> Mapping[str, object]:
    context = [text for name in ("department",) if name in view.values and (text := view.text(name, language()))]
    return {"value": str(view.id), "title": view.title, "context": context, "fills": {}}


def _values() -> Mapping[str, Any]:
    given = parse_json(request.args.get("values", "{}").encode(errors="replace"))
    return given if isinstance(given, dict) else {}


def _field_at(form: Form, path: str) -> Field:
    name, _, inner = path.partition(".")
    field = form.fields.get(name)
    if field is not None and inner:
        field = field.fields.get(inner)
    if field is None:
        raise NotVisible(path)
    return field


def _fields_beside(form: Form, path: str) -> Mapping[str, Field]:
    name, _, inner = path.partition(".")
    return form.fields[name].fields if inner and name in form.fields else form.fields


def _option(field: Field, option: Option, beside: Mapping[str, Field]) -> Mapping[str, object]:
    value = f"{option.form}/{option.id}" if links_to_several(field) else str(option.id)
    fills = {name: _fill(beside[name], wire) for name, wire in option.fills.items() if name in beside}
    return {"value": value, "title": option.title, "context": list(option.context), "fills": fills}


def _fill(field: Field, wire: object) -> Mapping[str, object]:
    title = str(wire.get("title", "")) if isinstance(wire, Mapping) else ""
    return {"shown": shown(field, python_value(field, wire), company_zone()), "title": title}


# --- a new record without leaving the form ----------------------------------------


def quick(app: str, form: str) -> ResponseReturnValue:
    """The small form as a part of a page; POST saves and answers the new option, or the form and its problems (422)."""
    definition = fetch_form(app, form)
    return _save_quick(definition) if request.method == "POST" else _quick_form(definition)


def _quick_form(definition: Form) -> str:
    current = visit()
    view = records.new_record(current.company, current.actor, definition.id)
    page = build_page(view, records.form_sight(current.company, current.actor, definition.id), prefix=_QUICK)
    typed = request.args.get("typed", "")[:200]
    first = next((name for name in quick_fields(page) if definition.fields[name].type == "text"), None)
    if typed and first:
        page.inputs.entry(first).data = typed
    return _render(page)


def _save_quick(definition: Form) -> ResponseReturnValue:
    current, zone = visit(), company_zone()
    sent = read_sent(definition, form_class(definition)(request.form, prefix=_QUICK), {}, zone, whole=True)
    try:
        saved = records.save_record(current.company, current.actor, definition.id, None, sent.values)
    except ProblemsFound as found:
        shape = records.new_record(current.company, current.actor, definition.id)
        told = records.preview_record(current.company, current.actor, definition.id, None, sent.values)
        view = view_of_preview(shape, told)
        sight = records.form_sight(current.company, current.actor, definition.id)
        page = build_page(view, sight, {**inputs_of(view, zone), **sent.inputs}, prefix=_QUICK)
        return _render(replace(page, messages=messages_of(found.problems, quick_fields(page)))), 422
    return json_answer({"value": str(saved.id), "title": saved.title, "context": [], "fills": {}})


def quick_fields(page: FormPage) -> tuple[str, ...]:
    """What the small form asks: the definition's `quick:`, else what is required and what makes the title."""
    form, seen = page.form, page.view.values
    titles = [part[0] for part in form.title.parts if not isinstance(part, str)]
    wanted = form.quick or tuple(name for name in form.fields if page.is_required(name) or name in titles)
    plain = [name for name in wanted if name in seen and form.fields[name].type not in ("lines", "stage")]
    return tuple(name for name in plain if page.kind(form.fields[name]) != "output")


def _render(page: FormPage) -> str:
    return render_template("form/quick.html", page=page, names=quick_fields(page))


# --- files ----------------------------------------


def upload() -> ResponseReturnValue:
    """Stores one file for a form that will be saved later; answers its id, name and size."""
    current, sent = visit(), request.files.get("file")
    if sent is None or not sent.filename:
        return json_answer({"errors": []}, 422)
    try:
        info = files.store_file(
            current.company, current.actor, sent.filename, cast(BinaryIO, sent.stream), sent.mimetype
        )
    except ProblemsFound as found:
        return json_answer({"errors": problem_list(found.problems)}, 422)
    small = url_for("thumbnail", file_id=info.id) if info.is_picture else ""
    return json_answer({"id": info.id, "name": info.name, "size": info.size, "thumbnail": small})


def file(file_id: int) -> ResponseReturnValue:
    """The bytes of a file, always as a download: nothing in it runs in our pages."""
    current = visit()
    opened = files.open_file(current.company, current.actor, file_id)
    answer: Response = send_file(
        opened.path, mimetype="application/octet-stream", as_attachment=True, download_name=opened.info.name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def thumbnail(file_id: int) -> ResponseReturnValue:
    """A picture drawn small, for those who may read the file."""
    current = visit()
    answer = Response(pictures.draw_thumbnail(current.company, current.actor, file_id), mimetype="image/png")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


ROUTES = (
    Route("/<company>/<app>/<form>/choices/<path>", "choices", choices),
    Route("/<company>/<app>/<form>/quick", "quick", quick, ("GET", "POST")),
    Route("/<company>/people-hints", "people_hints", people_hints),
    Route("/<company>/files", "upload", upload, ("POST",)),
    Route("/<company>/files/<int:file_id>", "file", file),
    Route("/<company>/files/<int:file_id>/thumbnail", "thumbnail", thumbnail),
)
