"""The approvals of the reader: what waits for him, what he has done and started, what he got copies of."""

from __future__ import annotations

import secrets

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.problems import Problem, ProblemsFound
from engine.services.flow import commands, inbox
from engine.services.flow.commands import Decision, Outcome
from engine.services.flow.inbox import Showcase
from engine.web.answers import go_to, is_fragment, language
from engine.web.case_page import CASE_WORDS, files_of
from engine.web.flow_words import FLOW_WORDS
from engine.web.ids import find_id
from engine.web.inbox_list import fetch_list, filters_here
from engine.web.record_page import RecordPage
from engine.web.routes import Route
from engine.web.visit import note_once, visit


def show_inbox() -> ResponseReturnValue:
    """A page of the list; for htmx the next rows alone."""
    return _list()


def _list(results: tuple[Outcome, ...] = (), problems: tuple[Problem, ...] = ()) -> str:
    template = "flow/inbox_rows.html" if is_fragment() else "flow/inbox.html"
    told = [problem.message(language()) for problem in problems]
    words = {"results": results, "problems": told, "told": _told, "key": secrets.token_urlsafe(12)}
    return render_template(template, list=fetch_list(), tabs=inbox.TABS, **words, **FLOW_WORDS)


def _told(outcome: Outcome) -> str:
    """Why a task was not decided."""
    return " ".join(problem.message(language()) for problem in outcome.problems)


def decide_batch() -> ResponseReturnValue:
    """Approves or rejects what was ticked, each by itself; what could not be decided is listed with its reason."""
    current, given = visit(), request.form
    kind = given.get("_act", "")
    opinion = given.get("_opinion", "").strip()[:4000] or None
    wanted = {task: _decision(kind, task, opinion) for task in _ticked()}
    try:
        if not wanted:
            raise ProblemsFound([Problem("A155")])
        done = commands.decide_many(current.company, current.actor, wanted, key=given.get("_key") or None)
    except ProblemsFound as refused:
        return _list(problems=tuple(refused.problems)), 422
    if all(not each.problems for each in done):
        note_once(f"inbox.batch_{kind}", count=len(done))
        return go_to(url_for("inbox", **filters_here()))
    return _list(done)


def _ticked() -> list[int]:
    return [task for each in request.form.getlist("task") if (task := find_id(each)) is not None]


def _decision(kind: str, task: int, opinion: str | None) -> Decision:
    rev, version = (find_id(request.form.get(f"{name}.{task}", "")) for name in ("rev", "version"))
    return Decision(kind, version=version, rev=rev, opinion=opinion)


# --- an approval that is only looked at ----------------------------------------


def show_case(instance_id: int) -> ResponseReturnValue:
    """An approval with its record, for somebody who has nothing to decide in it; a copy is read by that."""
    current = visit()
    shown = inbox.fetch_showcase(current.company, current.actor, instance_id)
    if request.args.get("tab") == inbox.TABS[3]:
        commands.mark_read(current.company, current.actor, instance_id)
    words = {"case": shown, "page": _page(shown), "files": files_of(shown.view), "filters": filters_here()}
    template = "flow/case.html" if is_fragment() else "flow/case_page.html"
    beside = {} if is_fragment() else {"list": fetch_list(instance_id), "tabs": inbox.TABS}
    return render_template(template, **words, **beside, **CASE_WORDS, **FLOW_WORDS)


def _page(shown: Showcase) -> RecordPage | None:
    return RecordPage(shown.view, shown.sight, ()) if shown.view is not None and shown.sight is not None else None


def remove_signer(instance_id: int) -> ResponseReturnValue:
    """Asks somebody whom the reader had asked no longer."""
    current = visit()
    task = find_id(request.form.get("task", "")) or 0
    commands.remove_signer(current.company, current.actor, task)
    note_once("inbox.done_remove")
    return go_to(url_for("inbox_case", instance_id=instance_id, **filters_here()))


ROUTES = (
    Route("/<company>/inbox", "inbox", show_inbox),
    Route("/<company>/inbox/batch", "inbox_batch", decide_batch, ("POST",)),
    Route("/<company>/inbox/of/<int:instance_id>", "inbox_case", show_case),
    Route("/<company>/inbox/of/<int:instance_id>/remove", "inbox_remove", remove_signer, ("POST",)),
)
