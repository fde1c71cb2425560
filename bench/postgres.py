"""A PostgreSQL server for one run, as durable as an ordinary one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import find_binaries, run_as_owner, server_owner, wait_for


@contextmanager
def postgres_url() -> Iterator[str]:
    """The server named in WEFT_BENCH_PG (an empty database), or one of our own on a socket."""
    if os.environ.get("WEFT_BENCH_PG"):
        yield os.environ["WEFT_BENCH_PG"]
        return
    binaries = find_binaries()
    if binaries is None:
        sys.exit("No PostgreSQL here: install one, or name an empty database in WEFT_BENCH_PG.")
    folder = Path(tempfile.mkdtemp(prefix="weft-bench-"))
    try:
        yield _start(binaries, folder)
    finally:
        run_as_owner([str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "fast", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)


def _start(binaries: Path, folder: Path) -> str:
    if hasattr(os, "getuid") and os.getuid() == 0:
        shutil.chown(folder, server_owner(), server_owner())
    cluster = ["-D", str(folder / "data")]
    run_as_owner([str(binaries / "initdb"), *cluster, "-U", "weft", "-A", "trust", "-E", "UTF8", "--locale=C"], folder)
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=256MB"
    run_as_owner([str(binaries / "pg_ctl"), *cluster, "-l", str(folder / "log"), "-w", "-o", settings, "start"], folder)
    url = f"postgresql://weft@/postgres?host={folder}"
    wait_for(url)
    return url
