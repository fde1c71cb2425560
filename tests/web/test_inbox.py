"""The inbox and its decision pages: lists, drafts, every decision, what is refused and where it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow import commands, inbox
from engine.services.site import Site
from engine.storage.database import DatabaseAddress
from engine.storage.flows import fetch_instance, fetch_tasks
from engine.web.app import create_app
from tests.statements import count_statements
from tests.web.approval_site import COMPANY, open_approvals, person
from tests.web.conftest import drop_company
from tests.web.test_approvals import Desk


@pytest.fixture
def desk(database_address: DatabaseAddress, tmp_path: Path) -> Iterator[Desk]:
    """The site on both databases."""
    url = database_address.url
    if url:
        drop_company(url)
    site = open_approvals(tmp_path, url)
    yield Desk(site, create_app(site))
    site.close()
    if url:
        drop_company(url)


def hidden(page: str) -> dict[str, str]:
    """What the page carries along."""
    names = ("_version", "_rev", "_key", "_start", "_drafted")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: each[1].replace("&#34;", '"') for name, each in found.items() if each is not None}


def act(client: FlaskClient, path: str, kind: str, **values: object) -> object:
    """Opens the page and presses a button of it."""
    page = client.get(path).text
    return client.post(path, data={**hidden(page), "_act": kind, **values})


def address(desk: Desk, instance: int, who: str) -> str:
    return f"/{COMPANY}/inbox/{desk.task(instance, who).id}"


def state_of_instance(site: Site, instance: int) -> str:
    """How an approval stands."""
    with site.company(COMPANY).reading(SYSTEM) as work:
        found = fetch_instance(work.uow, instance)
    assert found is not None
    return found.state


def task_of(site: Site, instance: int, who: str) -> int:
    """The task that waits for somebody."""
    with site.company(COMPANY).reading(SYSTEM) as work:
        found = fetch_tasks(work.uow, instance)
    return next(each.id for each in found if each.assignee == person(site, who) and each.state == "pending")


def state(desk: Desk, instance: int) -> str:
    return state_of_instance(desk.site, instance)


def test_what_waits_is_listed_searched_and_decided(desk: Desk) -> None:
    instance = desk.start()
    desk.start(name="Bridge")
    li = desk.browser("li")
    listed = li.get("/acme/inbox").text
    assert "Tower" in listed
    assert "Bridge" in listed
    assert "部门经理审核" in listed
    assert "Bridge" not in li.get("/acme/inbox?q=tow").text
    assert "没有符合条件的审批" in li.get("/acme/inbox?q=nothing").text
    path = address(desk, instance, "li")
    page = li.get(path).text
    assert "Tower" in page
    assert 'href="/acme/work/contract/1"' in page
    assert act(li, path, "approve", _opinion="fine").status_code == 303
    assert "Tower" not in li.get("/acme/inbox").text
    assert "Tower" in li.get("/acme/inbox?tab=done").text
    assert "方圆" in desk.browser("zhang").get("/acme/inbox?tab=started").text
    assert li.get(path).status_code == 303
    assert act(desk.browser("fa"), address(desk, instance, "fa"), "submit").status_code == 303
    assert state(desk, instance) == "approved"


def test_empty_tabs_say_so(desk: Desk) -> None:
    fa = desk.browser("fa")
    assert "没有待处理的审批" in fa.get("/acme/inbox").text
    for tab in ("done", "started", "copies", "nonsense"):
        assert fa.get(f"/acme/inbox?tab={tab}").status_code == 200


def test_copies_are_listed(desk: Desk) -> None:
    instance = desk.start()
    commands.copy_to(desk.company, desk.actor("li"), instance, [person(desk.site, "fa")])
    assert "Tower" in desk.browser("fa").get("/acme/inbox?tab=copies").text


def test_rejected(desk: Desk) -> None:
    instance = desk.start()
    assert act(desk.browser("li"), address(desk, instance, "li"), "reject", _opinion="too dear").status_code == 303
    assert state(desk, instance) == "rejected"


def test_returned_revised_and_submitted_again(desk: Desk) -> None:
    instance = desk.start()
    li, zhang = desk.browser("li"), desk.browser("zhang")
    assert act(li, address(desk, instance, "li"), "return", _to="nowhere", _opinion="why").status_code == 422
    assert act(li, address(desk, instance, "li"), "return", _to="start", _opinion="amount?").status_code == 303
    path = address(desk, instance, "zhang")
    page = zhang.get(path).text
    assert 'name="amount"' in page
    wrong = act(zhang, path, "submit", amount="")
    assert wrong.status_code == 422
    assert "合同金额" in wrong.text
    assert act(zhang, path, "submit", amount="777", name="Tower").status_code == 303
    with desk.company.reading(SYSTEM) as work:
        assert fetch_instance(work.uow, instance).state == "running"  # type: ignore[union-attr]
    kept = records.fetch_record(desk.company, desk.actor("zhang"), "work.contract", 1)
    assert str(kept.values["amount"]) in ("777", "777.00")


def test_a_draft_is_kept_and_may_be_taken_back(desk: Desk) -> None:
    instance = desk.start(amount="500000")
    desk.say(instance, "li", "approve")
    cai = desk.browser("cai")
    path = address(desk, instance, "cai")
    assert act(cai, path, "save", _opinion="later", opinion="Risky").status_code == 303
    page = cai.get(path).text
    assert ">later</textarea>" in page
    assert 'value="Risky"' in page
    assert "Risky" not in desk.browser("zhang").get("/acme/work/contract/1").text
    assert act(cai, path, "approve", opinion="").status_code == 303
    kept = records.fetch_record(desk.company, desk.actor("zhang"), "work.contract", 1)
    assert not kept.values["opinion"]


def test_what_was_decided_meanwhile_is_told(desk: Desk) -> None:
    instance = desk.start()
    li = desk.browser("li")
    path = address(desk, instance, "li")
    carried = hidden(li.get(path).text)
    desk.say(instance, "li", "approve")
    answer = li.post(path, data={**carried, "_act": "approve", "_key": "another"})
    assert answer.status_code == 409
    assert "李敏" in answer.text


def test_what_changed_meanwhile_is_shown_before_anything_is_decided(desk: Desk) -> None:
    instance = desk.start()
    li = desk.browser("li")
    path = address(desk, instance, "li")
    carried = hidden(li.get(path).text)
    records.save_record(desk.company, SYSTEM, "work.contract", 1, {"name": "Tower two"})
    answer = li.post(path, data={**carried, "_act": "approve", "_opinion": "typed"})
    assert answer.status_code == 409
    assert "Tower two" in answer.text
    assert "typed" in answer.text
    assert state(desk, instance) == "running"
    assert li.post(path, data={**hidden(answer.text), "_act": "approve"}).status_code == 303


def test_handed_on(desk: Desk) -> None:
    instance = desk.start()
    li = desk.browser("li")
    path = address(desk, instance, "li")
    assert act(li, path, "transfer").status_code == 422
    assert act(li, path, "transfer", _transfer=person(desk.site, "cai")).status_code == 303
    assert "Tower" in desk.browser("cai").get("/acme/inbox").text


def test_only_ones_own_tasks(desk: Desk) -> None:
    instance = desk.start()
    path = address(desk, instance, "li")
    for who in ("fa", "zhang"):
        assert desk.browser(who).get(path).status_code == 404
        assert desk.browser(who).post(path, data={"_act": "approve"}).status_code == 404
    assert desk.browser("li").get("/acme/inbox/99999").status_code == 404
    assert desk.browser("li").post(path, data={"_act": "nonsense"}).status_code == 422


def test_lists_cost_the_same_however_long(desk: Desk) -> None:
    li = desk.actor("li")
    desk.start()
    inbox.fetch_inbox(desk.company, li, inbox.InboxWanted())  # the definition is read once
    with count_statements(desk.company.database.engine) as few:
        inbox.fetch_inbox(desk.company, li, inbox.InboxWanted())
    for number in range(4):
        desk.start(name=f"House {number}")
    with count_statements(desk.company.database.engine) as many:
        assert len(inbox.fetch_inbox(desk.company, li, inbox.InboxWanted()).rows) == 5
    assert len(many) == len(few) <= 3
    for tab in inbox.TABS:
        with count_statements(desk.company.database.engine) as seen:
            inbox.fetch_inbox(desk.company, li, inbox.InboxWanted(tab))
        assert len(seen) <= 4
