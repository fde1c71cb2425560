"""What salespeople of the distributor are paid: base, commission on what came in, and how much of the quarter is late.

On both databases, and on the last and the first day of a month, a quarter and a year.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal

import pytest

from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.actions import run_action
from engine.services.records import fetch_record, list_records, save_record
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest, RecordView
from tests.templates_pack.figures import money, number, ratio, rows_of, today_of, total

FIGURES = ("collected", "commission", "overdue_rate", "coefficient", "pay")
KE = "employee.login = 'ke.junjie'"
FINANCE = Actor(1, "屈慧敏", "qu.huimin", frozenset({"finance"}), "zh", None)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def last_month(company: OpenCompany) -> date:
    return months_later(today_of(company).replace(day=1), -1)


def sheet_of_ke(company: OpenCompany, months_ago: int = 1) -> RecordView:
    """Ke Junjie's sheet of last month, or of an earlier one."""
    first = months_later(today_of(company).replace(day=1), -months_ago)
    found = list_records(
        company, SYSTEM, "crm.pay_sheet", ListRequest(where=f"{KE} and period_start = DATEVALUE('{first}')", limit=2)
    )
    (sheet,) = found.rows
    return fetch_record(company, SYSTEM, "crm.pay_sheet", sheet.id or 0)


def figures(sheet: RecordView) -> dict[str, object]:
    return {name: sheet.values[name] for name in FIGURES}


def commission_on(collected: Decimal) -> Decimal:
    """1 % up to 100,000, 1.5 % up to 500,000, 2 % above."""
    return money(
        min(collected, Decimal(100000)) * Decimal("0.01")
        + max(min(collected, Decimal(500000)) - 100000, Decimal(0)) * Decimal("0.015")
        + max(collected - 500000, Decimal(0)) * Decimal("0.02")
    )


def coefficient_of(rate: Decimal) -> Decimal:
    bands = ((Decimal("0.05"), "1.10"), (Decimal("0.1"), "1.00"), (Decimal("0.2"), "0.90"))
    return next((Decimal(value) for limit, value in bands if rate <= limit), Decimal("0.80"))


def test_the_example_of_the_books(distributor: OpenCompany) -> None:
    sheet = sheet_of_ke(distributor)

    assert sheet.values["base"] == Decimal("8000.00")
    assert sheet.values["collected"] == Decimal("620000.00")
    assert sheet.values["commission"] == Decimal("9400.00")
    assert Decimal("0.05") < number(sheet.values["overdue_rate"]) <= Decimal("0.1")
    assert sheet.values["coefficient"] == Decimal("1.00")
    assert sheet.values["pay"] == Decimal("17400.00")


def test_every_open_sheet_is_what_the_payments_and_receivables_say(distributor: OpenCompany) -> None:
    today = today_of(distributor)
    payments = rows_of(distributor, "crm.payment", "salesperson", "received_on", "amount", "status")
    nodes = rows_of(distributor, "crm.settlement_node", "salesperson", "due_on", "amount", "unpaid")
    sheets = rows_of(distributor, "crm.pay_sheet", "employee", "period_start", "status", "base", *FIGURES)
    sheets = [sheet for sheet in sheets if sheet["status"] == "draft"]

    for sheet in sheets:
        first = date.fromisoformat(str(sheet["period_start"]))
        quarter = date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
        ends = (month_end(first), month_end(months_later(quarter, 2)))
        own = [row for row in payments if row["salesperson"] == sheet["employee"] and row["status"] == "confirmed"]
        due = [row for row in nodes if row["salesperson"] == sheet["employee"] and quarter <= row["due_on"] <= ends[1]]  # type: ignore[operator]
        collected = total(own, "amount", lambda row, a=first, b=ends[0]: a <= row["received_on"] <= b)  # type: ignore[misc]
        late = total(due, "unpaid", lambda row: row["due_on"] < today)  # type: ignore[operator]
        rate = ratio(late, total(due, "amount", lambda _: True)) or Decimal("0.0000")
        pay = money(number(sheet["base"]) + commission_on(collected) * coefficient_of(rate))
        expected = (collected, commission_on(collected), rate, coefficient_of(rate), pay)
        assert tuple(sheet[name] for name in FIGURES) == expected
    assert len(sheets) == 12


