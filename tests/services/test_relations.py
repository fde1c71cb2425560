"""Declared relations at work: sums over rows that a condition ties to a record, kept exact, listed, previewed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import NotVisible
from engine.runtime.actors import SYSTEM
from engine.services import records, timeline
from engine.storage.database import DatabaseAddress
from tests.statements import count_statements
from tests.worlds import FORMS, World, build_world, codes

FILES = {
    **FORMS,
    "forms/crm/receipt.yaml": """\
        form: crm.receipt
        label: {en: Receipt}
        title: "{amount}"
        owner: rep
        fields:
          rep: user
          day: date
          state: {type: choice, choices: [open, sure]}
          amount: money
          code: text
        views:
          list: {columns: [rep, day, amount], sort: [day]}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "forms/crm/sheet.yaml": """\
        form: crm.sheet
        label: {en: Sheet}
        title: "{name}"
        fields:
          name: text
          person: user
          starts: date
          ends: date
          rate: {type: percent, default: 10%}
          collected: {type: money, formula: "SUM(receipts.amount)"}
          pay: {type: money, formula: "ROUND(collected * rate, 2)"}
          best: {type: money, formula: "MAX(receipts[amount > 10].amount)", compute: read}
          note: {type: text, visible: "COUNT(receipts) > 0"}
        relations:
          receipts:
            form: receipt
            label: {en: Receipts of the month, zh: 本月回款}
            match: "rep = this.person and day >= this.starts and day <= this.ends and state = 'sure'"
          coded: {form: receipt, match: "code = this.name"}
        access:
          sales: {see: always}
          manager: {see: always, create: true, change: always, delete: always}
        """,
}
MARCH = {"starts": "2026-03-01", "ends": "2026-03-31"}


@pytest.fixture
def office(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path / "office", database_address, FILES)
    yield built
    built.site.close()


def sheet_of(office: World, record_id: int | None) -> dict[str, object]:
    return dict(records.fetch_record(office.company, SYSTEM, "crm.sheet", record_id or 0).values)


def receive(office: World, person: int | None, amount: str, day: str = "2026-03-05", state: str = "sure") -> int:
    saved = office.save(SYSTEM, "receipt", rep=person, amount=amount, day=day, state=state)
    assert saved.id is not None
    return saved.id


def person_of(office: World, login: str) -> int:
    found = getattr(office, login).person
    assert isinstance(found, int)
    return found


def test_a_sum_follows_rows_that_come_change_move_and_go(office: World) -> None:
    li, qi = person_of(office, "li"), person_of(office, "qi")
    of_li = office.save(SYSTEM, "sheet", name="Li", person=li, **MARCH).id
    of_qi = office.save(SYSTEM, "sheet", name="Qi", person=qi, **MARCH).id
    first = receive(office, li, "100")
    receive(office, li, "50", day="2026-04-01")
    receive(office, li, "7", state="open")
    assert [sheet_of(office, of_li)[name] for name in ("collected", "pay", "best")] == [
        Decimal("100.00"),
        Decimal("10.00"),
        Decimal("100.00"),
    ]
    office.save(SYSTEM, "receipt", first, rep=qi)
    assert [sheet_of(office, each)["collected"] for each in (of_li, of_qi)] == [Decimal("0.00"), Decimal("100.00")]
    office.save(SYSTEM, "receipt", first, day="2026-04-02")
    assert sheet_of(office, of_qi)["collected"] == Decimal("0.00")
    office.save(SYSTEM, "receipt", first, day="2026-03-31")
    assert sheet_of(office, of_qi)["collected"] == Decimal("100.00")
    records.delete_record(office.company, SYSTEM, "crm.receipt", first)
    assert sheet_of(office, of_qi)["collected"] == Decimal("0.00")


def test_a_record_made_after_its_rows_knows_them_and_so_does_one_whose_key_changes(office: World) -> None:
    li, qi = person_of(office, "li"), person_of(office, "qi")
    receive(office, li, "30")
    receive(office, li, "12", day="2026-04-03")
    receive(office, qi, "5")
    sheet = office.save(SYSTEM, "sheet", name="Li", person=li, **MARCH).id
    assert sheet_of(office, sheet)["pay"] == Decimal("3.00")
    office.save(SYSTEM, "sheet", sheet, ends="2026-04-30")
    assert sheet_of(office, sheet)["collected"] == Decimal("42.00")
    office.save(SYSTEM, "sheet", sheet, person=qi)
    assert sheet_of(office, sheet)["collected"] == Decimal("5.00")


