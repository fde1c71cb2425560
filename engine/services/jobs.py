"""Which kinds of jobs there are, and what the calendar asks for: handed to the worker by whoever starts one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from engine.runtime.waiting import RECOMPUTE
from engine.services.addresses import Address
from engine.services.backfill import DAILY, run_backfill, run_daily, run_recompute, schedule_calendar, schedule_daily
from engine.services.flow.commands.timing import fire_timer
from engine.services.flow.commands.waking import run_look
from engine.services.flow.departures import hand_over
from engine.services.flow.mailing import write_mail
from engine.services.flow.posting import WEBHOOK
from engine.services.flow.sending import send_call
from engine.services.flow.telling import MAIL
from engine.services.site import Site
from engine.services.tidying import SEARCH_TEXTS, write_search_texts
from engine.services.verifying import SAMPLE, run_sample, schedule_sample
from engine.services.worker import Handler, Schedule, Worker
from engine.storage.flow_children import LOOK
from engine.storage.flow_timers import TIMER
from engine.storage.flows import HANDOVER
from engine.storage.outbox import BACKFILL
from engine.values import empty


def usual_handlers(addresses: Mapping[str, Address] = empty()) -> Mapping[str, Handler]:
    """What becomes of each kind of job; `addresses` are those that the site lets approvals call."""
    return {
        SEARCH_TEXTS: write_search_texts,
        BACKFILL: run_backfill,
        RECOMPUTE: run_recompute,
        DAILY: run_daily,
        SAMPLE: run_sample,
        HANDOVER: hand_over,
        TIMER: fire_timer,
        MAIL: write_mail,
        LOOK: run_look,
        WEBHOOK: partial(send_call, addresses=addresses),
    }


def usual_schedules() -> tuple[Schedule, ...]:
    """What is left for later without anybody asking."""
    return (schedule_calendar, schedule_daily, schedule_sample)


def build_worker(site: Site, only: str | None = None) -> Worker:
    """A worker for every kind of job, for one company or all of them."""
    return Worker(site, usual_handlers(site.addresses), usual_schedules(), only)
