"""python -m bench boards [--rows N] [--database sqlite|postgres|both] [--keep FOLDER]: what the numbers of boards cost.

Eight widgets, three of them over all service records: each of their queries against the SQL of somebody who knows the
tables, the board as a browser loads it (two widgets at a time), and saves meanwhile.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median
from threading import Event
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.company import BenchCompany, build_company
from bench.formulas import as_table
from bench.measure import summarize
from bench.postgres import postgres_url
from bench.report import Figure
from engine.runtime.actors import Actor
from engine.services import people, records
from engine.services.answers import Answers
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.views import BoardState
from engine.services.site import OpenCompany
from engine.web.app import create_app

BOARD = "bench.overview"
AT_ONCE = 2  # widgets that a page asks for at a time
SAVES, TIMES = 60, 9
FIRST, WHOLE = 0.5, {"sqlite": 6.0, "postgresql": 1.5}
LARGE = frozenset({"months", "statuses", "agents"})
# {month} and {quarter} stand for how either database says the first day of those.
BY_HAND: Mapping[str, str] = {
    "contracts": "SELECT count(*), sum(amount) FROM bench_contract WHERE deleted_at IS NULL",
    "signed": "SELECT {quarter}, count(*), sum(amount) FROM bench_contract WHERE deleted_at IS NULL GROUP BY 1",
    "months": "SELECT {month}, count(*), sum(amount) FROM bench_service_record WHERE deleted_at IS NULL GROUP BY 1",
    "statuses": (
        "SELECT status, count(*), sum(amount) FROM bench_service_record WHERE deleted_at IS NULL GROUP BY {plus}status"
    ),
    "agents": (
        "SELECT agent, count(*), sum(amount) FROM bench_service_record WHERE deleted_at IS NULL GROUP BY {plus}agent"
    ),
    "cities": (
        "SELECT c.city, count(*), sum(k.amount) FROM bench_contract AS k LEFT JOIN bench_customer AS c "
        "ON c.id = k.customer AND c.deleted_at IS NULL WHERE k.deleted_at IS NULL GROUP BY c.city"
    ),
    "customers": (
        "SELECT customer, count(*), sum(amount) FROM bench_contract WHERE deleted_at IS NULL GROUP BY {plus}customer"
    ),
    "levels": "SELECT city, level, count(*) FROM bench_customer WHERE deleted_at IS NULL GROUP BY 1, 2",
}
_WORDS = {
    "sqlite": {
        "plus": "+",  # no walk along an index, which is slower than a scan
        "month": "substr(happened, 1, 7) || '-01'",
        "quarter": "substr(signed, 1, 5) || ((substr(signed, 6, 2) + 2) / 3)",
    },
    "postgresql": {
        "plus": "",
        "month": "cast(date_trunc('month', happened) AS date)",
        "quarter": "cast(date_trunc('quarter', signed) AS date)",
    },
}


@dataclass
class Place:
    """A company of one database with its first agent, who sees everything."""

    built: BenchCompany
    actor: Actor
    app: Flask

    @property
    def company(self) -> OpenCompany:
        """The company."""
        return self.built.company

    @property
    def name(self) -> str:
        """Of the database."""
        return self.company.database.dialect

    def forget(self) -> None:
        """Let nothing be remembered."""
        self.company.state = replace(self.company.state, answers=Answers())


def main(words: Sequence[str]) -> int:
    """Measure and tell; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench boards", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="service records (1,000,000)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--keep", type=Path, help="build the companies in this folder; used again if they are there")
    asked = parser.parse_args(words)
    sys.setswitchinterval(0.0005)  # as `weft run` does
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        for database in ("sqlite", "postgres"):
            if asked.database in (database, "both"):
                url = stack.enter_context(postgres_url()) if database == "postgres" else None
                figures += measure(open_place((asked.keep or Path(temporary)) / database, url, asked.rows))
    print(as_table(figures))
    return 1 if any(figure.kept is False for figure in figures) else 0


def open_place(folder: Path, url: str | None, rows: int) -> Place:
    """The company, filled."""
    built = build_company(folder, url, rows)
    return Place(built, people.person_actor(built.company, "agent1"), create_app(built.site))


def measure(place: Place) -> list[Figure]:
    """Everything that is asked of a database."""
    print(f"  {place.name}", file=sys.stderr, flush=True)
    figures = [figure for name in BY_HAND for figure in measure_query(place, name)]
    figures += measure_board(place)
    figures += measure_saves(place)
    place.built.site.close()
    return figures


