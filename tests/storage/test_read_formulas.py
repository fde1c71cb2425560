"""Formulas that are computed on reading: as values, in filters, sorts, groups and sums, inlined through each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from engine.storage.database import DatabaseAddress
from engine.storage.selects import fetch_groups, fetch_rows, fetch_total
from tests.storage.shop import Shop, open_shop

FILES = {
    "forms/crm/settings.yaml": """
        form: crm.settings
        label: Settings
        single: true
        fields:
          rate: {type: number, places: 3}
          late_after: {type: number, places: 0}
        """,
    "forms/crm/bill.yaml": """
        form: crm.bill
        label: Bill
        title: "{name}"
        fields:
          name: text
          customer: {type: link, to: crm.customer, inverse: {name: bills, label: Bills}}
          amount: money
          cost: money
          due: date
          margin: {type: money, formula: "amount - cost", compute: read}
          share: {type: percent, formula: "DIVIDE(margin, amount, NULL)", compute: read}
          fee: {type: money, formula: "amount * settings.rate", compute: read}
          days: {type: number, places: 0, formula: "DAYS(TODAY(), due)", compute: read}
          late: {type: boolean, formula: "days > settings.late_after", compute: read}
          class: {type: text, formula: "IFS(share >= 0.5, 'high', share >= 0.2, 'fair', 'low') & '-' & UPPER(LEFT(name, 1))", compute: read}
          month: {type: date, formula: "EOMONTH(due, 0)", compute: read}
          huge: {type: money, formula: "amount * amount * amount", compute: read}
          parts:
            type: lines
            fields:
              price: money
              half: {type: money, formula: "price / 2", compute: read}
        """,
    "forms/crm/customer.yaml": """
        form: crm.customer
        label: Customer
        title: "{name}"
        fields:
          name: text
          owed: {type: money, formula: "SUM(bills.margin)", compute: read}
          worst: {type: number, places: 0, formula: "MAX(bills[late].days)", compute: read}
        """,
    "forms/crm/order.yaml": "form: crm.order\nlabel: Order\nfields: {name: text, region: {type: link, to: crm.region}}\n",
    "forms/crm/note.yaml": "form: crm.note\nlabel: Note\nfields: {text: text}\n",
}
BILLS = (
    ("alpha", "100.00", "40.00", date(2026, 10, 1)),
    ("beta", "100.00", "70.00", date(2026, 11, 20)),
    ("gamma", "33.33", "33.00", date(2026, 9, 30)),
    ("delta", None, "1.00", None),
    ("omega", "9999999999999999.99", "0.01", date(2026, 11, 22)),
)


@pytest.fixture
def bills(database_address: DatabaseAddress) -> Iterator[Shop]:
    opened = open_shop(database_address, FILES)
    opened.add("settings", rate=Decimal("0.125"), late_after=Decimal(30))
    customer = opened.add("customer", name="Star")
    for name, amount, cost, due in BILLS:
        values = {"amount": amount and Decimal(amount), "cost": Decimal(cost), "due": due, "customer": customer}
        opened.add("bill", name=name, **values)
    yield opened
    opened.database.close()


def named(shop: Shop, where: str | None = None, *sort: tuple[str, bool]) -> list[str]:
    query = shop.query("crm.bill", shop.everything()).sorted(*(sort or (("id", False),)))
    if where is not None:
        query = query.where(shop.when("crm.bill", where))
    with shop.database.reading() as connection:
        return [row.values["name"] for row in fetch_rows(connection, query).records]


def test_values_are_rounded_as_their_fields_and_null_when_too_large(bills: Shop) -> None:
    with bills.database.reading() as connection:
        query = bills.query("crm.bill", bills.everything()).sorted(("id", False))
        rows = {row.values["name"]: row.values for row in fetch_rows(connection, query).records}
    assert rows["alpha"]["share"] == Decimal("0.6000")
    assert rows["gamma"]["share"] == Decimal("0.0099")
    assert rows["gamma"]["fee"] == Decimal("4.17")
    assert rows["alpha"]["huge"] == Decimal(1_000_000)
    assert rows["omega"]["huge"] is None
    assert rows["omega"]["fee"] == Decimal("1250000000000000.00")
    assert rows["omega"]["margin"] == Decimal("9999999999999999.98")
    assert [rows[name]["days"] for name in ("alpha", "beta", "delta")] == [52, 2, None]
    assert [rows[name]["late"] for name in ("alpha", "beta", "delta")] == [True, False, False]
    assert [rows[name]["class"] for name in rows] == ["high-A", "fair-B", "low-G", "low-D", "high-O"]
    assert rows["beta"]["month"] == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("late", ["alpha", "gamma"]),
        ("not late", ["beta", "delta", "omega"]),
        ("share > 0.25 and days > 1", ["alpha", "beta"]),
        ("share = 0.3", ["beta"]),
        ("fee > 4.1667", ["alpha", "beta", "gamma", "omega"]),
        ("huge = NULL", ["delta", "omega"]),
        ("class = 'low-G' or month = DATE(2026, 10, 31)", ["alpha", "gamma"]),
        ("class in ['high-A', 'low-D']", ["alpha", "delta"]),
        ("ISEMPTY(customer.owed) and ISEMPTY(margin)", ["delta"]),
        ("customer.worst = 53", ["alpha", "beta", "gamma", "delta", "omega"]),
        ("margin / 2 > customer.worst / 2", ["alpha", "omega"]),
    ],
)
def test_filters(bills: Shop, where: str, found: list[str]) -> None:
    assert named(bills, where) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        (("margin", True), ["omega", "alpha", "beta", "gamma"]),
        (("share", False), ["gamma", "beta", "alpha", "omega"]),
        (("fee", False), ["gamma", "alpha", "beta", "omega"]),
    ],
)
def test_sorts_with_pages(bills: Shop, sort: tuple[str, bool], found: list[str]) -> None:
    known = bills.query("crm.bill", bills.everything()).where(bills.when("crm.bill", "amount > 0"))
    query = known.sorted(sort, ("id", False))
    names, after = [], None
    with bills.database.reading() as connection:
        while True:
            rows = fetch_rows(connection, query.page(1, after))
            names += [row.values["name"] for row in rows.records]
            after = rows.next
            if after is None:
                break
    assert names == found


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("late", [(False, 3), (True, 2)]),
        ("month", [(None, 1), (date(2026, 9, 30), 1), (date(2026, 10, 31), 1), (date(2026, 11, 30), 2)]),
        ("class", [("fair-B", 1), ("high-A", 1), ("high-O", 1), ("low-D", 1), ("low-G", 1)]),
        ("share", [(None, 1), (Decimal("0.0099"), 1), (Decimal("0.3"), 1), (Decimal("0.6"), 1), (Decimal(1), 1)]),
    ],
)
def test_groups(bills: Shop, by: str, found: list[tuple[object, int]]) -> None:
    query = bills.query("crm.bill", bills.everything())
    with bills.database.reading() as connection:
        groups = fetch_groups(connection, query, by, ("margin",))
    assert sorted(((each.value, each.count) for each in groups), key=str) == sorted(found, key=str)


def test_sums_are_exact_beyond_64_bits(bills: Shop) -> None:
    for at in range(12):
        bills.add("bill", name=f"more{at}", amount=Decimal("9999999999999999.99"), cost=Decimal("0.01"))
    query = bills.query("crm.bill", bills.everything()).where(bills.when("crm.bill", "CONTAINS(name, 'more')"))
    with bills.database.reading() as connection:
        assert fetch_total(connection, query) == (12, True)
        (group,) = fetch_groups(connection, query, "customer", ("margin", "amount"))
    assert group.sums == {"margin": Decimal("119999999999999999.76"), "amount": Decimal("119999999999999999.88")}
