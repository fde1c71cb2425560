"""What expressions read besides records, in SQL: the reader's lists, the settings, a reader who is nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.expressions.nodes import Path
from engine.storage.database import DatabaseAddress
from engine.storage.selects import fetch_rows
from tests.storage.shop import Shop, open_shop

FILES = {
    "forms/crm/settings.yaml": "form: crm.settings\nlabel: Settings\nsingle: true\nfields: {limit: money}\n",
}


class Person:
    """The values below a reader."""

    def value(self, path: Path) -> object:
        return {("roles",): ("administrator",)}.get(path)

    def rows(self, source: Path) -> tuple[()]:
        return ()


@pytest.fixture
def customers(database_address: DatabaseAddress) -> Iterator[Shop]:
    opened = open_shop(database_address, FILES)
    opened.add("settings", limit=Decimal("10.50"))
    opened.add("customer", name="rich", credit=Decimal(100), owner=1, members=(1, 2))
    opened.add("customer", name="poor", credit=Decimal(1), members=(2,))
    yield opened
    opened.database.close()


def found(shop: Shop, where: str, me: int | None = 1) -> list[str]:
    query = shop.query("crm.customer").limited(shop.when("crm.customer", where))
    query = replace(query, moment=replace(query.moment, me=me, me_values=Person()))
    with shop.database.reading() as connection:
        rows = fetch_rows(connection, query.sorted(("id", False)))
    return [row.values["name"] for row in rows.records]


def test_the_readers_roles_are_asked_for(customers: Shop) -> None:
    assert found(customers, "HAS(me.roles, 'administrator')") == ["rich", "poor"]
    assert found(customers, "HASANY(me.roles, 'administrator') and credit > 5") == ["rich"]
    assert found(customers, "not HASALL(me.roles, 'administrator')") == []


def test_members_are_compared_with_the_reader(customers: Shop) -> None:
    assert found(customers, "HAS(members, me)") == ["rich"]
    assert found(customers, "HAS(members, me)", me=2) == ["rich", "poor"]


def test_without_a_reader_me_is_empty_like_an_empty_owner(customers: Shop) -> None:
    assert found(customers, "owner = me", me=None) == ["poor"]
    assert found(customers, "owner <> me", me=None) == ["rich"]


def test_settings_are_read_in_the_statement_itself(customers: Shop) -> None:
    assert found(customers, "credit > settings.limit") == ["rich"]
    assert found(customers, "credit * settings.limit < 11") == ["poor"]
