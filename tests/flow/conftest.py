"""The office, opened with the workflow that a test writes, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.storage.database import DatabaseAddress
from tests.flow.office import HEAD, Office, open_office

OpenOffice = Callable[..., Office]


@pytest.fixture
def office_with(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[OpenOffice]:
    """`office_with(steps, head=…, forms__crm__other=…)`: the office with a workflow of these steps."""
    opened: list[Office] = []

    def open_it(steps: str, *, head: str = HEAD, **files: str) -> Office:
        opened.append(open_office(tmp_path, database_address, steps, head=head, **files))
        return opened[-1]

    yield open_it
    for each in opened:
        each.world.company.database.close()
        each.world.site.close()
