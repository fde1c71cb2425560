"""Rows of lines are edited like a sheet: walking with keys, pasting, totals exact at every moment."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import pick
from tests.browser.stage import Window

OpenWindow = Callable[..., Window]

PASTE = """(input, text) => {
    const clipboard = new DataTransfer();
    clipboard.setData('text/plain', text);
    input.focus();
    input.dispatchEvent(new ClipboardEvent('paste', {clipboardData: clipboard, bubbles: true, cancelable: true}));
}"""


def rows(page: Page) -> Locator:
    return page.locator('[data-lines="lines"] [data-row]')


def cell(page: Page, row: int, column: str) -> Locator:
    return rows(page).nth(row).locator(f'[data-cell="{column}"] input[name]')


def paste(box: Locator, text: str) -> None:
    box.evaluate(PASTE, text)


def total(page: Page) -> Locator:
    return page.locator('.e-totals [data-output="total"]')


def test_a_product_brings_its_price_and_enter_walks_down_the_column(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/quote/new")
    pick(rows(page).nth(0).locator('[data-cell="product"]'), "KSA25")
    expect(cell(page, 0, "price")).to_have_value(re.compile(r"^[\d,]+\.00$"))
    cell(page, 0, "quantity").fill("2")
    cell(page, 0, "quantity").press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(cell(page, 1, "quantity")).to_be_focused()
    cell(page, 1, "quantity").press("ArrowUp")
    expect(cell(page, 0, "quantity")).to_be_focused()


def test_cells_pasted_from_a_sheet_fill_rows_and_columns(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/quote/new")
    expect(rows(page)).to_have_count(1)
    paste(cell(page, 0, "quantity"), "3\t套\t0.10\t0\n1\t台\t19.99\t50\n")
    expect(rows(page)).to_have_count(2)
    expect(cell(page, 1, "price")).to_have_value("19.99")
    expect(total(page)).to_have_text("10.30")


def test_a_product_is_found_by_its_name_when_it_is_pasted(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/quote/new")
    name = "光学接触角测量仪 KSA25"
    paste(rows(page).nth(0).locator('[data-cell="product"] .ts-control'), f"{name}\t手动\nno such thing\t")
    expect(rows(page).nth(0).locator('[data-cell="product"] .item')).to_have_text(name)
    expect(rows(page).nth(1).locator('[data-cell="product"] [data-error]')).to_contain_text("no such thing")


def test_a_row_is_copied_and_taken_out(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/quote/new")
    cell(page, 0, "quantity").fill("2")
    cell(page, 0, "price").fill("10")
    rows(page).nth(0).hover()
    rows(page).nth(0).locator("[data-copy-row]").click()
    expect(total(page)).to_have_text("40.00")
    rows(page).nth(0).hover()
    rows(page).nth(0).locator("[data-remove-row]").click()
    expect(total(page)).to_have_text("20.00")
