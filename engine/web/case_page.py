"""What the pages of one approval ask: its way on one line, who said what, the record's facts and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from flask import url_for

from engine.catalog.forms import Form
from engine.problems import NotVisible
from engine.services import timeline
from engine.services.flow.views import Event, Somebody, Story
from engine.services.flow.ways import Milestone
from engine.services.views_of_pages import FileInfo
from engine.services.views_of_records import RecordView
from engine.web.answers import say
from engine.web.facts import Fact, fact_of, line_rows, why_address
from engine.web.inbox_list import due_chip
from engine.web.inputs import WIDE_KINDS, kind_of
from engine.web.record_page import RecordPage
from engine.web.rich_text import formatted
from engine.web.visit import visit

_SAYINGS = frozenset({"approve", "reject", "submit", "return", "abstain", "comment", "start"})
_VERDICTS = MappingProxyType(
    {
        "start": ("inbox.said_start", ""),
        "approve": ("inbox.said_approve", "ok"),
        "submit": ("inbox.said_submit", "ok"),
        "reject": ("inbox.said_reject", "bad"),
        "return": ("inbox.said_return", "warn"),
        "abstain": ("inbox.said_abstain", ""),
        "comment": ("inbox.said_comment", "info"),
    }
)
MOST_SAYINGS = 12


def sayings(story: Story) -> tuple[Event, ...]:
    """Who decided or said something so far, latest last; who only handed it on counts when he gave a reason."""
    found = [each for each in story.events if each.action in _SAYINGS or each.opinion]
    if found and found[0].action == "start" and not found[0].opinion:
        found = found[1:]
    return tuple(found[-MOST_SAYINGS:])


def verdict(event: Event) -> tuple[str, str]:
    """(words, colour) of what somebody said."""
    text_id, tone = _VERDICTS.get(event.action, ("", ""))
    return (say(text_id), tone) if text_id else ("", "")


def people_text(milestone: Milestone) -> str:
    """Who stands below a milestone: the reader first, two at most by name."""
    me = visit().actor.person
    names = [_name(each, me) for each in sorted(milestone.people, key=lambda each: each.id != me)]
    if len(names) > 2:
        return say("inbox.and_more", name=names[0], count=len(names))
    return say("shell.comma").join(names)


def _name(person: Somebody, me: int) -> str:
    return say("flow.you") if person.id == me else person.name


def facts_in(page: RecordPage, without: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(fields, lines) of the record in the order of its page, without those that stand elsewhere."""
    blocks = [block for section in page.sections for block in section.blocks]
    names = [name for block in blocks for name in block.fields]
    lines = [block.lines for block in blocks if block.lines]
    away = {*without, *page.figures}
    return tuple(name for name in names if name not in away), tuple(name for name in lines if name not in without)


def single_fields(form: Form) -> frozenset[str]:
    """The fields that are no lines."""
    return frozenset(name for name, field in form.fields.items() if field.type != "lines")


def block_of(page: RecordPage, lines: str) -> object:
    """The block of lines with its totals."""
    return next(block for section in page.sections for block in section.blocks if block.lines == lines)


def span_of(fact: Fact) -> str:
    """The columns of the grid that a fact takes: three beside each other, long ones alone."""
    return "f12" if fact.kind != "empty" and kind_of(fact.definition) in WIDE_KINDS - {"files"} else "f4"


def files_of(view: RecordView | None) -> tuple[FileInfo, ...]:
    """The files beside the record."""
    if view is None or view.id is None:
        return ()
    current = visit()
    try:
        return timeline.list_attachments(current.company, current.actor, view.form.id, view.id)
    except NotVisible:
        return ()


def record_url(page: RecordPage) -> str:
    """The page of the record."""
    return url_for("record", app=page.form.app, form=page.form.name, record_id=page.view.id)


CASE_WORDS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "sayings": sayings,
        "verdict": verdict,
        "people_text": people_text,
        "facts_in": facts_in,
        "single_fields": single_fields,
        "block_of": block_of,
        "span_of": span_of,
        "record_url": record_url,
        "fact_of": fact_of,
        "line_rows": line_rows,
        "why_address": why_address,
        "kind_of": kind_of,
        "formatted": formatted,
        "due_chip": due_chip,
    }
)
