"""Stored formulas of many records: marked and left to a job, daily values, frozen records, verify and its repairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.runtime import dependents
from engine.runtime.actors import SYSTEM
from engine.services import backfill as backfills
from engine.services import records, setup
from engine.services.jobs import build_worker, usual_handlers
from engine.services.verifying import verify
from engine.services.views_of_records import ListRequest
from engine.services.worker import Worker, list_jobs
from engine.storage.database import DatabaseAddress
from engine.storage.history import fetch_history
from tests.services.test_backfill import change
from tests.worlds import World, build_world

FILES: Mapping[str, str] = {
    "forms/crm/group.yaml": """\
        form: crm.group
        title: "{name}"
        fields:
          name: {type: text, required: true}
          total: {type: money, formula: "SUM(firms.total)"}
        access: {manager: {see: always, create: true, change: always, delete: always}}
        """,
    "forms/crm/firm.yaml": """\
        form: crm.firm
        title: "{name}"
        fields:
          name: {type: text, required: true}
          rate: {type: percent}
          part: {type: percent, formula: "DIVIDE(0 - SUM(sales.net), 700, 0)"}
          group: {type: link, to: crm.group, inverse: {name: firms, label: {en: Firms}}}
          total: {type: money, formula: "SUM(sales.net)"}
          late: {type: money, formula: "SUM(sales[due < TODAY()].net)", compute: daily}
          graded: {type: text, formula: "IF(late > 100, 'bad', 'good')", compute: daily}
        access: {manager: {see: always, create: true, change: always, delete: always}}
        """,
    "forms/crm/sale.yaml": """\
        form: crm.sale
        title: "{name}"
        fields:
          name: {type: text, required: true}
          firm: {type: link, to: crm.firm, inverse: {name: sales, label: {en: Sales}}}
          due: date
          amount: money
          closed: boolean
          net: {type: money, formula: "ROUND(amount * (1 - N0(firm.rate)), 2)", compute: stored, freeze: closed}
        access: {manager: {see: always, create: true, change: always, delete: always}}
        """,
}


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    """Sales of firms of groups: a rate of the firm goes through every sale up to the group."""
    built = build_world(tmp_path / "site", database_address, FILES)
    yield built
    built.site.close()


def sell(world: World, count: int = 3) -> tuple[int, int, list[int]]:
    group = world.save(SYSTEM, "group", name="G").id or 0
    firm = world.save(SYSTEM, "firm", name="F", group=group).id or 0
    sales = [world.save(SYSTEM, "sale", name=f"S{n}", firm=firm, amount="100").id or 0 for n in range(count)]
    return group, firm, sales


def work_off(world: World) -> None:
    (done,) = Worker(world.site, usual_handlers()).run_due()
    assert (done.failed, done.dead) == (0, 0)


def groups(world: World) -> list[dict[str, object]]:
    return records.list_groups(world.company, SYSTEM, "crm.sale", "firm", ("net",))


def spoil(world: World, table: str, column: str, value: object) -> None:
    with world.company.database.writing() as connection:
        connection.execute(text(f'UPDATE {table} SET "{column}" = :v'), {"v": value})  # noqa: S608


def test_more_owners_than_a_save_should_wait_for_are_marked_and_left_to_a_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, firm, sales = sell(world)
    assert world.fetch(SYSTEM, "group", group).values["total"] == Decimal("300.00")
    monkeypatch.setattr(dependents, "MOST_OWNERS", 2)
    world.save(SYSTEM, "firm", firm, rate="0.1")

    for form, each, marked in (("sale", sales[0], {"net"}), ("group", group, {"total"})):
        assert marked <= world.fetch(SYSTEM, form, each).stale
    assert "total" in world.fetch(SYSTEM, "firm", firm).stale
    page = records.list_records(world.company, SYSTEM, "crm.sale", ListRequest())
    assert all("net" in row.stale for row in page.rows)
    assert [each.get("stale") for each in groups(world)] == [True]

    monkeypatch.setattr(dependents, "MOST_OWNERS", 2000)
    work_off(world)
    assert world.fetch(SYSTEM, "group", group).values["total"] == Decimal("270.00")
    assert not world.fetch(SYSTEM, "group", group).stale
    assert not world.fetch(SYSTEM, "sale", sales[0]).stale
    assert [each.get("stale") for each in groups(world)] == [None]
    (job,) = list_jobs(world.company, ("done",))
    assert (job.kind, job.done) == ("recompute", job.total)
    assert not verify(world.company).wrong


def test_a_changed_formula_of_many_records_is_computed_by_a_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, _, sales = sell(world)
    monkeypatch.setattr(backfills, "MOST_AT_APPLY", 2)
    monkeypatch.setattr(backfills, "ROWS_AT_ONCE", 2)
    change(world, "forms/crm/sale.yaml", "ROUND(amount *", "ROUND(2 * amount *")
    setup.apply_company(world.site, "acme")
    world.company = world.site.company("acme")
    assert world.fetch(SYSTEM, "sale", sales[0]).values["net"] == Decimal("100.00")
    assert world.fetch(SYSTEM, "sale", sales[0]).stale == {"net"}
    world.clock.forward(seconds=5)
    work_off(world)
    assert world.fetch(SYSTEM, "sale", sales[0]).values["net"] == Decimal("200.00")
    assert world.fetch(SYSTEM, "group", group).values["total"] == Decimal("600.00")
    world.company.reload()
    assert not world.fetch(SYSTEM, "sale", sales[0]).stale


def test_a_quotient_is_rounded_to_the_places_of_its_field_by_every_way_of_computing(world: World) -> None:
    _, firm, sales = sell(world)
    assert world.fetch(SYSTEM, "firm", firm).values["part"] == Decimal("-0.4286")
    world.save(SYSTEM, "sale", sales[0], amount="50")
    assert world.fetch(SYSTEM, "firm", firm).values["part"] == Decimal("-0.3571")
    spoil(world, "crm_firm", "part", 1)
    with world.company.writing(SYSTEM, "test") as work:
        backfills.backfill(work, {"crm.firm": ("part",)})
    assert world.fetch(SYSTEM, "firm", firm).values["part"] == Decimal("-0.3571")
    assert not verify(world.company).wrong


def test_daily_values_follow_changes_and_the_company_s_midnight(world: World) -> None:
    _, firm, sales = sell(world, 2)
    world.save(SYSTEM, "sale", sales[0], due="2026-03-02")
    world.save(SYSTEM, "sale", sales[1], due="2026-02-27")
    worker = build_worker(world.site)
    worker.run_due()
    assert world.fetch(SYSTEM, "firm", firm).values["late"] == Decimal("100.00")
    assert str(world.fetch(SYSTEM, "firm", firm).as_of) == "2026-03-02"

    world.clock.forward(hours=7)  # past midnight where the company is
    worker.run_due()
    seen = world.fetch(SYSTEM, "firm", firm)
    assert (seen.values["late"], seen.values["graded"], str(seen.as_of)) == (Decimal("200.00"), "bad", "2026-03-03")
    worker.run_due()
    assert len([job for job in list_jobs(world.company, ("done",)) if job.kind == "daily"]) == 2


def test_a_frozen_value_stays_and_is_told(world: World) -> None:
    group, firm, sales = sell(world)
    world.save(SYSTEM, "sale", sales[0], closed=True)
    saved = world.save(SYSTEM, "firm", firm, rate="0.1")
    assert [(each.form, each.id, each.field) for each in saved.kept] == [("crm.sale", sales[0], "net")]
    assert world.fetch(SYSTEM, "sale", sales[0]).values["net"] == Decimal("100.00")
    assert world.fetch(SYSTEM, "group", group).values["total"] == Decimal("280.00")
    found = verify(world.company)
    assert (len(found.wrong), [(each.id, each.right) for each in found.frozen]) == (0, [(sales[0], Decimal("90.00"))])


def test_verify_tells_what_is_wrong_and_repairs_it(world: World) -> None:
    group, _, sales = sell(world)
    spoil(world, "crm_firm", "total", 7)
    spoil(world, "crm_sale", "net", 5)
    found = verify(world.company)
    assert {("crm.sale", "net"), ("crm.firm", "total")} <= {(each.form, each.field) for each in found.wrong}
    fixed = verify(world.company, fix=True)
    assert fixed.repaired == len(fixed.wrong) > 0
    assert not verify(world.company).wrong
    assert world.fetch(SYSTEM, "group", group).values["total"] == Decimal("300.00")
    version = world.fetch(SYSTEM, "sale", sales[0]).version
    assert version == 1
    with world.company.reading(SYSTEM) as work:
        assert fetch_history(work.uow, "crm.sale", sales[0])[0].cause == "verify"


def test_one_record_in_a_hundred_is_verified_every_day(world: World) -> None:
    sell(world)
    spoil(world, "crm_sale", "net", 5)
    worker = build_worker(world.site)
    for _ in range(100):
        worker.run_due()
        world.clock.forward(days=1)
    dead = list_jobs(world.company, ("dead",))
    assert {job.kind for job in dead} == {"sample"}
    assert "crm.sale" in str(dead[-1].error)


def test_a_new_link_and_a_change_of_what_it_leads_to_do_not_miss_each_other(world: World) -> None:
    firm = world.save(SYSTEM, "firm", name="F", rate="0").id or 0

    def sell_one(number: int) -> None:
        world.save(SYSTEM, "sale", name=f"S{number}", firm=firm, amount="100")

    def rate(number: int) -> None:
        world.save(SYSTEM, "firm", firm, rate=f"0.{number:02}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: (sell_one if number % 2 else rate)(number), range(1, 25)))
    assert not verify(world.company).wrong
