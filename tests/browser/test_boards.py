"""The board: cards are dragged, moved by keyboard, and put back when the move is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import drag
from tests.browser.stage import PHONE, Window

OpenWindow = Callable[..., Window]


def lane(page: Page, stage: str) -> Locator:
    return page.locator(f'[data-stage="{stage}"]')


def test_a_card_is_dragged_into_another_lane_and_the_counts_follow(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/opportunity?view=board")
    card = lane(page, "plan").locator("[data-card]").first
    number = card.get_attribute("data-card")
    before = int(lane(page, "plan").locator("[data-lane-count]").inner_text())
    drag(page, card, lane(page, "need"))
    expect(page.locator("#toasts")).not_to_be_empty()
    expect(lane(page, "need").locator(f'[data-card="{number}"]')).to_be_visible()
    expect(lane(page, "plan").locator("[data-lane-count]")).to_have_text(str(before - 1))
    page.reload()
    expect(lane(page, "need").locator(f'[data-card="{number}"]')).to_be_visible()


def test_a_refused_move_puts_the_card_back_and_says_why(window: OpenWindow) -> None:
    opened = window("sales_director")
    opened.expect_fault("422")
    page = opened.open("crm/opportunity?view=board")
    card = lane(page, "need").locator("[data-card]").first
    number = card.get_attribute("data-card")
    drag(page, card, lane(page, "tender"))
    expect(page.locator("#toasts")).to_contain_text("阶段不能从“需求确认”移到“招投标”")
    expect(lane(page, "need").locator(f'[data-card="{number}"]')).to_be_visible()


def test_the_menu_of_a_card_moves_it_without_a_mouse(window: OpenWindow) -> None:
    opened = window("sales_director")
    opened.expect_fault("422")
    page = opened.open("crm/opportunity?view=board")
    button = page.locator('[data-stage="need"] [data-move-menu]').first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#move-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#move-menu")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_card_opens_its_record(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/opportunity?view=board")
    page.locator("[data-card] .e-card-title").first.click()
    expect(page).to_have_url(re.compile(r"/crm/opportunity/\d+$"))


def test_on_a_phone_the_lanes_are_swiped(window: OpenWindow) -> None:
    page = window("sales_director", PHONE).open("crm/opportunity?view=board")
    wide = page.locator("[data-board]").evaluate("board => board.scrollWidth > board.clientWidth")
    assert wide


def test_a_card_goes_back_when_its_move_begins_an_approval(window: OpenWindow) -> None:
    page = window("sales_director").open("crm/opportunity?view=board")
    told = {"version": 7, "text": "审批通过后进入", "stays": True, "detail": "审批通过后进入"}
    page.route(re.compile(r"/crm/opportunity/\d+/move$"), lambda route: route.fulfill(status=202, json=told))
    card = lane(page, "need").locator("[data-card]").first
    number = card.get_attribute("data-card")
    card.locator("[data-move-menu]").click()
    page.locator('#move-menu [data-move-to="plan"]').click()
    expect(page.locator("#toasts")).to_contain_text("审批通过后进入")
    expect(lane(page, "need").locator(f'[data-card="{number}"]')).to_have_attribute("data-version", "7")
    expect(lane(page, "plan").locator(f'[data-card="{number}"]')).to_have_count(0)
