"""python -m bench flows [--tasks N] [--database sqlite|postgres|both]: what approvals cost."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench.company import BATCH, PASSWORD, Row, amount, found_by, some_day, write
from bench.flow_checks import measure_checks
from bench.formulas import as_table
from bench.measure import summarize
from bench.postgres import postgres_url
from bench.report import Figure
from bench.workload import WORDS
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.flow.marking import ListMark, Marking, StepMark
from engine.services import people, records, setup
from engine.services.flow.commands import Decision, decide, start_workflow
from engine.services.site import OpenCompany, Site, open_site
from engine.storage.flows import fetch_open_tasks, keep_definition
from engine.web.app import create_app

DEFINITIONS = Path(__file__).parent / "flow_site"
DECISIONS, WARM_UP = 150, 20
HEADS = 50  # the first decides; the others have equally many tasks, and the busy person as many as all of them
OTHERS = 500  # people who have nothing to do with it
PAGES = (
    ("waiting", ""),
    ("second page", "before={second}"),
    ("one workflow", "workflow=bench.request_approval"),
    ("overdue", "overdue=1"),
    ("of one initiator", "initiator={clerk}"),
    ("text", "q=4711"),
    ("done", "tab=done"),
    ("started", "tab=started"),
    ("copies", "tab=copies"),
)
TITLES = 10_000  # looking for a word in the titles of more tasks of one person is told, not judged
FORM, WORKFLOW = "bench.request", "bench.request_approval"


@dataclass
class Place:
    """A company of one database, with its people by login."""

    site: Site
    company: OpenCompany
    actors: Mapping[str, Actor]

    @property
    def name(self) -> str:
        """Of the database."""
        return self.company.database.dialect


def main(words: Sequence[str]) -> int:
    """Measure and tell; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench flows", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000, help="open tasks behind the inbox (100,000)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args(words)
    figures = measure_checks()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        for database in ("sqlite", "postgres"):
            if asked.database in (database, "both"):
                url = stack.enter_context(postgres_url()) if database == "postgres" else None
                folder = Path(temporary) / database
                shutil.copytree(DEFINITIONS, folder)
                figures += measure(open_place(folder, url), asked.tasks)
    print(as_table(figures))
    return 1 if any(figure.kept is False for figure in figures) else 0


def open_place(folder: Path, url: str | None) -> Place:
    """The company with a clerk, a director, one busy head and the others."""
    site = open_site(folder, database_url=url)
    setup.apply_company(site, "bench")
    company = site.company("bench")
    wanted = {"clerk": "clerk", "director": "director", "busy": "clerk", "head0": "head"}
    wanted |= {f"head{at}": "clerk" for at in range(1, HEADS)} | {f"other{at}": "clerk" for at in range(OTHERS)}
    write(company, "people.person", (_person(login, role) for login, role in wanted.items()))
    known = [login for login in wanted if not login.startswith("other")]
    return Place(site, company, {login: people.person_actor(company, login) for login in known})


def _person(login: str, role: str) -> Row:
    return found_by(login, name=login.title(), login=login, roles=(role,), active=True, language="en")


def measure(place: Place, tasks: int) -> list[Figure]:
    """Everything that is asked of a database."""
    print(f"  {place.name}", file=sys.stderr, flush=True)
    fill(place, tasks)
    figures = measure_decisions(place)
    figures += [*measure_inbox(place, "head1"), *measure_inbox(place, "busy")]
    place.site.close()
    return figures


# --- deciding -------------------------------------------------------------------------------------------------------


def measure_decisions(place: Place) -> list[Figure]:
    """An approval that goes on to the next step, and one that ends, against a plain save of such a record, in turns."""
    save, on, end = zip(*[_in_turn(place, at) for at in range(WARM_UP + DECISIONS)][WARM_UP:], strict=True)
    plain = median(save)
    return [
        Figure(f"{place.name}: saving a record", plain * 1000, "ms"),
        Figure(f"{place.name}: a decision that leads on, times that", median(on) / plain, "×", 3),
        Figure(f"{place.name}: a decision that ends it, times that", median(end) / plain, "×", 3),
    ]


def _in_turn(place: Place, number: int) -> tuple[float, float, float]:
    """Seconds of a save, of a decision that leads to the next step, and of the last one."""
    company, actors = place.company, place.actors
    values = {"subject": f"Request {number}", "amount": "9000", "clerk": actors["clerk"].person}
    plain = records.save_record(company, actors["director"], FORM, None, values).id or 0
    start_workflow(company, actors["clerk"], WORKFLOW, None, values)
    first = _waiting(place, "head0")
    saving = _time(lambda: records.save_record(company, actors["director"], FORM, plain, {"remark": f"{number}"}))
    noted = Decision("approve", opinion="fine", values={"remark": f"{number}"})
    leading_on = _time(lambda: decide(company, actors["head0"], first, noted))
    last = _waiting(place, "director")
    ending = _time(lambda: decide(company, actors["director"], last, Decision("approve", opinion="fine")))
    return saving, leading_on, ending


def _waiting(place: Place, login: str) -> int:
    with place.company.reading(SYSTEM) as work:
        return fetch_open_tasks(work.uow, place.actors[login].person)[0].id


