"""Signing in and finding records, as somebody new to the company would."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.stage import PHONE, Window

OpenWindow = Callable[..., Window]


def test_one_click_signs_in_to_a_demo_company(window: OpenWindow) -> None:
    page = window().open("sign-in")
    page.locator("form[action*='sign-in-as'] button").first.click()
    expect(page.locator(".e-side")).to_be_visible()
    page.goto(page.url.split("/instrument_maker")[0] + "/instrument_maker/crm/customer")
    expect(page.locator("tr[data-id]").first).to_be_visible()


def test_a_visitor_is_asked_to_sign_in_and_then_gets_the_page(window: OpenWindow) -> None:
    page = window().open("crm/customer")
    expect(page).to_have_url(re.compile("/instrument_maker/sign-in"))


def test_a_filter_narrows_the_list_and_can_be_cleared(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/customer")
    before = page.locator("tr[data-id]").count()
    page.locator('[data-menu="quick-level"]').click()
    page.locator('#quick-level input[value="strategic"]').check()
    page.locator("#quick-level .btn-primary").click()
    expect(page).to_have_url(re.compile("where="))
    chips = page.locator('td[data-label="客户等级"]')
    expect(chips.first).to_be_visible()
    assert set(chips.all_inner_texts()) == {"战略客户"}
    page.locator(".e-filter-bar > a.e-link").click()
    expect(page.locator("tr[data-id]")).to_have_count(before)


def test_a_click_on_a_head_sorts_and_another_turns_it_round(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/opportunity")
    page.locator("thead a", has_text="订单金额").click()
    expect(page.locator("th[aria-sort]", has_text="订单金额")).to_be_visible()
    first = page.locator('td[data-label="订单金额"]').first.inner_text()
    page.locator("thead a", has_text="订单金额").click()
    expect(page.locator('td[data-label="订单金额"]').first).not_to_have_text(first)


def test_the_next_page_shows_other_records_and_back_leads_back(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/customer")
    first = page.locator("tr[data-id]").first.get_attribute("data-id")
    page.locator('a[rel="next"]').click()
    expect(page).to_have_url(re.compile("after="))
    assert page.locator("tr[data-id]").first.get_attribute("data-id") != first
    page.locator("[data-back]").click()
    expect(page.locator("tr[data-id]").first).to_have_attribute("data-id", first or "")


def test_a_saved_view_keeps_its_filter(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/customer?where=level%20%3D%20%27strategic%27")
    shown = page.locator("tr[data-id]").count()
    page.locator('[data-dialog="save-view"]').click()
    page.locator("#view-name").fill("我的战略客户")
    page.locator("#save-view .btn-primary").click()
    page.goto(page.url.split("?")[0])
    page.locator(".e-view", has_text="我的战略客户").click()
    expect(page.locator("tr[data-id]")).to_have_count(shown)


def test_the_search_finds_chinese_by_pinyin(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/customer")
    name = page.locator("tr[data-id] .e-row-link").first.inner_text()
    characters = name[:2]
    page.locator(".e-list-search input").fill(characters)
    page.keyboard.press("Enter")
    expect(page.locator(".e-row-link", has_text=characters).first).to_be_visible()


def test_ctrl_k_searches_everything(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/customer")
    name = page.locator("tr[data-id] .e-row-link").first.inner_text()
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("main a", has_text=name).first).to_be_visible()


def test_a_deleted_record_comes_back_from_the_recycle_bin(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/competitor/new")
    page.locator('#record-form [data-field="name"] input').fill("临时测试对手")
    page.locator('.e-head-actions button[form="record-form"].btn-primary').click()
    expect(page).to_have_url(re.compile(r"/crm/competitor/\d+$"))
    listed = page.url.rsplit("/", 1)[0]
    page.goto(listed)
    row = page.locator("tr[data-id]", has_text="临时测试对手")
    row.locator("[data-tick]").check()
    page.locator("[data-bulk-delete]").click()
    page.locator("#confirm [data-yes]").click()
    expect(page.locator("tr[data-id]", has_text="临时测试对手")).to_have_count(0)
    page.goto(listed.replace("crm/competitor", "recycle-bin"))
    page.locator("main tr", has_text="临时测试对手").get_by_role("button").first.click()
    expect(page.locator("main tr", has_text="临时测试对手")).to_have_count(0)
    page.goto(listed)
    expect(page.locator("tr[data-id]", has_text="临时测试对手")).to_have_count(1)


def test_the_language_is_switched_for_good(window: OpenWindow) -> None:
    opened = window("sales_manager")
    page = opened.open("crm/customer")
    page.locator('.e-top button[name="language"][value="en"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Customers")
    again = opened.open("crm/opportunity")
    expect(again.locator("h1")).to_have_text("Opportunities")
    again.locator('.e-top button[name="language"][value="zh"]').click()
    expect(again.locator("html")).to_have_attribute("lang", "zh-CN")


def test_rows_are_selected_by_touch_on_a_phone(window: OpenWindow) -> None:
    page = window("sales_manager", PHONE).open("crm/customer")
    page.locator("[data-select-mode]").click()
    rows = page.locator("tr[data-href]")
    rows.nth(1).locator("td.e-first").click(position={"x": 2, "y": 2})
    rows.nth(2).locator("td.e-first").click(position={"x": 2, "y": 2})
    expect(page.locator("tr.e-ticked")).to_have_count(2)
    expect(page.locator("[data-bulk-count]")).to_contain_text("2")
    expect(page.locator("[data-bulk-open='bulk-change']")).to_be_in_viewport()
    page.locator("[data-untick]").click()
    expect(page.locator("[data-bulk]")).to_be_hidden()
