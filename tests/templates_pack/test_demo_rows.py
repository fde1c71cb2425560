"""The rows of the demo companies are many, believable and add up."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.problems import NotVisible, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.records import list_groups, list_records
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest, RecordView
from tests.templates_pack.demo import COMPANIES, ROOT, demo_catalog

FIVE = COMPANIES[:5]


def rows(company: str, name: str) -> list[dict[str, str]]:
    path = ROOT / "forms" / "companies" / company / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def records(company: OpenCompany, form: str, fields: tuple[str, ...]) -> Iterator[RecordView]:
    """Every record of a form, page by page."""
    after = None
    while True:
        page = list_records(company, SYSTEM, form, ListRequest(fields=fields, limit=100, after=after))
        yield from page.rows
        after = page.next
        if after is None:
            return


def total(company: OpenCompany, form: str, field: str) -> Decimal:
    return sum((Decimal(str(record.values[field])) for record in records(company, form, (field,))), Decimal(0))


@pytest.mark.parametrize("company", FIVE)
def test_a_company_has_people_departments_and_rows_enough_to_look_at(company: str) -> None:
    folder = ROOT / "forms" / "companies" / company / "data"
    lines = sum(len(rows(company, path.stem)) for path in folder.glob("*.csv"))

    assert lines >= 300
    assert len(rows(company, "people.person")) >= 10
    people = rows(company, "people.person")
    assert [row["login"] for row in people if "administrator" in row["roles"].split(";")] == ["admin"]


@pytest.mark.parametrize("company", FIVE)
def test_every_stage_of_the_board_has_cards(company: str) -> None:
    stages = {
        stage
        for stage_set in demo_catalog(company).stage_sets["crm.opportunity", "stage"]
        for stage in stage_set.stages
    }

    assert {row["stage"] for row in rows(company, "crm.opportunity")} >= stages - {"void"}


@pytest.mark.parametrize("company", FIVE)
def test_nobody_can_be_called_or_written_to_by_mistake(company: str) -> None:
    people = [*rows(company, "people.person"), *rows(company, "crm.contact"), *rows(company, "crm.lead")]
    numbers = [row.get("mobile") or row.get("phone") for row in people]
    addresses = [row["email"] for row in people if row.get("email")]

    assert all(re.fullmatch(r"128[0-9]555[0-9]{4}", number) for number in numbers if number)
    assert all(address.endswith(".example") for address in addresses)


def test_what_customers_paid_adds_up_over_contracts_and_payments(energy: OpenCompany) -> None:
    payments = rows("energy_integrator", "crm.payment")
    paid = sum(Decimal(row["amount"]) for row in payments if row["status"] == "confirmed")

    assert total(energy, "crm.payment", "amount") == sum(Decimal(row["amount"]) for row in payments)
    assert total(energy, "crm.contract", "paid") == paid
    assert total(energy, "crm.customer", "paid") == paid


def test_a_contract_is_worth_what_its_opportunity_was_won_for(energy: OpenCompany) -> None:
    fields = ("stage", "amount", "contract_amount")
    won = [each.values for each in records(energy, "crm.opportunity", fields) if each.values["stage"] == "won"]

    assert len(won) == 24
    assert all(values["amount"] == values["contract_amount"] for values in won)


def test_a_group_sums_what_its_companies_signed(energy: OpenCompany) -> None:
    fields = ("parent", "contract_amount", "group_contract_amount")
    customers = list(records(energy, "crm.customer", fields))
    below = {each.id: Decimal(str(each.values["contract_amount"])) for each in customers}
    for each in customers:
        if each.values["parent"] is not None:
            below[each.values["parent"]] += Decimal(str(each.values["contract_amount"]))  # type: ignore[index]

    assert {each.id: each.values["group_contract_amount"] for each in customers} == below


def test_every_salesperson_has_deals_and_managers_see_more(energy: OpenCompany) -> None:
    owners = list_groups(energy, SYSTEM, "crm.opportunity", "salesperson")

    assert len(owners) >= 8
    assert max(int(str(owner["count"])) for owner in owners) < 85 / 3


def test_every_view_opens_for_every_role_that_sees_the_form(energy: OpenCompany) -> None:
    refused = [
        (role, form.id, view.id, str(error))
        for role in energy.catalog.roles
        for form in energy.catalog.forms.values()
        for view in form.views.values()
        if (error := _error_of(energy, role, form.id, view.id)) is not None
    ]

    assert refused == []


def _error_of(company: OpenCompany, role: str, form: str, view: str) -> ProblemsFound | None:
    person = Actor(1, role, role, frozenset({role}), "zh", 1)
    try:
        list_records(company, person, form, ListRequest(view=view))
    except NotVisible:
        return None
    except ProblemsFound as error:
        return error
    return None
