"""Sends what approvals tell other systems. Where the site names no address, it is told in the log of the process."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from engine.problems import Problem
from engine.runtime.actors import SYSTEM
from engine.runtime.work import Work
from engine.services.addresses import Address, NotSent, post
from engine.services.flow.acting import incident_details
from engine.services.worker import Hopeless, Running
from engine.storage.flows import append_log, fetch_instance, update_instance
from engine.storage.outbox import MOST_TRIES

LOG = logging.getLogger("weft.webhook")


def send_call(running: Running, addresses: Mapping[str, Address]) -> None:
    """One message; it is tried again later when it was not taken, and given up with an incident after the last try."""
    payload = running.payload
    address = addresses.get(payload["to"])
    body = {key: payload[key] for key in ("id", "at", "company", "form", "record", "instance", "body")}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    if address is None:
        LOG.info("message %s for %s (no such address here): %s", payload["id"], payload["to"], text)
        return
    now = running.batch(lambda work: int(work.uow.now.timestamp()))
    try:
        post(address, payload["id"], text.encode(), now)
    except NotSent as error:
        if running.job.tries < MOST_TRIES:
            raise
        reason = str(error)
        with running.company.writing(SYSTEM, running.job.kind) as work:
            _note(work, payload, reason)
        raise Hopeless(reason) from error


def _note(work: Work, payload: Mapping[str, object], reason: str) -> None:
    """The approval goes on; its administrators see that somebody was not told."""
    instance = fetch_instance(work.uow, int(str(payload["instance"]))) if payload["instance"] else None
    if instance is None:
        return
    problem = Problem("A173", {"name": str(payload["to"]), "reason": reason})
    if instance.state == "running" and instance.incident is None:
        update_instance(work.uow, instance.id, {"incident": problem.message("en")})
    append_log(work.uow, instance.id, "incident", details=incident_details(problem))
