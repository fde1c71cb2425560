"""What must have come of it: values, who is asked, who sees what; each difference is a problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.catalog.forms import Field
from engine.problems import NotVisible, Problem
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.posting import WEBHOOK
from engine.services.flow.telling import MAIL
from engine.services.notices import list_notifications
from engine.services.scenarios.acts import Playing
from engine.services.views_of_records import ListRequest
from engine.source.tree import Item, short_text
from engine.storage.flows import fetch_log
from engine.storage.outbox import DEAD, DONE, RUNNING, WAITING, fetch_jobs

ALL_JOBS = (WAITING, RUNNING, DONE, DEAD)
MOST_JOBS = 1000


def check_expected(playing: Playing, item: Item) -> Iterator[Problem]:
    """Every difference between `expect:` and what is."""
    for name, entry in item.map.items():
        if name == "inbox":
            for person, wanted in entry.map.items():
                yield from _same(f"inbox of {person}", wanted, _texts(wanted), _inbox(playing, person, wanted))
        elif name == "waits":
            for record, wanted in entry.map.items():
                expected = sorted(f"{step} {each}" for step, who in wanted.map.items() for each in _texts(who))
                yield from _same(f"{record} waits for", wanted, expected, _waits(playing, record, wanted))
        elif name in ("can_see", "cannot_see"):
            for person, wanted in entry.map.items():
                yield from _sight(playing, person, wanted, seen=name == "can_see")
        elif name == "notified":
            for person, wanted in entry.map.items():
                yield from _told(playing, person, wanted)
        elif name == "mailed":
            for person, wanted in entry.map.items():
                yield from _mailed(playing, person, wanted)
        elif name == "called":
            for address, wanted in entry.map.items():
                yield from _called(playing, address, wanted)
        elif name == "log":
            for record, wanted in entry.map.items():
                yield from _logged(playing, record, wanted)
        elif name == "count":
            for form, wanted in entry.map.items():
                found = records.list_records(playing.company, SYSTEM, form, ListRequest()).rows
                yield from _same(f"number of {form}", wanted, wanted.text, str(len(found)))
        else:
            yield from _record(playing, name, entry)


def find_named(playing: Playing, item: Item) -> Iterator[Problem]:
    """`find: {n1: {form: crm.node, where: "name = 'first'"}}` names a record that effects made."""
    for name, entry in item.map.items():
        form, where = entry.map["form"].text, entry.map.get("where")
        request = ListRequest(where=where.text if where is not None else None)
        rows = records.list_records(playing.company, SYSTEM, form, request).rows
        if len(rows) != 1:
            yield from _same(f"number of {form}", entry, "1", str(len(rows)))
        else:
            playing.names.records[name] = (form, rows[0].id or 0)


def _record(playing: Playing, name: str, wanted: Item) -> Iterator[Problem]:
    form_id, record = playing.names.record(name, wanted.place)
    form = playing.company.catalog.forms[form_id]
    values = records.fetch_record(playing.company, SYSTEM, form_id, record).values
    for field, item in wanted.map.items():
        if field not in form.fields:
            yield Problem("R101", {"name": field}, item.place)
            continue
        definition = form.fields[field]
        expected = _plain(definition, playing.names.one(definition, item))
        yield from _same(f"{name}.{field}", item, expected, _plain(definition, values.get(field)))


def _plain(definition: Field, value: object) -> str:
    """A value so that the same values look the same."""
    if isinstance(value, list):
        return ", ".join(sorted(_plain(definition, each) for each in value))
    if isinstance(value, dict):
        return str(value.get("id"))
    if value is None or value == "":
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if definition.type in ("money", "number", "percent", "integer"):
        try:
            return f"{Decimal(str(value)).normalize():f}"
        except InvalidOperation:
            return str(value)
    return str(value)


def _inbox(playing: Playing, person: str, wanted: Item) -> list[str]:
    who = playing.names.person(person, wanted.place)
    found = [
        name
        for name, (form, record) in playing.names.records.items()
        if any(task.assignee == who for task in playing.tasks(form, record))
    ]
    return sorted(found)


def _waits(playing: Playing, record: str, wanted: Item) -> list[str]:
    logins = {number: login for login, number in playing.names.people.items()}
    tasks = playing.tasks(*playing.names.record(record, wanted.place))
    return sorted(f"{task.step} {logins.get(task.assignee, task.assignee)}" for task in tasks)


def _sight(playing: Playing, person: str, wanted: Item, *, seen: bool) -> Iterator[Problem]:
    actor = playing.names.actor(person, wanted.place)
    for name in _texts(wanted):
        form, record = playing.names.record(name, wanted.at)
        try:
            records.fetch_record(playing.company, actor, form, record)
            found = True
        except NotVisible:
            found = False
        if found != seen:
            yield from _same(f"{person} sees {name}", wanted, str(seen).lower(), str(found).lower())


def _told(playing: Playing, person: str, wanted: Item) -> Iterator[Problem]:
    """Notices on somebody's page; an empty list: none at all."""
    notices = list_notifications(playing.company, playing.names.actor(person, wanted.place), 100)
    for word in _texts(wanted):
        about = playing.names.records.get(word)
        if not any((each.form, each.record_id) == about or word in each.text for each in notices):
            yield from _same(f"notified {person}", wanted, word, "; ".join(each.text for each in notices) or "-")
    if not _texts(wanted) and notices:
        yield from _same(f"notified {person}", wanted, "-", "; ".join(each.text for each in notices))


