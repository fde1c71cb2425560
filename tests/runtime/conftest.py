"""The company that these tests work in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    """Accounts, orders, deals and people in an own database."""
    built = build_world(tmp_path / "site", database_address)
    yield built
    built.site.close()
