"""Trees are walked by keyboard, calendars lead to records and to new ones."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.stage import PHONE, Window

OPEN = '[role="treeitem"][aria-expanded="false"]'


def test_a_branch_is_opened_and_walked_by_keyboard(window: Callable[..., Window]) -> None:
    page = window("sales_director").open("crm/contact?view=decision")
    first = page.locator(OPEN).first
    name = first.locator("a").first.inner_text()
    first.focus()
    page.keyboard.press("ArrowRight")
    opened = page.locator('[role="treeitem"][aria-expanded="true"]').first
    expect(opened.locator("a").first).to_have_text(name)
    expect(opened.locator('[aria-level="2"]').first).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(opened.locator('[aria-level="2"]').first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(opened).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[role="treeitem"][aria-expanded="true"]')).to_have_count(0)


def test_a_calendar_on_a_phone_lists_the_days_that_have_something(window: Callable[..., Window]) -> None:
    page = window("sales_director", PHONE).open("crm/plan?view=calendar")
    page.locator('[rel="prev"]').click()
    page.locator('[rel="next"]').click()
    expect(page.locator(".e-weekdays")).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0


def test_a_new_record_begins_on_the_day_that_was_clicked(window: Callable[..., Window]) -> None:
    page = window("sales_director").open("crm/plan?view=calendar&month=2026-03")
    day = page.locator(".e-day", has=page.locator('time[datetime="2026-03-12"]'))
    day.hover()
    day.locator(".e-day-new").click()
    expect(page.locator('[name="due_on"]')).to_have_value("2026-03-12")
