"""The files of the hardware seller, once imported, add up to exactly what stands in them."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.views import BoardState
from engine.services.importing import import_file
from engine.services.records import list_groups, list_records
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest
from tests.templates_pack.demo import ROOT

DATA = ROOT / "forms" / "companies" / "hardware_seller" / "data"
MAPPINGS = sorted(DATA.glob("*.yaml"))


def count(company: OpenCompany, form: str, where: str | None = None) -> int | None:
    return list_records(company, SYSTEM, form, ListRequest(where=where, total="exact", limit=1)).total


def won(company: OpenCompany, office: str) -> Decimal:
    """The worth of what the people of one regional office have won."""
    where = f"salesperson.department.name = '{office}' and stage = 'won'"
    (group,) = list_groups(company, SYSTEM, "crm.opportunity", "stage", ("amount",), where=where)
    return Decimal(group["sums"]["amount"])  # type: ignore[index]


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_account_is_there_and_subsidiaries_hang_below_their_parents(hardware: OpenCompany) -> None:
    assert count(hardware, "crm.customer") == 85
    assert count(hardware, "crm.customer", "not ISEMPTY(parent)") == 15
    parents = {row["account"]: row["subsidiary_of"] for row in rows("accounts.csv")}
    request = ListRequest(fields=("name", "parent"), limit=100)
    for record in list_records(hardware, SYSTEM, "crm.customer", request).rows:
        assert record.text("parent", "en") == parents[str(record.values["name"])]


def test_the_opportunities_are_in_their_stages_with_their_worth(hardware: OpenCompany) -> None:
    groups = list_groups(hardware, SYSTEM, "crm.opportunity", "stage", ("amount",))

    found = {group["value"]: (group["count"], group["sums"]["amount"]) for group in groups}  # type: ignore[index]
    assert found == {
        "won": (4238, "10005534.00"),
        "lost": (2473, "0.00"),
        "engage": (1589, "0.00"),
        "prospect": (500, "0.00"),
    }


def test_regional_offices_have_won_what_the_files_say(hardware: OpenCompany) -> None:
    assert [won(hardware, office) for office in ("West", "Central", "East")] == [3568647, 3346293, 3090594]


def test_the_board_shows_what_the_files_say(hardware: OpenCompany) -> None:
    names = ("won", "rate", "offices", "agents")
    won_, rate, offices, agents = fetch_widgets(hardware, SYSTEM, "crm.sales_overview", names, BoardState(), "en")
    assert won_.totals == (Decimal(10005534),)
    assert round(rate.totals[0] or 0, 4) == Decimal("0.6315")
    assert {mark.keys[0].text: mark.values[0] for mark in offices.marks} == {
        "West": 3568647,
        "Central": 3346293,
        "East": 3090594,
    }
    assert (agents.marks[0].keys[0].text, agents.marks[0].values[0]) == ("Darcel Schlecht", Decimal(1153214))


def test_agents_stand_below_their_manager_in_the_regional_office(hardware: OpenCompany) -> None:
    assert count(hardware, "people.person", "HAS(roles, 'sales')") == 35
    assert count(hardware, "people.person", "HAS(roles, 'sales_manager')") == 6
    request = ListRequest(where="name = 'Mei-Mei Johns'", fields=("login", "superior", "department"))
    (agent,) = list_records(hardware, SYSTEM, "people.person", request).rows
    assert (agent.values["login"], agent.text("superior", "en"), agent.text("department", "en")) == (
        "mei-mei.johns",
        "Melvin Marxen",
        "Central",
    )


def test_dirty_values_are_cleaned_by_the_mappings(hardware: OpenCompany) -> None:
    dirty = sum(row["product"] == "GTXPro" for row in rows("sales_pipeline.csv"))
    clean = sum(row["product"] == "GTX Pro" for row in rows("sales_pipeline.csv"))

    assert dirty > 0
    assert count(hardware, "crm.opportunity", "product.name = 'GTX Pro'") == dirty + clean
    assert count(hardware, "crm.customer", "industry = 'technology'") == 12
    assert count(hardware, "crm.opportunity", "ISEMPTY(customer)") == 1425


def test_importing_again_changes_nothing(hardware: OpenCompany) -> None:
    for mapping in MAPPINGS:
        report = import_file(hardware, SYSTEM, mapping)
        assert (mapping.name, report.created, report.updated, report.refused) == (mapping.name, 0, 0, 0)


def test_without_a_mapping_for_them_dirty_values_are_told_by_row_and_column(
    hardware: OpenCompany, tmp_path: Path
) -> None:
    text = (DATA / "06_opportunities.yaml").read_text(encoding="utf-8")
    (tmp_path / "dirty.yaml").write_text(text.replace(", values: {GTXPro: GTX Pro}", ""), encoding="utf-8")
    with (DATA / "sales_pipeline.csv").open(encoding="utf-8") as stream:
        head = [next(stream) for _ in range(6)]
    (tmp_path / "sales_pipeline.csv").write_text("".join(head), encoding="utf-8")
    expected = [number for number, line in enumerate(head, 1) if "GTXPro" in line]

    report = import_file(hardware, SYSTEM, tmp_path / "dirty.yaml")

    assert (report.created, report.updated, report.refused) == (0, 0, len(expected))
    assert report.error_file is not None
    with report.error_file.open(encoding="utf-8-sig", newline="") as stream:
        told = list(csv.DictReader(stream))
    assert [int(row["row"]) for row in told] == expected
    assert {row["column"] for row in told} == {"product"}
