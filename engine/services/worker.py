"""Runs jobs: those that are due, for every company, one after the other; what a kind of job does is handed in.

Two processes may do this at once on the same databases: a job is leased, and every transaction of a handler begins by
asking whether the lease still holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Event, Thread
from typing import Any, TypeVar

from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.site import OpenCompany, Site
from engine.storage.outbox import (
    DEAD,
    MOST_TRIES,
    Job,
    LeaseLost,
    count_jobs,
    drop_finished,
    fail_job,
    fetch_jobs,
    finish_job,
    is_job_due,
    keep_job,
    release_job,
    revive_job,
    take_job,
)
from engine.storage.outbox import JobState as JobState

T = TypeVar("T")
LOG = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between two looks for due jobs
PATIENCE = 25.0  # seconds that a stopping process waits for the batch at hand


class Stopping(Exception):
    """The process ends: the job is given back and goes on in another one."""


class Hopeless(Exception):
    """Trying again would not help: the job is dead at once, with these words."""


@dataclass
class Running:
    """A job in a handler's hands."""

    company: OpenCompany
    job: Job
    stopping: Callable[[], bool]

    @property
    def payload(self) -> Any:
        """What the job was left with, or last kept by `keep`."""
        return self.job.payload

    def batch(self, act: Callable[[Work], T]) -> T:
        """What `act` answers, in one transaction that is kept only while the job is ours; Stopping when it is time."""
        if self.stopping():
            raise Stopping

        def once() -> T:
            with self._writing() as work:
                return act(work)

        return self.company.again(once)

    def keep(self, work: Work, **columns: Any) -> None:
        """Note how far the job is (`payload`, `done`, `total`) in the transaction of the batch."""
        keep_job(work.uow, self.job, **columns)

    @contextmanager
    def _writing(self) -> Iterator[Work]:
        with self.company.writing(SYSTEM, self.job.kind) as work:
            keep_job(work.uow, self.job)
            yield work


Handler = Callable[[Running], None]
Schedule = Callable[[OpenCompany], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What one round of work did for a company: jobs done and failed now, and jobs that are dead and wait for help."""

    company: str
    done: int
    failed: int
    dead: int


@dataclass
class Worker:
    """Takes jobs of the kinds it has handlers for. `schedules` leave the jobs that the calendar asks for."""

    site: Site
    handlers: Mapping[str, Handler]
    schedules: Sequence[Schedule] = ()
    only: str | None = None
    pause: float = PAUSE
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None
    _scheduled: dict[str, tuple[date, int]] = field(default_factory=dict)

    def run_due(self) -> tuple[Done, ...]:
        """Do everything that is due now, and what comes of it."""
        return tuple(self._run_company(company) for company in self._companies())

    def serve(self) -> None:
        """Work until `stop` is called."""
        while not self._stop.is_set():
            for company in self._companies():
                self._try_company(company)
            self._stop.wait(self.pause)

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread = Thread(target=self.serve, name="worker", daemon=True)
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Let the batch at hand end; the rest is given back."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(patience)

    def _companies(self) -> tuple[OpenCompany, ...]:
        found = self.site.served() if self.only is None else (self.site.company(self.only),)
        return () if self._stop.is_set() else found

    def _try_company(self, company: OpenCompany) -> None:
        try:
            self._run_company(company)
        except Exception:  # a database out of reach stops nobody; it is looked for again
            LOG.exception("the jobs of %s could not be looked at", company.id)

    def _run_company(self, company: OpenCompany) -> Done:
        company.refresh()
        self._schedule(company)
        done = failed = 0
        while not self._stop.is_set() and (job := self._take(company)) is not None:
            if self._do(company, job):
                done += 1
            else:
                failed += 1
        return Done(company.id, done, failed, dead_jobs(company))

    def _schedule(self, company: OpenCompany) -> None:
        """Ask the schedules once for each day of the company and each state of its definitions."""
        with company.reading(SYSTEM) as work:
            today = (work.moment.today, company.state.revision)
        if self._scheduled.get(company.id) != today:
            for schedule in self.schedules:
                schedule(company)
            self._scheduled[company.id] = today

    def _take(self, company: OpenCompany) -> Job | None:
        with company.reading(SYSTEM) as work:
            if not is_job_due(work.uow, self.handlers):
                return None
        with company.writing(SYSTEM, "work") as work:
            return take_job(work.uow, kinds=self.handlers)

    def _do(self, company: OpenCompany, job: Job) -> bool:
        """Whether the job is done; a failure is kept with it."""
        company.reload()  # a job must not be done with definitions older than those it was left under
        running = Running(company, job, self._stop.is_set)
        try:
            self.handlers[job.kind](running)
            _finish(company, job)
        except Stopping:
            _give_back(company, job)
            return False
        except LeaseLost:
            return False
        except Hopeless as error:
            LOG.error("job %s (%s) of %s: %s", job.id, job.kind, company.id, error)
            _fail(company, job, str(error), hopeless=True)
            return False
        except Exception as error:
            level = logging.ERROR if job.tries >= MOST_TRIES else logging.WARNING
            LOG.log(level, "job %s (%s) of %s failed", job.id, job.kind, company.id, exc_info=True)
            _fail(company, job, f"{type(error).__name__}: {error}")
            return False
        return True


def _finish(company: OpenCompany, job: Job) -> None:
    with company.writing(SYSTEM, job.kind) as work:
        keep_job(work.uow, job)
        finish_job(work.uow, job.id)


def _give_back(company: OpenCompany, job: Job) -> None:
    with company.writing(SYSTEM, job.kind) as work:
        release_job(work.uow, job)


def _fail(company: OpenCompany, job: Job, error: str, *, hopeless: bool = False) -> None:
    with company.writing(SYSTEM, job.kind) as work:
        fail_job(work.uow, job, error, hopeless=hopeless)


def dead_jobs(company: OpenCompany) -> int:
    """How many jobs of a company have been given up."""
    with company.reading(SYSTEM) as work:
        return count_jobs(work.uow).get(DEAD, 0)


def drop_old_jobs(company: OpenCompany) -> int:
    """Forget jobs that were done long ago: how many."""
    with company.writing(SYSTEM, "tidy") as work:
        return drop_finished(work.uow)


def try_again(company: OpenCompany, job_id: int) -> bool:
    """Let a dead job be tried again; False when there is no such dead job."""
    with company.writing(SYSTEM, "work") as work:
        return revive_job(work.uow, job_id)


def list_jobs(company: OpenCompany, statuses: Sequence[str], limit: int = 100) -> list[JobState]:
    """Jobs of some statuses, newest first."""
    with company.reading(SYSTEM) as work:
        return fetch_jobs(work.uow, statuses, limit)