def _mailed(playing: Playing, person: str, wanted: Item) -> Iterator[Problem]:
    """Mails that were left for somebody, in any language; an empty list: none at all."""
    who = playing.names.person(person, wanted.place)
    texts = [" / ".join(each["texts"].values()) for each in _left(playing, MAIL) if each["person"] == who]
    yield from _told_words(f"mailed {person}", wanted, texts)


def _called(playing: Playing, address: str, wanted: Item) -> Iterator[Problem]:
    """Messages that were left for an address of the site; an empty list: none at all."""
    left = [each["body"] for each in _left(playing, WEBHOOK) if each["to"] == address]
    found = [json.dumps(each, ensure_ascii=False) for each in left]
    yield from _told_words(f"called {address}", wanted, found)


def _left(playing: Playing, kind: str) -> list[Any]:
    """What was left for the outside world."""
    with playing.company.reading(SYSTEM) as work:
        return [each.payload for each in fetch_jobs(work.uow, ALL_JOBS, MOST_JOBS) if each.kind == kind]


def _told_words(what: str, wanted: Item, texts: list[str]) -> Iterator[Problem]:
    """Each word must stand in one of the texts; without words there must be no text."""
    for word in _texts(wanted):
        if not any(word in each for each in texts):
            yield from _same(what, wanted, word, "; ".join(texts) or "-")
    if not _texts(wanted) and texts:
        yield from _same(what, wanted, "-", "; ".join(texts))


def _logged(playing: Playing, record: str, wanted: Item) -> Iterator[Problem]:
    """What the log of the latest approval tells; each word must be one of its acts."""
    with playing.company.reading(SYSTEM) as work:
        acts = [each.action for each in fetch_log(work.uow, playing.instance(record, wanted.place))]
    for word in _texts(wanted):
        if word not in acts:
            yield from _same(f"log of {record}", wanted, word, ", ".join(acts))


def _texts(item: Item) -> list[str]:
    return sorted(each.text for each in item.list) if item.list else ([item.text] if item.text else [])


def _same(what: str, at: Item, expected: object, found: object) -> Iterator[Problem]:
    if expected != found:
        values = {"what": what, "expected": expected or short_text(at), "found": found or "-"}
        yield Problem("E104", values, at.place)
