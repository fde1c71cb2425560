"""Filling in forms: live totals, problems beside their fields, two people at one record."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.acts import field, pick
from tests.browser.stage import PHONE, Window

OpenWindow = Callable[..., Window]


def save(page: Page) -> None:
    page.locator('.e-head-actions button[form="record-form"].btn-primary').click()


def fill_line(page: Page, number: int, quantity: str, price: str) -> None:
    row = page.locator('[data-lines="lines"] [data-row]').nth(number)
    pick(row.locator('[data-cell="product"]'), "")
    row.locator('[data-cell="quantity"] input').fill(quantity)
    row.locator('[data-cell="price"] input').fill(price)
    row.locator('[data-cell="price"] input').press("Tab")


def test_a_quotation_totals_its_lines_while_they_are_typed(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/quote/new")
    pick(field(page, "customer"), "")
    lines = page.locator('[data-lines="lines"]')
    for number, (quantity, price) in enumerate((("3", "0.10"), ("1", "19.99"))):
        if lines.locator("[data-row]").count() <= number:
            lines.locator("[data-add-row]").click()
        fill_line(page, number, quantity, price)
    expect(page.locator('[data-output="total"]').first).to_have_text(re.compile(r"20\.29"))
    save(page)
    expect(page).to_have_url(re.compile(r"/crm/quote/\d+$"))
    expect(page.locator("main")).to_contain_text("20.29")


def test_what_is_missing_stands_beside_its_field_and_nothing_typed_is_lost(window: OpenWindow) -> None:
    opened = window("sales_director")
    opened.expect_fault("422")
    page = opened.open("crm/opportunity/new")
    field(page, "next_step").locator("input").fill("电话确认需求")
    save(page)
    expect(field(page, "name").locator("[data-error]")).to_be_visible()
    expect(field(page, "customer").locator("[data-error]")).to_be_visible()
    expect(field(page, "next_step").locator("input")).to_have_value("电话确认需求")


def test_who_saves_second_learns_what_the_first_changed_and_keeps_the_own_words(window: OpenWindow) -> None:
    second = window("sales_director")
    second.expect_fault("409")
    listed = second.open("crm/customer")
    address = (listed.locator("tr[data-id]").first.get_attribute("data-href") or "") + "/edit"
    mine = second.open(address.split("/", 2)[2])
    theirs = window("general_manager").open(address.split("/", 2)[2])
    field(theirs, "city").locator("input").fill("苏州")
    save(theirs)
    expect(theirs).not_to_have_url(re.compile("/edit$"))
    field(mine, "note").locator("textarea").fill("今年扩产")
    field(mine, "city").locator("input").fill("无锡")
    save(mine)
    conflict = mine.locator(".e-conflict")
    expect(conflict).to_contain_text("苏州")
    expect(field(mine, "note").locator("textarea")).to_have_value("今年扩产")
    save(mine)
    expect(mine).not_to_have_url(re.compile("/edit$"))
    expect(mine.locator("main")).to_contain_text("今年扩产")


def test_a_field_appears_when_its_condition_holds(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/opportunity/new")
    expect(field(page, "lost_reason")).to_be_hidden()


def test_a_picker_finds_a_customer_by_initials(window: OpenWindow) -> None:
    opened = window("sales_director")
    page = opened.open("crm/customer/new")
    field(page, "name").locator("input").fill("云帆科技测试有限公司")
    save(page)
    expect(page).to_have_url(re.compile(r"/crm/customer/\d+$"))
    form = opened.open("crm/opportunity/new")
    pick(field(form, "customer"), "yfkj", "云帆科技")
    expect(field(form, "customer").locator(".item")).to_contain_text("云帆科技测试有限公司")


def test_on_a_phone_a_line_is_a_card_and_the_total_stays_in_sight(window: OpenWindow) -> None:
    page = window("sales_director", PHONE).open("crm/quote/new")
    lines = page.locator('[data-lines="lines"]')
    if not lines.locator("[data-row]").count():
        lines.locator("[data-add-row]").tap()
    row = lines.locator("[data-row]").first
    row.locator('[data-cell="quantity"] input').fill("2")
    row.locator('[data-cell="price"] input').fill("7.50")
    row.locator('[data-cell="price"] input').blur()
    expect(page.locator(".e-actionbar [data-output]")).to_contain_text("15.00")
    expect(page.locator(".e-actionbar .btn-primary")).to_be_in_viewport()


def test_an_address_is_chosen_down_to_the_district_and_typed_from_there_on(window: OpenWindow) -> None:
    page = window("sales_manager").open("crm/customer/new")
    field(page, "name").locator("input").fill("地址测试有限公司")
    regions = field(page, "address").locator("select")
    for position, name in enumerate(("广东省", "深圳市", "南山区")):
        regions.nth(position).select_option(name)
    field(page, "address").locator("textarea:not([name])").fill("科技路 1 号")
    save(page)
    expect(page.locator("main")).to_contain_text("广东省 深圳市 南山区 科技路 1 号")