def test_deliveries_are_due_at_the_month_end_after_the_payment_period(distributor: OpenCompany) -> None:
    months = {
        row["id"]: int(str(row["credit_months"])) for row in rows_of(distributor, "crm.customer", "credit_months")
    }

    for node in rows_of(distributor, "crm.settlement_node", "customer", "shipped_on", "due_on"):
        shipped = date.fromisoformat(str(node["shipped_on"]))
        assert node["due_on"] == month_end(months_later(shipped.replace(day=1), months[node["customer"]]))


def test_a_payment_that_is_changed_moved_or_deleted_moves_commission_and_pay(distributor: OpenCompany) -> None:
    before = figures(sheet_of_ke(distributor))
    first = last_month(distributor)
    where = f"salesperson.login = 'ke.junjie' and received_on >= DATEVALUE('{first}') and amount = 120000"
    (payment,) = list_records(distributor, SYSTEM, "crm.payment", ListRequest(where=where)).rows
    day = str(payment.values["received_on"])

    def after(**values: object) -> tuple[object, ...]:
        save_record(distributor, SYSTEM, "crm.payment", payment.id, values)
        now = sheet_of_ke(distributor)
        return now.values["collected"], now.values["commission"], now.values["pay"]

    assert after(amount="20000") == (Decimal("520000.00"), Decimal("7400.00"), Decimal("14660.00"))
    assert after(amount="120000", received_on=str(today_of(distributor)))[0] == Decimal("500000.00")
    assert after(received_on=day, status="pending")[0] == Decimal("500000.00")
    assert after(status="confirmed")[0] == Decimal("620000.00")
    assert figures(sheet_of_ke(distributor)) == before


def test_a_sheet_that_is_paid_stays_as_it_was_paid(distributor: OpenCompany) -> None:
    sheet = sheet_of_ke(distributor, months_ago=2)
    assert (sheet.values["status"], sheet.values["collected"]) == ("paid", Decimal("180000.00"))
    (payment,) = list_records(
        distributor, SYSTEM, "crm.payment", ListRequest(where="salesperson.login = 'ke.junjie' and amount = 180000")
    ).rows

    save_record(distributor, SYSTEM, "crm.payment", payment.id, {"amount": "90000"})
    kept = figures(sheet_of_ke(distributor, months_ago=2))
    save_record(distributor, SYSTEM, "crm.payment", payment.id, {"amount": "180000"})

    assert kept == figures(sheet)


def test_paying_a_sheet_freezes_it(distributor: OpenCompany) -> None:
    sheet = sheet_of_ke(distributor)
    paid = run_action(distributor, FINANCE, "crm.pay_sheet", sheet.id or 0, "pay_out", {}).saved
    assert paid is not None
    where = "salesperson.login = 'ke.junjie' and amount = 120000"
    (payment,) = list_records(distributor, SYSTEM, "crm.payment", ListRequest(where=where)).rows

    save_record(distributor, FINANCE, "crm.payment", payment.id, {"amount": "1"})
    frozen = figures(sheet_of_ke(distributor))
    with pytest.raises(ProblemsFound):
        save_record(distributor, FINANCE, "crm.pay_sheet", sheet.id, {"base": "9000"})
    save_record(distributor, FINANCE, "crm.payment", payment.id, {"amount": "120000"})
    save_record(distributor, FINANCE, "crm.pay_sheet", sheet.id, {"status": "draft", "paid_on": None})

    assert frozen == figures(sheet)
    assert sheet_of_ke(distributor).values["pay"] == Decimal("17400.00")
