"""One record: its stages, facts, related lists, what happened to it, who works on it, and what one can do with it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from engine.catalog.forms import Form
from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.services import actions, records, timeline, trees
from engine.services.flow.starting_offers import fetch_record_flow
from engine.web.answers import go_to, label, language
from engine.web.facts import fact_of, line_rows, why_address
from engine.web.flow_words import FLOW_WORDS
from engine.web.ids import find_id
from engine.web.inputs import kind_of, wire_from
from engine.web.moments import company_zone, exact, when
from engine.web.page_values import portrait
from engine.web.record_page import RecordPage
from engine.web.rich_text import formatted
from engine.web.routes import Route
from engine.web.visit import fetch_form, note_once, visit

_EVENTS = 15


def record(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """The page of a record."""
    return _page(fetch_form(app, form), record_id)


def record_with_problems(definition: Form, record_id: int, problems: tuple[Problem, ...]) -> str:
    """The page with what went wrong at its top."""
    return _page(definition, record_id, problems)


def _page(definition: Form, record_id: int, problems: tuple[Problem, ...] = ()) -> str:
    current = visit()
    view = records.fetch_record(current.company, current.actor, definition.id, record_id)
    sight = records.form_sight(current.company, current.actor, definition.id)
    flow = fetch_record_flow(current.company, current.actor, definition.id, record_id)
    page = RecordPage(view, sight, actions.list_actions(current.company, current.actor, view), flow)
    return render_template(
        "record/record.html",
        page=page,
        counts=timeline.count_related(current.company, current.actor, definition.id, record_id),
        timeline=timeline.fetch_timeline(current.company, current.actor, definition.id, record_id, limit=_EVENTS),
        collaborators=timeline.list_collaborators(current.company, current.actor, definition.id, record_id),
        attachments=timeline.list_attachments(current.company, current.actor, definition.id, record_id),
        place=trees.fetch_place(current.company, current.actor, definition.id, record_id),
        tree_view=trees.tree_view(definition),
        problems=[problem.message(language()) for problem in problems],
        **_shared(),
    )


def _shared() -> dict[str, object]:
    return {
        "when": when,
        "exact": exact,
        "portrait": portrait,
        "fact_of": fact_of,
        "why_address": why_address,
        "line_rows": line_rows,
        "kind_of": kind_of,
        "formatted": formatted,
        **FLOW_WORDS,
    }


# --- acting ----------------------------------------


def task(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Ticks or unticks a task of the current stage; answers the stage panel."""
    definition, current, sent = fetch_form(app, form), visit(), request.form
    done = "true" in sent.getlist("done")
    try:
        records.tick_task(
            current.company,
            current.actor,
            definition.id,
            record_id,
            sent.get("field", ""),
            sent.get("task", ""),
            done=done,
        )
    except ProblemsFound as found:
        return _page(definition, record_id, found.problems), 422
    return go_to(_here(definition, record_id))


def action(app: str, form: str, record_id: int, name: str) -> ResponseReturnValue:
    """Runs an action: leads to the form it opens, or back to the record it changed."""
    definition, current = fetch_form(app, form), visit()
    offered = definition.actions.get(name)
    if offered is None:
        raise NotVisible(name)
    zone = company_zone()
    asked = {each.id: wire_from(each, request.form.get(f"asked.{each.id}", ""), zone) for each in offered.asks.values()}
    try:
        result = actions.run_action(current.company, current.actor, definition.id, record_id, name, asked)
    except ProblemsFound as found:
        return _page(definition, record_id, found.problems), 422
    if result.opens is not None:
        return go_to(_opened(definition, record_id, name, result.opens[0]))
    note_once("record.started" if result.started is not None else "record.done", action=label(offered.label))
    return go_to(_here(definition, record_id))


def _opened(definition: Form, record_id: int, name: str, opens: str) -> str:
    target_app, _, target = opens.partition(".")
    query: dict[str, Any] = {key: value for key, value in request.form.items() if key.startswith("asked.") and value}
    query["from"] = f"{definition.id}/{record_id}/{name}"
    return url_for("new", app=target_app, form=target, **query)


