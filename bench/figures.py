"""The numbers that have no yardstick: pages, memory, start, checks, imports."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bench.company import BenchCompany
from bench.measure import time_page
from bench.report import Figure
from bench.servers import ROOT, Server, running
from bench.workload import RARE
from engine.services import exchange
from engine.services.people import SYSTEM

PAGES = (
    ("list, default view", "/bench/bench/service_record"),
    ("list, two indexed filters", "/bench/bench/service_record?where=" + quote("status = 'done' and agent = 7")),
    ("list of contracts", "/bench/bench/contract"),
    ("record page", "/bench/bench/customer/77"),
    ("form page", "/bench/bench/service_record/77/edit"),
    ("search in the list", f"/bench/bench/service_record?search={RARE}"),
    ("search everywhere", f"/bench/search?q={RARE}"),
)
UNINDEXED = "/bench/bench/service_record?where=" + quote("amount > 9990 and subject <> 'x'")
IMPORTED = 5_000


def measure_start(folder: Path, url: str | None) -> Figure:
    """From no process to the first answered page, the middle one of three."""
    taken = []
    for _ in range(3):
        with running("ours", folder, url) as server:
            taken.append(server.started)
    return Figure("cold start to the first page", sorted(taken)[1], "s", 3)


def measure_pages(server: Server, company: BenchCompany) -> list[Figure]:
    """HTML pages of somebody signed in, and the memory of the server after all that was asked of it."""
    figures = [
        Figure(f"page: {name}, p95", time_page(server.port, path, company.session).p95, "ms", 100)
        for name, path in PAGES
    ]
    slow = time_page(server.port, UNINDEXED, company.session, times=5).p95 / 1000
    figures.append(Figure("page: filter without an index, p95", slow, "s", 1.5))
    return [*figures, Figure("memory of the server", server.memory, "MiB", 150)]


def measure_import(company: BenchCompany) -> Figure:
    """Rows per second through the whole write path."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["customer", "town", "class"])
            stamp = time.time_ns()
            out.writerows([f"Imported {stamp} {number}", "Bergen", "b"] for number in range(IMPORTED))
        mapping = folder / "customers.yaml"
        mapping.write_text(
            "import: bench.customer\nfrom: customers.csv\nkey: name\n"
            "columns:\n  customer: name\n  town: city\n  class: level\n",
            encoding="utf-8",
        )
        start = time.monotonic()
        report = exchange.import_file(company.company, SYSTEM, mapping, progress=lambda done, total: None)
        taken = time.monotonic() - start
    if report.created != IMPORTED:
        raise RuntimeError(f"{report.created} of {IMPORTED} rows were imported")
    return Figure("import", IMPORTED / taken, "rows/s", 2000, least=True)


def measure_check(folder: Path) -> list[Figure]:
    """`weft check` of the repository's site with all companies, in a copy: the first time, and when nothing changed."""
    copy = folder / "pack"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in ("forms", "workflows", "dashboards", "templates_pack"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "site.yaml", copy)
    return [
        Figure("weft check, pack and all companies", time_check(copy), "s", 3),
        Figure("weft check, nothing changed", time_check(copy), "s", 1),
    ]


def time_check(folder: Path) -> float:
    words = [sys.executable, "-m", "engine", "check"]
    start = time.monotonic()
    subprocess.run(words, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    return time.monotonic() - start
