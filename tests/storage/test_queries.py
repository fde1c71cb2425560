"""Pages of records: filters, order, rights."""

from __future__ import annotations

from decimal import Decimal

from engine.storage.selects import fetch_groups, fetch_rows, fetch_total
from tests.storage.shop import Shop


def test_what_was_written_is_read(shop: Shop) -> None:
    region = shop.add("region", name="华南")
    shop.add("customer", name="星海电子", region=region, vip=True, credit=Decimal("1000.50"), tags=("red", "blue"))
    with shop.database.reading() as connection:
        rows = fetch_rows(connection, shop.query("crm.customer", shop.everything()))
    (record,) = rows.records
    assert record.values["name"] == "星海电子"
    assert record.values["credit"] == Decimal("1000.50")
    assert record.values["tags"] == ("red", "blue")
    assert record.values["vip"] is True
    assert record.values["double_credit"] == Decimal("2001.00")
    assert record.values["region"] == region


def test_filter_sort_total_groups(shop: Shop) -> None:
    south, north = shop.add("region", name="South"), shop.add("region", name="North")
    for number in range(5):
        shop.add("customer", name=f"C{number}", region=south if number % 2 else north, credit=Decimal(number))
    query = shop.query("crm.customer", shop.everything())
    with shop.database.reading() as connection:
        found = fetch_rows(connection, query.where(shop.when("crm.customer", "region.name = 'South'")).sorted(("credit", True)))
        assert [row.values["name"] for row in found.records] == ["C3", "C1"]
        assert fetch_total(connection, query) == (5, True)
        assert fetch_total(connection, query, 3) == (3, False)
        groups = fetch_groups(connection, query, "region.name", ("credit",))
    assert [(group.value, group.count, group.sums["credit"]) for group in groups] == [
        ("North", 3, Decimal("6.00")), ("South", 2, Decimal("4.00")),
    ]
