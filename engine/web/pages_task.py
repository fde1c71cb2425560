"""The page on which a task is decided, and all else that may be done with it. Deciding works without JavaScript."""

from __future__ import annotations

import secrets
from dataclasses import replace
from types import MappingProxyType

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form
from engine.problems import Change, Conflict, NotAllowed, Problem, ProblemsFound, Stale
from engine.services.flow import commands, inbox
from engine.services.flow.inbox import Desk
from engine.services.records import FormSight
from engine.services.views_of_records import RecordView
from engine.web.answers import go_to, is_fragment, json_answer
from engine.web.case_page import CASE_WORDS, files_of
from engine.web.flow_words import FLOW_WORDS
from engine.web.form_page import FormPage, build_page, form_class
from engine.web.form_state import messages_of
from engine.web.form_values import (
    Inputs,
    Sent,
    from_json,
    inputs_of,
    lay_over,
    python_value,
    read_sent,
    view_of_preview,
    wire_rows,
)
from engine.web.ids import find_id
from engine.web.inbox_list import fetch_list, filters_here
from engine.web.inputs import wire_from
from engine.web.moments import company_zone
from engine.web.pages_approval import approval_with_problems, chosen_people, problems_of
from engine.web.preview import preview_answer
from engine.web.record_page import RecordPage
from engine.web.routes import Route
from engine.web.task_acts import act_on, stays
from engine.web.visit import note_once, visit

# Names with "_" belong to the page: a field of the record may be called the same without it.
_POINTERS = MappingProxyType({"A120": "_opinion", "A135": "_opinion", "A121": "_signature", "A110": "_to"})
_DIALOGS = MappingProxyType({"transfer": "_transfer", "addsign": "_people", "cc": "_copies"})
_TO_WHOM = ("A115", "A116", "A117", "A131", "A150", "A153", "R114")


def show_task(task_id: int) -> ResponseReturnValue:
    """The page of a task that waits for the reader; POST decides it, keeps a draft of it or hands it on."""
    if request.method == "POST":
        return _act(task_id)
    current = visit()
    desk = inbox.fetch_desk(current.company, current.actor, task_id)
    if desk is None:
        task = inbox.require_task(current.company, current.actor, task_id)
        return go_to(url_for("inbox_case", instance_id=task.instance_id, **filters_here()))
    if desk.task.read_at is None or desk.seen_version != desk.view.version:
        commands.mark_read(current.company, current.actor, desk.story.instance.id, version=desk.view.version)
    return _render(desk, _page(desk, _drafted_inputs(desk)), opinion=desk.draft.opinion or "")


def preview(task_id: int) -> ResponseReturnValue:
    """What the record would become with what is filled in, as JSON. Nothing is written."""
    current = visit()
    form = _form_of(task_id)
    sent = _read(form) if form is not None else Sent({}, {})
    found = inbox.preview_task(current.company, current.actor, task_id, sent.values)
    if found is None:
        return json_answer({}, 409)
    shape, sight, told = found
    view = view_of_preview(shape, told)
    page = replace(build_page(view, sight), messages=messages_of(told.problems, view.form.fields))
    return json_answer(preview_answer(page, told))


# --- acting ----------------------------------------


def _act(task_id: int) -> ResponseReturnValue:
    current = visit()
    task = inbox.require_task(current.company, current.actor, task_id)
    form = _form_of(task_id)
    sent = _read(form) if form is not None else Sent({}, {})
    act, _, other = request.form.get("_act", "").partition(":")
    try:
        act_on(act, task, sent.values, find_id(other), chosen_people())
    except Stale as stale:
        return _again(task_id, sent, (), stale.changes), 409
    except Conflict as conflict:
        return _again(task_id, sent, (conflict.problem,), conflict=True), 409
    except (ProblemsFound, NotAllowed) as refused:
        return _again(task_id, sent, problems_of(refused)), 422
    note_once(f"inbox.done_{act}")
    if stays(act):
        return go_to(url_for("inbox_task", task_id=task.id, **filters_here()))
    return go_to(url_for("inbox", **filters_here()))


