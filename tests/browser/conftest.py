"""A real site behind a real server, and a Chromium to look at it: what every browser journey starts from."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from engine.services import people, setup
from engine.services.site import Site, open_site
from engine.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
COMPANY = "instrument_maker"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
CHROMIUM_PLACES = (
    "chromium",
    "google-chrome",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium() -> str | None:
    """The path of a Chromium of this machine."""
    wanted = os.environ.get("WEFT_CHROMIUM")
    return wanted or next((found for place in CHROMIUM_PLACES if (found := shutil.which(place))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Window:
    """One browser context of one person, and everything that went wrong in it."""

    context: BrowserContext
    address: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> Page:
        """A page of the demo company: `path` follows the company's id."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message.type, message.text))
        page.goto(f"{self.address}/{COMPANY}/{path}")
        return page

    def expect_fault(self, words: str) -> None:
        """Lets a console line with `words` pass: an answer such as 422 is one for the browser."""
        self.expected.append(words)

    def _note(self, page: Page, kind: str, text: str) -> None:
        broken = kind == "error" or "Content Security Policy" in text
        if broken and not any(words in text for words in self.expected):
            self.faults.append(f"{page.url}: {text}")


@dataclass
class LiveSite:
    """The site that the server of this test session serves."""

    site: Site
    address: str

    def cookie(self, role: str) -> dict[str, str]:
        """A session cookie of the first person with this role."""
        company = self.site.company(COMPANY)
        person = next(each for each in people.people_for_demo(company) if role in each.roles)
        token = people.sign_in_as(company, person.id, "127.0.0.1", "browser tests")
        return {"name": "session", "value": token, "url": self.address}


def copy_site(target: Path) -> Path:
    """The repository's site with one company of its own, so that tests change nothing of ours."""
    for name in ("forms", "workflows", "templates_pack"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name)
    lines = (ROOT / "site.yaml").read_text(encoding="utf-8").splitlines()
    kept = [f"companies: [{COMPANY}]" if line.startswith("companies:") else line for line in lines]
    (target / "site.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return target


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    site = open_site(copy_site(tmp_path_factory.mktemp("site")))
    setup.prepare_demo(site, COMPANY, lambda text, rows: None)
    server = waitress.create_server(create_app(site), host="127.0.0.1", port=0, threads=4, clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield LiveSite(site, f"http://127.0.0.1:{server.effective_port}")
    server.close()
    thread.join(timeout=5)


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
    options = ["--disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    started = playwright.chromium.launch(executable_path=path, args=options)
    yield started
    started.close()


@pytest.fixture
def window(browser: Browser, live: LiveSite) -> Iterator[Callable[..., Window]]:
    """Opens windows: `window("sales_director", PHONE)`; "" is a visitor. A fault in any of them fails the test."""
    opened: list[Window] = []

    def open_window(role: str = "", device: dict[str, object] = DESKTOP) -> Window:
        context = browser.new_context(**device, locale="zh-CN", reduced_motion="reduce")
        context.set_default_timeout(15_000)
        if role:
            context.add_cookies([live.cookie(role)])
        opened.append(Window(context, live.address))
        return opened[-1]

    yield open_window
    faults = [fault for each in opened for fault in each.faults]
    for each in opened:
        each.context.close()
    assert faults == []
