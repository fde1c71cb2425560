"""For administrators of approvals: all that run or have run, and the picture of each workflow."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible
from engine.services.flow import monitoring
from engine.services.flow.picture import NARROW
from engine.web.answers import language
from engine.web.flow_words import FLOW_WORDS
from engine.web.ids import find_id
from engine.web.routes import Route
from engine.web.visit import visit

STATES = ("running", "late", "incident", "suspended", "approved", "rejected", "revoked", "terminated", "all")
_ALL = "all"


def show_monitor() -> ResponseReturnValue:
    """Approvals by state, workflow, person and words."""
    current, wanted = visit(), _wanted()
    asked = replace(wanted, state="" if wanted.state == _ALL else wanted.state)
    monitor = monitoring.fetch_monitor(current.company, current.actor, asked)
    return render_template(
        "flow/monitor.html",
        monitor=monitor,
        wanted=wanted,
        states=STATES,
        kept={name: value for name, value in _kept(wanted).items() if value},
        **FLOW_WORDS,
    )


def _kept(wanted: monitoring.Wanted) -> dict[str, object]:
    """The filters besides the state, as an address carries them."""
    return {"workflow": wanted.workflow, "step": wanted.step, "person": wanted.person, "q": wanted.text}


def _wanted() -> monitoring.Wanted:
    given = request.args
    state = given.get("state", STATES[0])
    return monitoring.Wanted(
        (),
        state if state in STATES else STATES[0],
        given.get("workflow", "")[:200],
        find_id(given.get("person", "")),
        given.get("q", "").strip()[:80],
        find_id(given.get("before", "")),
        given.get("step", "")[:200] if given.get("workflow") else "",
    )


def show_workflows() -> ResponseReturnValue:
    """The workflows that the reader administers."""
    current = visit()
    found = monitoring.administered(current.company, current.actor)
    if not found and not current.actor.is_administrator:
        raise NotVisible
    return render_template("flow/workflows.html", workflows=found)


def show_workflow(workflow: str) -> ResponseReturnValue:
    """The picture of a workflow as it is defined now."""
    current = visit()
    found, wide = monitoring.draw_workflow(current.company, current.actor, workflow, language())
    _, narrow = monitoring.draw_workflow(current.company, current.actor, workflow, language(), NARROW)
    return render_template("flow/workflow.html", workflow=found, pictures=(narrow, wide), **FLOW_WORDS)


ROUTES = (
    Route("/<company>/approvals", "monitor", show_monitor),
    Route("/<company>/workflows", "workflows", show_workflows),
    Route("/<company>/workflows/<workflow>", "workflow", show_workflow),
)