def _form_of(task_id: int) -> Form | None:
    """The form of the record while the task waits; of another task only what became of it is told."""
    current = visit()
    return inbox.form_of_task(current.company, current.actor, task_id)


def _read(form: Form) -> Sent:
    """What was filled in; fields of a draft count also when they hold again what the record holds."""
    zone = company_zone()
    sent = read_sent(form, form_class(form)(request.form), from_json(request.form.get("_start", "")), zone, whole=False)
    values = dict(sent.values)
    for name in request.form.get("_drafted", "").split():
        if name in sent.inputs and name not in values and name in form.fields:
            given, definition = sent.inputs[name], form.fields[name]
            lines = definition.type == "lines"
            values[name] = wire_rows(definition, given, given, zone) if lines else wire_from(definition, given, zone)
    return Sent(sent.inputs, values)


# --- the page ----------------------------------------


def _again(
    task_id: int, sent: Sent, problems: tuple[Problem, ...], changes: tuple[Change, ...] = (), *, conflict: bool = False
) -> str:
    """The page once more with what was typed; of a task that does not wait any more, its approval."""
    current = visit()
    desk = inbox.fetch_desk(current.company, current.actor, task_id)
    if desk is None:
        task = inbox.require_task(current.company, current.actor, task_id)
        return approval_with_problems(task.instance_id, problems)
    start = from_json(request.form.get("_start", ""))
    page = _page(desk, lay_over(inputs_of(desk.view, company_zone()), sent.inputs, start), problems)
    return _render(desk, page, opinion=request.form.get("_opinion", ""), changes=changes, conflict=conflict)


def _drafted_inputs(desk: Desk) -> Inputs:
    """What stands in the inputs: the record, with the reader's draft on top of it."""
    form = desk.view.form
    known = {name: wire for name, wire in desk.draft.values.items() if name in form.fields}
    drafted = {name: python_value(form.fields[name], wire) for name, wire in known.items()}
    view = replace(desk.view, values={**desk.view.values, **drafted})
    return inputs_of(view, company_zone())


def _page(desk: Desk, inputs: Inputs, problems: tuple[Problem, ...] = ()) -> FormPage:
    view: RecordView = replace(desk.view, required=desk.view.required | desk.required)
    sight: FormSight = desk.sight
    chosen = tuple(f"people/{each.step}" for each in desk.asks)
    known = (*desk.editable, *_POINTERS.values(), *_DIALOGS.values(), *(each.partition("/")[0] for each in chosen))
    return replace(
        build_page(view, sight, inputs),
        messages=messages_of(map(_placed, problems), known),
        key=secrets.token_urlsafe(16),
        asks=url_for("inbox_preview", task_id=desk.task.id),
    )


def _placed(problem: Problem) -> Problem:
    """A problem with the input of the page that it is about."""
    dialog = _DIALOGS.get(request.form.get("_act", ""))
    if dialog is not None and problem.code in _TO_WHOM:
        return replace(problem, pointer=dialog)
    return replace(problem, pointer=_POINTERS.get(problem.code, problem.pointer))


def _render(
    desk: Desk, page: FormPage, *, opinion: str, changes: tuple[Change, ...] = (), conflict: bool = False
) -> str:
    template = "flow/task.html" if is_fragment() else "flow/task_page.html"
    beside = {} if is_fragment() else {"list": fetch_list(desk.task.id), "tabs": inbox.TABS}
    return render_template(
        template,
        desk=desk,
        page=RecordPage(desk.view, desk.sight, ()),
        inputs=page,
        opinion=opinion,
        typed=request.form,
        checked=chosen_people() or desk.chosen,
        changes=changes,
        conflict=conflict,
        files=files_of(desk.view),
        filters=filters_here(),
        now=visit().company.clock(),
        **beside,
        **CASE_WORDS,
        **FLOW_WORDS,
    )


ROUTES = (
    Route("/<company>/inbox/<int:task_id>", "inbox_task", show_task, ("GET", "POST")),
    Route("/<company>/inbox/<int:task_id>/preview", "inbox_preview", preview, ("POST",)),
)