def delete(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Puts the record into the recycle bin."""
    definition, current = fetch_form(app, form), visit()
    try:
        records.delete_record(current.company, current.actor, definition.id, record_id)
    except ProblemsFound as found:
        return _page(definition, record_id, found.problems), 422
    note_once("record.deleted")
    return go_to(url_for("list", app=app, form=form))


# --- what others say ----------------------------------------


def related(app: str, form: str, record_id: int, name: str) -> ResponseReturnValue:
    """A related list as a part of the page; `after` continues it."""
    definition, current = fetch_form(app, form), visit()
    found = definition.related.get(name)
    if found is None:
        raise NotVisible(name)
    after = request.args.get("after") or None
    listed = timeline.fetch_related(current.company, current.actor, definition.id, record_id, name, after)
    verbs = records.form_sight(current.company, current.actor, found.form).verbs
    return render_template(
        "record/related.html",
        listed=listed,
        related=found,
        record_id=record_id,
        owner=definition,
        may_create="create" in verbs and found.lines is None and found.own == "id",
        continued=after is not None,
        **_shared(),
    )


def events(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Older entries of the timeline."""
    definition, current = fetch_form(app, form), visit()
    older = timeline.fetch_timeline(
        current.company, current.actor, definition.id, record_id, before=request.args.get("before"), limit=_EVENTS
    )
    return render_template("record/events.html", timeline=older, form=definition, record_id=record_id, **_shared())


def comment(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Adds a comment; persons named with @ are told."""
    definition, current = fetch_form(app, form), visit()
    text = request.form.get("text", "").strip()
    if text:
        timeline.add_comment(current.company, current.actor, definition.id, record_id, text)
    return _to_activity(definition, record_id)


def collaborator(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Adds or removes a person who works along on this record."""
    definition, current, sent = fetch_form(app, form), visit(), request.form
    person = find_id(sent.get("person", ""))
    if person is None:
        return _to_activity(definition, record_id)
    who = (current.company, current.actor, definition.id, record_id, person)
    try:
        if "remove" in sent:
            timeline.remove_collaborator(*who)
        else:
            timeline.add_collaborator(*who, may_change=sent.get("may_change") == "true")
    except (ProblemsFound, NotAllowed) as refused:
        found = refused.problems if isinstance(refused, ProblemsFound) else (refused.problem,)
        return _page(definition, record_id, found), 422
    return go_to(_here(definition, record_id))


def attachment(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Hangs an uploaded file on the record, or takes one off."""
    definition, current, sent = fetch_form(app, form), visit(), request.form
    file_id = find_id(sent.get("file", ""))
    if file_id is not None:
        act = timeline.remove_attachment if "remove" in sent else timeline.add_attachment
        act(current.company, current.actor, definition.id, record_id, file_id)
    return go_to(_here(definition, record_id))


def _here(definition: Form, record_id: int) -> str:
    return url_for("record", app=definition.app, form=definition.name, record_id=record_id)


def _to_activity(definition: Form, record_id: int) -> Response:
    return go_to(_here(definition, record_id) + "#activity")


_RECORD = "/<company>/<app>/<form>/<int:record_id>"

ROUTES = (
    Route(_RECORD, "record", record),
    Route(f"{_RECORD}/task", "task", task, ("POST",)),
    Route(f"{_RECORD}/actions/<name>", "action", action, ("POST",)),
    Route(f"{_RECORD}/delete", "delete", delete, ("POST",)),
    Route(f"{_RECORD}/related/<name>", "related", related),
    Route(f"{_RECORD}/events", "events", events),
    Route(f"{_RECORD}/comment", "comment", comment, ("POST",)),
    Route(f"{_RECORD}/collaborator", "collaborator", collaborator, ("POST",)),
    Route(f"{_RECORD}/attachment", "attachment", attachment, ("POST",)),
)
