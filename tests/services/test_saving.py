"""What a save computes, asks and refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from engine.problems import ProblemsFound, Stale
from engine.services import records
from engine.services.views_of_records import ListRequest
from tests.statements import count_statements
from tests.worlds import World, codes

ROW = {"what": "Bolt", "quantity": "2", "price": "3.50"}


def test_a_new_record_has_its_defaults_its_fills_its_number_and_its_totals(world: World) -> None:
    account = world.save(world.li, "account", name="A", region="North").id
    order = world.save(world.li, "order", account=account, lines=[ROW, {"what": "Nut", "quantity": "1", "price": "10"}])
    assert order.values["number"] == "O-2026-0001"
    assert order.values["region"] == "North"
    assert order.values["kind"] == "stock"
    assert order.values["rep"] == world.li.person
    assert order.values["due"].isoformat() == "2026-03-09"
    assert [row["amount"] for row in order.values["lines"]] == [Decimal("7.00"), Decimal("10.00")]
    assert order.values["total"] == Decimal("17.00")
    assert order.title == "O-2026-0001 A"


def test_a_value_given_with_a_link_is_not_filled_over(world: World) -> None:
    account = world.save(world.li, "account", name="A", region="North").id
    assert world.save(world.li, "order", account=account, region="West").values["region"] == "West"


def test_all_problems_of_a_record_are_told_at_once_with_their_places(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    rows = [ROW, {"what": "", "quantity": "0"}]
    act = lambda: world.save(world.li, "order", account=account, kind="special", due="2020-01-01", lines=rows)  # noqa: E731
    assert codes(act) == [
        ("V101", "lines/1/what"),
        ("V101", "reason"),
        ("V103", "due"),
        ("V103", "lines/1/quantity"),
    ]


def test_a_hidden_field_is_not_asked_for_and_is_cleared_where_the_definition_says_so(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account, kind="special", reason="Odd")
    assert order.values["reason"] == "Odd"
    assert world.save(world.li, "order", order.id, kind="stock").values["reason"] is None


def test_a_field_that_is_read_only_now_keeps_its_value(world: World) -> None:
    account = world.save(world.wang, "account", name="A").id
    order = world.save(world.wang, "order", account=account, locked=True, remark=None).id
    assert codes(lambda: world.save(world.wang, "order", order, remark="x")) == [("V120", "remark")]
    assert world.save(world.wang, "order", order, remark="x", locked=False).values["remark"] == "x"


def test_computed_fields_and_numbers_cannot_be_written(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    assert codes(lambda: world.save(world.li, "order", account=account, total="1", number="X")) == [
        ("R101", "number"),
        ("R101", "total"),
    ]


def test_rows_of_lines_stay_change_come_and_go(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account, lines=[ROW, {**ROW, "what": "Nut"}])
    bolt, nut = (row["id"] for row in order.values["lines"])
    lines = [{"id": nut, "quantity": "4"}, {"what": "Washer", "quantity": "1", "price": "1"}]
    changed = world.save(world.li, "order", order.id, lines=lines)
    assert [(row["id"], row["what"]) for row in changed.values["lines"]][:2] == [(bolt, "Bolt"), (nut, "Nut")]
    assert changed.values["total"] == Decimal("22.00")
    fewer = world.save(world.li, "order", order.id, lines=[{"id": bolt, "_delete": True}])
    assert [row["what"] for row in fewer.values["lines"]] == ["Nut", "Washer"]


def test_a_stale_save_names_who_changed_what_meanwhile(world: World) -> None:
    account = world.save(world.li, "account", name="A", region="N")
    world.save(world.wang, "account", account.id, region="S")
    with pytest.raises(Stale) as stale:
        records.save_record(world.company, world.li, "crm.account", account.id, {"note": "x"}, version=account.version)
    (change,) = stale.value.changes
    assert (change.field, change.before, change.after, change.by) == ("region", "N", "S", "Wang")


def test_sums_over_other_records_follow_what_is_made_changed_moved_deleted_and_restored(world: World) -> None:
    first, second = (world.save(world.li, "account", name=name).id for name in ("A", "B"))

    def ordered() -> tuple[object, object]:
        return tuple(world.fetch(world.li, "account", each).values["ordered"] for each in (first, second))  # type: ignore[return-value]

    assert ordered() == (Decimal("0.00"), Decimal("0.00"))
    order = world.save(world.li, "order", account=first, lines=[ROW])
    assert ordered() == (Decimal("7.00"), Decimal("0.00"))
    row = order.values["lines"][0]["id"]
    world.save(world.li, "order", order.id, lines=[{"id": row, "quantity": "4"}])
    assert ordered() == (Decimal("14.00"), Decimal("0.00"))
    world.save(world.li, "order", order.id, account=second)
    assert ordered() == (Decimal("0.00"), Decimal("14.00"))
    records.delete_record(world.company, world.li, "crm.order", order.id or 0)
    assert ordered() == (Decimal("0.00"), Decimal("0.00"))
    records.restore_record(world.company, world.li, "crm.order", order.id or 0)
    assert ordered() == (Decimal("0.00"), Decimal("14.00"))


def test_a_formula_that_reads_a_sum_follows_it_and_versions_stay(world: World) -> None:
    account = world.save(world.wang, "account", name="A", limit="100")
    assert account.values["room"] == Decimal("100.00")
    world.save(world.wang, "order", account=account.id, lines=[ROW])
    seen = world.fetch(world.wang, "account", account.id)
    assert seen.values["room"] == Decimal("93.00")
    assert seen.version == account.version


def test_numbers_have_no_gaps_when_many_save_at_once_and_some_are_refused(world: World) -> None:
    account = world.save(world.li, "account", name="A").id

    def save(turn: int) -> object:
        kind = "special" if turn % 4 == 0 else "stock"  # special without a reason is refused
        try:
            return world.save(world.li, "order", account=account, kind=kind).values["number"]
        except ProblemsFound:
            return None

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(save, range(24)) if number]
    assert sorted(numbers) == [f"O-2026-{serial:04}" for serial in range(1, 19)]


def test_orders_saved_at_once_leave_the_exact_sum(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: world.save(world.li, "order", account=account, lines=[ROW]), range(12)))
    assert world.fetch(world.li, "account", account).values["ordered"] == Decimal("84.00")


def test_the_same_key_does_a_request_once_and_refuses_another_request(world: World) -> None:
    def save(name: str) -> object:
        return records.save_record(world.company, world.li, "crm.account", None, {"name": name}, key="k1").id

    assert save("A") == save("A")
    assert codes(lambda: save("B")) == [("R103", "")]
    assert world.titles(world.li, "account") == ["A"]


def test_values_that_must_differ_do_even_against_the_recycle_bin_and_in_a_race(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    assert codes(lambda: world.save(world.qi, "account", name="A")) == [("V124", "name")]
    records.delete_record(world.company, world.li, "crm.account", account or 0)
    assert codes(lambda: world.save(world.qi, "account", name="A")) == [("V124", "name")]
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda _: codes(lambda: world.save(world.qi, "account", name="Z")), range(6)))
    assert sorted(outcomes) == [[], *[[("V124", "name")]] * 5]


def test_a_tree_has_no_circles(world: World) -> None:
    top = world.save(world.li, "account", name="Top").id
    middle = world.save(world.li, "account", name="Middle", parent=top).id
    low = world.save(world.li, "account", name="Low", parent=middle).id
    assert codes(lambda: world.save(world.li, "account", top, parent=low)) == [("V125", "parent")]
    assert codes(lambda: world.save(world.li, "account", top, parent=top)) == [("V125", "parent")]


def test_links_hold_back_go_along_or_let_go_when_a_record_is_deleted(world: World) -> None:
    account, child = (world.save(world.li, "account", name=name).id or 0 for name in ("A", "B"))
    world.save(world.li, "account", child, parent=account)
    note = world.save(world.li, "note", text="x", account=account).id
    order = world.save(world.li, "order", account=account).id or 0
    assert codes(lambda: records.delete_record(world.company, world.li, "crm.account", account)) == [("V130", "")]
    records.delete_record(world.company, world.li, "crm.order", order)
    records.delete_record(world.company, world.li, "crm.account", account)
    assert world.titles(world.li, "note") == []
    assert world.fetch(world.li, "account", child).values["parent"] is None
    assert world.titles(world.li, "account", deleted=True) == ["A"]
    records.restore_record(world.company, world.li, "crm.account", account)
    assert world.fetch(world.li, "note", note).title == "x"


def test_a_preview_says_what_save_would_and_writes_nothing(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    before = world.fingerprint()
    values = {"account": account, "kind": "special", "lines": [ROW]}
    preview = records.preview_record(world.company, world.li, "crm.order", None, values)
    assert preview.values["total"] == "7.00"
    assert "reason" in preview.required
    assert [problem.pointer for problem in preview.problems] == ["reason"]
    assert world.fingerprint() == before


def test_many_records_change_one_by_one_and_refusals_are_told(world: World) -> None:
    mine, his = world.save(world.li, "account", name="A").id or 0, world.save(world.qi, "account", name="B").id or 0
    result = records.bulk_change(world.company, world.li, "crm.account", [mine, his], {"region": "X"})
    assert result.done == (mine,)
    assert list(result.problems) == [his]


def test_lists_are_sorted_filtered_searched_paged_and_counted(world: World) -> None:
    for at in range(5):
        world.save(world.li, "account", name=f"Firm {at}", region="N" if at % 2 else "S", note=f"红石{at}")
    company = world.company
    first = records.list_records(company, world.li, "crm.account", ListRequest(sort=(("name", True),), limit=2))
    assert [row.title for row in first.rows] == ["Firm 4", "Firm 3"]
    assert (first.total, first.total_exact) == (5, True)
    request = ListRequest(sort=(("name", True),), limit=2, after=first.next)
    assert [row.title for row in records.list_records(company, world.li, "crm.account", request).rows] == [
        "Firm 2",
        "Firm 1",
    ]
    assert world.titles(world.li, "account", where="region = 'N'") == ["Firm 1", "Firm 3"]
    assert world.titles(world.li, "account", search="hs") == [f"Firm {at}" for at in range(5)]
    groups = records.list_groups(company, world.li, "crm.account", "region", ("ordered",))
    assert [(each["value"], each["count"]) for each in groups] == [("N", 2), ("S", 3)]


def test_acts_stay_within_their_number_of_statements(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account).id
    world.save(world.li, "order", order, remark="warm")
    engine = world.company.database.engine
    with count_statements(engine) as listing:
        records.list_records(world.company, world.li, "crm.order", ListRequest(fields=("number", "account"), limit=1))
    with count_statements(engine) as updating:
        world.save(world.li, "order", order, due="2026-04-01")
    with count_statements(engine) as creating:
        world.save(world.li, "note", text="n", account=account)
    with count_statements(engine) as totalling:
        world.save(world.li, "order", order, lines=[ROW])
    lines_of_it = 3  # rows read before, written, read for the answer
    versions = 1  # of all tables written, at the end: remembered numbers are exact by them
    assert len(listing) <= 3
    assert len(updating) <= 6 + 2 + versions, updating
    assert len(creating) <= 7 + versions, creating
    assert len(totalling) <= 6 + 3 + lines_of_it + 1 + versions, totalling
    assert len([each for each in updating if "sys_data_version" in each]) == versions
