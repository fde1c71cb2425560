"""Can what happens by itself happen? WF034, WF070, WF071, WF073, WF074, WF075."""

from __future__ import annotations

from engine.catalog.notes import Notes
from engine.catalog.workflow_checks.regions import Regions
from engine.catalog.workflows import Duration, Step, Timer, Workflow
from engine.problems import Location
from engine.values import Label

_PER_DAY = {"minute": 24 * 60, "hour": 24, "day": 1, "workday": 1}
MOST_DAYS = 366
_TO_SOMEBODY = frozenset({"transfer", "addsign_with"})


def check_timing(notes: Notes, workflow: Workflow) -> None:
    """Notes timers that could never do what they say."""
    for step in workflow.all_steps():
        if step.timers and step.policies.due is None:
            notes.add("WF074", step.at, name=step.name)
        for timer in step.timers:
            _check_timer(notes, step, timer)
        if step.until is not None and step.timeout is None and not Regions().of(step.until):
            notes.add("WF034", step.at, name=step.name)
        due = step.policies.due if step.is_human else None
        for duration in (due.after if due is not None else None, step.until_after, step.timeout):
            _check_length(notes, step.name, step.at, duration, to_wait=True)


def _check_timer(notes: Notes, step: Step, timer: Timer) -> None:
    asks = _asks(step)
    if timer.do == "approve" and asks is not None:
        notes.add("WF070", timer.place, name=step.name, asks=asks)
    if timer.do in _TO_SOMEBODY and not timer.to:
        notes.add("WF071", timer.place, do=timer.do)
    _check_length(notes, step.name, timer.place, timer.at)
    _check_length(notes, step.name, timer.place, timer.every, to_wait=True)


def _asks(step: Step) -> Label | None:
    """What nobody can give when a step is approved by itself."""
    if step.rights.require:
        return {"en": "fields to be filled in", "zh": "填写字段"}
    if step.signature:
        return {"en": "a signature", "zh": "签名"}
    if step.checks or step.recheck:
        return {"en": "a check", "zh": "检查"}
    return None


def _check_length(notes: Notes, name: str, at: Location, duration: Duration | None, *, to_wait: bool = False) -> None:
    if duration is None:
        return
    days = abs(duration.amount) // _PER_DAY[duration.unit]
    if days > MOST_DAYS:
        what = {"en": f"A time of '{name}' in days", "zh": f"“{name}”的时长（天）"}
        notes.add("WF073", at, what=what, count=days, most=MOST_DAYS)
    if to_wait and duration.amount <= 0:
        notes.add("WF075", at, name=name, amount=duration.amount)