# --- the inbox ------------------------------------------------------------------------------------------------------


def fill(place: Place, tasks: int) -> None:
    """So many running approvals with an open task each: half with the busy person, half with the others evenly.

    Beside them a fifth as many that have ended, and as many copies of these.
    """
    company, tables = place.company, place.company.database.tables.flow
    print(f"  {tasks:,} open tasks", file=sys.stderr, flush=True)
    write(company, FORM, requests(place, tasks))
    with company.writing(SYSTEM, "bench") as work:
        content = company.flows.definition(WORKFLOW).to_json()
        definition = keep_definition(work.uow, WORKFLOW, company.catalog.workflows[WORKFLOW].digest, content)
        now, connection = work.uow.now, work.uow.connection
        _insert(connection, tables.instance, instances(place, definition, now, tasks))
        _insert(connection, tables.task, open_tasks(place, now, tasks))
        _insert(connection, tables.copy, copies(place, now, tasks))
    with company.database.writing() as connection:
        connection.execute(sa.text("ANALYZE"))


def requests(place: Place, tasks: int) -> Iterator[Row]:
    dice = Random(5)
    for number in range(1, tasks + 1):
        subject, code = f"{dice.choice(WORDS)} {dice.choice(WORDS)} {number}", f"RQ-2020-{number:07}"
        yield found_by(
            code,
            subject,
            number=code,
            subject=subject,
            clerk=_clerk(place, number),
            amount=amount(dice),
            wanted=some_day(dice),
            state="running",
        )


def instances(place: Place, definition: int, now: datetime, tasks: int) -> Iterator[Row]:
    dice = Random(5)
    marking = json.dumps(Marking(ListMark(0, StepMark("check", 1)), visits=1).to_json())
    for number in range(1, tasks + tasks // 5 + 1):
        ended = number > tasks
        yield {
            "id": number,
            "definition_id": definition,
            "workflow": WORKFLOW,
            "form": FORM,
            "record_id": number - tasks if ended else number,
            "title": f"{dice.choice(WORDS)} {dice.choice(WORDS)} {number}",
            "state": "approved" if ended else "running",
            "suspended": False,
            "rev": 1,
            "marking": marking,
            "initiator": _clerk(place, number),
            "started_at": now - timedelta(minutes=tasks * 2 - number),
            "ended_at": now if ended else None,
            "facts": "{}",
        }


def open_tasks(place: Place, now: datetime, tasks: int) -> Iterator[Row]:
    for number in range(1, tasks + tasks // 5 + 1):
        ended, person = number > tasks, _holder(place, number)
        yield {
            "id": number,
            "instance_id": number,
            "visit": 1,
            "step": "check",
            "kind": "approve",
            "position": 0,
            "assignee": person,
            "principal": person,
            "source": "who",
            "weight": 1,
            "state": "done" if ended else "pending",
            "decision": "approve" if ended else None,
            "rev": 1,
            "due_at": now + timedelta(hours=number % 200 - 20),
            "created_at": now - timedelta(minutes=tasks * 2 - number),
            "done_at": now if ended else None,
            "done_by": person if ended else None,
        }


def copies(place: Place, now: datetime, tasks: int) -> Iterator[Row]:
    for number in range(tasks + 1, tasks + tasks // 5 + 1):
        yield {"instance_id": number, "person": _holder(place, number), "step": "tell", "at": now}


def _holder(place: Place, number: int) -> int:
    """Every second task is the busy person's."""
    return place.actors["busy" if number % 2 else f"head{1 + number // 2 % (HEADS - 1)}"].person


def _clerk(place: Place, number: int) -> int:
    return place.actors["clerk" if number % 3 else "busy"].person


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[Row]) -> None:
    while batch := list(islice(rows, BATCH)):
        connection.execute(sa.insert(table), batch)
    if connection.dialect.name == "postgresql":  # rows with ids of their own do not move the counter
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last)))


def measure_inbox(place: Place, login: str) -> Iterator[Figure]:
    """The pages of the inbox, through the whole application."""
    people.set_password(place.company, login, PASSWORD)
    session = people.sign_in(place.company, login, PASSWORD, "127.0.0.1", "bench")
    client = create_app(place.site).test_client(use_cookies=False)
    with place.company.reading(SYSTEM) as work:
        mine = [task.id for task in fetch_open_tasks(work.uow, place.actors[login].person)]
    for name, query in PAGES:
        path = f"/bench/inbox?{query.format(second=mine[-min(30, len(mine))], clerk=place.actors['clerk'].person)}"
        taken = summarize([_get(client, path, session) for _ in range(32)][2:])
        limit = 100 if name != "text" or len(mine) < TITLES else None
        yield Figure(f"{place.name}: inbox of {len(mine):,} tasks, {name}, p95", taken.p95, "ms", limit)


def _get(client: FlaskClient, path: str, session: str) -> float:
    """Milliseconds of a page; it has to answer 200."""
    start = time.perf_counter()
    answer = client.get(path, headers={"Cookie": f"session={session}"})
    length = len(answer.get_data())
    if answer.status_code != 200 or not length:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return (time.perf_counter() - start) * 1000


def _time(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
