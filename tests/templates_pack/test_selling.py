"""From a visiting card to the money in the bank, as a salesperson and finance would tell it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.problems import NotAllowed, NotVisible, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.records import delete_record, list_records, move_record
from engine.services.views_of_records import ListRequest, RecordView
from tests.templates_pack.office import Office


def products(office: Office) -> tuple[RecordView, RecordView]:
    """An instrument and an accessory."""
    instrument = {"name": "接触角测量仪", "code": "KSA25", "category": "equipment", "unit": "unit"}
    plate = {"name": "铂金板", "code": "PL01", "category": "spare_part", "unit": "piece"}
    return (
        office.save(SYSTEM, "crm.product", {**instrument, "list_price": "168000", "cost": "92000"}),
        office.save(SYSTEM, "crm.product", {**plate, "list_price": "4800", "cost": "2400"}),
    )


def lead(office: Office) -> RecordView:
    card = {
        "company": "苏州澍禾新材料有限公司",
        "contact_name": "陶工",
        "mobile": "12805550001",
        "source": "exhibition",
    }
    return office.save(office.li, "crm.lead", {**card, "need": "涂料流平性测试", "budget": "180000"})


def opportunity(office: Office) -> RecordView:
    """A customer's opportunity for one instrument and three plates."""
    instrument, plate = products(office)
    customer = office.save(office.li, "crm.customer", {"name": "苏州澍禾新材料有限公司"})
    lines = [{"product": instrument.id, "quantity": "1"}, {"product": plate.id, "quantity": "3"}]
    values = {"name": "研发中心仪器配置", "customer": customer.id, "amount": "180000", "lines": lines}
    return office.save(office.li, "crm.opportunity", values)


def contract(office: Office) -> RecordView:
    """The signed contract of a won opportunity, by way of an accepted quotation with a discount of 10 %."""
    quote = office.follow(office.li, opportunity(office), "to_quote", {})
    first = quote.values["lines"][0]["id"]  # type: ignore[index]
    office.save(office.li, "crm.quote", {"lines": [{"id": first, "discount": "0.1"}]}, quote.id)
    office.press(office.li, quote, "send")
    office.press(office.li, quote, "accept")
    made = office.follow(office.li, quote, "to_contract", {"signed_on": "2026-11-20"})
    return move_record(office.company, office.li, "crm.contract", made.id or 0, "stage", "signed")


def count(office: Office, who: Actor, form: str) -> int | None:
    return list_records(office.company, who, form, ListRequest(total="exact")).total


def test_a_lead_becomes_a_customer_a_contact_and_an_opportunity(office: Office) -> None:
    card = lead(office)

    customer = office.follow(office.li, card, "to_customer", {})
    contact = office.follow(office.li, card, "to_contact", {})
    deal = office.follow(office.li, card, "to_opportunity", {"name": "流平性测试仪器"})

    assert customer.values["name"] == "苏州澍禾新材料有限公司"
    assert customer.values["source"] == "exhibition"
    assert (contact.values["customer"], contact.values["mobile"]) == (customer.id, "12805550001")
    assert (deal.values["customer"], deal.values["amount"]) == (customer.id, Decimal("180000.00"))
    assert office.values(office.li, card, "customer", "opportunity_count") == {
        "customer": customer.id,
        "opportunity_count": 1,
    }
    assert office.press(office.li, card, "converted").values["status"] == "converted"


def test_a_lead_is_converted_only_once(office: Office) -> None:
    card = lead(office)
    office.follow(office.li, card, "to_customer", {})

    with pytest.raises(ProblemsFound):
        office.follow(office.li, card, "to_customer", {"name": "苏州澍禾新材料二部"})


def test_a_lead_is_not_marked_as_converted_without_its_customer(office: Office) -> None:
    card = lead(office)

    with pytest.raises(ProblemsFound) as refused:
        move_record(office.company, office.li, "crm.lead", card.id or 0, "status", "converted")

    assert [problem.pointer for problem in refused.value.problems] == ["customer"]


def test_probability_and_weighted_amount_follow_the_stage(office: Office) -> None:
    deal = opportunity(office)
    assert office.values(office.li, deal, "probability", "weighted_amount") == {
        "probability": Decimal("0.1500"),
        "weighted_amount": Decimal("27000.00"),
    }

    office.do_tasks(office.li, deal, "stage")
    office.save(office.li, "crm.opportunity", {"need": "涂料流平性测试"}, deal.id)
    move_record(office.company, office.li, "crm.opportunity", deal.id or 0, "stage", "plan")

    assert office.values(office.li, deal, "probability", "weighted_amount") == {
        "probability": Decimal("0.3500"),
        "weighted_amount": Decimal("63000.00"),
    }


def test_a_stage_is_not_left_before_its_tasks_are_done(office: Office) -> None:
    deal = opportunity(office)
    office.save(office.li, "crm.opportunity", {"need": "涂料流平性测试"}, deal.id)

    with pytest.raises(ProblemsFound) as refused:
        move_record(office.company, office.li, "crm.opportunity", deal.id or 0, "stage", "plan")

    assert len(refused.value.problems) == 2
    assert office.open(office.li, deal).values["stage"] == "need"


def test_an_opportunity_is_lost_from_any_stage_with_a_reason(office: Office) -> None:
    deal = opportunity(office)

    office.press(office.li, deal, "lose", reason="price", note="对方报价低 28%")

    assert office.values(office.li, deal, "stage", "lost_reason", "lost_note") == {
        "stage": "lost",
        "lost_reason": "price",
        "lost_note": "对方报价低 28%",
    }


