"""What the instrument maker's orders cost and earn, what campaigns bring, and how customers are valued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.runtime.actors import SYSTEM, Actor
from engine.services.records import fetch_record, list_groups, list_records, move_record, save_record
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest
from tests.templates_pack.figures import ALIVE, Rows, money, number, ratio, rows_of, today_of, total
from tests.templates_pack.office import Office

SEGMENTS = {
    "111": "champion",
    "011": "keep",
    "101": "develop",
    "001": "win_back",
    "110": "regular_champion",
    "010": "regular_keep",
    "100": "regular_develop",
    "000": "regular_win_back",
}


def orders_of(company: OpenCompany) -> Rows:
    """Orders with what they cost and earn, worked out from their lines and inputs."""
    inputs = (
        "customer",
        "campaign",
        "stage",
        "signed_on",
        "cost",
        "software_cost",
        "warranty_cost",
        "freight",
        "lines",
    )
    orders = rows_of(company, "crm.contract", *inputs)
    for order in orders:
        lines = fetch_record(company, SYSTEM, "crm.contract", int(str(order["id"]))).values["lines"]
        standard = sum((money(number(row["quantity"]) * number(row["price"])) for row in lines), Decimal(0))  # type: ignore[attr-defined]
        amount = sum((number(row["amount"]) for row in lines), Decimal(0))  # type: ignore[attr-defined]
        support = number(order["software_cost"]) + number(order["warranty_cost"])
        sales_cost = standard - amount + support
        cost = order["cost"]
        profit = None if cost is None else amount - number(cost) - support - number(order["freight"])
        order |= {"amount": amount, "standard_amount": standard, "discount_amount": standard - amount}
        order |= {"sales_cost": sales_cost, "sales_cost_ratio": ratio(sales_cost, standard)}
        order |= {"gross_profit": profit, "margin": ratio(profit, amount)}
    return orders


def test_orders_tell_what_winning_them_cost_and_what_they_earn(instruments: OpenCompany) -> None:
    figures = (
        "amount",
        "standard_amount",
        "discount_amount",
        "sales_cost",
        "sales_cost_ratio",
        "gross_profit",
        "margin",
    )
    computed = {row["id"]: row for row in rows_of(instruments, "crm.contract", *figures)}

    for order in orders_of(instruments):
        assert computed[order["id"]] == {name: order[name] for name in ("id", *figures)}


def test_an_order_whose_purchase_cost_is_unknown_does_not_look_like_pure_profit(instruments: OpenCompany) -> None:
    unknown = [order for order in orders_of(instruments) if order["cost"] is None and order["stage"] in ALIVE]

    assert len(unknown) >= 3
    assert {order["margin"] for order in unknown} == {None}


def test_a_campaign_is_held_against_the_leads_opportunities_and_orders_that_carry_it(instruments: OpenCompany) -> None:
    leads = rows_of(instruments, "crm.lead", "campaign", "status")
    opportunities = rows_of(instruments, "crm.opportunity", "campaign", "stage", "weighted_amount")
    orders = [order for order in orders_of(instruments) if order["stage"] in ALIVE]
    fields = ("lead_count", "qualified_leads", "opportunity_count", "order_count", "won_amount", "won_profit", "roi")
    returns = []

    for campaign in rows_of(instruments, "marketing.campaign", "cost", "lead_cost", *fields):
        own = [row for row in leads if row["campaign"] == campaign["id"]]
        deals = [row for row in opportunities if row["campaign"] == campaign["id"]]
        won = [row for row in orders if row["campaign"] == campaign["id"]]
        profit = total(won, "gross_profit", lambda _: True)
        cost = None if campaign["cost"] is None else number(campaign["cost"])
        assert [campaign[name] for name in fields] == [
            len(own),
            sum(row["status"] in ("qualified", "converted") for row in own),
            sum(row["stage"] != "void" for row in deals),
            len(won),
            total(won, "amount", lambda _: True),
            profit,
            None if cost is None else ratio(profit - cost, cost),
        ]
        assert campaign["lead_cost"] == (money(cost / len(own)) if cost is not None and own else None)
        returns.append(campaign["roi"])
    known = [Decimal(str(value)) for value in returns if value is not None]
    assert min(known) < 0 < max(known)
    assert None in returns


def test_customers_fall_into_segments_by_recency_frequency_and_money(instruments: OpenCompany) -> None:
    today = today_of(instruments)
    start = date(today.year - 1, today.month, min(today.day, 28) if today.month == 2 else today.day)
    orders = [order for order in orders_of(instruments) if order["stage"] in ALIVE]
    settings = fetch_record(instruments, SYSTEM, "crm.settings", 1).values
    fields = ("last_order", "days_since_order", "order_count", "order_money", "segment")
    seen = set()

    for customer in rows_of(instruments, "crm.customer", *fields):
        own = [order for order in orders if order["customer"] == customer["id"]]
        days = [order["signed_on"] for order in own]
        recent = [order for order in own if order["signed_on"] > start]  # type: ignore[operator]
        last = max(days) if days else None  # type: ignore[type-var]
        ago = None if last is None else (today - last).days  # type: ignore[operator]
        spent = total(recent, "amount", lambda _: True)
        scores = (
            ago is not None and ago <= int(str(settings["rfm_recency_days"])),
            len(recent) >= int(str(settings["rfm_frequency"])),
            spent >= number(settings["rfm_money"]),
        )
        segment = SEGMENTS["".join("1" if score else "0" for score in scores)]
        assert [customer[name] for name in fields] == [last, ago, len(recent), spent, segment]
        seen.add(segment)
    assert len(seen) >= 6


def test_the_forecast_of_a_month_is_the_weighted_sum_of_what_closes_in_it(instruments: OpenCompany) -> None:
    fields = ("amount", "probability", "weighted_amount", "close_date", "forecast_month")
    opportunities = rows_of(instruments, "crm.opportunity", *fields)
    expected: dict[str, Decimal] = {}
    for deal in opportunities:
        if deal["amount"] is not None:
            assert deal["weighted_amount"] == money(number(deal["amount"]) * number(deal["probability"]))
        closing, month = deal["close_date"], deal["forecast_month"]
        if isinstance(closing, date) and isinstance(month, date):
            assert (month.year, month.month) == (closing.year, closing.month)
            expected[str(month)] = expected.get(str(month), Decimal(0)) + number(deal["weighted_amount"])

    groups = list_groups(instruments, SYSTEM, "crm.opportunity", "forecast_month", ("weighted_amount",))

    assert {
        str(group["value"]): number(group["sums"]["weighted_amount"])  # type: ignore[index]
        for group in groups
        if group["value"] is not None
    } == expected


def test_the_campaign_goes_along_from_the_lead_to_the_order(office: Office) -> None:
    event = {"name": "涂料展", "kind": "exhibition", "starts_on": "2026-09-01", "owner": office.wang.person}
    fair = office.save(SYSTEM, "marketing.campaign", {**event, "cost": "50000"})
    card = {
        "company": "苏州澍禾新材料有限公司",
        "contact_name": "陶工",
        "mobile": "12805550001",
        "source": "exhibition",
    }
    lead = office.save(office.li, "crm.lead", {**card, "campaign": fair.id, "budget": "180000"})
    customer = office.follow(office.li, lead, "to_customer", {})
    deal = office.follow(office.li, lead, "to_opportunity", {"name": "流平性测试仪器"})
    instrument = office.save(
        SYSTEM, "crm.product", {"name": "接触角测量仪", "category": "equipment", "unit": "unit", "list_price": "168000"}
    )
    office.save(office.li, "crm.opportunity", {"lines": [{"product": instrument.id, "quantity": "1"}]}, deal.id)
    quote = office.follow(office.li, deal, "to_quote", {})
    office.press(office.li, quote, "send")
    office.press(office.li, quote, "accept")
    order = office.follow(office.li, quote, "to_contract", {"signed_on": "2026-11-20", "software_cost": "8000"})
    office.save(office.zhao, "crm.contract", {"cost": "92000"}, order.id)
    move_record(office.company, office.li, "crm.contract", order.id or 0, "stage", "signed")

    assert [record.values["campaign"] for record in (customer, deal, order)] == [fair.id] * 3
    assert office.values(SYSTEM, fair, "lead_count", "customer_count", "opportunity_count", "order_count", "roi") == {
        "lead_count": 1,
        "customer_count": 1,
        "opportunity_count": 1,
        "order_count": 1,
        "roi": Decimal("0.3600"),
    }


def test_the_return_is_for_marketing_but_the_profit_behind_it_is_not(instruments: OpenCompany) -> None:
    marketer = Actor(1, "苗一鸣", "miao", frozenset({"marketing"}), "zh", 1)
    page = list_records(instruments, marketer, "marketing.campaign", ListRequest(view="best"))

    assert {"roi", "won_amount"} <= set(page.rows[0].values)
    assert "won_profit" not in page.rows[0].values


def test_an_order_signed_today_changes_the_value_of_its_customer_at_once(instruments: OpenCompany) -> None:
    lost = next(
        row
        for row in rows_of(instruments, "crm.customer", "segment", "order_count")
        if row["segment"] == "win_back" and row["order_count"] == 1
    )
    product = rows_of(instruments, "crm.product", "name")[0]["id"]
    values = {"name": "复购", "customer": lost["id"], "salesperson": 1, "signed_on": str(today_of(instruments))}
    lines = [{"product": product, "quantity": "1", "price": "50000"}]

    made = save_record(instruments, SYSTEM, "crm.contract", None, {**values, "lines": lines})
    assert fetch_record(instruments, SYSTEM, "crm.customer", int(str(lost["id"]))).values["segment"] == "win_back"
    move_record(instruments, SYSTEM, "crm.contract", made.id or 0, "stage", "signed")

    assert fetch_record(instruments, SYSTEM, "crm.customer", int(str(lost["id"]))).values["segment"] == "champion"
