"""python -m bench formulas [--rows N] [--database sqlite|postgres|both]: what formulas cost, as ratios of one run."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median

import sqlalchemy as sa

from bench.company import write
from bench.evaluating import measure_evaluation
from bench.postgres import postgres_url
from bench.report import Figure, verdict
from engine.catalog.scopes import FormScope
from engine.expressions import compile_expression, to_sql
from engine.runtime.actors import SYSTEM
from engine.services import records, setup
from engine.services.jobs import build_worker
from engine.services.site import OpenCompany, Site, open_site
from engine.source.layers import find_layers
from engine.storage.parameters import Parameters
from engine.storage.sql_scope import Surroundings, joined, root_scope

DEFINITIONS = Path(__file__).parent / "formula_site"
SAVES, WARM_UP = 120, 15
# A condition on formulas that are computed on reading, and the SQL of somebody who keeps to the same rules of null and
# rounding; how many times as long ours may take.
FILTERS = (
    ("net > 5000", "round(amount * (1 - coalesce(discount, 0)), 2) > 5000", 1.2),
    (
        "late and net < 9000",
        "state is distinct from 'done' and due < date '2026-06-30'"
        " and round(amount * (1 - coalesce(discount, 0)), 2) < 9000",
        1.2,
    ),
    ("margin > 0.3", "case when amount <> 0 then round((amount - cost) / amount, 12) end > 0.3", 3.0),
)
CHANGES = (
    ("by arithmetic", "ROUND(amount * (1 - N0(discount)) * 1.13, 2)"),
    ("by a division", "DIVIDE(amount - cost, cost, NULL)"),
    ("by cases", 'IFS(state = "done", amount - cost, due < DATE(2026, 6, 30), amount * 0.5, amount)'),
)
LEAST = {"sqlite": 10_000, "postgresql": 20_000}


@dataclass
class Clock:
    """The time of the run, moved forward so that no job waits."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Place:
    """One database of the run."""

    folder: Path
    url: str | None
    clock: Clock = field(default_factory=Clock)

    def open(self) -> tuple[Site, OpenCompany]:
        """The company with the definitions as they are in the folder now."""
        site = open_site(self.folder, clock=self.clock, database_url=self.url)
        setup.apply_company(site, "bench")
        return site, site.company("bench")


