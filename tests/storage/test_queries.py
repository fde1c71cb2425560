"""Pages of records: filters, order, rights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

import pytest

from engine.catalog.scopes import FormScope
from engine.expressions import compile_expression
from engine.problems import ProblemsFound
from engine.storage.closures import rebuild_closures
from engine.storage.collaborators import put_collaborator
from engine.storage.cursors import encode_cursor
from engine.storage.records import insert_record, mark_deleted, update_record
from engine.storage.search_text import build_search_text
from engine.storage.selects import fetch_groups, fetch_rows, fetch_total
from engine.storage.titles import fetch_titles
from tests.statements import count_statements
from tests.storage.shop import NOW, Rights, Shop, moment


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
        found = fetch_rows(
            connection, query.where(shop.when("crm.customer", "region.name = 'South'")).sorted(("credit", True))
        )
        assert [row.values["name"] for row in found.records] == ["C3", "C1"]
        assert fetch_total(connection, query) == (5, True)
        assert fetch_total(connection, query, 3) == (3, False)
        groups = fetch_groups(connection, query, "region.name", ("credit",))
    assert [(group.value, group.count, group.sums["credit"]) for group in groups] == [
        ("North", 3, Decimal("6.00")),
        ("South", 2, Decimal("4.00")),
    ]


def ids_of(shop: Shop, query) -> list[int]:
    with shop.database.reading() as connection:
        return [row.id for row in fetch_rows(connection, query).records]


def test_pages_forwards_and_backwards_with_ties_and_empty_values(shop: Shop) -> None:
    credits = [None, Decimal(5), Decimal(5), None, Decimal(7), Decimal(1), Decimal(5), None, Decimal(0)]
    for number, credit in enumerate(credits):
        shop.add("customer", name=f"C{number % 3}", credit=credit)
    for order in (
        [("credit", True)],
        [("credit", False)],
        [("name", False), ("credit", True)],
        [("credit", True), ("name", False)],
        [("name", True), ("credit", False)],
        [("id", True)],
        [("region.name", False), ("credit", False)],
    ):
        query = shop.query("crm.customer", shop.everything()).sorted(*order).columns(["name"])
        whole = ids_of(shop, query.page(100))
        assert len(whole) == 9
        forwards, pages, after = [], [], None
        with shop.database.reading() as connection:
            while True:
                rows = fetch_rows(connection, query.page(2, after))
                forwards += [row.id for row in rows.records]
                pages.append(rows)
                after = rows.next
                if after is None:
                    break
            assert forwards == whole, order
            assert pages[0].previous is None
            back = [row.id for row in pages[-1].records]
            before = pages[-1].previous
            while before is not None:
                rows = fetch_rows(connection, query.page(2, before=before))
                back = [row.id for row in rows.records] + back
                before = rows.previous
            assert back == whole, order


def test_a_cursor_of_another_order_is_refused(shop: Shop) -> None:
    for number in range(3):
        shop.add("customer", name=f"C{number}", credit=Decimal(number))
    query = shop.query("crm.customer", shop.everything())
    with shop.database.reading() as connection:
        token = fetch_rows(connection, query.sorted(("credit", True)).page(1)).next
        for wrong in (
            token,
            "rubbish",
            "e30",
            encode_cursor(["name", "id"], [Decimal(1), 2]),
            encode_cursor(["name", "id"], ["x", None]),
        ):
            with pytest.raises(ProblemsFound) as raised:
                fetch_rows(connection, query.sorted(("name", False)).page(1, wrong))
            assert raised.value.problems[0].code == "R110"


@pytest.mark.parametrize(
    "condition", ["credit > 1", "total = 0", "region.name = 'x'", "SUM(orders.amount) > 1", "HAS(members, 1)"]
)
def test_hidden_fields_are_unknown_in_filters(shop: Shop, condition: str) -> None:
    rights = shop.everything().on(shop, "crm.customer", without=("credit", "total", "members", "region"))
    rights = rights.on(shop, "crm.order", without=("amount",))
    query = shop.query("crm.customer", rights).where(shop.when("crm.customer", condition))
    with shop.database.reading() as connection, pytest.raises(ProblemsFound) as raised:
        fetch_rows(connection, query)
    assert raised.value.problems[0].code == "R101"


def test_hidden_fields_are_unknown_in_sort_group_sum_columns_and_links(shop: Shop) -> None:
    rights = shop.everything().on(shop, "crm.customer", without=("credit", "region"))
    query = shop.query("crm.customer", rights)
    with shop.database.reading() as connection:
        for work in (
            lambda: fetch_rows(connection, query.sorted(("credit", True))),
            lambda: fetch_rows(connection, query.sorted(("region.name", True))),
            lambda: fetch_rows(connection, query.columns(["credit"])),
            lambda: fetch_rows(connection, query.columns(["nonsense"])),
            lambda: fetch_rows(connection, query.linked("region", 1)),
            lambda: fetch_groups(connection, query, "credit"),
            lambda: fetch_groups(connection, query, "name", ("credit",)),
        ):
            with pytest.raises(ProblemsFound) as raised:
                work()
            assert raised.value.problems[0].code == "R101"


def test_a_definitions_condition_may_read_hidden_fields(shop: Shop) -> None:
    shop.add("customer", name="A", credit=Decimal(5))
    shop.add("customer", name="B", credit=Decimal(1))
    rights = shop.everything().on(shop, "crm.customer", without=("credit",))
    query = shop.query("crm.customer", rights).limited(shop.when("crm.customer", "credit > 2"))
    with shop.database.reading() as connection:
        rows = fetch_rows(connection, query).records
    assert [row.values["name"] for row in rows] == ["A"]
    assert "credit" not in rows[0].values


def test_a_field_seen_in_some_records_is_empty_in_the_others(shop: Shop) -> None:
    mine = shop.add("customer", name="mine", owner=1, credit=Decimal(5))
    other = shop.add("customer", name="other", owner=2, credit=Decimal(7))
    rights = shop.everything().on(shop, "crm.customer", credit="own")
    query = shop.query("crm.customer", rights).sorted(("id", False))
    with shop.database.reading() as connection:
        rows = fetch_rows(connection, query).records
        assert [(row.id, row.values["credit"], "credit" in row.unseen) for row in rows] == [
            (mine, Decimal("5.00"), False),
            (other, None, True),
        ]
        high = query.where(shop.when("crm.customer", "credit > 6"))
        assert fetch_rows(connection, high).records == ()
        assert fetch_total(connection, query.where(shop.when("crm.customer", "ISEMPTY(credit)")))[0] == 1


def test_values_of_unseen_records_are_empty_behind_links(shop: Shop) -> None:
    hidden, seen = shop.add("customer", name="hidden", owner=2), shop.add("customer", name="seen", owner=1)
    for customer in (hidden, seen):
        shop.add("order", customer=customer, amount=Decimal(1))
    rights = shop.everything().on(shop, "crm.customer", "own")
    query = shop.query("crm.order", rights).columns(["customer.name"]).sorted(("id", False))
    with shop.database.reading() as connection:
        assert [row.values["customer.name"] for row in fetch_rows(connection, query).records] == [None, "seen"]
        assert fetch_total(connection, query.where(shop.when("crm.order", "customer.name = 'hidden'")))[0] == 0
        titles = fetch_titles(connection, shop.database, shop.catalog, rights, moment(), "crm.customer", [hidden, seen])
    assert titles == {seen: "seen"}


def test_without_a_right_on_the_linked_form_its_fields_are_unknown(shop: Shop) -> None:
    rights = shop.everything()
    del rights.forms["crm.customer"]
    with shop.database.reading() as connection:
        with pytest.raises(ProblemsFound):
            fetch_rows(
                connection, shop.query("crm.order", Rights(1, "no customers", rights.forms)).columns(["customer.name"])
            )
        assert fetch_titles(connection, shop.database, shop.catalog, rights, moment(), "crm.customer", [1]) == {}


def test_containing_finds_words_characters_pinyin_and_initials(shop: Shop) -> None:
    one = shop.add("customer", name="星海电子", search_text=build_search_text(["星海电子 C-0012 Deep Sea"]))
    shop.add("customer", name="海星", search_text=build_search_text(["海星"]))
    query = shop.query("crm.customer", shop.everything())
    for text in ("星海", "海电", "xinghai", "dianzi", "xhdz", "dz", "C-0012", "c 0012", "deep sea", "de", "星海 deep"):
        assert ids_of(shop, query.containing(text)) == [one], text
    for text in ("星电", "nothing", "'\"*:&|", "海星 deep", ""):
        assert one not in ids_of(shop, query.containing(text)), text


def test_changed_search_text_replaces_the_old_one(shop: Shop) -> None:
    one = shop.add("customer", name="A", search_text="alpha")
    query = shop.query("crm.customer", shop.everything())
    with shop.work() as uow:
        update_record(uow, "crm.customer", one, 1, {"name": "B", "search_text": "beta"})
    assert ids_of(shop, query.containing("alpha")) == []
    assert ids_of(shop, query.containing("beta")) == [one]
    with shop.work() as uow:
        update_record(uow, "crm.customer", one, 2, {"search_text": None})
    assert ids_of(shop, query.containing("beta")) == []


def test_lines_members_and_several_forms_come_with_their_records(shop: Shop) -> None:
    person = shop.add("people.person", name="Li", login="li")
    customer = shop.add("customer", name="A", members=(person,))
    order = shop.add(
        "order",
        customer=customer,
        lines=[
            {"product": "x", "quantity": Decimal(2), "price": Decimal("1.5")},
            {"product": "y", "quantity": Decimal("0.5"), "price": None},
        ],
    )
    note = shop.add("note", text="n", about=("crm.order", order), customer=customer)
    with shop.database.reading() as connection:
        (row,) = fetch_rows(connection, shop.query("crm.order", shop.everything()).columns(["lines"])).records
        assert [(line["product"], line["quantity"], line["price"]) for line in row.values["lines"]] == [
            ("x", Decimal("2.00"), Decimal("1.50")),
            ("y", Decimal("0.50"), None),
        ]
        (row,) = fetch_rows(connection, shop.query("crm.customer", shop.everything()).columns(["members"])).records
        assert row.values["members"] == (person,)
        (row,) = fetch_rows(connection, shop.query("crm.note", shop.everything())).records
        assert (row.id, row.values["about"]) == (note, ("crm.order", order))
        has = shop.query("crm.customer", shop.everything(person)).where(shop.when("crm.customer", "HAS(members, me)"))
        assert len(fetch_rows(connection, has).records) == 1
        hidden = shop.everything().on(shop, "crm.order", without=("lines.price",))
        (row,) = fetch_rows(connection, shop.query("crm.order", hidden).columns(["lines"])).records
        assert "price" not in row.values["lines"][0]


def test_dates_and_times_come_back(shop: Shop) -> None:
    values = {"at": NOW, "day": date(2026, 11, 22), "from_time": time(8, 15), "spent": 90}
    shop.add("note", text="n", **values)
    with shop.database.reading() as connection:
        (row,) = fetch_rows(
            connection,
            shop.query("crm.note", shop.everything()).where(shop.when("crm.note", "day = TODAY() and at <= NOW()")),
        ).records
    assert {name: row.values[name] for name in values} == values


def test_related_rows_and_the_tree(shop: Shop) -> None:
    top = shop.add("customer", name="top")
    below = shop.add("customer", name="below", parent=top)
    deeper = shop.add("customer", name="deeper", parent=below)
    shop.add("order", customer=deeper, amount=Decimal(3))
    shop.add("order", customer=top, amount=Decimal(4))
    query = shop.query("crm.customer", shop.everything()).sorted(("id", False))
    assert ids_of(shop, query.where(shop.when("crm.customer", "SUM(orders.amount) > 2"))) == [top, deeper]
    assert ids_of(shop, query.where(shop.when("crm.customer", "COUNT(below) = 2"))) == [below]
    assert ids_of(shop, query.where(shop.when("crm.customer", "ANY(above[name = 'below'], true)"))) == [below, deeper]
    assert ids_of(shop, query.where(shop.when("crm.customer", "ANY(branches[name = 'deeper'], true)"))) == [below]
    assert ids_of(shop, shop.query("crm.order", shop.everything()).linked("customer", top)) != []


def test_the_recycle_bin(shop: Shop) -> None:
    one, two = shop.add("region", name="one"), shop.add("region", name="two")
    with shop.work() as uow:
        mark_deleted(uow, "crm.region", [one])
    query = shop.query("crm.region", shop.everything())
    assert ids_of(shop, query) == [two]
    assert ids_of(shop, query.deleted()) == [one]


def test_own_team_and_department(shop: Shop) -> None:
    with shop.work() as uow:
        sales = insert_record(uow, "people.department", {"name": "Sales"})
        south = insert_record(uow, "people.department", {"name": "South", "parent": sales})
        boss = insert_record(uow, "people.person", {"name": "Boss", "login": "boss", "department": sales})
        li = insert_record(uow, "people.person", {"name": "Li", "login": "li", "department": south, "superior": boss})
        wu = insert_record(uow, "people.person", {"name": "Wu", "login": "wu"})
        rebuild_closures(uow)
    of_li, of_wu = shop.add("customer", name="L", owner=li), shop.add("customer", name="W", owner=wu)
    for rule, person, expected in (
        ("own", li, [of_li]),
        ("own", boss, []),
        ("team", boss, [of_li]),
        ("same_department", boss, [of_li]),
        ("same_department", li, [of_li]),
        ("team", wu, [of_wu]),
        ("own or name = 'W'", li, [of_li, of_wu]),
    ):
        rights = Rights(person, "none").on(shop, "crm.customer", rule)
        query = replace(shop.query("crm.customer", rights), moment=moment(person)).sorted(("id", False))
        assert ids_of(shop, query) == expected, (rule, person)
    with shop.work() as uow:
        put_collaborator(uow, "crm.customer", of_wu, li, may_change=False)
    rights = Rights(li, "none").on(shop, "crm.customer", "own")
    assert ids_of(shop, replace(shop.query("crm.customer", rights), moment=moment(li)).sorted(("id", False))) == [
        of_li,
        of_wu,
    ]


def test_flags_say_for_each_row_whether_a_rule_holds(shop: Shop) -> None:
    shop.add("customer", name="a", owner=1)
    shop.add("customer", name="b", owner=2)
    query = shop.query("crm.customer", shop.everything()).also(
        "may_change", shop.when("crm.customer", "own", access=True)
    )
    with shop.database.reading() as connection:
        rows = fetch_rows(connection, query.sorted(("id", False)).columns([])).records
    assert [row.flags["may_change"] for row in rows] == [True, False]


def test_a_list_takes_one_statement_and_one_per_form_of_titles(shop: Shop) -> None:
    for number in range(30):
        customer = shop.add("customer", name=f"C{number}")
        shop.add("order", customer=customer, number=f"O-{number}", amount=Decimal(number))
    query = (
        shop.query("crm.order", shop.everything()).columns(["number", "customer", "amount"]).sorted(("amount", True))
    )
    with shop.database.reading() as connection, count_statements(shop.database.engine) as seen:
        rows = fetch_rows(connection, query)
        customers = [row.values["customer"] for row in rows.records]
        fetch_titles(connection, shop.database, shop.catalog, query.rights, moment(), "crm.customer", customers)
        fetch_total(connection, query)
    assert len(seen) == 3


def test_readers_with_the_same_roles_share_a_statement_but_see_their_own(shop: Shop) -> None:
    mine, other = shop.add("customer", name="a", owner=1), shop.add("customer", name="b", owner=2)
    rights = Rights(1, "sales").on(shop, "crm.customer", "own")
    assert ids_of(shop, shop.query("crm.customer", rights)) == [mine]
    assert ids_of(shop, shop.query("crm.customer", Rights(2, rights.name, rights.forms))) == [other]


def test_this_in_a_links_condition_is_the_record_that_chooses(shop: Shop) -> None:
    region = shop.add("region", name="South")
    fits = shop.add("customer", name="a", region=region)
    shop.add("customer", name="b")
    condition = compile_expression(
        "region = this.region",
        FormScope(shop.catalog, "crm.customer"),
        want="boolean",
        row_scope=FormScope(shop.catalog, "crm.customer"),
    )
    query = shop.query("crm.customer", shop.everything()).for_record("crm.customer", Chooser({("region",): region}))
    assert ids_of(shop, query.limited(condition)) == [fits]


@dataclass
class Chooser:
    found: dict

    def value(self, path):
        return self.found.get(path)

    def rows(self, source):
        return ()
