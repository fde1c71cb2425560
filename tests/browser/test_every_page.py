"""Every page at both widths and in both languages: no sideways scroll; at both widths nothing axe-core has to say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.acts import scrolls_sideways
from tests.browser.stage import AXE, DESKTOP, PHONE, Window

OpenWindow = Callable[..., Window]
PAGES = {
    "home": "",
    "list": "crm/customer",
    "board": "crm/opportunity?view=board",
    "tree": "crm/customer?view=groups",
    "organisation": "people/department?view=tree",
    "calendar": "crm/plan?view=calendar",
    "form": "crm/quote/new",
    "record": "crm/customer/1",
    "opportunity": "crm/opportunity/1",
    "search": "search?q=a",
    "recycle bin": "recycle-bin",
    "people": "people",
    "my page": "me",
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def is_looked_at(device: dict[str, object], language: str) -> bool:
    """axe-core takes its time: it sees each page in Chinese on a desktop and in English on a phone."""
    return language == ("en" if device is PHONE else "zh")


def complaints(page: Page) -> list[str]:
    """What axe-core finds: rule, place, and why."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found["violations"] for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_fit_and_are_accessible(window: OpenWindow, device: dict[str, object], language: str) -> None:
    opened = window("administrator", device)
    wrong = []
    switch = opened.open("me")
    switch.evaluate(
        """async language => {
            const form = new FormData();
            form.set('csrf', document.querySelector('meta[name=csrf-token]').content);
            form.set('language', language);
            const path = location.pathname.split('/').slice(0, 2).join('/');
            await fetch(path + '/language', {method: 'POST', body: form});
        }""",
        language,
    )
    switch.close()
    for name, path in PAGES.items():
        page = opened.open(path)
        if page.locator("html").get_attribute("lang") != {"zh": "zh-CN", "en": "en"}[language]:
            wrong.append(f"{name}: not in {language}")
        if scrolls_sideways(page):
            wrong.append(f"{name}: scrolls sideways")
        if is_looked_at(device, language):
            wrong += [f"{name}: {complaint}" for complaint in complaints(page)]
        page.close()
    assert wrong == []


def test_the_sign_in_page_is_accessible(window: OpenWindow) -> None:
    for device in (DESKTOP, PHONE):
        page = window("", device).open("sign-in")
        assert complaints(page) == []
        assert not scrolls_sideways(page)
