"""One world for all attacks on a database: what is refused changes nothing, so attacks may share it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.abuse.fort import Fort, build_fort


@pytest.fixture(scope="package", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def fort(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fort]:
    """The application with its people and records, on SQLite and on PostgreSQL."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    _forget(url)
    opened = build_fort(tmp_path_factory.mktemp("fort"), url)
    yield opened
    opened.site.close()
    _forget(url)


@pytest.fixture
def untouched(fort: Fort) -> Iterator[Fort]:
    """The fort; afterwards every row of every table must be as it was."""
    before = fort.fingerprint()
    yield fort
    assert fort.fingerprint() == before, "a refused request has written"


def _forget(url: str | None) -> None:
    if url is not None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS fort CASCADE")
