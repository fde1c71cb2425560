"""Every computed value explains itself, to each reader as far as that reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import NotVisible
from engine.runtime.actors import SYSTEM, Actor
from engine.services import explaining, records
from engine.services.explaining import explain
from engine.services.views_of_explaining import Explanation, PartView
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world


def told(world: World, actor: Actor, form: str, record_id: int | None, key: str, row: int | None = None) -> Explanation:
    return explain(world.company, actor, f"crm.{form}", record_id or 0, key, row, "en")


def parts(explanation: Explanation) -> list[tuple[str, str]]:
    """(words, text) of the parts, depth first; "?" where the reader may not see."""

    def walk(part: PartView) -> Iterator[tuple[str, str]]:
        for each in part.parts:
            yield each.words, each.text if each.available else "?"
            yield from walk(each)

    return list(walk(explanation.part))


@pytest.fixture
def account(world: World) -> int:
    """An account of Li with two orders, one of Li and one of Qi."""
    made = world.save(world.wang, "account", name="North", limit="5000", rep=world.li.person)
    rows = [{"what": "Bolt", "quantity": "3", "price": "10"}, {"what": "Nut", "quantity": "2.5", "price": "4.10"}]
    world.save(world.wang, "order", account=made.id, rep=world.li.person, lines=rows)
    saw = [{"what": "Saw", "quantity": "1", "price": "99.90"}]
    world.save(world.wang, "order", account=made.id, rep=world.qi.person, lines=saw)
    return made.id or 0


def test_a_difference_is_told_with_its_parts(world: World, account: int) -> None:
    found = told(world, world.wang, "account", account, "room")
    assert (found.part.words, found.text, found.agrees) == ("Limit − Ordered", "4,859.85", True)
    assert parts(found) == [("Limit", "5,000.00"), ("Ordered", "140.15")]
    assert found.part.parts[1].opens == ("crm.account", account, "ordered")


def test_a_sum_lists_the_records_behind_it(world: World, account: int) -> None:
    found = told(world, world.wang, "account", account, "ordered")
    assert found.part.words == "sum of Total over Orders"
    sources = found.part.sources
    assert sources is not None
    assert [(row.title, row.text) for row in sources.rows] == [
        ("O-2026-0001 North", "40.25"),
        ("O-2026-0002 North", "99.90"),
    ]
    assert (sources.seen, sources.hidden, sources.next) == (2, 0, None)


def test_records_out_of_sight_are_only_counted(world: World, account: int) -> None:
    found = told(world, world.li, "account", account, "ordered")
    assert found.text == "140.15"
    sources = found.part.sources
    assert sources is not None
    assert [row.text for row in sources.rows] == ["40.25"]
    assert (sources.seen, sources.hidden) == (1, 1)
    assert "99.90" not in repr(found)
    assert "O-2026-0002" not in repr(found)


def test_who_sees_no_record_of_a_form_is_not_even_told_how_many_there_are(world: World, account: int) -> None:
    found = told(world, world.ou, "account", account, "ordered")
    assert found.text == "140.15"
    assert found.part.words == "something not available to you"
    assert found.part.sources is not None
    assert (found.part.sources.rows, found.part.sources.seen, found.part.sources.hidden) == ((), 0, None)


def test_a_field_that_is_hidden_or_not_there_or_not_computed_has_no_explanation(world: World, account: int) -> None:
    for actor, key in ((world.li, "room"), (world.wang, "misspelt"), (world.wang, "name"), (world.wang, "limit")):
        with pytest.raises(NotVisible):
            told(world, actor, "account", account, key)
    with pytest.raises(NotVisible):
        told(world, world.qi, "account", account, "ordered")  # the account is Li's


def test_a_cell_of_lines_is_told(world: World, account: int) -> None:
    order = world.save(world.wang, "order", account=account, lines=[{"what": "A", "quantity": "3", "price": "1.5"}])
    row = world.fetch(world.wang, "order", order.id).values["lines"][0]["id"]  # type: ignore[index]
    found = told(world, world.wang, "order", order.id, "lines.amount", row)
    assert (found.text, found.agrees) == ("4.50", True)
    assert parts(found)[-2:] == [("Quantity", "3.00"), ("Price", "1.50")]
    for wrong in (None, row + 1000):
        with pytest.raises(NotVisible):
            told(world, world.wang, "order", order.id, "lines.amount", wrong)


def test_rows_of_lines_are_called_by_their_first_column(world: World, account: int) -> None:
    page = records.list_records(world.company, world.wang, "crm.order", records.ListRequest())
    first = min(row.id or 0 for row in page.rows)
    sources = told(world, world.wang, "order", first, "total").part.sources
    assert sources is not None
    assert [(row.position, row.title, row.text) for row in sources.rows] == [(0, "Bolt", "30.00"), (1, "Nut", "10.25")]


def test_more_records_come_page_by_page(world: World) -> None:
    made = world.save(world.wang, "account", name="Many", limit="1")
    for number in range(1, 24):
        line = {"what": "x", "quantity": "1", "price": str(number)}
        world.save(world.wang, "order", account=made.id, lines=[line])
    first = told(world, world.wang, "account", made.id, "ordered").part.sources
    assert first is not None
    assert (len(first.rows), first.next) == (20, 20)
    rest = explaining.more_sources(world.company, world.wang, "crm.account", made.id or 0, "ordered", 0, 20, "en")
    assert rest is not None
    assert ([row.value for row in rest.rows], rest.next) == (["21.00", "22.00", "23.00"], None)


def test_only_administrators_are_told_where_it_is_defined(world: World, account: int) -> None:
    assert told(world, world.wang, "account", account, "room").at is None
    found = told(world, SYSTEM, "account", account, "room")
    assert found.written == "limit - ordered"
    assert found.at is not None
    assert found.at.file.endswith("account.yaml")


MORE = {
    **FORMS,
    "forms/crm/bill.yaml": """\
        form: crm.bill
        label: Bill
        title: "{name}"
        owner: rep
        fields:
          name: text
          rep: user
          account: {type: link, to: crm.account, inverse: bills}
          kind: {type: choice, choices: {a: Alpha, b: Beta}}
          amount: {type: money, blank: zero}
          grade: {type: number, access: {see: [manager]}}
          closed: boolean
          bonus: {type: money, formula: "IF(kind = 'a', amount * 2, amount + 1)"}
          region: {type: text, compute: read, formula: "account.region"}
          graded: {type: money, formula: "amount * grade", discloses: true}
          secret: {type: money, formula: "IF(grade > 5, amount, other)", discloses: true}
          other: money
          made: {type: money, compute: once, formula: "amount"}
          kept: {type: money, formula: "amount", freeze: closed}
        access:
          sales: {see: own, create: true, change: own}
          manager: {see: always, create: true, change: always}
        """,
}


@pytest.fixture
def bills(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path, database_address, MORE)
    yield built
    built.site.close()


def test_the_branch_that_applies_is_marked(bills: World) -> None:
    bill = bills.save(bills.wang, "bill", name="One", kind="b", amount="10")
    found = told(bills, bills.wang, "bill", bill.id, "bonus")
    assert (found.text, found.agrees) == ("11.00", True)
    test, then, otherwise = found.part.parts
    assert (test.words, test.kind, test.value) == ("Kind = Alpha", "test", False)
    assert (then.words, then.taken) == ("Amount × 2", False)
    assert (otherwise.words, otherwise.taken) == ("Amount + 1", True)


def test_what_stands_in_a_record_out_of_sight_is_not_shown(bills: World) -> None:
    account = bills.save(bills.wang, "account", name="Of Wang", region="Far")
    bill = bills.save(bills.wang, "bill", name="One", rep=bills.li.person, account=account.id, amount="1")
    assert told(bills, bills.wang, "bill", bill.id, "region").part.text == "Far"
    found = told(bills, bills.li, "bill", bill.id, "region")
    assert found.part.words == "Account’s Region"
    assert (found.part.opens, found.part.record) == (None, None)


def test_a_part_with_a_rule_of_its_own_is_neither_named_nor_shown(bills: World) -> None:
    bill = bills.save(bills.wang, "bill", name="One", rep=bills.li.person, amount="3", grade="77")
    assert parts(told(bills, bills.wang, "bill", bill.id, "graded")) == [("Amount", "3.00"), ("Grade", "77.00")]
    found = told(bills, bills.li, "bill", bill.id, "graded")
    assert (found.text, found.part.words) == ("231.00", "Amount × something not available to you")
    assert parts(found) == [("Amount", "3.00"), ("something not available to you", "?")]
    assert "77" not in repr(found.part)


def test_which_branch_applies_is_not_told_where_the_condition_is_out_of_sight(bills: World) -> None:
    bill = bills.save(bills.wang, "bill", name="One", rep=bills.li.person, amount="3", other="3", grade="77")
    assert [part.taken for part in told(bills, bills.wang, "bill", bill.id, "secret").part.parts] == [None, True, False]
    assert [part.taken for part in told(bills, bills.li, "bill", bill.id, "secret").part.parts] == [None, None, None]


def test_values_that_stay_say_what_they_would_be(bills: World) -> None:
    bill = bills.save(bills.wang, "bill", name="One", amount="3", closed=True)
    bills.save(bills.wang, "bill", bill.id, amount="4")
    once = told(bills, bills.wang, "bill", bill.id, "made")
    assert (once.text, once.result_text, once.agrees, once.compute) == ("3.00", "4.00", False, "once")
    assert once.as_of is not None
    kept = told(bills, bills.wang, "bill", bill.id, "kept")
    assert (kept.text, kept.result_text, kept.agrees, kept.frozen) == ("3.00", "4.00", False, "Closed")


def test_an_empty_number_that_counts_as_zero_is_told_as_zero(bills: World) -> None:
    bill = bills.save(bills.wang, "bill", name="One", kind="a")
    found = told(bills, bills.wang, "bill", bill.id, "bonus")
    assert (found.text, found.agrees) == ("0.00", True)
    assert ("Amount", "0.00") in parts(found)
    assert found.result == str(Decimal("0.00"))