# --- one query ------------------------------------------------------------------------------------------------------


def measure_query(place: Place, name: str) -> Iterator[Figure]:
    """The grouped statement of a widget against SQL by hand, in turns and on the same connection."""
    place.forget()
    ours = grouped_statement(place, name)
    by_hand = (BY_HAND[name].format(**_WORDS[place.name]), ())
    with place.company.database.reading() as connection:
        cursor = connection.connection.cursor()
        run = lambda asked: _seconds(lambda: _all(cursor, *asked))  # noqa: E731
        for asked in (ours, by_hand):
            run(asked)
        if len(_all(cursor, *ours)) != len(_all(cursor, *by_hand)):
            raise RuntimeError(f"{name}: not as many groups as by hand")
        taken = [(run(ours), run(by_hand)) for _ in range(TIMES if name in LARGE else 4 * TIMES)]
    ratio = median(each[0] / each[1] for each in taken)
    milliseconds = median(each[0] for each in taken) * 1000
    yield Figure(f"{place.name}: {name}, its query, {milliseconds:.1f} ms, times SQL by hand", ratio, "×", 1.2)


def grouped_statement(place: Place, name: str) -> tuple[str, Any]:
    """The first grouped statement that the widget sends, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    engine = place.company.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        fetch_widgets(place.company, place.actor, BOARD, [name], BoardState(), "en")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return next(each for each in seen if "count(*)" in each[0])


def _all(cursor: Any, statement: str, values: Any) -> list[Any]:
    cursor.execute(statement, values) if values else cursor.execute(statement)
    found: list[Any] = cursor.fetchall()
    return found


# --- the board ------------------------------------------------------------------------------------------------------


def measure_board(place: Place) -> Iterator[Figure]:
    """The eight widgets as a page loads them, with nothing remembered and again."""
    load_board(place)
    cold = []
    for _ in range(3):
        place.forget()
        cold.append(load_board(place))
    warm = [load_board(place)[1] for _ in range(TIMES)]
    yield Figure(f"{place.name}: board of eight, first widget", median(each[0] for each in cold), "s", FIRST)
    yield Figure(f"{place.name}: board of eight, all widgets", median(each[1] for each in cold), "s", WHOLE[place.name])
    yield Figure(f"{place.name}: board of eight, nothing changed since", median(warm) * 1000, "ms", 100)


def load_board(place: Place) -> tuple[float, float]:
    """Seconds until the first widget, and until the last one, has been answered by the application."""
    start = time.perf_counter()

    def load(name: str) -> float:
        client = place.app.test_client(use_cookies=False)
        path = f"/bench/boards/{BOARD.replace('.', '/')}/widgets/{name}"
        answer = client.get(path, headers={"Cookie": f"session={place.built.session}"})
        if answer.status_code != 200 or not answer.get_data():
            raise RuntimeError(f"{path} answered {answer.status_code}")
        return time.perf_counter() - start

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(load, BY_HAND))
    return min(done), max(done)


# --- saves meanwhile ------------------------------------------------------------------------------------------------


def measure_saves(place: Place) -> Iterator[Figure]:
    """Saves of contracts with nobody else there, and while boards are loaded one after the other."""
    dice, over = Random(4), Event()

    def save() -> float:
        values = {"name": f"Contract {dice.random()}"}
        return _seconds(lambda: records.save_record(place.company, place.actor, "bench.contract", 7, values))

    def look() -> int:
        count = 0
        while not over.is_set():
            place.forget()
            load_board(place)
            count += 1
        return count

    for _ in range(10):
        save()
    alone = summarize([save() for _ in range(SAVES)])
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            meanwhile = summarize(_for_seconds(save, 3 * WHOLE[place.name]))
        finally:
            over.set()
        looking.result()
    yield Figure(f"{place.name}: a save alone, p95", alone.p95 * 1000, "ms")
    yield Figure(f"{place.name}: a save while boards are loaded, p95, times that", meanwhile.p95 / alone.p95, "×", 2)


def _for_seconds(act: Callable[[], float], seconds: float) -> list[float]:
    """Again and again, with the pauses of somebody who works, at least SAVES times."""
    end, taken = time.monotonic() + seconds, []
    while time.monotonic() < end or len(taken) < SAVES:
        taken.append(act())
        time.sleep(0.02)
    return taken


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
