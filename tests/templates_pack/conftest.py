"""The demo site with databases of the test's own, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from engine.services.site import OpenCompany, Site, now_utc, open_site
from tests.templates_pack.demo import ROOT
from tests.templates_pack.office import Office, open_office

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
PARTS = ("site.yaml", "forms", "workflows", "dashboards", "templates_pack")


def copied_site(folder: Path) -> Path:
    """A folder with the repository's definitions and a `var` of its own."""
    for part in PARTS:
        (folder / part).symlink_to(ROOT / part)
    return folder


def served(folder: Path, url: str | None, company: str, clock: Callable[[], datetime] = now_utc) -> Iterator[Site]:
    """The site on a database without any schema of `company`, which is dropped afterwards."""
    site = open_site(copied_site(folder), database_url=url, clock=clock)
    yield site
    site.close()
    if url is not None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{company}" CASCADE')


@pytest.fixture(params=DATABASES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """The instrument maker without rows, with a salesperson, a manager and somebody in finance."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    for site in served(tmp_path, url, "instrument_maker"):
        yield open_office(site, "instrument_maker")


@pytest.fixture(scope="module", params=DATABASES)
def hardware(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The hardware seller with everything its files hold."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    for site in served(tmp_path_factory.mktemp("hardware"), url, "hardware_seller"):
        yield open_loaded(site, "hardware_seller")


@pytest.fixture(scope="module")
def energy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The energy integrator with its demo rows."""
    for site in served(tmp_path_factory.mktemp("energy"), None, "energy_integrator"):
        yield open_loaded(site, "energy_integrator")


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The instrument maker with its demo rows."""
    for site in served(tmp_path_factory.mktemp("instruments"), None, "instrument_maker"):
        yield open_loaded(site, "instrument_maker")


DAYS = (
    pytest.param(("sqlite", None), id="sqlite, today"),
    pytest.param(("postgresql", (2027, 1, 1)), id="postgresql, first of a year", marks=pytest.mark.postgresql),
    pytest.param(("sqlite", (2027, 3, 31)), id="sqlite, last of a quarter"),
)


@pytest.fixture(scope="module", params=DAYS)
def distributor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The components distributor with its demo rows, on some day."""
    database, day = request.param
    url = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
    clock = now_utc if day is None else lambda: datetime(*day, 4, tzinfo=UTC)
    for site in served(tmp_path_factory.mktemp("distributor"), url, "components_distributor", clock):
        yield open_loaded(site, "components_distributor")


def open_loaded(site: Site, company: str) -> OpenCompany:
    """A company with its rows, none of them refused."""
    from engine.services.setup import prepare_demo  # noqa: PLC0415 - only tests with rows need it

    problems = prepare_demo(site, company, lambda text, rows: None)
    assert [(problem.pointer, problem.message()) for problem in problems] == []
    return site.company(company)
