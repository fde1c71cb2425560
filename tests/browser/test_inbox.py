"""The inbox in a browser: a task decided on a phone in two taps; axe at both widths."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.runtime.actors import SYSTEM
from engine.storage.flows import fetch_task
from tests.browser.acts import scrolls_sideways
from tests.browser.stage import DESKTOP, PHONE
from tests.browser.test_approvals import Office, office
from tests.browser.test_every_page import complaints
from tests.web.approval_site import COMPANY
from tests.web.test_inbox import state_of_instance, task_of

__all__ = ["office"]


def test_decided_on_a_phone_in_two_taps(office: Office) -> None:
    instance = office.start(name="海风小区")
    page = office.window("li", PHONE)("inbox")
    page.get_by_role("link", name="海风小区").click()
    page.locator(".e-actionbar").get_by_role("button", name="同意").click()
    expect(page).to_have_url(f"{office.address}/acme/inbox")
    assert state_of_instance(office.site, instance) == "running"
    expect(page.locator("main")).not_to_contain_text("海风小区")


def test_enter_in_an_input_decides_nothing(office: Office) -> None:
    instance = office.start(name="海景小区")
    office.approve(instance, "li")
    task = task_of(office.site, instance, "wang")
    page = office.window("wang")(f"inbox/{task}")
    opinion = page.get_by_label("财务意见")
    opinion.fill("half a thought")
    opinion.press("Enter")
    page.wait_for_timeout(500)
    expect(opinion).to_have_value("half a thought")
    with office.site.company(COMPANY).reading(SYSTEM) as work:
        kept = fetch_task(work.uow, task)
    assert kept is not None
    assert (kept.state, kept.decision, kept.draft) == ("pending", None, None)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_fit_and_are_accessible(office: Office, device: dict[str, object], language: str) -> None:
    first = office.start(name="上海恒信集团费控平台合同二期（含实施与三年维保）")
    second = office.start(name="北辰大厦")
    office.approve(second, "li")
    pages = [
        ("li", "inbox"),
        ("li", "inbox?tab=done"),
        ("li", "inbox?tab=copies"),
        ("zhang", "inbox?tab=started"),
        ("li", f"inbox/{task_of(office.site, first, 'li')}"),
        ("cai", f"inbox/{task_of(office.site, second, 'cai')}"),
    ]
    wrong = []
    for who, path in pages:
        page = office.window(who, device, language)(path)
        for summary in page.locator("details > summary").all():
            summary.click()
        if scrolls_sideways(page):
            wrong.append(f"{path}: scrolls sideways")
        wrong += [f"{path}: {complaint}" for complaint in complaints(page)]
        page.context.close()
    assert wrong == []
