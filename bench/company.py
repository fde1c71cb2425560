"""Builds the company that is measured: definitions from bench/site, rows made up from a fixed seed, written in bulk."""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from bench.workload import RARE, STATUSES, WORDS
from engine.services import people, setup
from engine.services.people import SYSTEM
from engine.services.site import OpenCompany, Site, open_site
from engine.storage.records import insert_records
from engine.storage.search_text import build_search_text

DEFINITIONS = Path(__file__).parent / "site"
AGENTS, CUSTOMERS, CONTRACTS = 50, 10_000, 10_000
BATCH = 5_000
PASSWORD = "seventeen green kettles"  # noqa: S105 - of a company that lives for one run
CITIES = ("Oslo", "Turin", "Lyon", "Graz", "Porto", "Gent")
Row = Mapping[str, object]


@dataclass(frozen=True)
class BenchCompany:
    """The company with a token and a session of its first agent."""

    site: Site
    company: OpenCompany
    token: str
    session: str


def build_company(folder: Path, url: str | None, rows: int) -> BenchCompany:
    """The company in `folder`, filled; rows that are there already stay."""
    if not (folder / "site.yaml").exists():
        shutil.copytree(DEFINITIONS, folder, dirs_exist_ok=True)
    site = open_site(folder, database_url=url)
    setup.apply_company(site, "bench")
    company = site.company("bench")
    fill(company, rows)
    people.set_password(company, "agent1", PASSWORD)
    session = people.sign_in(company, "agent1", PASSWORD, "127.0.0.1", "bench")
    agent = people.actor_of(company, session)
    if agent is None:
        raise RuntimeError("the first agent cannot sign in")
    return BenchCompany(site, company, people.create_token(company, agent, "bench", 30), session)


def fill(company: OpenCompany, rows: int) -> None:
    """Write whatever form has no rows yet."""
    makers = (
        ("people.person", agents()),
        ("bench.customer", customers()),
        ("bench.contract", contracts()),
        ("bench.service_record", services(rows)),
    )
    for form_id, made in makers:
        start, count = time.monotonic(), write(company, form_id, made)
        if count:
            print(f"  {count:,} rows of {form_id}: {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
    with company.database.writing() as connection:
        # A company used again starts like a fresh one: the updates of the last run are forgotten.
        table = company.database.tables.forms["bench.service_record"]
        connection.execute(sa.update(table).where(table.c.version > 1).values(version=1))
        connection.execute(sa.text("ANALYZE"))


def write(company: OpenCompany, form_id: str, made: Iterator[Row]) -> int:
    """Insert the rows in batches; how many that were (0 when there were rows before)."""
    table = company.database.tables.forms[form_id]
    with company.database.reading() as connection:
        if connection.execute(sa.select(table.c.id).limit(1)).first() is not None:
            return 0
    count = 0
    with company.writing(SYSTEM, "bench") as work:
        while batch := list(islice(made, BATCH)):
            insert_records(work.uow, form_id, batch)
            count += len(batch)
    return count


def found_by(*texts: str, **values: object) -> Row:
    """A row with the words it is found by."""
    return {"search_text": build_search_text(texts), **values}


def agents() -> Iterator[Row]:
    for number in range(1, AGENTS + 1):
        name = f"Agent {number}"
        yield found_by(name, name=name, login=f"agent{number}", roles=("agent",), active=True, language="en")


def customers() -> Iterator[Row]:
    dice = random.Random(1)
    for number in range(1, CUSTOMERS + 1):
        name = f"{dice.choice(CITIES)} {dice.choice(WORDS)} works {number}"
        yield found_by(name, name=name, city=dice.choice(CITIES), level=dice.choice("abc"))


def contracts() -> Iterator[Row]:
    dice = random.Random(2)
    for number in range(1, CONTRACTS + 1):
        name = f"Contract {number}"
        yield found_by(name, name=name, customer=dice.randint(1, CUSTOMERS), amount=amount(dice), signed=some_day(dice))


def services(rows: int) -> Iterator[Row]:
    dice = random.Random(3)
    for number in range(1, rows + 1):
        word = RARE if number % 100_000 == 7 else dice.choice(WORDS)
        subject, code = f"{word} {dice.choice(WORDS)} {number}", f"SR-2025-{number:07}"
        yield found_by(
            code,
            subject,
            number=code,
            subject=subject,
            status=dice.choice(STATUSES),
            amount=amount(dice),
            happened=some_day(dice),
            agent=dice.randint(1, AGENTS),
            customer=dice.randint(1, CUSTOMERS),
        )


def amount(dice: random.Random) -> Decimal:
    return Decimal(dice.randint(100, 999_999)).scaleb(-2)


def some_day(dice: random.Random) -> date:
    return date(2024, 1, 1) + timedelta(days=dice.randint(0, 1000))
