"""The inbox in a browser: two taps on a phone, the list beside the approval, live sums, signing, asking others, axe."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect

from engine.runtime.actors import SYSTEM
from engine.services import people, records
from engine.services.flow import commands
from engine.storage.flows import fetch_instance, fetch_task
from engine.web.app import create_app
from tests.browser.acts import pick, scrolls_sideways
from tests.browser.stage import DESKTOP, PHONE
from tests.browser.test_approvals import Office
from tests.browser.test_every_page import complaints, is_looked_at
from tests.web.inbox_site import COMPANY, open_inbox, start_errand, start_review
from tests.web.test_inbox import state_of_instance, task_of


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    site = open_inbox(tmp_path_factory.mktemp("inbox"))
    server = waitress.create_server(create_app(site), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    faults: list[str] = []
    expect.set_options(timeout=15_000)
    yield Office(site, f"http://127.0.0.1:{server.effective_port}", browser, faults)
    server.close()
    thread.join(timeout=5)
    site.close()
    assert faults == []


def say(office: Office, instance: int, who: str, kind: str = "approve", **more: str) -> None:
    """A decision, without a browser."""
    company = office.site.company(COMPANY)
    decision = commands.Decision(kind, **more)  # type: ignore[arg-type]
    commands.decide(company, people.person_actor(company, who), task_of(office.site, instance, who), decision)


def values_of(office: Office, instance: int) -> dict[str, object]:
    """The record of an approval."""
    company = office.site.company(COMPANY)
    with company.reading(SYSTEM) as work:
        found = fetch_instance(work.uow, instance)
    assert found is not None
    return dict(records.fetch_record(company, SYSTEM, found.form, found.record_id).values)


def title(page: Page) -> object:
    """The heading of the approval that is open."""
    return page.locator("#case .e-case-title")


def test_decided_on_a_phone_in_two_taps(office: Office) -> None:
    instance = start_review(office.site, "海风小区", "100")
    page = office.window("li", PHONE)("inbox")
    page.get_by_role("link", name="海风小区").tap()
    page.get_by_role("button", name="同意", exact=True).tap()
    expect(page).to_have_url(f"{office.address}/acme/inbox")
    expect(page.locator("main")).not_to_contain_text("海风小区")
    assert task_of(office.site, instance, "wang")
    page.context.close()


def test_the_list_stands_beside_the_approval(office: Office) -> None:
    first, second, third = (start_review(office.site, f"并排{name}", "100") for name in "甲乙丙")
    page = office.window("li")("inbox?q=并排")
    expect(title(page)).to_have_text("并排丙")  # the first one is open at once
    page.keyboard.press("j")
    expect(title(page)).to_have_text("并排乙")
    expect(page).to_have_url(re.compile(f"/inbox/{task_of(office.site, second, 'li')}\\?"))
    page.get_by_role("button", name="驳回").click()  # without a word it is not sent
    expect(page.locator("[data-say-error]").first).to_be_visible()
    expect(page.get_by_label("处理意见")).to_be_focused()
    page.get_by_label("处理意见").fill("价格偏高")
    page.get_by_role("button", name="驳回").click()
    expect(page.locator("[data-open]")).to_have_count(2)
    expect(title(page)).to_have_text("并排甲")  # what came behind it
    assert state_of_instance(office.site, second) == "rejected"
    page.go_back()
    page.get_by_label("搜索标题").fill("并排丙")
    page.get_by_label("搜索标题").press("Enter")
    expect(page.locator("[data-open]")).to_have_count(1)
    expect(title(page)).to_have_text("并排丙")
    page.get_by_role("button", name="退回").click()
    dialog = page.get_by_role("dialog", name="退回")
    dialog.get_by_label("退回原因").fill("请补充备注")
    dialog.get_by_role("button", name="退回").click()
    expect(page.locator("[data-open]")).to_have_count(0)
    revised = office.window("zhang")(f"inbox/{task_of(office.site, third, 'zhang')}")
    expect(revised.locator(".e-said")).to_contain_text("请补充备注")
    revised.get_by_label("备注").fill("已补充")
    revised.get_by_role("button", name="提交").click()
    expect(revised).to_have_url(f"{office.address}/acme/inbox")
    assert task_of(office.site, third, "li")
    assert task_of(office.site, first, "li")
    page.context.close()
    revised.context.close()


def test_lines_are_filled_in_with_live_sums_and_signed(office: Office) -> None:
    instance = start_review(office.site, "现场填写", "100000", rows=2)
    say(office, instance, "li", opinion="同意")
    say(office, instance, "wang")
    page = office.window("cai")("inbox?q=现场")
    expect(title(page)).to_have_text("现场填写")
    figure = page.locator(".e-case-figures [data-output=amount]")
    expect(figure).to_have_text("200,000.00")
    page.get_by_label("折扣").fill("10")
    expect(figure).to_have_text("180,000.00")
    page.get_by_role("button", name="添加").click()
    row = page.locator("[data-lines=lines] [data-rows] > [data-row]").nth(2)
    row.get_by_label("产品").fill("接口开发")
    row.get_by_label("数量").fill("2")
    row.get_by_label("单价").fill("5000")
    expect(figure).to_have_text("189,000.00")
    page.get_by_label("财务意见").fill("折扣已核")
    page.get_by_label("财务意见").press("Enter")  # decides nothing
    page.get_by_label("处理意见").press("Control+Enter")
    expect(page.locator("[data-open]")).to_have_count(0)
    kept = values_of(office, instance)
    assert (str(kept["amount"]), kept["opinion"], len(kept["lines"])) == ("189000.00", "折扣已核", 3)  # type: ignore[arg-type]
    page.context.close()
    signer = office.window("wang", PHONE)(f"inbox/{task_of(office.site, instance, 'wang')}")
    paper = signer.locator(".e-pad-paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    signer.mouse.move(box["x"] + 40, box["y"] + 60)
    signer.mouse.down()
    signer.mouse.move(box["x"] + 160, box["y"] + 90, steps=4)
    signer.mouse.up()
    expect(signer.locator("[data-signed]")).to_be_enabled()
    signer.get_by_role("button", name="同意", exact=True).click()  # what was drawn goes along
    expect(signer).to_have_url(f"{office.address}/acme/inbox")
    assert task_of(office.site, instance, "fa")
    signer.context.close()


def test_others_are_asked_and_several_decided_at_once(office: Office) -> None:
    asked = start_review(office.site, "批次甲", "100")
    start_review(office.site, "批次乙", "100")
    page = office.window("li")(f"inbox/{task_of(office.site, asked, 'li')}?q=批次")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="加签").click()
    dialog = page.get_by_role("dialog", name="加签")
    pick(dialog.locator(".e-field").first, "方圆", "方圆")
    dialog.get_by_text("并加签").click()
    dialog.get_by_role("button", name="加签", exact=True).click()
    expect(page.locator(".e-case-asked")).to_contain_text("方圆")
    page.get_by_role("button", name="取消加签：方圆").click()
    expect(page.locator(".e-case-asked")).to_have_count(0)
    page.get_by_role("link", name="批量审批").click()
    approve = page.locator(".e-inbox-batch-foot").get_by_role("button", name="同意")
    expect(approve).to_be_disabled()
    page.get_by_label("全选本页").check()
    expect(approve).to_have_text("同意 (2)")
    approve.click()
    expect(page.locator("#toasts")).to_contain_text("已同意 2 项")
    expect(page.locator("[data-open]")).to_have_count(0)
    expect(page.get_by_text("没有符合条件的审批")).to_be_visible()
    assert task_of(office.site, asked, "wang")
    page.context.close()


def test_what_was_typed_is_not_lost_by_a_click(office: Office) -> None:
    instance = start_review(office.site, "未存甲", "200000")
    other = start_review(office.site, "未存乙", "200000")
    for each in (instance, other):
        say(office, each, "li")
    page = office.window("cai")("inbox?q=未存")
    expect(title(page)).to_have_text("未存乙")
    page.get_by_label("财务意见").fill("half a thought")
    page.get_by_role("link", name="未存甲").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(page.get_by_label("财务意见")).to_have_value("half a thought")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="暂存").click()
    expect(page.locator(".e-case-fill")).to_contain_text("暂存的内容")
    with office.site.company(COMPANY).reading(SYSTEM) as work:
        kept = fetch_task(work.uow, task_of(office.site, other, "cai"))
    assert kept is not None
    assert kept.state == "pending"
    assert "half a thought" in (kept.draft or "")
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_fit_and_are_accessible(office: Office, device: dict[str, object], language: str) -> None:
    first = start_review(office.site, "上海恒信集团费控平台合同二期（含实施与三年维保）", "900000", rows=2)
    second = start_review(office.site, "北辰大厦", "900")
    third = start_errand(office.site, "年检办理")
    say(office, first, "li", opinion="客户信用良好，同意。")
    pages = [
        ("li", "inbox"),
        ("li", "inbox?batch=1"),
        ("li", "inbox?tab=done"),
        ("li", "inbox?tab=copies"),
        ("li", f"inbox/{task_of(office.site, second, 'li')}"),
        ("cai", f"inbox/{task_of(office.site, first, 'cai')}"),
        ("cai", f"inbox/{task_of(office.site, third, 'cai')}"),
        ("zhang", f"inbox/of/{first}?tab=started"),
    ]
    wrong = []
    for who, path in pages:
        page = office.window(who, device, language)(path)
        if path.startswith("inbox?") or path == "inbox":
            expect(page.locator(".e-inbox-list")).to_be_visible()
        else:
            expect(title(page)).to_be_visible()
        if scrolls_sideways(page):
            wrong.append(f"{path}: scrolls sideways")
        if is_looked_at(device, language):
            wrong += [f"{path}: {complaint}" for complaint in complaints(page)]
        page.context.close()
    assert wrong == []
