"""python -m tests.fuzz [--cases N] [--seed S] [--without postgresql]: the engines on random expressions, until all are
asked; exit code 1 when two differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.postgres import postgres_url
from engine.storage.database import Database, DatabaseAddress
from tests.fuzz.comparing import Report, compare
from tests.fuzz.engines import engines_of, reference
from tests.fuzz.ground import ZONES, Ground, build_ground, opened

AT_ONCE = 500


def main() -> int:
    """Asks in rounds, each with another company."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", action="append", default=[], choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    total, told = Report(), set[tuple[str, str]]()
    with ExitStack() as stack:
        url = None if "postgresql" in asked.without else stack.enter_context(postgres_url())
        for turn in range(-(-asked.cases // AT_ONCE)):
            seed = asked.seed + turn
            ground = build_ground(seed, ZONES[seed % len(ZONES)])
            with databases(ground, url, asked.without) as found:
                report = compare(ground, reference(ground), engines_of(ground, found), seed, min(AT_ONCE, asked.cases))
            _add(total, report)
            for difference in report.differences:
                if (difference.engine, difference.text) not in told:
                    print(f"seed {seed}, {ground.catalog.company.time_zone}, {difference}", flush=True)
                told.add((difference.engine, difference.text))
    _tell(total)
    return 1 if total.differences else 0


@contextmanager
def databases(ground: Ground, url: str | None, without: list[str]) -> Iterator[list[Database]]:
    """The ground in a database of each kind."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        addresses = []
        if "sqlite" not in without:
            addresses.append(DatabaseAddress(file=Path(folder) / "data.db"))
        if url is not None:
            addresses.append(DatabaseAddress(url=url, schema=f"fuzz_{id(ground)}"))
        yield [stack.enter_context(opened(ground, address)) for address in addresses]


def _add(total: Report, report: Report) -> None:
    total.cases += report.cases
    total.too_large += report.too_large
    total.compiled.update(report.compiled)
    total.differing.update(report.differing)
    total.differences += report.differences
    for name, missing in report.not_compiled.items():
        total.not_compiled.setdefault(name, Counter()).update(missing)


def _tell(report: Report) -> None:
    print(f"{report.cases} expressions ({report.too_large} more were refused by size)")
    for name, count in sorted(report.compiled.items()):
        missing = {
            operation: times for operation, times in report.not_compiled.get(name, Counter()).items() if operation
        }
        print(f"  {name:20}{count:8} answered" + (f", not compiled: {missing}" if missing else ""))
    print(f"{report.differing.total()} differences")


if __name__ == "__main__":
    sys.exit(main())
