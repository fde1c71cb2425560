"""The approvals of the reader: the lists, and the page on which a task is decided. Works without JavaScript."""

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
from engine.web.answers import go_to
from engine.web.facts import fact_of, line_rows, why_address
from engine.web.flow_words import FLOW_WORDS
from engine.web.form_page import FormPage, build_page, form_class
from engine.web.form_state import messages_of
from engine.web.form_values import Inputs, Sent, from_json, inputs_of, lay_over, python_value, read_sent, wire_rows
from engine.web.ids import find_id
from engine.web.inputs import kind_of, wire_from
from engine.web.moments import company_zone
from engine.web.pages_approval import approval_with_problems, chosen_people, problems_of
from engine.web.record_page import RecordPage
from engine.web.rich_text import formatted
from engine.web.routes import Route
from engine.web.visit import note_once, visit

# Names with "_" belong to the page: a field of the record may be called the same without it.
_TRANSFER = "_transfer"
_POINTERS = MappingProxyType({"A120": "_opinion", "A135": "_opinion", "A121": "_signature", "A110": "_to"})
_TO_WHOM = ("A115", "A116", "A150", "R114")


def show_inbox() -> ResponseReturnValue:
    """What waits for the reader, what he has done and started, what he got copies of."""
    current, given = visit(), request.args
    tab = given.get("tab", "")
    tab = tab if tab in inbox.TABS else inbox.TABS[0]
    text = given.get("q", "").strip()[:80]
    wanted = inbox.InboxWanted(tab, text, before=find_id(given.get("before", "")))
    found = inbox.fetch_inbox(current.company, current.actor, wanted)
    words = {"tab": tab, "tabs": inbox.TABS, "text": text, "now": current.company.clock()}
    return render_template("flow/inbox.html", inbox=found, **words, **FLOW_WORDS)


def show_task(task_id: int) -> ResponseReturnValue:
    """The page of a task that waits for the reader; POST decides it, keeps a draft of it or hands it on."""
    if request.method == "POST":
        return _act(task_id)
    current = visit()
    desk = inbox.fetch_desk(current.company, current.actor, task_id)
    if desk is None:
        task = inbox.require_task(current.company, current.actor, task_id)
        return go_to(url_for("approval", instance_id=task.instance_id))
    if desk.task.read_at is None:
        commands.mark_read(current.company, current.actor, desk.story.instance.id, version=desk.view.version)
    return _render(desk, _page(desk, _drafted_inputs(desk)), opinion=desk.draft.opinion or "")


# --- acting ----------------------------------------


def _act(task_id: int) -> ResponseReturnValue:
    current = visit()
    task = inbox.require_task(current.company, current.actor, task_id)
    form = _form_of(task_id)
    sent = _read(form) if form is not None else Sent({}, {})
    act = request.form.get("_act", "")
    try:
        _do(act, task_id, sent)
    except Stale as stale:
        return _again(task_id, sent, (), stale.changes), 409
    except Conflict as conflict:
        return _again(task_id, sent, (conflict.problem,), conflict=True), 409
    except (ProblemsFound, NotAllowed) as refused:
        return _again(task_id, sent, problems_of(refused)), 422
    note_once(f"inbox.done_{act}")
    return go_to(url_for("inbox_task", task_id=task.id) if act == "save" else url_for("inbox"))


def _form_of(task_id: int) -> Form | None:
    """The form of the record while the task waits; of another task only what became of it is told."""
    current = visit()
    desk = inbox.fetch_desk(current.company, current.actor, task_id)
    return desk.view.form if desk is not None else None


def _do(act: str, task_id: int, sent: Sent) -> object:
    current, rev, key = visit(), find_id(request.form.get("_rev", "")), request.form.get("_key") or None
    who = (current.company, current.actor, task_id)
    if act == "save":
        return commands.save_draft(*who, sent.values, opinion=_opinion(), rev=rev, key=key)
    if act == "transfer":
        to = find_id(request.form.get(_TRANSFER, ""))
        if to is None:
            raise ProblemsFound([Problem("R114", {"name": ""}, pointer=_TRANSFER)])
        return commands.transfer(*who, to, opinion=_opinion(), rev=rev, key=key)
    decision = commands.Decision(
        act,
        version=find_id(request.form.get("_version", "")),
        rev=rev,
        opinion=_opinion(),
        values=sent.values if act in ("approve", "submit") else {},
        to=request.form.get("_to") or None if act == "return" else None,
        resume=request.form.get("_resume") or None if act == "return" else None,
        signature=_signature(),
        key=key,
        people=chosen_people(),
    )
    return commands.decide(*who, decision)


def _opinion() -> str | None:
    return request.form.get("_opinion", "").strip()[:4000] or None


def _signature() -> int | None:
    return next((found for each in request.form.getlist("_signature") if (found := find_id(each)) is not None), None)


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
    view = replace(desk.view, required=desk.view.required | desk.required)
    messages = messages_of(map(_placed, problems), (*desk.editable, *_POINTERS.values(), _TRANSFER))
    return replace(build_page(view, desk.sight, inputs), messages=messages, key=secrets.token_urlsafe(16))


def _placed(problem: Problem) -> Problem:
    """A problem with the input of the page that it is about."""
    if problem.code in _TO_WHOM and request.form.get("_act") == "transfer":
        return replace(problem, pointer=_TRANSFER)
    return replace(problem, pointer=_POINTERS.get(problem.code, problem.pointer))


def _render(
    desk: Desk, page: FormPage, *, opinion: str, changes: tuple[Change, ...] = (), conflict: bool = False
) -> str:
    return render_template(
        "flow/task.html",
        desk=desk,
        page=RecordPage(desk.view, desk.sight, ()),
        inputs=page,
        opinion=opinion,
        typed=request.form,
        changes=changes,
        conflict=conflict,
        fact_of=fact_of,
        line_rows=line_rows,
        why_address=why_address,
        kind_of=kind_of,
        formatted=formatted,
        **FLOW_WORDS,
    )


ROUTES = (
    Route("/<company>/inbox", "inbox", show_inbox),
    Route("/<company>/inbox/<int:task_id>", "inbox_task", show_task, ("GET", "POST")),
)
