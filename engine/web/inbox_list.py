"""The list of the inbox as its templates ask for it: what is filtered, where its links lead, what its rows say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for

from engine.catalog.workflows import Workflow
from engine.services.flow import inbox
from engine.services.flow.inbox import Inbox, InboxRow, InboxWanted
from engine.web.amounts import amount_text
from engine.web.answers import label, say
from engine.web.ids import find_id
from engine.web.visit import visit

Chip = tuple[str, str]
"""Text and colour."""

_FILTERS = ("tab", "q", "workflow", "initiator", "overdue")
_SOON = timedelta(hours=24)
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class InboxList:
    """A page of one tab. `chosen`: the key of the row whose page stands beside it; `batch`: whether rows are ticked."""

    inbox: Inbox
    wanted: InboxWanted
    initiator: str
    workflows: tuple[Workflow, ...]
    now: datetime
    batch: bool
    chosen: int | None = None

    @property
    def filters(self) -> Mapping[str, Any]:
        """What the addresses of this list carry along."""
        wanted = self.wanted
        named = {
            "tab": wanted.tab if wanted.tab != inbox.TABS[0] else None,
            "q": wanted.text,
            "workflow": wanted.workflow,
            "initiator": wanted.initiator,
            "overdue": "1" if wanted.overdue else None,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def count(self) -> int:
        """How many filters are set beside the words searched for."""
        wanted = self.wanted
        return sum(map(bool, (wanted.workflow, wanted.initiator, wanted.overdue)))

    @property
    def may_batch(self) -> bool:
        """Whether any row may be ticked."""
        return self.wanted.tab == inbox.TABS[0] and any(map(self.inbox.may_batch, self.inbox.rows))

    def key(self, row: InboxRow) -> int:
        """What the address of its page names."""
        return row.key if self.wanted.tab == inbox.TABS[0] else row.instance

    def address(self, row: InboxRow) -> str:
        """The page of a row: to decide it, or to look at it."""
        if self.wanted.tab == inbox.TABS[0]:
            return url_for("inbox_task", task_id=row.task, **self.filters)
        return url_for("inbox_case", instance_id=row.instance, **self.filters)

    def amount(self, row: InboxRow) -> str:
        """The amount of its record."""
        found = self.inbox.amounts.get(row.key)
        return amount_text(*found) if found is not None else ""

    def context(self, row: InboxRow) -> str:
        """Its workflow, and where it stands."""
        where = [label(each) for each in self.inbox.where(row)]
        return " · ".join([label(self.inbox.workflow(row)), *where])

    def chips(self, row: InboxRow) -> tuple[Chip, ...]:
        """What is to be known of it before it is opened."""
        running = row.state == "running"
        if running and row.incident:
            return ((say("flow.state_incident"), "bad"),)
        if running and row.suspended:
            return ((say("flow.state_suspended"), "warn"),)
        if self.wanted.tab == inbox.TABS[0]:
            return self._urgency(row)
        if self.wanted.tab == "copies" and row.read is None:
            return ((say("inbox.unread"), "info"),)
        tones = {"running": "primary", "approved": "ok", "rejected": "bad"}
        return ((say(f"flow.state_{row.state}"), tones.get(row.state, "")),)

    def _urgency(self, row: InboxRow) -> tuple[Chip, ...]:
        found: list[Chip] = []
        if due := due_chip(row.due, self.now):
            found.append(due)
        if row.step == inbox.START:
            found.append((say("inbox.to_revise"), "warn"))
        if (row.source or "").startswith("addsign"):
            found.append((say("inbox.asked_along"), "violet"))
        if row.read is None:
            found.append((say("inbox.unread"), "info"))
        return tuple(found[:2])


def due_chip(due: datetime | None, now: datetime) -> Chip | None:
    """How long there is left; None when there is time, or no limit."""
    if due is None or due - now > _SOON:
        return None
    if due <= now:
        return say("flow.state_late"), "bad"
    minutes = int((due - now).total_seconds()) // 60
    if minutes < 60:
        return say("inbox.minutes_left", count=max(1, minutes)), "bad"
    return say("inbox.hours_left", count=minutes // 60), "bad" if minutes < 240 else "warn"


def filters_here() -> Mapping[str, Any]:
    """The filters of the list as the address carries them."""
    return {name: request.args[name] for name in _FILTERS if name in request.args}


def wanted_here(*, whole: bool) -> InboxWanted:
    """What the address asks for; `whole`: from its first page on."""
    given = request.args
    tab = given.get("tab", "")
    workflow = given.get("workflow", "")
    return InboxWanted(
        tab if tab in inbox.TABS else inbox.TABS[0],
        given.get("q", "").strip()[:80],
        workflow if workflow in visit().company.catalog.workflows else "",
        given.get("overdue") == "1",
        find_id(given.get("initiator", "")),
        None if whole else find_id(given.get("before", "")),
    )


def fetch_list(chosen: int | None = None) -> InboxList:
    """The list that the address asks for, beside the page of a row of it."""
    current = visit()
    wanted = wanted_here(whole=chosen is not None)
    found = inbox.fetch_inbox(current.company, current.actor, wanted)
    initiator = found.names.get(wanted.initiator or 0, "")
    workflows = tuple(current.company.catalog.workflows.values())
    batch = request.args.get("batch") == "1"
    return InboxList(found, wanted, initiator, workflows, current.company.clock(), batch, chosen)
