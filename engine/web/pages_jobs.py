"""The work that goes on in the background: what waits, how far it is, what has been given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from engine.problems import NotVisible
from engine.services import worker
from engine.web.answers import go_to, say
from engine.web.routes import Route
from engine.web.visit import note_once, visit

_OPEN, _SHOWN, _DONE = ("dead", "running", "waiting"), 100, 20
_KINDS = frozenset({"backfill", "recompute", "daily", "sample", "search_text"})


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the page shows it."""

    id: int
    name: str
    left: datetime
    status: str
    done: int
    total: int
    error: str


def show_jobs() -> ResponseReturnValue:
    """Jobs that are open, and the last ones that were done."""
    _require_administrator()
    company = visit().company
    found = worker.list_jobs(company, _OPEN, _SHOWN) + worker.list_jobs(company, ("done",), _DONE)
    return render_template("jobs.html", jobs=[_line(job) for job in found])


def try_again(job_id: int) -> ResponseReturnValue:
    """Lets a job that has been given up be tried again."""
    _require_administrator()
    if not worker.try_again(visit().company, job_id):
        raise NotVisible
    note_once("admin.job_revived")
    return go_to(url_for("jobs"))


def _line(job: worker.JobState) -> JobLine:
    name = say(f"admin.job_{job.kind}") if job.kind in _KINDS else job.kind
    return JobLine(job.id, name, job.created_at, job.status, job.done or 0, job.total or 0, job.error or "")


def _require_administrator() -> None:
    if not visit().actor.is_administrator:
        raise NotVisible


ROUTES = (
    Route("/<company>/jobs", "jobs", show_jobs),
    Route("/<company>/jobs/<int:job_id>/again", "job_again", try_again, ("POST",)),
)
