"""The shop that storage tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.storage.database import DatabaseAddress
from tests.storage.shop import Shop, open_shop


@pytest.fixture
def shop(database_address: DatabaseAddress) -> Iterator[Shop]:
    """An open shop without records."""
    opened = open_shop(database_address)
    yield opened
    opened.database.close()