def test_a_quotation_takes_the_products_of_the_opportunity_along(office: Office) -> None:
    quote = office.follow(office.li, opportunity(office), "to_quote", {})

    rows = quote.values["lines"]
    assert isinstance(rows, list)
    assert [(row["quantity"], row["price"], row["amount"]) for row in rows] == [
        (Decimal("1.00"), Decimal("168000.00"), Decimal("168000.00")),
        (Decimal("3.00"), Decimal("4800.00"), Decimal("14400.00")),
    ]
    assert quote.values["total"] == Decimal("182400.00")


def test_the_cost_and_the_margin_are_for_finance_only(office: Office) -> None:
    quote = office.follow(office.li, opportunity(office), "to_quote", {})

    assert {"cost", "margin"}.isdisjoint(office.open(office.li, quote).values)
    assert office.values(office.zhao, quote, "cost", "margin") == {
        "cost": Decimal("99200.00"),
        "margin": Decimal("0.4561"),
    }


def test_one_click_accepts_the_quotation_and_wins_the_opportunity(office: Office) -> None:
    deal = opportunity(office)
    office.do_tasks(office.li, deal, "stage")
    quote = office.follow(office.li, deal, "to_quote", {})
    office.press(office.li, quote, "send")

    office.press(office.li, quote, "win")

    assert office.values(office.li, quote, "status") == {"status": "accepted"}
    assert office.values(office.li, deal, "stage", "probability", "weighted_amount") == {
        "stage": "won",
        "probability": Decimal("1.0000"),
        "weighted_amount": Decimal("180000.00"),
    }


def test_when_the_opportunity_cannot_be_won_yet_the_quotation_is_not_accepted_either(office: Office) -> None:
    quote = office.follow(office.li, opportunity(office), "to_quote", {})
    office.press(office.li, quote, "send")

    with pytest.raises(ProblemsFound):
        office.press(office.li, quote, "win")

    assert office.values(office.li, quote, "status") == {"status": "sent"}


def test_a_quotation_is_copied_with_its_lines_as_a_new_draft(office: Office) -> None:
    quote = office.follow(office.li, opportunity(office), "to_quote", {})
    office.press(office.li, quote, "send")

    copy = office.follow(office.li, quote, "copy", {})

    assert (copy.values["status"], copy.values["total"]) == ("draft", quote.values["total"])
    assert copy.values["number"] != quote.values["number"]


def test_a_contract_keeps_the_lines_and_the_discount_of_the_quotation(office: Office) -> None:
    made = contract(office)

    assert made.values["amount"] == Decimal("165600.00")
    assert office.values(office.li, made, "paid", "receivable", "collection_rate") == {
        "paid": Decimal("0.00"),
        "receivable": Decimal("165600.00"),
        "collection_rate": Decimal("0.0000"),
    }


def test_the_lines_of_a_signed_contract_are_fixed(office: Office) -> None:
    made = contract(office)
    first = made.values["lines"][0]["id"]  # type: ignore[index]

    with pytest.raises(ProblemsFound):
        office.save(office.li, "crm.contract", {"lines": [{"id": first, "quantity": "2"}]}, made.id)


def test_payments_add_up_on_the_contract_and_on_the_customer(office: Office) -> None:
    made = contract(office)
    customer = made.values["customer"]

    first = office.follow(office.zhao, made, "new_payment", {"amount": "49680", "received_on": "2026-11-21"})
    second = office.follow(office.zhao, made, "new_payment", {"received_on": "2026-11-22"})

    assert first.values["customer"] == customer
    assert second.values["amount"] == Decimal("115920.00")
    assert office.values(office.li, made, "paid", "receivable", "collection_rate", "last_payment") == {
        "paid": Decimal("165600.00"),
        "receivable": Decimal("0.00"),
        "collection_rate": Decimal("1.0000"),
        "last_payment": date(2026, 11, 22),
    }
    delete_record(office.company, office.zhao, "crm.payment", first.id or 0)
    owner = office.open(office.li, made)
    assert owner.values["paid"] == Decimal("115920.00")
    assert office.values(office.li, _customer(office, customer), "contract_amount", "paid", "receivable") == {
        "contract_amount": Decimal("165600.00"),
        "paid": Decimal("115920.00"),
        "receivable": Decimal("49680.00"),
    }


def test_sales_do_not_record_payments(office: Office) -> None:
    with pytest.raises((NotAllowed, NotVisible)):
        office.save(office.li, "crm.payment", {"contract": contract(office).id, "amount": "100"})


def test_a_manager_sees_what_a_subordinate_sells_and_a_colleague_does_not(office: Office) -> None:
    opportunity(office)
    han = Actor(office.zhao.person, "韩", "han", frozenset({"sales"}), "zh", None)

    assert count(office, office.wang, "crm.opportunity") == 1
    assert count(office, han, "crm.opportunity") == 0


def test_a_customer_returned_to_the_pool_may_be_taken_by_anybody(office: Office) -> None:
    customer = office.save(office.li, "crm.customer", {"name": "常州岫云涂料有限公司"})
    han = Actor(office.zhao.person, "韩", "han", frozenset({"sales"}), "zh", None)
    with pytest.raises(NotVisible):
        office.open(han, customer)

    office.press(office.li, customer, "to_pool")
    office.press(han, customer, "claim")

    assert office.values(han, customer, "pool", "owner") == {"pool": False, "owner": han.person}


def _customer(office: Office, customer_id: object) -> RecordView:
    found = list_records(office.company, office.li, "crm.customer", ListRequest(where=f"id = {customer_id}"))
    return found.rows[0]
