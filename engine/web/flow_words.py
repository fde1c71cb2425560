"""What templates of approvals ask: words and colours for states and for what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import current_app, url_for

from engine.services.flow.views import Event, Story
from engine.web.answers import say
from engine.web.moments import exact, when
from engine.web.page_values import portrait
from engine.web.texts import Texts

_TONES = MappingProxyType(
    {
        "running": "primary",
        "returned": "warn",
        "suspended": "warn",
        "incident": "bad",
        "late": "bad",
        "approved": "ok",
        "rejected": "bad",
        "revoked": "",
        "terminated": "",
    }
)
_MARKS = MappingProxyType(
    {
        "start": ("send", "ok"),
        "approve": ("check", "ok"),
        "submit": ("check", "ok"),
        "approved": ("checks", "ok"),
        "reject": ("x", "bad"),
        "rejected": ("x", "bad"),
        "return": ("corner-up-left", "warn"),
        "revoke": ("arrow-back-up", ""),
        "take_back": ("arrow-back-up", ""),
        "transfer": ("arrow-forward-up", ""),
        "reassign": ("arrow-forward-up", ""),
        "jump": ("arrow-forward-up", "warn"),
        "comment": ("message", ""),
        "urge": ("bell-ringing", ""),
        "cc": ("mail", ""),
        "copy": ("mail", ""),
        "incident": ("alert-triangle", "bad"),
        "suspend": ("player-pause", "warn"),
        "resume": ("player-play", ""),
        "terminate": ("ban", "bad"),
        "terminated": ("ban", "bad"),
        "auto": ("bolt", ""),
        "call": ("sitemap", ""),
        "starts": ("sitemap", ""),
        "wait": ("hourglass", ""),
        "waited": ("hourglass", ""),
        "timeout": ("hourglass", "warn"),
        "webhook": ("world-upload", ""),
        "remind": ("bell-ringing", ""),
        "timer": ("clock", ""),
        "retry": ("refresh", ""),
        "pass_step": ("checks", "warn"),
        "abstain": ("minus", ""),
        "passed": ("player-skip-forward", ""),
        "addsign_before": ("user-plus", ""),
        "addsign_after": ("user-plus", ""),
        "addsign_with": ("user-plus", ""),
    }
)


def state_of(story: Story) -> str:
    """The one word that says how it stands."""
    stored = story.instance
    if stored.state != "running":
        return stored.state
    if stored.incident:
        return "incident"
    if stored.suspended:
        return "suspended"
    return "returned" if story.with_initiator else "running"


def tone_of(state: str) -> str:
    """The colour of a state's chip."""
    return _TONES.get(state, "")


def mark_of(event: Event) -> tuple[str, str]:
    """(icon, colour) of a line of the log."""
    return _MARKS.get(event.action, ("point", ""))


def did(event: Event) -> str:
    """What somebody did."""
    texts = current_app.extensions["weft.texts"]
    known = isinstance(texts, Texts) and f"flow.did_{event.action}" in texts.entries
    return say(f"flow.did_{event.action}") if known else say("flow.did_other", action=event.action)


def task_address(task_id: int) -> str:
    """Where a task is decided."""
    return url_for("inbox_task", task_id=task_id) if "inbox_task" in current_app.view_functions else url_for("home")


FLOW_WORDS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "state_of": state_of,
        "tone_of": tone_of,
        "mark_of": mark_of,
        "did": did,
        "task_address": task_address,
        "when": when,
        "exact": exact,
        "portrait": portrait,
    }
)
