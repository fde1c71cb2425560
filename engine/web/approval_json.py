"""Approvals and tasks in wire form, for the reader's language: what programs are answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from flask import url_for

from engine.services.flow.delegations import Delegation
from engine.services.flow.inbox import Desk, Inbox
from engine.services.flow.monitoring import Monitor
from engine.services.flow.views import Event, Holder, Place, Somebody, Story
from engine.values import Label
from engine.web.answers import label
from engine.web.api_records import record_json

_OPINIONS = ("approve", "reject", "return", "submit", "abstain")

Json = dict[str, object]


def instant(at: datetime | None) -> str | None:
    """A moment as the API writes it: 2026-11-23T08:00:00Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at is not None else None


def person_json(person: Somebody | None) -> Json | None:
    """Somebody as links are written; null for the engine."""
    return {"id": person.id, "title": person.name} if person is not None else None


def rows_json(inbox: Inbox) -> list[Json]:
    """The lines of a page of the inbox."""
    return [
        {
            "task": row.task,
            "approval": row.instance,
            "workflow": row.workflow,
            "label": label(inbox.workflow(row)),
            "title": row.title,
            "form": row.form,
            "record": row.record_id,
            "state": row.state,
            "suspended": row.suspended,
            "steps": _steps(row.steps or ((row.step,) if row.step else ()), inbox.where(row)),
            "initiator": _named(inbox.names, row.initiator),
            "principal": _named(inbox.names, row.principal) if row.principal != row.assignee else None,
            "holders": [_named(inbox.names, each) for each in row.holders],
            "decision": row.decision,
            "at": instant(row.at),
            "due_at": instant(row.due),
            "read_at": instant(row.read),
        }
        for row in inbox.rows
    ]


def _steps(names: Iterable[str], labels: Iterable[Label]) -> list[Json]:
    return [{"step": name, "label": label(text)} for name, text in zip(names, labels, strict=False)]


def _named(names: Mapping[int, str], person: int | None) -> Json | None:
    return person_json(Somebody(person, names.get(person, f"#{person}"))) if person else None


def desk_json(desk: Desk) -> Json:
    """A task that waits for the reader, with all that deciding it needs."""
    task, step = desk.task, desk.step
    return {
        "id": task.id,
        "rev": task.rev,
        "state": task.state,
        "step": task.step,
        "label": label(desk.label),
        "created_at": instant(task.created_at),
        "due_at": instant(task.due_at),
        "read_at": instant(task.read_at),
        "offers": list(desk.offers),
        "returns": [{"step": name, "label": label(text)} for name, text in desk.returns],
        "resume": step.policies.resume if step is not None else None,
        "edit": sorted(desk.rights.edit),
        "require": sorted(desk.rights.require),
        "opinion": {kind: desk.opinion_of(kind) for kind in _OPINIONS if kind in desk.offers},
        "signature": step is not None and step.signature,
        "draft": {"values": dict(desk.draft.values), "opinion": desk.draft.opinion},
        "record": {"form": desk.view.form.id, **record_json(desk.view)},
        "approval": story_json(desk.story),
    }


def story_json(story: Story) -> Json:
    """An approval: how it stands and where, without its log."""
    stored = story.instance
    app, _, form = stored.form.partition(".")
    return {
        "id": stored.id,
        "rev": stored.rev,
        "workflow": stored.workflow,
        "label": label(story.workflow.label),
        "title": stored.title,
        "form": stored.form,
        "record": stored.record_id,
        "url": url_for("api_record", app=app, form=form, record_id=stored.record_id),
        "state": stored.state,
        "returned": story.running and story.with_initiator,
        "suspended": stored.suspended,
        "incident": label(story.incident) if story.incident is not None else None,
        "late": story.late,
        "initiator": person_json(story.initiator),
        "started_at": instant(stored.started_at),
        "ended_at": instant(stored.ended_at),
        "places": [_place(each) for each in story.places],
        "passed": sorted(story.where.passed),
        "may": _may(story),
    }


def _place(place: Place) -> Json:
    return {
        "step": place.step,
        "label": label(place.label),
        "kind": place.kind,
        "holders": [_holder(each) for each in place.holders],
        "later": [person_json(each) for each in place.later],
    }


def _holder(holder: Holder) -> Json:
    return {
        "task": holder.task_id,
        "person": person_json(holder.person),
        "principal": person_json(holder.principal),
        "since": instant(holder.since),
        "due_at": instant(holder.due),
        "late": holder.late,
        "read": holder.read,
    }


def _may(story: Story) -> Json:
    acts = story.acts
    return {
        "decide": acts.decide,
        "take_back": acts.take_back,
        "revoke": acts.withdraw,
        "urge": acts.urge,
        "comment": acts.comment,
        "administer": acts.admin,
    }


def event_json(event: Event) -> Json:
    """A line of the log."""
    return {
        "at": instant(event.at),
        "action": event.action,
        "actor": person_json(event.actor),
        "on_behalf_of": person_json(event.behalf),
        "step": event.step or None,
        "label": label(event.label) if event.label is not None else None,
        "opinion": event.opinion or None,
        "people": [person_json(each) for each in event.others],
        "to": label(event.to) if event.to is not None else None,
        "text": label(event.why) if event.why is not None else event.text or None,
        "signature": event.signature,
    }


def listed_json(monitor: Monitor) -> list[Json]:
    """The approvals of a page of the monitor."""
    return [
        {
            "id": row.id,
            "workflow": row.workflow,
            "label": label(monitor.label(row)),
            "title": row.title,
            "form": row.form,
            "record": row.record_id,
            "state": row.state,
            "suspended": row.suspended,
            "incident": label(told) if (told := monitor.incident(row)) is not None else None,
            "initiator": _named(monitor.names, row.initiator),
            "started_at": instant(row.started_at),
            "ended_at": instant(row.ended_at),
            "steps": _steps(monitor.names_of_steps(row), monitor.steps(row)),
            "holders": [person_json(each) for each in monitor.holders(row)],
            "since": instant(row.since),
            "due_at": instant(row.due),
        }
        for row in monitor.rows
    ]


def delegation_json(each: Delegation, names: Mapping[int, str]) -> Json:
    """Who stands in for whom, and when."""
    return {
        "id": each.id,
        "principal": _named(names, each.principal),
        "delegate": _named(names, each.delegate),
        "starts_at": instant(each.starts_at),
        "ends_at": instant(each.ends_at),
        "workflows": list(each.workflows),
        "note": each.note,
        "ended_at": instant(each.revoked_at),
    }
