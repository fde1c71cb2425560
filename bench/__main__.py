"""python -m bench [--rows N] [--database sqlite|postgres] [--json FILE]; or formulas, flows, boards: bench/README.md"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bench import boards, flows, formulas
from bench.company import build_company
from bench.figures import measure_check, measure_import, measure_pages, measure_start
from bench.measure import compare
from bench.postgres import postgres_url
from bench.report import Report, as_data, as_text
from bench.servers import running
from bench.workload import acts


def read_arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="service records (1,000,000)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=8, help="for each act (8)")
    parser.add_argument("--json", type=Path, help="write everything measured there too")
    parser.add_argument(
        "--keep", type=Path, help="build the company in this folder and leave it; used again if it is there"
    )
    return parser.parse_args()


def measure(folder: Path, url: str | None, asked: argparse.Namespace) -> Report:
    """Build the company, start both servers, ask both, ask the rest."""
    company = build_company(folder, url, asked.rows)
    figures = [measure_start(folder, url)]
    with running("ours", folder, url) as ours, running("theirs", folder, url) as theirs:
        compared = []
        for act in acts(asked.rows):
            print(f"  {act.name}", file=sys.stderr, flush=True)
            compared.append(compare(act, (ours.port, theirs.port), company.token, asked.seconds))
        figures += measure_pages(ours, company)
    figures += [measure_import(company), *measure_check(folder)]
    return Report(asked.database, asked.rows, tuple(compared), tuple(figures))


def place(database: str) -> AbstractContextManager[str | None]:
    """Where the rows lie: None is a SQLite file in the folder."""
    return postgres_url() if database == "postgres" else nullcontext()


def main() -> int:
    """Run it all; exit code 1 when a target is missed."""
    if sys.argv[1:2] == ["formulas"]:
        return formulas.main(sys.argv[2:])
    if sys.argv[1:2] == ["flows"]:
        return flows.main(sys.argv[2:])
    if sys.argv[1:2] == ["boards"]:
        return boards.main(sys.argv[2:])
    asked = read_arguments()
    with tempfile.TemporaryDirectory() as temporary, place(asked.database) as url:
        report = measure(asked.keep or Path(temporary), url, asked)
    print(as_text(report))
    if asked.json:
        asked.json.write_text(json.dumps(as_data(report), indent=1) + "\n", encoding="utf-8")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
