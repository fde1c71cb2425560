"""Approvals for programs: starting one, how it stands, its log, what one may do; the list for administrators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.problems import NotVisible
from engine.services import people
from engine.services.flow import commands, delegations, monitoring, stories
from engine.services.site import Actor, OpenCompany
from engine.web.answers import json_answer
from engine.web.approval_json import delegation_json, event_json, listed_json, story_json
from engine.web.asked import Asked, idempotency_key, read_cursor
from engine.web.ids import find_id
from engine.web.pages_choices import upload
from engine.web.pages_monitor import STATES
from engine.web.routes import Route
from engine.web.visit import visit


def list_approvals() -> ResponseReturnValue:
    """A page of the approvals that the reader administers, filtered as the monitor is."""
    current, given = visit(), request.args
    state = given.get("state", "running")
    if state not in STATES:
        raise BadRequest
    wanted = monitoring.Wanted(
        (),
        "" if state == "all" else state,
        given.get("workflow", "")[:200],
        find_id(given.get("person", "")),
        given.get("search", "").strip()[:80],
        read_cursor(given),
        given.get("step", "")[:200],
    )
    found = monitoring.fetch_monitor(current.company, current.actor, wanted)
    following = str(found.next) if found.next is not None else None
    return json_answer({"rows": listed_json(found), "next": following, "counts": dict(found.counts)})


def start() -> ResponseReturnValue:
    """Starts a workflow: {"workflow", "record"?, "values"?, "version"?, "people"?}. Without a record one is made."""
    current, asked = visit(), Asked.read()
    workflow, record, version = asked.text("workflow"), asked.number("record"), asked.number("version")
    values, chosen = asked.mapping("values"), asked.people_by_step("people")
    asked.close()
    started = commands.start_workflow(
        current.company,
        current.actor,
        workflow or "",
        record,
        values,
        version=version,
        key=idempotency_key(),
        people=chosen,
    )
    answer = _told(started)
    answer.status_code = 201
    answer.headers["Location"] = url_for("api_approval", instance_id=started)
    return answer


def read_approval(instance_id: int) -> ResponseReturnValue:
    """How an approval stands."""
    return _told(instance_id)


def read_log(instance_id: int) -> ResponseReturnValue:
    """What has happened, eldest first."""
    current = visit()
    story = stories.fetch_story(current.company, current.actor, instance_id)
    return json_answer({"events": [event_json(each) for each in story.events]})


def act(instance_id: int, name: str) -> ResponseReturnValue:
    """Does one thing about an approval: as it stands afterwards."""
    done = _ACTS.get(name)
    if done is None:
        raise NotVisible(name)
    asked = Asked.read()
    current = visit()
    done(current.company, current.actor, instance_id, asked)
    return _told(instance_id)


def _told(instance_id: int) -> Response:
    current = visit()
    story = stories.fetch_story(current.company, current.actor, instance_id)
    answer = json_answer(story_json(story))
    answer.headers["ETag"] = f'"{story.instance.rev}"'
    return answer


# --- what one may do ----------------------------------------

_Simple = Callable[..., object]


def _simply(command: _Simple) -> Callable[[OpenCompany, Actor, int, Asked], object]:
    """A command that asks for nothing but a reason."""

    def run(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
        opinion = asked.text("opinion")
        asked.close()
        return command(company, actor, instance_id, opinion=opinion, key=idempotency_key())

    return run


def _at_step(command: _Simple) -> Callable[[OpenCompany, Actor, int, Asked], object]:
    """A command that asks for a step and a reason."""

    def run(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
        step, opinion = asked.text("step") or "", asked.text("opinion")
        asked.close()
        return command(company, actor, instance_id, step, opinion=opinion, key=idempotency_key())

    return run


def _urge(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
    task, text = asked.number("task"), asked.text("text")
    asked.close()
    return commands.urge(company, actor, instance_id, task_id=task, text=text, key=idempotency_key())


def _comment(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
    text, to = asked.text("text") or "", asked.people("to")
    asked.close()
    return commands.comment(company, actor, instance_id, text, to=to, key=idempotency_key())


def _copy(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
    to, note = asked.people("to"), asked.text("text")
    asked.close()
    return commands.copy_to(company, actor, instance_id, to, note=note, key=idempotency_key())


def _read(company: OpenCompany, actor: Actor, instance_id: int, asked: Asked) -> object:
    version = asked.number("version")
    asked.close()
    return commands.mark_read(company, actor, instance_id, version=version)


_ACTS: Mapping[str, Callable[[OpenCompany, Actor, int, Asked], object]] = MappingProxyType(
    {
        "revoke": _simply(commands.revoke),
        "urge": _urge,
        "comment": _comment,
        "copy": _copy,
        "read": _read,
        "suspend": _simply(commands.suspend),
        "resume": _simply(commands.resume),
        "retry": _simply(commands.retry),
        "terminate": _simply(commands.terminate),
        "jump": _at_step(commands.jump),
        "pass_step": _at_step(commands.pass_step),
    }
)


# --- stand-ins ----------------------------------------


def list_delegations() -> ResponseReturnValue:
    """The reader's stand-ins and those for whom the reader stands in, eldest first."""
    current = visit()
    found = delegations.list_delegations(current.company, current.actor)
    ids = {each.principal for each in found} | {each.delegate for each in found}
    names = people.names_of(current.company, current.actor, ids)
    return json_answer({"rows": [delegation_json(each, names) for each in found]})


def delegate() -> ResponseReturnValue:
    """Makes a stand-in: {"delegate", "starts_at", "ends_at", "workflows"?, "note"?}."""
    current, asked = visit(), Asked.read()
    to, starts, ends = asked.person("delegate"), _instant(asked, "starts_at"), _instant(asked, "ends_at")
    workflows, note = asked.words("workflows"), asked.text("note")
    asked.close()
    made = delegations.delegate_to(current.company, current.actor, to, starts, ends, workflows=workflows, note=note)
    return json_answer({"id": made}, 201)


def end_delegation(delegation_id: int) -> ResponseReturnValue:
    """Ends a stand-in now."""
    current = visit()
    delegations.end_delegation(current.company, current.actor, delegation_id)
    return Response(status=204)


def _instant(asked: Asked, name: str) -> datetime:
    """A moment with its offset: 2026-11-23T08:00:00Z."""
    try:
        found = datetime.fromisoformat(asked.text(name) or "")
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest from error
    raise BadRequest


NAMES = tuple(_ACTS)
_APPROVAL = "/<company>/api/v1/approvals/<int:instance_id>"
ROUTES = (
    Route("/<company>/api/v1/approvals", "api_approvals", list_approvals),
    Route("/<company>/api/v1/approvals", "api_start_approval", start, ("POST",)),
    Route(_APPROVAL, "api_approval", read_approval),
    Route(f"{_APPROVAL}/log", "api_approval_log", read_log),
    Route(f"{_APPROVAL}/<name>", "api_approval_act", act, ("POST",)),
    Route("/<company>/api/v1/delegations", "api_delegations", list_delegations),
    Route("/<company>/api/v1/delegations", "api_delegate", delegate, ("POST",)),
    Route("/<company>/api/v1/delegations/<int:delegation_id>/end", "api_end_delegation", end_delegation, ("POST",)),
    Route("/<company>/api/v1/files", "api_upload", upload, ("POST",)),
)
