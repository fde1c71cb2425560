"""Approvals in a browser: submit from the form, follow on the record, mend as an administrator; axe at both widths."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect

from engine.runtime.actors import SYSTEM
from engine.services import people, records
from engine.services.flow import commands
from engine.services.site import Site
from engine.storage.flows import fetch_instance, fetch_tasks
from engine.web.app import create_app
from tests.browser.acts import scrolls_sideways
from tests.browser.stage import DESKTOP, PHONE
from tests.browser.test_every_page import complaints, is_looked_at
from tests.web.approval_site import COMPANY, open_approvals, person


@dataclass
class Office:
    """The small site of approvals behind a server, and the faults of its windows."""

    site: Site
    address: str
    browser: Browser
    faults: list[str]

    def window(self, who: str, device: dict[str, object] = DESKTOP, language: str = "zh") -> Callable[[str], Page]:
        """Opens pages as somebody."""
        company = self.site.company(COMPANY)
        people.set_language(company, people.person_actor(company, who), language)
        context = self.browser.new_context(**device, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        token = people.sign_in_as(company, person(self.site, who), "127.0.0.1", "browser tests")
        context.add_cookies([{"name": "session", "value": token, "url": self.address}])

        def open_page(path: str) -> Page:
            page = context.new_page()
            page.on("pageerror", lambda error: self.faults.append(f"{path}: {error}"))
            page.goto(f"{self.address}/{COMPANY}/{path}")
            return page

        return open_page

    def start(self, **values: object) -> int:
        """An approval of a contract of zhang."""
        company = self.site.company(COMPANY)
        return commands.start_workflow(
            company, people.person_actor(company, "zhang"), "work.review", None, {"amount": "500000", **values}
        )

    def approve(self, instance: int, who: str) -> None:
        """The task of somebody, approved."""
        company = self.site.company(COMPANY)
        with company.reading(SYSTEM) as work:
            mine = [task for task in fetch_tasks(work.uow, instance) if task.assignee == person(self.site, who)]
        decision = commands.Decision("approve", opinion="客户信用良好，同意。")
        commands.decide(company, people.person_actor(company, who), mine[0].id, decision)


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    site = open_approvals(Path(tmp_path_factory.mktemp("approvals")))
    server = waitress.create_server(create_app(site), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    faults: list[str] = []
    yield Office(site, f"http://127.0.0.1:{server.effective_port}", browser, faults)
    server.close()
    thread.join(timeout=5)
    site.close()
    assert faults == []


def test_submitted_on_a_phone_followed_withdrawn(office: Office) -> None:
    open_page = office.window("zhang", PHONE)
    page = open_page("work/contract/new")
    page.get_by_label("合同名称").fill("海星大厦")
    bar = page.locator(".e-actionbar")
    bar.get_by_role("button", name="提交审批").click()
    expect(page.locator(".e-problems")).to_contain_text("合同金额")
    page.get_by_label("合同金额").fill("120000")
    bar.get_by_role("button", name="提交审批").click()
    band = page.locator(".e-flow-band")
    expect(band).to_contain_text("部门经理审核")
    expect(band).to_contain_text("李敏")
    band.get_by_role("button", name="催办").click()
    page.locator("dialog[open]").get_by_role("button", name="催办").click()
    expect(page.locator("#approval")).to_contain_text("催办")
    page.locator("#approval [data-load-dialog]").click()
    expect(page.locator("#loaded svg.narrow")).to_be_visible()
    page.keyboard.press("Escape")
    band.get_by_role("button", name="撤回").click()
    page.locator("#confirm").get_by_role("button", name="确认").click()
    expect(page.locator(".e-head")).to_contain_text("已撤回")
    expect(page.get_by_role("button", name="提交审批")).to_be_visible()


def test_the_initiator_chooses_who_decides(office: Office) -> None:
    page = office.window("zhang")("work/leave/new")
    page.get_by_label("事由").fill("年假")
    page.locator(".e-head-actions").get_by_role("button", name="提交审批").click()
    dialog = page.locator("#submit-people")
    dialog.get_by_text("蔡丽").click()
    dialog.get_by_role("button", name="提交审批").click()
    expect(page.locator(".e-flow-band")).to_contain_text("蔡丽")


def test_an_administrator_sends_it_on(office: Office) -> None:
    instance = office.start(name="南港仓库")
    page = office.window("wang")("approvals")
    page.get_by_role("link", name="南港仓库").click()
    page.get_by_role("button", name="跳转").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("步骤").select_option("filing")
    dialog.get_by_label("原因").fill("线下已批")
    dialog.get_by_role("button", name="跳转").click()
    expect(page.locator(".e-flow-line.now")).to_contain_text("方圆")
    expect(page.locator(".e-flow")).to_contain_text("线下已批")
    page.get_by_role("button", name="改派").click()
    dialog = page.locator("dialog[open]")
    dialog.locator(".ts-control").click()
    dialog.locator(".option", has_text="蔡丽").click()
    dialog.get_by_label("原因").fill("方圆休假")
    dialog.get_by_role("button", name="改派").click()
    expect(page.locator(".e-flow-line.now")).to_contain_text("蔡丽")
    assert f"approvals/{instance}" in page.url


def test_somebody_stands_in(office: Office) -> None:
    page = office.window("fa")("delegations")
    page.locator(".e-field", has_text="受托人").locator(".ts-control").click()
    page.locator(".option", has_text="蔡丽").click()
    page.get_by_role("button", name="开始委托").click()
    mine = page.locator(".e-delegation")
    expect(mine).to_contain_text("生效中")
    mine.get_by_role("button", name="立即结束").click()
    page.locator("#confirm").get_by_role("button", name="确认").click()
    expect(page.locator(".e-delegation")).to_contain_text("已结束")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_of_approvals_fit_and_are_accessible(office: Office, device: dict[str, object], language: str) -> None:
    instance = office.start(name="上海恒信集团费控平台合同二期（含实施与三年维保）")
    office.approve(instance, "li")
    company = office.site.company(COMPANY)
    draft = records.save_record(company, people.person_actor(company, "zhang"), "work.leave", None, {"reason": "A"}).id
    pages = [
        ("zhang", f"work/contract/{_record(office, instance)}", ""),
        ("zhang", f"work/contract/{_record(office, instance)}", "#approval [data-load-dialog]"),
        ("zhang", f"work/leave/{draft}", ".e-head-actions .btn-primary"),
        ("zhang", "work/contract/new", ""),
        ("zhang", "delegations", ""),
        ("li", "notifications", ""),
        ("wang", f"approvals/{instance}", ""),
        ("wang", f"approvals/{instance}", ".e-flow-admin .btn >> nth=1"),
        ("wang", "approvals?state=all&workflow=work.review", ""),
        ("wang", "workflows", ""),
        ("wang", "workflows/work.review", ""),
    ]
    wrong = []
    for who, path, click in pages:
        page = office.window(who, device, language)(path)
        if click:
            page.locator(click).click()
            expect(page.locator("dialog[open]")).to_be_visible()
        if scrolls_sideways(page):
            wrong.append(f"{path}: scrolls sideways")
        if is_looked_at(device, language):
            wrong += [f"{path} {click}: {complaint}" for complaint in complaints(page)]
        page.context.close()
    assert wrong == []


def _record(office: Office, instance: int) -> int:
    with office.site.company(COMPANY).reading(SYSTEM) as work:
        found = fetch_instance(work.uow, instance)
    assert found is not None
    return found.record_id
