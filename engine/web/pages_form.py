"""Making and changing a record: the form, what the browser asks while it is filled in, and saving it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form
from engine.catalog.workflows import workflows_of
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound, Stale
from engine.services import actions, records
from engine.services.flow.starting_offers import fetch_record_flow, form_offers, submit, which_workflow
from engine.services.flow.views import StartOffer
from engine.services.records import FormSight
from engine.services.views_of_records import RecordView
from engine.web.answers import go_to, json_answer
from engine.web.form_page import FormPage, build_page, form_class, with_conflict
from engine.web.form_state import Messages, messages_of
from engine.web.form_values import (
    Inputs,
    Sent,
    from_json,
    inputs_of,
    lay_over,
    read_sent,
    view_of_preview,
)
from engine.web.ids import find_id
from engine.web.inputs import wire_from
from engine.web.moments import company_zone, when
from engine.web.pages_approval import chosen_people
from engine.web.preview import preview_answer
from engine.web.routes import Route
from engine.web.visit import fetch_form, note_once, visit

Origin = tuple[str, int, str]
"""Form, record and action that opened the form of a new record."""


def new(app: str, form: str) -> ResponseReturnValue:
    """The empty form, pre-filled by the address (`?customer=7`) or by the action it comes from (`?from=…`)."""
    definition = fetch_form(app, form)
    if request.method == "POST":
        return _save(definition, None)
    view = _new_view(definition)
    return _render(replace(build_page(view, _sight(definition)), origin=_origin_text()))


def edit(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """The form of a record; POST saves what was changed in it."""
    definition = fetch_form(app, form)
    if request.method == "POST":
        return _save(definition, record_id)
    view = _fetch(definition, record_id)
    if "change" not in view.may:
        abort(403)
    return _render(build_page(view, _sight(definition)))


def preview(app: str, form: str) -> ResponseReturnValue:
    """What saving the form as it stands would make of the record, as JSON. Nothing is written."""
    definition = fetch_form(app, form)
    record_id = _number("_id")
    sent = _read(definition, record_id)
    current = visit()
    shape = _fetch(definition, record_id) if record_id is not None else _new_shape(definition)
    told = records.preview_record(current.company, current.actor, definition.id, record_id, sent.values)
    view = view_of_preview(shape, told)
    return json_answer(
        preview_answer(replace(build_page(view, _sight(definition)), messages=_messages(view, told.problems)), told)
    )


# --- saving ----------------------------------------


def _submit(definition: Form, record_id: int | None, wanted: str) -> ResponseReturnValue:
    """Saves and starts an approval, in one transaction."""
    sent, current = _read(definition, record_id), visit()
    try:
        workflow = wanted or which_workflow(current.company, current.actor, definition.id, record_id, sent.values).id
        if workflow not in {each.id for each in workflows_of(current.company.catalog.workflows, definition.id)}:
            raise NotVisible(workflow)
        started = submit(
            current.company,
            current.actor,
            workflow,
            record_id,
            sent.values,
            version=_number("_version") if record_id is not None else None,
            key=request.form.get("_key") or None,
            people=chosen_people(),
        )
    except ProblemsFound as found:
        return _refused(definition, record_id, sent, found), 422
    except (Conflict, NotAllowed) as refused:
        return _refused(definition, record_id, sent, ProblemsFound([refused.problem])), 422
    except Stale as stale:
        return _overtaken(definition, record_id, sent, stale), 409
    note_once("flow.submitted", title=started.title)
    return go_to(url_for("record", app=definition.app, form=definition.name, record_id=started.record_id))


def _starts(definition: Form, record_id: int | None) -> tuple[StartOffer, ...]:
    """What can be started by the form's buttons; people for one of several workflows are chosen on the record."""
    current = visit()
    if record_id is None:
        found = form_offers(current.company, current.actor, definition.id)
    else:
        found = fetch_record_flow(current.company, current.actor, definition.id, record_id).offers
    fresh = tuple(each for each in found if not each.again)
    return fresh if len(fresh) == 1 else tuple(each for each in fresh if not each.asks)


def _save(definition: Form, record_id: int | None) -> ResponseReturnValue:
    then, _, wanted = request.form.get("_then", "").partition(":")
    if then == "submit" and not _links_back():
        return _submit(definition, record_id, wanted)
    sent, current = _read(definition, record_id), visit()
    try:
        saved = records.save_record(
            current.company,
            current.actor,
            definition.id,
            record_id,
            sent.values,
            version=_number("_version") if record_id is not None else None,
            key=request.form.get("_key") or None,
            origin=_origin(),
        )
    except ProblemsFound as found:
        return _refused(definition, record_id, sent, found), 422
    except Stale as stale:
        return _overtaken(definition, record_id, sent, stale), 409
    if saved.kept:
        names = {saved.title_of(each.form, each.id) for each in saved.kept}
        note_once("form.saved_kept", title=saved.title, count=len(saved.kept), names=", ".join(sorted(names)[:5]))
    else:
        note_once("form.saved", title=saved.title)
    return go_to(_after(definition, saved))


