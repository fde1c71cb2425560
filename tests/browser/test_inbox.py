"""The inbox in a browser: a task decided on a phone in two taps."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.stage import PHONE
from tests.browser.test_approvals import Office, office
from tests.web.test_inbox import state_of_instance

__all__ = ["office"]


def test_decided_on_a_phone_in_two_taps(office: Office) -> None:
    instance = office.start(name="海风小区")
    page = office.window("li", PHONE)("inbox")
    page.get_by_role("link", name="海风小区").click()
    page.locator(".e-actionbar").get_by_role("button", name="同意").click()
    expect(page).to_have_url(f"{office.address}/acme/inbox")
    assert state_of_instance(office.site, instance) == "running"
    expect(page.locator("main")).not_to_contain_text("海风小区")
