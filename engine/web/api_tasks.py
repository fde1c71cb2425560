"""The reader's tasks for programs: the lists of the inbox, one task, and all that its handler may do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.services.flow import commands, inbox, stories
from engine.services.flow.commands import Decision
from engine.services.site import Actor, OpenCompany
from engine.web.answers import json_answer, problem_list
from engine.web.approval_json import desk_json, rows_json, story_json
from engine.web.asked import Asked, idempotency_key, read_cursor
from engine.web.ids import find_id
from engine.web.routes import Route
from engine.web.visit import visit

_WHERE = ("before", "after", "with")


def list_tasks() -> ResponseReturnValue:
    """A page of the inbox: `?tab=waiting|done|started|copies&search=…&workflow=…&overdue=1&initiator=7&after=…`."""
    current, given = visit(), request.args
    wanted = inbox.InboxWanted(
        given.get("tab", inbox.TABS[0]),
        given.get("search", "").strip()[:80],
        given.get("workflow", "")[:200],
        given.get("overdue", "") not in ("", "0", "false"),
        find_id(given.get("initiator", "")),
        read_cursor(given),
    )
    if wanted.tab not in inbox.TABS:
        raise BadRequest
    found = inbox.fetch_inbox(current.company, current.actor, wanted)
    return json_answer({"rows": rows_json(found), "next": str(found.next) if found.next is not None else None})


def read_task(task_id: int) -> ResponseReturnValue:
    """A task with its record as its step shows it; of one that does not wait any more, what became of it."""
    current = visit()
    desk = inbox.fetch_desk(current.company, current.actor, task_id)
    if desk is None:
        task = inbox.require_task(current.company, current.actor, task_id)
        story = stories.fetch_story(current.company, current.actor, task.instance_id)
        closed = {"id": task.id, "rev": task.rev, "state": task.state, "step": task.step, "decision": task.decision}
        return json_answer({**closed, "approval": story_json(story)})
    answer = json_answer(desk_json(desk))
    answer.headers["ETag"] = f'"{desk.task.rev}-{desk.view.version}"'
    return answer


def act(task_id: int, name: str) -> ResponseReturnValue:
    """Does one thing with a task: the approval as it stands afterwards."""
    done = _ACTS.get(name)
    if done is None:
        raise NotVisible(name)
    return _after(done(task_id, Asked.read()))


def _after(instance_id: int) -> Response:
    """The approval that was acted on; only its id for whoever may not know any more how it goes on."""
    current = visit()
    try:
        return json_answer(story_json(stories.fetch_story(current.company, current.actor, instance_id)))
    except NotVisible:
        return json_answer({"id": instance_id})


def decide_many() -> ResponseReturnValue:
    """Approves or rejects many: {"decisions": [{"task", "decision", "version"…}]}; what became of each, in order."""
    current, asked = visit(), Asked.read()
    listed = asked.each("decisions")
    asked.close()
    given: dict[int, Decision] = {}
    for each in listed:
        task = each.number("task")
        if task is None or task in given:
            raise BadRequest
        given[task] = _decision(each, None)
        each.close()
    found = commands.decide_many(current.company, current.actor, given, key=idempotency_key())
    return json_answer(
        {
            "outcomes": [
                {
                    "task": each.task_id,
                    "done": each.instance is not None,
                    "state": each.instance.state if each.instance is not None else None,
                    "stale": each.stale,
                    "errors": problem_list(each.problems),
                }
                for each in found
            ]
        }
    )


# --- what one may do ----------------------------------------


def _decide(task_id: int, asked: Asked) -> int:
    decision = _decision(asked, idempotency_key())
    asked.close()
    return commands.decide(*_me(), task_id, decision).id


def _decision(asked: Asked, key: str | None) -> Decision:
    """What is said; A190 unless it says which version of the record was seen."""
    rev, version = _seen(asked)
    if version is None:
        raise ProblemsFound([Problem("A190", pointer="version")])
    return Decision(
        asked.text("decision") or "",
        version=version,
        rev=rev,
        opinion=asked.text("opinion"),
        values=asked.mapping("values"),
        to=asked.text("to"),
        resume=asked.text("resume"),
        signature=asked.number("signature"),
        key=key,
        people=asked.people_by_step("people"),
    )


def _seen(asked: Asked) -> tuple[int | None, int | None]:
    """(rev of the task, version of the record) that the caller has seen: of the body, else of If-Match."""
    rev, version = asked.number("rev"), asked.number("version")
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if rev is None and version is None and header and header != "*":
        first, _, second = header.partition("-")
        seen = find_id(first), find_id(second)
        return seen if None not in seen else (-1, -1)  # a tag that is none of ours fits no state
    return rev, version


def _save(task_id: int, asked: Asked) -> int:
    rev, _ = _seen(asked)
    values, opinion = asked.mapping("values"), asked.text("opinion")
    asked.close()
    return commands.save_draft(*_me(), task_id, values, opinion=opinion, rev=rev, key=idempotency_key()).id


def _transfer(task_id: int, asked: Asked) -> int:
    to, opinion, (rev, _) = asked.person("to"), asked.text("opinion"), _seen(asked)
    asked.close()
    return commands.transfer(*_me(), task_id, to, opinion=opinion, rev=rev, key=idempotency_key()).id


def _add_signer(task_id: int, asked: Asked) -> int:
    """`decision` is what the handler says himself when others are asked after him."""
    where, mode, people = asked.text("where"), asked.text("mode") or "all", asked.people("signers")
    if where not in _WHERE:
        raise BadRequest
    key = idempotency_key()
    if where == "after":
        said = _decision(asked, key)
        asked.close()
        return commands.add_signer(
            *_me(), task_id, people, where, mode=mode, opinion=said.opinion, decision=said, rev=said.rev, key=key
        ).id
    opinion, (rev, _) = asked.text("opinion"), _seen(asked)
    asked.close()
    return commands.add_signer(*_me(), task_id, people, where, mode=mode, opinion=opinion, rev=rev, key=key).id


def _remove_signer(task_id: int, asked: Asked) -> int:
    opinion = asked.text("opinion")
    asked.close()
    return commands.remove_signer(*_me(), task_id, opinion=opinion, key=idempotency_key()).id


def _claim(task_id: int, asked: Asked) -> int:
    rev, _ = _seen(asked)
    asked.close()
    return commands.claim(*_me(), task_id, rev=rev, key=idempotency_key()).id


def _release(task_id: int, asked: Asked) -> int:
    rev, _ = _seen(asked)
    asked.close()
    return commands.release(*_me(), task_id, rev=rev, key=idempotency_key()).id


def _take_back(task_id: int, asked: Asked) -> int:
    asked.close()
    return commands.take_back(*_me(), task_id, key=idempotency_key()).id


def _reassign(task_id: int, asked: Asked) -> int:
    to, opinion = asked.person("to"), asked.text("opinion")
    asked.close()
    return commands.reassign(*_me(), task_id, to, opinion=opinion, key=idempotency_key()).id


def _me() -> tuple[OpenCompany, Actor]:
    current = visit()
    return current.company, current.actor


_ACTS: Mapping[str, Callable[[int, Asked], int]] = MappingProxyType(
    {
        "decide": _decide,
        "save": _save,
        "transfer": _transfer,
        "add_signer": _add_signer,
        "remove_signer": _remove_signer,
        "claim": _claim,
        "release": _release,
        "take_back": _take_back,
        "reassign": _reassign,
    }
)
NAMES = tuple(_ACTS)

ROUTES = (
    Route("/<company>/api/v1/tasks", "api_tasks", list_tasks),
    Route("/<company>/api/v1/tasks/decide", "api_decide_many", decide_many, ("POST",)),
    Route("/<company>/api/v1/tasks/<int:task_id>", "api_task", read_task),
    Route("/<company>/api/v1/tasks/<int:task_id>/<name>", "api_task_act", act, ("POST",)),
)
