"""Records are written whole, changed by version, deleted softly and numbered without gaps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.problems import Stale
from engine.storage.history import HistoryRow, fetch_history, note_changes
from engine.storage.numbering import allocate_numbers, raise_counter
from engine.storage.outbox import add_job, fail_job, finish_job, take_job
from engine.storage.records import (
    fetch_above,
    fetch_aggregates,
    fetch_for_update,
    fetch_link_values,
    fetch_system_rows,
    insert_records,
    lock_owners,
    mark_deleted,
    satisfies,
    update_computed,
    update_record,
    which_hold,
)
from engine.storage.revisions import fetch_revision, fetch_revision_number, store_revision
from engine.storage.selects import fetch_rows
from engine.storage.stage_log import StageEntry, fetch_stage_log, log_stages
from engine.storage.statements import Statements
from tests.statements import count_statements
from tests.storage.shop import NOW, Shop, moment


def in_threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(n)` in `count` threads at once; what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - a thread hands on everything
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_a_change_raises_the_version_and_a_stale_one_is_refused(shop: Shop) -> None:
    one = shop.add("customer", name="A")
    with shop.work(actor=2, now=NOW + timedelta(hours=1)) as uow:
        assert update_record(uow, "crm.customer", one, 1, {"name": "B", "vip": True}) == 2
    with shop.work() as uow:
        stored = fetch_for_update(uow, "crm.customer", one)
        assert stored is not None
        assert (stored.version, stored.values["name"], stored.values["vip"]) == (2, "B", True)
        assert (stored.created_by, stored.updated_by, stored.updated_at) == (1, 2, NOW + timedelta(hours=1))
        with pytest.raises(Stale):
            update_record(uow, "crm.customer", one, 1, {"name": "C"})


def test_rows_of_lines_keep_their_ids(shop: Shop) -> None:
    customer = shop.add("customer", name="A")
    rows = [{"product": name, "quantity": Decimal(1), "price": Decimal(2)} for name in "abc"]
    order = shop.add("order", customer=customer, lines=rows)
    first, second, third = [row["id"] for row in rows]
    with shop.work() as uow:
        before = fetch_for_update(uow, "crm.order", order)
        changed = [{"id": third, "product": "c"}, {"id": first, "product": "A"}, {"product": "new"}]
        update_record(uow, "crm.order", order, 1, {"lines": changed}, before.values)
        after = fetch_for_update(uow, "crm.order", order).values["lines"]
    assert [row["product"] for row in after] == ["c", "A", "new"]
    assert [row["id"] for row in after][:2] == [third, first]
    assert after[2]["id"] == changed[2]["id"] not in (first, second, third)
    assert after[1]["price"] == Decimal("2.00")


def test_many_new_records_are_one_statement(shop: Shop) -> None:
    with shop.work() as uow, count_statements(shop.database.engine) as seen:
        ids = insert_records(uow, "crm.region", [{"name": f"R{number}"} for number in range(300)])
    assert len(seen) <= 2
    with shop.work() as uow:
        rows = fetch_system_rows(uow, "crm.region", ids)
    assert [rows[each].values["name"] for each in ids] == [f"R{number}" for number in range(300)]


def test_computed_values_leave_version_and_stamps(shop: Shop) -> None:
    one, two = shop.add("customer", name="A"), shop.add("customer", name="B")
    with shop.work(actor=2) as uow:
        update_computed(uow, "crm.customer", {one: {"total": Decimal("1.25")}, two: {"total": Decimal(3)}})
        rows = fetch_system_rows(uow, "crm.customer", [one, two])
    assert [(row.version, row.updated_by, row.values["total"]) for row in rows.values()] == [
        (1, 1, Decimal("1.25")),
        (1, 1, Decimal("3.00")),
    ]


def test_values_behind_links_come_in_one_statement(shop: Shop) -> None:
    region = shop.add("region", name="South")
    customer = shop.add("customer", name="A", region=region, owner=1, members=(2, 1))
    order = shop.add("order", customer=customer)
    paths = [
        ("customer", "region", "name"),
        ("customer", "owner", "name"),
        ("customer",),
        ("id",),
        ("customer", "credit"),
    ]
    with shop.work() as uow:
        with count_statements(shop.database.engine) as seen:
            found = fetch_link_values(uow, "crm.order", [order, 99], paths)
        assert len(seen) == 1
        assert found == {order: dict(zip(paths, ["South", "One", customer, order, None], strict=True))}
        members = fetch_link_values(uow, "crm.order", [order], [("customer", "members")])
    assert members[order]["customer", "members"] == (2, 1)


def test_aggregates_over_related_rows(shop: Shop) -> None:
    one, two, none = (shop.add("customer", name=name) for name in "abc")
    for customer, amount in ((one, "1.10"), (one, "2.20"), (two, "5")):
        shop.add("order", customer=customer, amount=Decimal(amount))
    gone = shop.add("order", customer=one, amount=Decimal(100))
    with shop.work() as uow:
        mark_deleted(uow, "crm.order", [gone])
        found = fetch_aggregates(uow, "crm.customer", "total", [one, two, none], moment())
    assert found == {one: Decimal("3.30"), two: Decimal("5.00"), none: Decimal("0.00")}


def test_rules_are_asked_of_stored_records(shop: Shop) -> None:
    mine = shop.add("customer", name="A", owner=1, credit=Decimal(5))
    with shop.work() as uow:
        own, rich = shop.when("crm.customer", "own", access=True), shop.when("crm.customer", "credit > 10")
        assert satisfies(uow, "crm.customer", mine, own, moment(1))
        assert not satisfies(uow, "crm.customer", mine, own, moment(2))
        assert which_hold(uow, "crm.customer", mine, {"own": own, "rich": rich}, moment(1)) == {"own"}


def test_what_stands_above_in_a_tree(shop: Shop) -> None:
    top = shop.add("customer", name="top")
    below = shop.add("customer", name="below", parent=top)
    with shop.work() as uow:
        assert tuple(fetch_above(uow, "crm.customer", "parent", below, 20)) == (below, top)


def test_a_link_to_nothing_is_refused_by_the_database(shop: Shop) -> None:
    with pytest.raises(IntegrityError):
        shop.add("order", customer=12345)


def test_a_refused_unit_of_work_leaves_nothing(shop: Shop) -> None:
    def fail_after_writing() -> None:
        with shop.work() as uow:
            insert_records(uow, "crm.region", [{"name": "R", "search_text": "r"}])
            allocate_numbers(uow, "k")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with shop.database.reading() as connection:
        assert fetch_rows(connection, shop.query("crm.region")).records == ()
        assert connection.execute(select(shop.database.tables.system.counter)).all() == []


def test_history_is_read_back_newest_first(shop: Shop) -> None:
    with shop.work() as uow:
        note_changes(
            uow, [HistoryRow("crm.order", 1, version, "change", {"kind": [None, "备品"]}) for version in (1, 2, 3)]
        )
        newest = fetch_history(uow, "crm.order", 1, limit=2)
        rest = fetch_history(uow, "crm.order", 1, before=newest[-1].id)
    assert [save.version for save in (*newest, *rest)] == [3, 2, 1]
    assert newest[0].changes == {"kind": [None, "备品"]}
    assert (newest[0].actor, newest[0].cause, newest[0].at) == (1, "web", NOW)


def test_the_stage_log_closes_the_stay_before(shop: Shop) -> None:
    later = NOW + timedelta(days=2)
    with shop.work() as uow:
        log_stages(uow, [StageEntry("crm.order", 1, "stage", "need", is_first=True)])
    with shop.work(now=later) as uow:
        log_stages(uow, [StageEntry("crm.order", 1, "stage", "plan")])
        stays = fetch_stage_log(uow, "crm.order", 1)
    assert [(stay.stage, stay.entered_at, stay.left_at) for stay in stays] == [
        ("need", NOW, later),
        ("plan", later, None),
    ]


def test_jobs_are_leased_and_tried_again(shop: Shop) -> None:
    with shop.work() as uow:
        add_job(uow, "mail", {"to": [1]})
        add_job(uow, "later", {}, NOW + timedelta(days=1))
    with shop.work() as uow:
        job = take_job(uow)
        assert (job.kind, job.payload, job.tries) == ("mail", {"to": [1]}, 1)
    with shop.work() as uow:
        assert take_job(uow) is None
        fail_job(uow, job, "no connection")
    with shop.work(now=NOW + timedelta(hours=1)) as uow:
        again = take_job(uow)
        assert again.tries == 2
        finish_job(uow, again.id)
        assert take_job(uow) is None


def test_revisions_are_numbered(shop: Shop) -> None:
    with shop.work() as uow:
        assert fetch_revision_number(uow.connection, shop.database) == 0
        assert fetch_revision(uow.connection, shop.database) is None
        store_revision(uow, "abc", {"a": "值"})
        number = store_revision(uow, "def", {"a": 2}, ["step"])
        revision = fetch_revision(uow.connection, shop.database)
    assert (revision.number, revision.digest, revision.definitions) == (number, "def", {"a": 2})


def test_numbers_have_no_gaps_when_many_ask_at_once(shop: Shop) -> None:
    taken: list[int] = []

    def take(number: int) -> None:
        for _ in range(5):
            try:
                with shop.work() as uow:
                    first = allocate_numbers(uow, "O", 2)
                    if number % 4 == 3:
                        raise ZeroDivisionError  # a refused save gives its numbers back
                    taken.extend((first, first + 1))
            except ZeroDivisionError:
                pass

    assert in_threads(8, take) == []
    assert sorted(taken) == list(range(1, 61))
    with shop.work() as uow:
        raise_counter(uow, "O", 100)
        raise_counter(uow, "O", 50)
        assert allocate_numbers(uow, "O") == 101


def test_sums_are_exact_when_many_pay_at_once(shop: Shop) -> None:
    customer = shop.add("customer", name="A")

    def pay(number: int) -> None:
        for _ in range(5):
            with shop.work() as uow:
                insert_records(uow, "crm.order", [{"customer": customer, "amount": Decimal(number + 1)}])
                lock_owners(uow, "crm.customer", [customer])
                update_computed(
                    uow,
                    "crm.customer",
                    {
                        customer: {
                            "total": fetch_aggregates(uow, "crm.customer", "total", [customer], moment())[customer]
                        }
                    },
                )

    assert in_threads(8, pay) == []
    with shop.work() as uow:
        assert fetch_for_update(uow, "crm.customer", customer).values["total"] == Decimal(5 * 36)


def test_readers_go_on_while_someone_writes(shop: Shop) -> None:
    shop.add("region", name="A")
    with shop.work() as uow:
        insert_records(uow, "crm.region", [{"name": "B"}])
        with shop.database.reading() as connection:
            assert len(fetch_rows(connection, shop.query("crm.region")).records) == 1
    with shop.database.reading() as connection:
        assert len(fetch_rows(connection, shop.query("crm.region")).records) == 2


def test_of_two_changes_of_the_same_version_one_wins(shop: Shop) -> None:
    one = shop.add("customer", name="A")
    won: list[int] = []

    def change(number: int) -> None:
        with shop.work() as uow:
            try:
                update_record(uow, "crm.customer", one, 1, {"name": str(number)})
            except Stale:
                return
            won.append(number)

    assert in_threads(6, change) == []
    assert len(won) == 1


def test_a_link_to_one_of_several_forms_is_looked_up_whole(shop: Shop) -> None:
    region = shop.add("region", name="R")
    order = shop.add("order", customer=shop.add("customer", name="A"))
    note, empty = shop.add("note", text="n", about=("crm.order", order), source=region), shop.add("note", text="e")
    with shop.work() as uow:
        found = fetch_link_values(uow, "crm.note", [note, empty], [("about",), ("source", "name")])
    assert found[note] == {("about",): ("crm.order", order), ("source", "name"): "R"}
    assert found[empty] == {("about",): None, ("source", "name"): None}


def test_asking_for_the_revision_of_an_empty_database_does_no_harm(shop: Shop) -> None:
    empty = replace(shop.database, statements=Statements())
    with shop.work() as uow:
        assert fetch_revision_number(uow.connection, empty) == 0
        insert_records(uow, "crm.region", [{"name": "R"}])
