"""The demo site with databases of the test's own, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from engine.services.setup import apply_company
from engine.services.site import OpenCompany, Site, now_utc, open_site
from tests.prepared import copy_prepared, link_site
from tests.templates_pack.office import Office, drop_rows, last_rows, open_office

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def served(folder: Path, url: str | None, company: str, clock: Callable[[], datetime] = now_utc) -> Iterator[Site]:
    """The site on a database without any schema of `company`, which is dropped afterwards."""
    site = open_site(link_site(folder), database_url=url, clock=clock)
    yield site
    site.close()
    if url is not None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{company}" CASCADE')


@pytest.fixture(scope="module", params=DATABASES)
def maker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The instrument maker with tables and without rows."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    for site in served(tmp_path_factory.mktemp("maker"), url, "instrument_maker"):
        apply_company(site, "instrument_maker")
        yield site.company("instrument_maker")


@pytest.fixture
def office(maker: OpenCompany) -> Iterator[Office]:
    """The instrument maker with a salesperson, a manager and somebody in finance; their rows go with the test."""
    before = last_rows(maker)
    yield open_office(maker)
    drop_rows(maker, before)


@pytest.fixture(scope="module", params=DATABASES)
def hardware(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The hardware seller with everything its files hold."""
    if request.param == "sqlite":
        yield from prepared("hardware_seller", tmp_path_factory)
        return
    url = request.getfixturevalue("postgresql_url")
    for site in served(tmp_path_factory.mktemp("hardware"), url, "hardware_seller"):
        yield open_loaded(site, "hardware_seller")


@pytest.fixture(scope="module")
def energy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The energy integrator with its demo rows."""
    yield from prepared("energy_integrator", tmp_path_factory)


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The instrument maker with its demo rows."""
    yield from prepared("instrument_maker", tmp_path_factory)


DAYS = (
    pytest.param(("sqlite", None), id="sqlite, today"),
    pytest.param(("postgresql", (2027, 1, 1)), id="postgresql, first of a year", marks=pytest.mark.postgresql),
    pytest.param(("sqlite", (2027, 3, 31)), id="sqlite, last of a quarter"),
)


@pytest.fixture(scope="module", params=DAYS)
def distributor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The components distributor with its demo rows, on some day."""
    database, day = request.param
    if day is None:
        yield from prepared("components_distributor", tmp_path_factory)
        return
    url = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
    for site in served(
        tmp_path_factory.mktemp("distributor"), url, "components_distributor", lambda: datetime(*day, 4, tzinfo=UTC)
    ):
        yield open_loaded(site, "components_distributor")


def prepared(company: str, factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """A company with its demo rows on SQLite, as of today."""
    for site in prepared_site(company, factory):
        yield site.company(company)


def prepared_site(company: str, factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with one such company."""
    folder = link_site(factory.mktemp(company))
    copy_prepared(company, folder, factory)
    site = open_site(folder)
    yield site
    site.close()


def open_loaded(site: Site, company: str) -> OpenCompany:
    """A company with its rows, none of them refused."""
    from engine.services.setup import prepare_demo  # noqa: PLC0415 - only tests with rows need it

    problems = prepare_demo(site, company, lambda text, rows: None)
    assert [(problem.pointer, problem.message()) for problem in problems] == []
    return site.company(company)
