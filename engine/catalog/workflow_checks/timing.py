"""Can what happens by itself happen? WF070, WF071, WF073, WF074."""

from __future__ import annotations

from engine.catalog.notes import Notes
from engine.catalog.workflows import Duration, Step, Timer, Workflow
from engine.values import Label

_DAYS = {"minute": 24 * 60, "hour": 24, "day": 1, "workday": 1}
_MOST_DAYS = 366
_TO_SOMEBODY = frozenset({"transfer", "addsign_with"})


def check_timing(notes: Notes, workflow: Workflow) -> None:
    """Notes timers that could never do what they say."""
    for step in workflow.all_steps():
        if step.timers and step.policies.due is None:
            notes.add("WF074", step.at, name=step.name)
        for timer in step.timers:
            _check_timer(notes, step, timer)
        due = step.policies.due
        if step.is_human and due is not None and due.after is not None and _is_long(due.after):
            _too_long(notes, step)


def _check_timer(notes: Notes, step: Step, timer: Timer) -> None:
    asks = _asks(step)
    if timer.do == "approve" and asks is not None:
        notes.add("WF070", timer.place, name=step.name, asks=asks)
    if timer.do in _TO_SOMEBODY and not timer.to:
        notes.add("WF071", timer.place, do=timer.do)
    if _is_long(timer.at):
        _too_long(notes, step)


def _asks(step: Step) -> Label | None:
    """What nobody can give when a step is approved by itself."""
    if step.rights.require:
        return {"en": "fields to be filled in", "zh": "填写字段"}
    if step.signature:
        return {"en": "a signature", "zh": "签名"}
    if step.checks or step.recheck:
        return {"en": "a check", "zh": "检查"}
    return None


def _is_long(duration: Duration) -> bool:
    return abs(duration.amount) > _MOST_DAYS * _DAYS[duration.unit]


def _too_long(notes: Notes, step: Step) -> None:
    what = {"en": "The time in days", "zh": "天数"}
    notes.add("WF073", step.at, what=what, count=f">{_MOST_DAYS}", most=_MOST_DAYS)
