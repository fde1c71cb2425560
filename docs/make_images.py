#!/usr/bin/env python3
"""Takes the pictures of the README from a scratch copy of the demo site: python docs/make_images.py"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.stage import DESKTOP, PHONE, LiveSite, copy_site, find_chromium, launch, serving  # noqa: E402

PICTURES = (
    ("board", DESKTOP, "crm/opportunity?view=board"),
    ("list", DESKTOP, "crm/customer"),
    ("record", DESKTOP, "crm/customer/{customer}"),
    ("form", DESKTOP, "crm/quote/{quote}/edit"),
    ("phone", PHONE, "crm/opportunity?view=board"),
)


def take(browser: Browser, live: LiveSite, name: str, device: dict[str, object], path: str) -> None:
    context = browser.new_context(**device, locale="zh-CN", reduced_motion="reduce")
    context.add_cookies([live.cookie("sales_director")])
    page = context.new_page()
    first = {form: first_id(page, live, form) for form in ("customer", "quote") if f"{{{form}}}" in path}
    page.goto(f"{live.address}/instrument_maker/{path.format(**first)}")
    page.wait_for_timeout(600)
    page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png")
    context.close()


def first_id(page: Page, live: LiveSite, form: str) -> str:
    page.goto(f"{live.address}/instrument_maker/crm/{form}")
    return page.locator("tr[data-id]").first.get_attribute("data-id") or "1"


def main() -> int:
    path = find_chromium()
    if path is None:
        print("No Chromium was found; set WEFT_CHROMIUM.", file=sys.stderr)
        return 1
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(copy_site(Path(folder))) as live,
        sync_playwright() as playwright,
        launch(playwright, path) as browser,
    ):
        for picture in PICTURES:
            take(browser, live, *picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
