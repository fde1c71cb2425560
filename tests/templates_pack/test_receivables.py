"""What the energy integrator's contracts have brought in, what is open, overdue, being cleared, and what they earn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.runtime.actors import SYSTEM
from engine.services.records import fetch_record, list_groups, list_records, save_record
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest
from tests.templates_pack.figures import Rows, number, ratio, rows_of, today_of, total


def payments_of(company: OpenCompany) -> Rows:
    rows = rows_of(company, "crm.payment", "contract", "node", "amount", "status")
    return [row for row in rows if row["status"] == "confirmed"]


def nodes_of(company: OpenCompany) -> Rows:
    """Receivables with what is unpaid, worked out from the payments."""
    payments = payments_of(company)
    nodes = rows_of(company, "crm.settlement_node", "contract", "customer", "amount", "due_on")
    for node in nodes:
        received = total(payments, "amount", lambda row, node=node: row["node"] == node["id"])
        node["received"], node["unpaid"] = received, max(number(node["amount"]) - received, Decimal(0))
    return nodes


def late(row: dict[str, object], today: date, days: int = 0) -> bool:
    due = row["due_on"]
    return isinstance(due, date) and (today - due).days > days


def test_contracts_tell_what_came_in_and_what_is_open(energy: OpenCompany) -> None:
    payments = payments_of(energy)
    invoices = rows_of(energy, "crm.invoice", "contract", "amount", "status")
    fields = ("amount", "paid", "receivable", "collection_rate", "invoiced", "invoiced_unpaid")

    for contract in rows_of(energy, "crm.contract", *fields):
        amount = number(contract["amount"])
        paid = total(payments, "amount", lambda row: row["contract"] == contract["id"])  # noqa: B023
        invoiced = total(
            invoices,
            "amount",
            lambda row: row["contract"] == contract["id"] and row["status"] == "issued",  # noqa: B023
        )
        assert [contract[name] for name in fields[1:]] == [
            paid,
            amount - paid,
            ratio(paid, amount),
            invoiced,
            max(invoiced - paid, Decimal(0)),
        ]


def test_the_rate_of_the_company_is_the_sum_over_the_sum(energy: OpenCompany) -> None:
    contracts = rows_of(energy, "crm.contract", "amount", "paid")
    groups = list_groups(energy, SYSTEM, "crm.contract", "stage", ("amount", "paid"))

    paid = sum((number(group["sums"]["paid"]) for group in groups), Decimal(0))  # type: ignore[index]
    amount = sum((number(group["sums"]["amount"]) for group in groups), Decimal(0))  # type: ignore[index]

    assert (paid, amount) == (
        sum(number(row["paid"]) for row in contracts),
        sum(number(row["amount"]) for row in contracts),
    )
    assert Decimal("0.5") < paid / amount < Decimal("0.9")


def test_receivables_age_day_by_day(energy: OpenCompany) -> None:
    today = today_of(energy)
    computed = {row["id"]: row for row in rows_of(energy, "crm.settlement_node", "unpaid", "overdue_days", "age")}

    for node in nodes_of(energy):
        open_late = node["unpaid"] != 0 and late(node, today)
        days = (today - node["due_on"]).days if open_late else 0  # type: ignore[operator]
        age = "settled" if node["unpaid"] == 0 else "not_due"
        age = ("to_30" if days <= 30 else "to_90" if days <= 90 else "over_90") if open_late else age
        assert computed[node["id"]] == {"id": node["id"], "unpaid": node["unpaid"], "overdue_days": days, "age": age}
    assert {row["age"] for row in computed.values()} == {"settled", "not_due", "to_30", "to_90", "over_90"}


def test_contracts_tell_what_is_overdue_and_for_how_long(energy: OpenCompany) -> None:
    today, nodes = today_of(energy), nodes_of(energy)
    late_contracts = set()

    for contract in rows_of(energy, "crm.contract", "overdue_amount", "overdue_days", "overdue_90"):
        own = [node for node in nodes if node["contract"] == contract["id"]]
        due = [node["due_on"] for node in own if late(node, today) and node["unpaid"] != 0]
        assert contract["overdue_amount"] == total(own, "unpaid", lambda node: late(node, today))
        assert contract["overdue_days"] == ((today - min(due)).days if due else None)  # type: ignore[type-var,operator]
        assert contract["overdue_90"] == total(own, "unpaid", lambda node: late(node, today, 90))
        late_contracts |= {contract["id"]} if due else set()

    shown = list_records(energy, SYSTEM, "crm.contract", ListRequest(view="overdue", limit=100)).rows
    assert {record.id for record in shown} == late_contracts
    assert len(late_contracts) > 5


def test_customers_tell_what_is_overdue_over_all_their_contracts(energy: OpenCompany) -> None:
    today, nodes = today_of(energy), nodes_of(energy)
    customers = rows_of(energy, "crm.customer", "overdue_amount")

    assert {row["id"]: row["overdue_amount"] for row in customers} == {
        row["id"]: total(nodes, "unpaid", lambda node, row=row: node["customer"] == row["id"] and late(node, today))
        for row in customers
    }


def test_arrears_plans_are_held_against_what_was_brought_in(energy: OpenCompany) -> None:
    plans = rows_of(energy, "crm.arrears_plan", "contract", "status", "planned_amount", "received_amount")
    fields = ("arrears_planned", "arrears_received", "arrears_completion")
    rates = set()

    for contract in rows_of(energy, "crm.contract", *fields):
        own = [plan for plan in plans if plan["contract"] == contract["id"]]
        planned = total(own, "planned_amount", lambda plan: plan["status"] != "dropped")
        received = total(own, "received_amount", lambda plan: plan["status"] == "done")
        assert [contract[name] for name in fields] == [planned, received, ratio(received, planned)]
        rates.add(contract["arrears_completion"])
    assert {None, Decimal("0.0000"), Decimal("1.0000")} < rates


def test_a_project_earns_what_its_approved_costs_leave(energy: OpenCompany) -> None:
    costs = rows_of(energy, "crm.project_cost", "contract", "amount", "status")
    margins = []

    for contract in rows_of(energy, "crm.contract", "amount", "cost", "gross_profit", "margin"):
        own = [cost for cost in costs if cost["contract"] == contract["id"] and cost["status"] == "approved"]
        cost = total(own, "amount", lambda _: True) if own else None
        profit = None if cost is None else number(contract["amount"]) - cost
        assert [contract["cost"], contract["gross_profit"], contract["margin"]] == [
            cost,
            profit,
            ratio(profit, number(contract["amount"])),
        ]
        margins.append(contract["margin"])
    assert None in margins


def totals(company: OpenCompany, payment: int) -> dict[str, object]:
    """Everything that counts a payment, from its receivable to its customer."""
    values = fetch_record(company, SYSTEM, "crm.payment", payment).values
    node = fetch_record(company, SYSTEM, "crm.settlement_node", values["node"]).values  # type: ignore[arg-type]
    contract = fetch_record(company, SYSTEM, "crm.contract", values["contract"]).values  # type: ignore[arg-type]
    customer = fetch_record(company, SYSTEM, "crm.customer", values["customer"]).values  # type: ignore[arg-type]
    return {
        **{f"node.{name}": node[name] for name in ("received", "unpaid")},
        **{f"contract.{name}": contract[name] for name in ("paid", "receivable", "overdue_amount")},
        **{f"customer.{name}": customer[name] for name in ("paid", "receivable", "overdue_amount")},
    }


DIRECTION = {"received": 1, "paid": 1, "unpaid": -1, "receivable": -1, "overdue_amount": -1}


def moved(before: dict[str, object], by: Decimal) -> dict[str, object]:
    return {name: number(value) + by * DIRECTION[name.split(".")[1]] for name, value in before.items()}


@pytest.fixture
def pending(energy: OpenCompany) -> int:
    """A payment for an overdue receivable that finance has not confirmed yet."""
    view = ListRequest(view="pending", fields=("amount", "node"))
    record = list_records(energy, SYSTEM, "crm.payment", view).rows[0]
    assert record.id is not None
    return record.id


def test_a_payment_counts_everywhere_from_the_moment_it_is_confirmed(energy: OpenCompany, pending: int) -> None:
    before = totals(energy, pending)
    amount = number(fetch_record(energy, SYSTEM, "crm.payment", pending).values["amount"])

    save_record(energy, SYSTEM, "crm.payment", pending, {"status": "confirmed"})
    confirmed = totals(energy, pending)
    save_record(energy, SYSTEM, "crm.payment", pending, {"amount": str(amount - 1000)})
    lowered = totals(energy, pending)
    save_record(energy, SYSTEM, "crm.payment", pending, {"status": "pending", "amount": str(amount)})

    assert confirmed == moved(before, amount)
    assert lowered == moved(before, amount - 1000)
    assert totals(energy, pending) == before


def test_a_payment_taken_to_another_receivable_moves_its_money(energy: OpenCompany) -> None:
    payment = next(row for row in payments_of(energy) if row["node"] is not None)
    others = rows_of(energy, "crm.settlement_node", "contract", "received")
    target = next(row for row in others if row["contract"] != payment["contract"] and row["received"] == 0)

    save_record(
        energy, SYSTEM, "crm.payment", int(str(payment["id"])), {"contract": target["contract"], "node": target["id"]}
    )
    after = {row["id"]: row["received"] for row in rows_of(energy, "crm.settlement_node", "received")}
    contracts = {row["id"]: row["paid"] for row in rows_of(energy, "crm.contract", "paid")}

    assert after[target["id"]] == payment["amount"]
    assert contracts[target["contract"]] == total(
        payments_of(energy), "amount", lambda row: row["contract"] == target["contract"]
    )
    assert contracts[payment["contract"]] == total(
        payments_of(energy), "amount", lambda row: row["contract"] == payment["contract"]
    )
