"""The record's page: stages that ask, related lists, comments that name somebody, files."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.stage import PHONE, Window

OpenWindow = Callable[..., Window]


def open_opportunity(opened: Window) -> Page:
    """An opportunity that has not ended."""
    listed = opened.open('crm/opportunity?where=stage.outcome+%3D+"open"')
    address = listed.locator("tr[data-id]").first.get_attribute("data-href") or ""
    listed.close()
    return opened.open(address.split("/", 2)[2])


def test_losing_asks_for_the_reason_and_then_moves(window: OpenWindow) -> None:
    opened = window("sales_director")
    opened.expect_fault("422")
    page = open_opportunity(opened)
    page.locator("[data-menu=ends-stage]").click()
    page.locator("#ends-stage").get_by_text("输单").click()
    dialog = page.locator("#loaded")
    dialog.locator(".btn-primary").click()
    expect(dialog.locator('[data-field="lost_reason"] [data-error]')).to_be_visible()
    dialog.locator('[data-field="lost_reason"] select').select_option(index=1)
    dialog.locator(".btn-primary").click()
    expect(page.locator(".e-stage.lost")).to_contain_text("输单")


def test_a_related_list_opens_in_its_tab_and_the_address_keeps_it(window: OpenWindow) -> None:
    page = open_opportunity(window("sales_director"))
    page.get_by_role("tab", name="跟进记录").click()
    expect(page.locator("#panel-follow_ups table, #panel-follow_ups .e-empty")).to_be_visible()
    expect(page).to_have_url(re.compile("#tab-follow_ups$"))
    page.reload()
    expect(page.get_by_role("tab", name="跟进记录")).to_have_attribute("aria-selected", "true")


def test_a_comment_names_a_colleague(window: OpenWindow) -> None:
    page = open_opportunity(window("sales_director"))
    words = page.locator('textarea[name="text"]')
    words.press_sequentially("请 @温")
    expect(page.locator(".e-mention-list li").first).to_be_visible()
    words.press("Enter")
    expect(words).to_have_value(re.compile("^请 @温.+ $"))
    words.press_sequentially("跟进")
    words.press("Control+Enter")
    expect(page.locator(".e-event-text").first).to_contain_text("跟进")


def test_a_file_hangs_on_the_record(window: OpenWindow) -> None:
    page = open_opportunity(window("sales_director"))
    given = {"name": "报价说明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    page.locator("[data-attach] input[type=file]").set_input_files(files=[given])
    expect(page.locator("aside .e-file-name").first).to_contain_text("报价说明.pdf")


def test_menus_stay_in_the_window_of_a_phone(window: OpenWindow) -> None:
    page = open_opportunity(window("sales_director", PHONE))
    page.locator("[data-menu=record-menu]").click()
    box = page.locator("#record-menu").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
