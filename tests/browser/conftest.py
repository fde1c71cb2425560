"""What every browser journey starts from: a live site, a browser, windows of persons."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.stage import COMPANY, DESKTOP, LiveSite, Window, copy_site, find_chromium, launch, serving
from tests.prepared import copy_prepared


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    folder = copy_site(tmp_path_factory.mktemp("site"))
    copy_prepared(COMPANY, folder, tmp_path_factory)
    with serving(folder) as site:
        yield site


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        if os.environ.get("WEFT_REQUIRE_BROWSER") == "1":
            pytest.fail("No Chromium was found, and WEFT_REQUIRE_BROWSER=1 asks for one.")
        pytest.skip("No Chromium was found: apt install chromium fonts-noto-cjk, or set WEFT_CHROMIUM.")
    started = launch(playwright, path)
    yield started
    started.close()


@pytest.fixture
def window(browser: Browser, live: LiveSite) -> Iterator[Callable[..., Window]]:
    """Opens windows: `window("sales_director", PHONE)`; "" is a visitor. A fault in any of them fails the test."""
    opened: list[Window] = []
    roles: set[str] = set()

    def open_window(role: str = "", device: dict[str, object] = DESKTOP) -> Window:
        context = browser.new_context(**device, locale="zh-CN", reduced_motion="reduce")
        context.set_default_timeout(15_000)
        if role:
            context.add_cookies([live.cookie(role)])
            roles.add(role)
        opened.append(Window(context, live.address))
        return opened[-1]

    yield open_window
    faults = [fault for each in opened for fault in each.faults]
    for each in opened:
        each.context.close()
    for role in sorted(roles):
        live.usual_language(role)
    assert faults == []
