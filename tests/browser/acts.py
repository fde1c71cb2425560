"""What a person does with hands: choosing in pickers, dragging cards."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def pick(box: Locator, words: str, option: str | None = None) -> None:
    """Types `words` into the picker inside `box` and takes the option that shows `option` (left out: the first one)."""
    box.locator(".ts-control").click()
    box.page.keyboard.type(words)
    options = box.page.locator(".ts-dropdown:visible .option")
    wanted = options.filter(has_text=option) if option else options
    wanted.first.click()
    expect(box.locator(".ts-control .item").first).to_be_visible()


def field(page: Page, name: str) -> Locator:
    """The box of a form's field."""
    return page.locator(f'#record-form [data-field="{name}"]')


def drag(page: Page, card: Locator, lane: Locator) -> None:
    """Drags a card into a lane as a hand does it: in several moves."""
    start, end = card.bounding_box(), lane.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 40, start["y"] + 12)
    page.mouse.down()
    for step in range(1, 13):
        share = step / 12
        page.mouse.move(
            start["x"] + 40 + (end["x"] + end["width"] / 2 - start["x"] - 40) * share,
            start["y"] + 12 + (end["y"] + 90 - start["y"] - 12) * share,
        )
        page.wait_for_timeout(15)
    page.mouse.up()


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))