def _after(definition: Form, saved: RecordView) -> str:
    if request.form.get("_then") == "new":
        return url_for("new", app=definition.app, form=definition.name)
    return url_for("record", app=definition.app, form=definition.name, record_id=saved.id)


def _refused(definition: Form, record_id: int | None, sent: Sent, found: ProblemsFound) -> str:
    current = visit()
    shape = _fetch(definition, record_id) if record_id is not None else _new_shape(definition)
    told = records.preview_record(current.company, current.actor, definition.id, record_id, sent.values)
    view = view_of_preview(shape, told)
    inputs = {**inputs_of(view, company_zone()), **sent.inputs}
    page = build_page(view, _sight(definition), inputs)
    return _render(replace(page, start=_start(), messages=_messages(view, found.problems), origin=_origin_text()))


def _overtaken(definition: Form, record_id: int | None, sent: Sent, stale: Stale) -> str:
    view = _fetch(definition, record_id or 0)
    inputs = lay_over(inputs_of(view, company_zone()), sent.inputs, _start())
    return _render(with_conflict(build_page(view, _sight(definition), inputs), stale.changes, sent.values))


def _messages(view: RecordView, problems: tuple[Problem, ...]) -> Messages:
    return messages_of(problems, view.form.fields)


# --- reading the request ----------------------------------------


def _read(definition: Form, record_id: int | None) -> Sent:
    filled = form_class(definition)(request.form)
    return read_sent(definition, filled, _start(), company_zone(), whole=record_id is None)


def _start() -> Inputs:
    return from_json(request.form.get("_start", ""))


def _number(name: str) -> int | None:
    return find_id(request.form.get(name, ""))


def _origin_text() -> str:
    return request.values.get("_from") or request.args.get("from", "")


def _origin() -> Origin | None:
    """The action that opened the form: "crm.lead/12/to_customer"."""
    form_id, _, rest = _origin_text().partition("/")
    digits, _, action_id = rest.partition("/")
    record_id = find_id(digits)
    if not form_id or record_id is None or not action_id:
        return None
    return form_id, record_id, action_id


def _links_back() -> bool:
    """Whether the action that opened the form is told of the record made: only a plain save does that."""
    form_id, _, action_id = _origin() or ("", 0, "")
    source = visit().company.catalog.forms.get(form_id)
    action = source.actions.get(action_id) if source is not None else None
    return action is not None and action.back is not None


def _new_view(definition: Form) -> RecordView:
    current = visit()
    return records.new_record(current.company, current.actor, definition.id, _given(definition))


def _new_shape(definition: Form) -> RecordView:
    current = visit()
    return records.new_record(current.company, current.actor, definition.id)


def _given(definition: Form) -> Mapping[str, object]:
    """What the empty form starts with: what an action hands over, or what the address says."""
    origin = _origin()
    if origin is not None:
        return _handed_over(definition, origin)
    zone = company_zone()
    return {
        name: wire_from(definition.fields[name], value, zone)
        for name, value in request.args.items()
        if name in definition.fields and value and definition.fields[name].type != "lines"
    }


def _handed_over(definition: Form, origin: Origin) -> Mapping[str, object]:
    """The values an action opens this form with. Only such actions run here: opening a page changes nothing."""
    current, (form_id, record_id, action_id) = visit(), origin
    source = current.company.catalog.forms.get(form_id)
    action = source.actions.get(action_id) if source is not None else None
    if action is None or action.kind not in ("creates", "duplicate"):
        raise NotVisible(action_id)
    zone = company_zone()
    asked = {each.id: wire_from(each, request.args.get(f"asked.{each.id}", ""), zone) for each in action.asks.values()}
    opens = actions.run_action(current.company, current.actor, form_id, record_id, action_id, asked).opens
    return opens[1] if opens is not None and opens[0] == definition.id else {}


def _fetch(definition: Form, record_id: int) -> RecordView:
    current = visit()
    return records.fetch_record(current.company, current.actor, definition.id, record_id)


def _sight(definition: Form) -> FormSight:
    current = visit()
    return records.form_sight(current.company, current.actor, definition.id)


def _render(page: FormPage) -> str:
    starts = _starts(page.form, page.view.id) if not _links_back() else ()
    keyed = replace(page, key=request.form.get("_key") or secrets.token_urlsafe(16), starts=starts)
    return render_template("form/form.html", page=keyed, checked=chosen_people(), when=when)


ROUTES = (
    Route("/<company>/<app>/<form>/new", "new", new, ("GET", "POST")),
    Route("/<company>/<app>/<form>/<int:record_id>/edit", "edit", edit, ("GET", "POST")),
    Route("/<company>/<app>/<form>/preview", "preview", preview, ("POST",)),
)
