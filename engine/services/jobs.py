"""Which kinds of jobs there are, and what the calendar asks for: handed to the worker by whoever starts one."""

from __future__ import annotations

from collections.abc import Mapping

from engine.services.site import Site
from engine.services.tidying import SEARCH_TEXTS, write_search_texts
from engine.services.worker import Handler, Schedule, Worker


def usual_handlers() -> Mapping[str, Handler]:
    """What becomes of each kind of job."""
    return {SEARCH_TEXTS: write_search_texts}


def usual_schedules() -> tuple[Schedule, ...]:
    """What is left for later without anybody asking."""
    return ()


def build_worker(site: Site, only: str | None = None) -> Worker:
    """A worker for every kind of job, for one company or all of them."""
    return Worker(site, usual_handlers(), usual_schedules(), only)