def main(words: Sequence[str]) -> int:
    """Measure and tell; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench formulas", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="items that are filtered and computed anew (100,000)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args(words)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        for database in ("sqlite", "postgres"):
            if asked.database in (database, "both"):
                url = stack.enter_context(postgres_url()) if database == "postgres" else None
                folder = Path(temporary) / database
                shutil.copytree(DEFINITIONS, folder)
                figures += measure(Place(folder, url), asked.rows)
        layers = find_layers(DEFINITIONS, Path(temporary) / "no-pack")
        figures = [*measure_evaluation(layers), *figures]
    print(as_table(figures))
    return 1 if any(figure.kept is False for figure in figures) else 0


def measure(place: Place, rows: int) -> list[Figure]:
    """Everything that is asked of a database."""
    site, company = place.open()
    name = company.database.dialect
    print(f"  {name}", file=sys.stderr, flush=True)
    write(company, "bench.item", items(rows))
    figures = measure_saves(company, name)
    if name == "postgresql":
        with company.database.writing() as connection:
            connection.execute(sa.text("ANALYZE"))
        figures += [measure_filter(company, *each) for each in FILTERS]
    site.close()
    return [*figures, *(measure_backfill(place, *change, rows) for change in CHANGES)]


def items(count: int) -> Iterator[Mapping[str, object]]:
    dice = Random(7)
    for number in range(count):
        yield {
            "name": f"item {number}",
            "amount": dice.choice([None, *[Decimal(dice.randint(0, 999_999)).scaleb(-2)] * 9]),
            "cost": Decimal(dice.randint(0, 500_000)).scaleb(-2),
            "discount": dice.choice([None, Decimal("0.05"), Decimal("0.1250")]),
            "due": date(2026, 1, 1) + timedelta(days=dice.randint(0, 364)),
            "state": dice.choice(["open", "held", "done"]),
        }


# --- saving ---------------------------------------------------------------------------------------------------------


def measure_saves(company: OpenCompany, name: str) -> list[Figure]:
    """A payment that moves three sums above it against one that moves nothing, in turns."""

    def save(form: str, record_id: int | None = None, /, **values: object) -> int | None:
        return records.save_record(company, SYSTEM, f"bench.{form}", record_id, values).id

    group = save("group", name="G")
    contracts = [
        save("contract", name=f"K{at}", customer=save("customer", name=f"C{at}", group=group)) for at in range(20)
    ]
    for contract in contracts:
        for _ in range(10):
            save("payment", contract=contract, amount="1", status="confirmed")
    dice = Random(3)

    def pay(status: str) -> float:
        amount = f"{dice.randint(100, 99_999) / 100:.2f}"
        return _time(lambda: save("payment", contract=dice.choice(contracts), amount=amount, status=status))

    moving, resting = _in_turns(lambda: pay("confirmed"), lambda: pay("draft"))
    one = save("payment", contract=contracts[0], amount="1", status="confirmed")
    changing, remarking = _in_turns(
        lambda: _time(lambda: save("payment", one, amount=f"{dice.randint(100, 99_999) / 100:.2f}")),
        lambda: _time(lambda: save("payment", one, remark=str(dice.random()))),
    )
    return [
        Figure(f"{name}: saving a payment that moves three sums", moving * 1000, "ms"),
        Figure(f"{name}: times one that moves nothing", moving / resting, "×", 2.5),
        Figure(f"{name}: changing what a payment moves, times its remark", changing / remarking, "×", 2.5),
    ]


def _in_turns(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    found = [(one(), other()) for _ in range(WARM_UP + SAVES)][WARM_UP:]
    return median(each[0] for each in found), median(each[1] for each in found)


# --- filtering ------------------------------------------------------------------------------------------------------


def measure_filter(company: OpenCompany, condition: str, by_hand: str, limit: float) -> Figure:
    """A read-time formula in WHERE against the SQL of the same rules written by hand, in turns."""
    database = company.database
    parameters = Parameters(database.dialect)
    around = Surroundings(company.catalog, database.tables, parameters)
    scope = root_scope(around, "bench.item", as_reader=False)
    where = to_sql(compile_expression(condition, FormScope(company.catalog, "bench.item"), want="boolean"), scope)
    ours = sa.select(sa.func.count()).select_from(joined(scope)).where(where)
    theirs = sa.select(sa.func.count()).select_from(database.tables.forms["bench.item"]).where(sa.text(by_hand))
    with database.reading() as connection:
        counts = [connection.execute(each).scalar_one() for each in (ours, theirs)]
        if counts[0] != counts[1]:
            raise RuntimeError(f"{condition}: {counts[0]} rows, by hand {counts[1]}")
        count = lambda query: _time(lambda: connection.execute(query).scalar_one())  # noqa: E731
        taken = [(count(ours), count(theirs)) for _ in range(25)]
    ratio = median(each[0] for each in taken) / median(each[1] for each in taken)
    return Figure(f"filter {condition}, times SQL by hand", ratio, "×", limit)


# --- computing anew -------------------------------------------------------------------------------------------------


def measure_backfill(place: Place, way: str, formula: str, rows: int) -> Figure:
    """Rows per second of the job that computes a changed formula for all that is there."""
    file = place.folder / "forms/bench/item.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[-1] = f"  price: {{type: money, formula: '{formula}'}}"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    site, company = place.open()
    place.clock.ahead += timedelta(minutes=1)
    taken = _time(lambda: build_worker(site, "bench").run_due())
    with company.database.reading() as connection:
        table = company.database.tables.forms["bench.item"]
        filled = connection.execute(sa.select(sa.func.count(table.c.price))).scalar_one()
    if filled < rows / 2:
        raise RuntimeError(f"only {filled} of {rows} rows were computed")
    site.close()
    name = company.database.dialect
    return Figure(f"{name}: computing a changed formula anew, {way}", rows / taken, "rows/s", LEAST[name], least=True)


def as_table(figures: Sequence[Figure]) -> str:
    """One line each, with its target."""
    lines = [f"{'':62}{'measured':>12}{'target':>12}"]
    for figure in figures:
        limit = "" if figure.limit is None else ("≥ " if figure.least else "≤ ") + f"{figure.limit:g}"
        value = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:.2f}"
        lines.append(f"{figure.name:62}{value:>12}{limit:>12} {figure.unit:7}{verdict(figure.kept)}")
    judged = [figure.kept for figure in figures if figure.kept is not None]
    return "\n".join([*lines, "", f"{sum(judged)} of {len(judged)} targets reached"])


def _time(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
