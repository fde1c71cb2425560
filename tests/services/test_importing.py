"""Files into records by their mapping, and the rows that come along with definitions."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services import demo, importing, records, setup
from engine.services.views_of_records import ListRequest
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world, codes

MAPPING = """\
import: crm.account
from: accounts.csv
key: name
columns:
  company: name
  area: {to: region, values: {North: N, South: S}}
  belongs_to: {to: parent, match: name}
  person: {to: rep, match: login}
set:
  note: '=UPPER(row.company)'
"""
ROWS = """\
company,area,belongs_to,person,ignored
Low,North,Middle,li,x
Middle,South,Top,,x
Top,Elsewhere,,qi,x
"""


def put(world: World, mapping: str, rows: str, name: str = "accounts") -> Path:
    folder = world.site.root / "data"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    path = folder / f"{name}.yaml"
    path.write_text(mapping, encoding="utf-8")
    return path


def counts(world: World, path: Path) -> tuple[int, int, int, int]:
    report = importing.import_file(world.company, SYSTEM, path)
    return report.created, report.updated, report.unchanged, report.refused


def test_rows_become_records_with_links_values_and_parents_in_any_order(world: World) -> None:
    assert counts(world, put(world, MAPPING, ROWS)) == (3, 0, 0, 0)
    request = ListRequest(fields=("parent", "region", "note"))
    page = records.list_records(world.company, world.wang, "crm.account", request)
    names = {row.id: row.title for row in page.rows}
    rows = {row.title: row.values for row in page.rows}
    assert {name: names.get(row["parent"]) for name, row in rows.items()} == {
        "Low": "Middle",
        "Middle": "Top",
        "Top": None,
    }  # type: ignore[call-overload]
    assert {name: row["region"] for name, row in rows.items()} == {"Low": "N", "Middle": "S", "Top": "Elsewhere"}
    assert rows["Low"]["note"] == "LOW"
    assert world.titles(world.li, "account") == ["Low"]


def test_importing_again_changes_nothing_and_a_changed_row_is_an_update(world: World) -> None:
    path = put(world, MAPPING, ROWS)
    counts(world, path)
    before = world.fingerprint()
    assert counts(world, path) == (0, 0, 3, 0)
    assert world.fingerprint() == before
    put(world, MAPPING, ROWS.replace("Low,North", "Low,South"))
    assert counts(world, path) == (0, 1, 2, 0)


def test_refused_rows_are_told_with_row_and_column_and_the_others_are_saved(world: World) -> None:
    rows = ROWS + "Odd,North,Nobody,,x\n" + ",North,,,x\n" + f"Long,North,,{'x' * 9},x\n"
    path = put(world, MAPPING, rows)
    report = importing.import_file(world.company, SYSTEM, path)
    assert (report.created, report.refused) == (3, 3)
    assert report.error_file is not None
    with report.error_file.open(encoding="utf-8-sig", newline="") as stream:
        told = [(row["row"], row["column"]) for row in csv.DictReader(stream)]
    assert told == [("5", "belongs_to"), ("6", "company"), ("7", "person")]


def test_a_mapping_with_an_unknown_column_or_file_is_refused_as_a_whole(world: World) -> None:
    assert codes(lambda: counts(world, put(world, MAPPING, "company,area\nA,B\n"))) == [("I101", ""), ("I101", "")]
    path = put(world, MAPPING.replace("accounts.csv", "missing.csv"), ROWS)
    assert codes(lambda: counts(world, path)) == [("I104", "")]


def test_who_may_not_import_is_refused(world: World) -> None:
    path = put(world, MAPPING, ROWS)
    assert codes(lambda: importing.import_file(world.company, world.ou, path)) == [("R102", "not allowed")]


DATA: Mapping[str, str] = {
    "forms/companies/acme/data/people.department.csv": "key,name,head\nhq,Head office,b\n",
    "forms/companies/acme/data/people.person.csv": "key,name,login,department,roles\nb,Bo,bo,hq,sales;lead\n",
    "forms/companies/acme/data/crm.account.csv": "key,name,parent,rep\nlow,Low,top,b\ntop,Top,,Bo\n",
    "forms/companies/acme/data/crm.order.csv": "key,account,due,region\no1,low,=TODAY() + 3,\n",
    "forms/companies/acme/data/crm.order.lines.csv": "record,what,quantity,price\no1,Bolt,2,3.5\no1,Nut,1,1\n",
    "forms/companies/acme/data/more.yaml": "data: crm.note\nrows:\n  n1: {text: Hello, account: low}\n  n2: {text: ''}\n",
}


def test_rows_that_come_along_are_loaded_once_with_links_in_any_direction(
    tmp_path: Path, database_address: DatabaseAddress
) -> None:
    world = build_world(tmp_path / "demo", database_address, {**FORMS, **DATA})
    told: list[tuple[str, int]] = []
    problems = setup.prepare_demo(world.site, "acme", lambda text, rows: told.append((text, rows)))
    assert [problem.pointer for problem in problems] == ["crm.note/n2/text"]
    assert ("crm.order", 1) in told
    (order,) = records.list_records(world.company, world.wang, "crm.order", ListRequest(fields=("total", "due"))).rows
    assert str(order.values["total"]) == "8.00"
    assert str(order.values["due"]) == "2026-03-05"
    department = records.list_records(world.company, SYSTEM, "people.department", ListRequest(fields=("head",)))
    assert "Bo" in {row.text("head", "en") for row in department.rows}
    accounts = records.list_records(world.company, world.wang, "crm.account", ListRequest(fields=("parent",))).rows
    low = next(row for row in accounts if row.title == "Low")
    assert low.text("parent", "en") == "Top"
    records.delete_record(world.company, world.wang, "crm.order", order.id or 0)
    demo.load_demo(world.site, world.company, lambda _text, _rows: None)
    assert world.titles(world.wang, "order") == []
    world.site.close()


def test_numbers_that_come_along_are_stepped_over(world: World) -> None:
    account = world.save(world.wang, "account", name="A")
    assert world.save(world.wang, "order", account=account.id).values["number"] == "O-2026-0001"
    mapping = """\
import: crm.order
from: orders.csv
key: number
columns:
  number: number
  account: {to: account, match: name}
"""
    rows = "number,account\nO-2026-0003,A\nO-2025-0009,A\nOLD 17,A\n"
    assert counts(world, put(world, mapping, rows, "orders")) == (3, 0, 0, 0)
    assert world.save(world.wang, "order", account=account.id).values["number"] == "O-2026-0004"
    assert counts(world, put(world, mapping, "number,account\nO-2026-0002,A\n", "orders")) == (1, 0, 0, 0)
    assert world.save(world.wang, "order", account=account.id).values["number"] == "O-2026-0005"
