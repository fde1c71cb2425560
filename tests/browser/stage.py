"""A copy of the repository's site behind a real server, and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import waitress
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

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


@dataclass
class LiveSite:
    """The site that a server of this process serves."""

    site: Site
    address: str

    def cookie(self, role: str) -> dict[str, str]:
        """A session cookie of the first person with this role."""
        company = self.site.company(COMPANY)
        person = next(each for each in people.people_for_demo(company) if role in each.roles)
        token = people.sign_in_as(company, person.id, "127.0.0.1", "browser tests")
        return {"name": "session", "value": token, "url": self.address}

    def usual_language(self, role: str) -> None:
        """The person with this role reads Chinese again, whatever a test has chosen."""
        company = self.site.company(COMPANY)
        person = next(each for each in people.people_for_demo(company) if role in each.roles)
        people.set_language(company, people.person_actor(company, person.login), "zh")


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


def copy_site(target: Path) -> Path:
    """The repository's site with one company of its own, so that nothing of ours is changed."""
    for name in ("forms", "workflows", "dashboards", "templates_pack"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name)
    lines = (ROOT / "site.yaml").read_text(encoding="utf-8").splitlines()
    kept = [f"companies: [{COMPANY}]" if line.startswith("companies:") else line for line in lines]
    (target / "site.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return target


@contextmanager
def serving(folder: Path) -> Iterator[LiveSite]:
    """The site in `folder`, filled with its demo rows and served on a free port until the block ends."""
    site = open_site(folder)
    setup.prepare_demo(site, COMPANY, lambda text, rows: None)
    server = waitress.create_server(create_app(site), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield LiveSite(site, f"http://127.0.0.1:{server.effective_port}")
    server.close()
    thread.join(timeout=5)
    site.close()


def find_chromium() -> str | None:
    """The path of a Chromium of this machine."""
    wanted = os.environ.get("WEFT_CHROMIUM")
    return wanted or next((found for place in CHROMIUM_PLACES if (found := shutil.which(place))), None)


def launch(playwright: Playwright, path: str) -> Browser:
    """The browser at `path`; without its sandbox only where it refuses to have one."""
    options = ["--disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    return playwright.chromium.launch(executable_path=path, args=options)
