"""Readers' filters that differ only in what they compare with share one statement, and still find their own rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import records
from engine.services.views_of_records import ListRequest
from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path / "site", database_address)
    yield built
    built.site.close()


def test_filters_of_one_shape_are_built_once(world: World) -> None:
    for name, amount in (("a", "10.50"), ("b", "10.51"), ("c", None), ("dé", "9")):
        world.save(world.wang, "deal", name=name, amount=amount)

    def found(where: str) -> list[str]:
        return world.titles(world.wang, "deal", where=where, total="none")

    assert found("name = 'a'") == ["a"]
    built = len(world.company.database.statements)
    assert found("name = 'b'") == ["b"]
    assert found("name = 'dé'") == ["dé"]
    assert found("name = 'nobody'") == []
    assert len(world.company.database.statements) == built
    assert found("amount = 10.5") == ["a"]
    assert found("amount > 10.505") == ["b"]
    assert found("amount > 10.5") == ["b"]
    assert found("amount <> 9") == ["a", "b", "c"]
    assert found("not (amount = 9)") == ["a", "b", "c"]
    assert found("amount * 2 >= 21.01") == ["b"]
    assert found("10 > amount") == ["dé"]
    assert found("name = ''") == []
    assert found("amount < 99999999999999999999") == ["a", "b", "dé"]
    assert found(f"rep = {world.wang.person}") == ["a", "b", "c", "dé"]
    assert found("name = 'a' or amount = 9") == ["a", "dé"]
    assert found("stage = 'need' and name < 'c'") == ["a", "b"]


def test_a_filter_goes_on_over_pages_and_with_a_search(world: World) -> None:
    for at in range(5):
        world.save(world.wang, "deal", name=f"deal {at}", amount=str(at))
    request = ListRequest(where="amount >= 1", search="deal", sort=(("amount", False),), limit=2, total="exact")
    first = records.list_records(world.company, world.wang, "crm.deal", request)
    second = records.list_records(
        world.company, world.wang, "crm.deal", ListRequest(where="amount >= 1", search="deal", sort=(("amount", False),), limit=2, after=first.next)
    )
    assert first.total == 4
    assert [row.title for row in (*first.rows, *second.rows)] == ["deal 1", "deal 2", "deal 3", "deal 4"]
