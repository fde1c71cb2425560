"""New and changed formulas reach the rows that are already there, in the transaction that applies them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from engine.services import records, setup
from engine.services.site import open_site
from engine.services.views_of_records import ListRequest
from tests.worlds import World


def change(world: World, name: str, before: str, after: str) -> None:
    """Rewrite a part of a definition and read the site anew."""
    file = Path(world.site.root) / name
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    address = world.site.address
    world.site.close()
    world.site = open_site(world.site.root, clock=world.clock)
    world.site.address = address  # type: ignore[method-assign]


def apply(world: World) -> list[str]:
    """Apply what the files say; the kinds of steps taken."""
    applied = setup.apply_company(world.site, "acme")
    world.company = world.site.company("acme")
    return [step.name for step in applied.steps if step.kind == "compute"]


def test_a_new_formula_over_lines_links_and_sums_has_values_for_every_record(world: World) -> None:
    account = world.save(world.li, "account", name="Star", region="East")
    lines = [{"what": "a", "quantity": "2", "price": "10"}, {"what": "b", "quantity": "1", "price": "5"}]
    order = world.save(world.li, "order", account=account.id, lines=lines)
    gone = world.save(world.li, "order", account=account.id, lines=lines[:1])
    records.delete_record(world.company, world.li, "crm.order", gone.id or 0)
    change(world, "forms/crm/order.yaml", "quantity * price, 2)\"}",
           "quantity * price, 2)\"}\n      tax: {type: money, formula: \"ROUND(amount * 0.1, 2)\"}")
    change(world, "forms/crm/order.yaml", "total: {type: money",
           "taxes: {type: money, formula: \"SUM(lines.tax)\"}\n  total: {type: money")
    change(world, "forms/crm/account.yaml", "  parent:",
           "  taxed: {type: money, formula: \"SUM(orders.taxes)\"}\n  parent:")

    assert sorted(apply(world)) == ["lines.tax", "taxed", "taxes"]

    shown = world.fetch(world.wang, "order", order.id)
    assert [row["tax"] for row in shown.values["lines"]] == [Decimal("2.00"), Decimal("0.50")]
    assert shown.values["taxes"] == Decimal("2.50")
    assert world.fetch(world.wang, "account", account.id).values["taxed"] == Decimal("2.50")
    records.restore_record(world.company, world.li, "crm.order", gone.id or 0)
    assert world.fetch(world.wang, "account", account.id).values["taxed"] == Decimal("4.50")


def test_a_changed_formula_is_computed_again_and_the_plan_says_so(world: World) -> None:
    world.save(world.li, "deal", name="Big", amount="100")
    change(world, "forms/crm/deal.yaml", "amount * stage.probability", "amount * 2")

    steps = setup.plan_company(world.site, "acme").changes
    assert [(step.kind, step.name) for step in steps] == [("compute", "weighted")]
    assert apply(world) == ["weighted"]

    page = records.list_records(world.company, world.wang, "crm.deal", ListRequest(where="weighted = 200"))
    assert [row.title for row in page.rows] == ["Big"]
    assert apply(world) == []