def test_an_empty_key_has_no_rows(office: World) -> None:
    receive(office, None, "30")
    sheet = office.save(SYSTEM, "sheet", name="Nobody", **MARCH).id
    assert sheet_of(office, sheet)["collected"] == Decimal("0.00")
    assert sheet_of(office, sheet)["best"] is None
    assert timeline.count_related(office.company, office.wang, "crm.sheet", sheet or 0)["receipts"] == (0, True)


def test_the_tab_lists_what_the_reader_may_see_and_the_sum_counts_all(office: World) -> None:
    li = person_of(office, "li")
    receive(office, li, "30")
    receive(office, li, "12")
    sheet = office.save(SYSTEM, "sheet", name="Li", person=li, **MARCH).id or 0
    listed = timeline.fetch_related(office.company, office.li, "crm.sheet", sheet, "receipts")
    assert [row.values["amount"] for row in listed.rows] == [Decimal("30.00"), Decimal("12.00")]
    assert timeline.count_related(office.company, office.li, "crm.sheet", sheet)["receipts"] == (2, True)
    assert timeline.fetch_related(office.company, office.qi, "crm.sheet", sheet, "receipts").rows == ()
    with pytest.raises(NotVisible):
        timeline.fetch_related(office.company, office.ou, "crm.sheet", sheet, "receipts")


def test_a_preview_counts_the_rows_of_what_was_typed(office: World) -> None:
    li, qi = person_of(office, "li"), person_of(office, "qi")
    receive(office, li, "30")
    new = records.preview_record(office.company, office.wang, "crm.sheet", None, {"person": li, **MARCH})
    assert new.values["collected"] == "30.00"
    assert "note" not in new.hidden
    sheet = office.save(SYSTEM, "sheet", name="Li", person=li, **MARCH).id
    changed = records.preview_record(office.company, office.wang, "crm.sheet", sheet, {"person": qi})
    assert changed.values["collected"] == "0.00"
    assert "note" in changed.hidden


def test_a_reader_filters_by_a_sum_over_a_relation(office: World) -> None:
    li = person_of(office, "li")
    receive(office, li, "30")
    office.save(SYSTEM, "sheet", name="Li", person=li, **MARCH)
    office.save(SYSTEM, "sheet", name="Qi", person=person_of(office, "qi"), **MARCH)
    assert office.titles(office.wang, "sheet", where="SUM(receipts.amount) > 20") == ["Li"]
    assert office.titles(office.wang, "sheet", where="COUNT(receipts[amount > 100]) = 0") == ["Li", "Qi"]
    assert office.titles(office.qi, "sheet", where="COUNT(receipts) > 0") == []
    assert codes(lambda: office.titles(office.ou, "sheet", where="COUNT(receipts) > 0"))


def test_saving_a_row_asks_for_the_records_of_its_key_in_one_statement(office: World) -> None:
    li = person_of(office, "li")
    first = receive(office, li, "1")
    with count_statements(office.company.database.engine) as without:
        office.save(SYSTEM, "receipt", first, code="x")
    with count_statements(office.company.database.engine) as nobody:
        office.save(SYSTEM, "receipt", first, amount="2")
    locks = 1 if office.company.database.dialect == "postgresql" else 0
    assert len(nobody) - len(without) <= 1 + locks


def test_rows_and_records_of_a_relation_are_found_by_indexes(office: World) -> None:
    tables = office.company.database.tables.forms
    columns = {
        form: {tuple(column.name for column in index.columns) for index in tables[f"crm.{form}"].indexes}
        for form in ("receipt", "sheet")
    }
    assert any(each[:1] == ("rep",) for each in columns["receipt"])
    assert any(each[:1] == ("person",) for each in columns["sheet"])
    assert ("code",) in columns["receipt"]
    assert ("name",) in columns["sheet"]


def test_a_row_and_a_record_saved_at_the_same_time_do_not_miss_each_other(office: World) -> None:
    li = person_of(office, "li")
    for round_ in range(6):
        day = f"2026-0{round_ + 1}-10"
        ends = {"starts": day, "ends": day}
        begin = threading.Barrier(2)

        def save(form: str, values: dict[str, object], begin: threading.Barrier = begin) -> None:
            begin.wait()
            office.save(SYSTEM, form, **values)

        jobs = [
            threading.Thread(target=save, args=("sheet", {"name": day, "person": li, **ends})),
            threading.Thread(target=save, args=("receipt", {"rep": li, "day": day, "state": "sure", "amount": "9"})),
        ]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        assert office.titles(SYSTEM, "sheet", where=f"name = '{day}' and collected = 9") == [day]
