"""A computed value tells how it came about, with a mouse, a finger or the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import scrolls_sideways
from tests.browser.stage import DESKTOP, PHONE, Window
from tests.browser.test_every_page import complaints

OpenWindow = Callable[..., Window]


def open_panel(page: Page, field: str = "receivable") -> None:
    page.locator(f'.e-figure [data-explain$="/{field}"]').click()
    expect(page.locator("#explain")).to_be_visible()


def test_a_figure_opens_a_panel_whose_parts_unfold(window: OpenWindow) -> None:
    page = window("administrator").open("crm/contract/1")
    open_panel(page)
    panel = page.locator("#explain")
    expect(panel.get_by_role("heading", level=2)).to_have_text("应收余额")
    expect(panel.locator(".e-explain-words")).to_contain_text("−")
    panel.locator("summary", has_text="已回款").click()
    source = panel.locator(".e-sources a").first
    expect(source).to_be_visible()
    source.click()
    page.wait_for_url("**/crm/payment/*")


def test_the_keyboard_alone_opens_unfolds_and_leaves(window: OpenWindow) -> None:
    page = window("administrator").open("crm/contract/1")
    opener = page.locator('.e-figure [data-explain$="/receivable"]')
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#explain")).to_be_visible()
    page.locator("#explain summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#explain .e-part-more").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#explain")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_cell_of_lines_tells_too(window: OpenWindow) -> None:
    page = window("administrator").open("crm/contract/1")
    cell = page.locator(".e-lines-shown td:has([data-explain])").first
    cell.hover()
    cell.locator("[data-explain]").click()
    expect(page.locator("#explain .e-explain-words")).to_contain_text("×")


def test_a_row_of_a_list_offers_it_in_its_menu(window: OpenWindow) -> None:
    page = window("administrator").open("crm/contract")
    button = page.locator("[data-row-menu]").first
    button.focus()
    page.keyboard.press("Enter")
    page.locator("#row-menu [data-explain]").first.click()
    expect(page.locator("#explain")).to_be_visible()
    expect(page.locator("#row-menu")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_panel_fits_and_is_accessible(window: OpenWindow, device: dict[str, object]) -> None:
    page = window("administrator", device).open("crm/contract/1")
    for field in ("receivable", "paid"):
        open_panel(page, field)
        for summary in page.locator("#explain details[data-unfold] > summary").all():
            summary.click()
        expect(page.locator("#explain .e-skeleton")).to_have_count(0)
        assert complaints(page) == []
        assert not scrolls_sideways(page)
        box = page.locator("#explain").bounding_box()
        assert box is not None
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert box["width"] == (width if device is PHONE else 480)
        page.keyboard.press("Escape")
