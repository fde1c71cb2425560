"""The decision page and what stands around it: filters, the way, differences, signers, copies, choosing, several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow import commands, inbox
from engine.services.flow.inbox import InboxWanted
from engine.storage.database import DatabaseAddress
from engine.storage.flows import update_task
from engine.storage.inbox_lists import PAGE
from engine.web.app import create_app
from tests.web.approval_site import Desk, person
from tests.web.conftest import drop_company
from tests.web.inbox_site import open_inbox, start_errand, start_review
from tests.web.test_inbox import act, address, hidden, state


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One site for all: every test begins approvals of its own."""
    site = open_inbox(tmp_path_factory.mktemp("inbox"))
    yield Desk(site, create_app(site))
    site.close()


def waiting(desk: Desk, who: str, **wanted: object) -> list[str]:
    found = inbox.fetch_inbox(desk.company, desk.actor(who), InboxWanted(**wanted))  # type: ignore[arg-type]
    return [row.title for row in found.rows]


def set_due(desk: Desk, instance: int, who: str, due: object) -> None:
    task = desk.task(instance, who).id
    with desk.company.writing(SYSTEM, "test") as work:
        update_task(work.uow, task, {"due_at": due})


def test_lists_are_filtered_and_paged(
    database_address: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = database_address.url
    if url:
        drop_company(url)
    site = open_inbox(tmp_path_factory.mktemp("filters"), url)
    desk = Desk(site, create_app(site))
    late = start_review(site, "Late tower", "900")
    other = start_review(site, "Bridge", "7000.5", rows=2)
    set_due(desk, late, "li", desk.company.clock().replace(year=2020))
    assert waiting(desk, "li") == ["Bridge", "Late tower"]
    assert waiting(desk, "li", overdue=True) == ["Late tower"]
    assert waiting(desk, "zhang", tab="started", overdue=True) == ["Late tower"]
    assert waiting(desk, "li", text="bRI") == ["Bridge"]
    assert waiting(desk, "li", workflow="work.errand") == []
    assert waiting(desk, "li", initiator=person(site, "zhang"), workflow="work.review") == ["Bridge", "Late tower"]
    assert waiting(desk, "li", initiator=person(site, "li")) == []
    li = desk.browser("li")
    page = li.get("/acme/inbox").text
    assert "¥ 14,001" in page
    assert "已超时" in page
    filtered = li.get(f"/acme/inbox?overdue=1&workflow=work.review&initiator={person(site, 'zhang')}").text
    assert "Late tower" in filtered
    assert "Bridge" not in filtered
    assert f"/acme/inbox/{desk.task(late, 'li').id}?workflow=work.review" in filtered
    told = li.post(f"/acme/inbox/{desk.task(other, 'li').id}/preview", data={"_start": "{}"}).get_json()
    assert told["inputs"]["amount"] == "14001.00"
    assert "Bridge" in desk.browser("zhang").get(f"/acme/inbox/of/{other}?tab=started").text
    site.close()
    if url:
        drop_company(url)


def test_older_ones_follow(desk: Desk) -> None:
    for number in range(PAGE + 2):
        start_errand(desk.site, f"Errand {number:02d}")
    cai = desk.browser("cai")
    first = cai.get("/acme/inbox?workflow=work.errand").text
    assert "Errand 31" in first
    assert "Errand 01" not in first
    more = re.search(r'hx-get="([^"]*before=[^"]*)"', first)
    assert more is not None
    assert "workflow=work.errand" in more[1]
    rows = cai.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert rows.count("data-open=") == 2
    assert "<html" not in rows
    assert "Errand 01" in cai.get(more[1].replace("&amp;", "&")).text


def test_the_way_tells_who_decided_and_what_comes(desk: Desk) -> None:
    large, small = start_review(desk.site, "Large", "200000"), start_review(desk.site, "Small", "10")
    desk.say(large, "li", "approve", opinion="solid")
    found = inbox.fetch_desk(desk.company, desk.actor("cai"), desk.task(large, "cai").id)
    assert found is not None
    assert [(each.step, each.state) for each in found.way] == [
        ("start", "done"),
        ("head_review", "done"),
        ("finance_review", "now"),
        ("boss_review", "later"),
        ("filing", "later"),
    ]
    assert [each.name for each in found.way[3].people] == ["王建国"]
    assert found.way[2].mine
    shown = inbox.fetch_desk(desk.company, desk.actor("li"), desk.task(small, "li").id)
    assert shown is not None
    assert "finance_review" not in {each.step for each in shown.way}
    page = desk.browser("cai").get(address(desk, large, "cai")).text
    assert "solid" in page
    case = inbox.fetch_showcase(desk.company, desk.actor("zhang"), large)
    assert [each.state for each in case.way] == ["done", "done", "now", "later", "later"]


def test_a_branch_that_reads_what_is_hidden_is_not_foretold(desk: Desk) -> None:
    large = start_review(desk.site, "Hidden", "200000")
    with desk.company.reading(SYSTEM) as work:
        found = inbox.fetch_instance(work.uow, large)
        assert found is not None
        looking = inbox.look_at(desk.company, work, found)
        names = [each.step.name for each in inbox.foresee(looking, frozenset({"amount"}))]
        seen = [each.step.name for each in inbox.foresee(looking, frozenset())]
    assert names == ["boss_review", "filing"]
    assert seen == ["finance_review", *names]


def test_what_has_changed_since_the_last_look_is_told(desk: Desk) -> None:
    instance = start_review(desk.site, "Changed", "100")
    li = desk.browser("li")
    path = address(desk, instance, "li")
    assert "您上次查看后有变动" not in li.get(path).text
    assert "您上次查看后有变动" not in li.get(path).text
    with desk.company.reading(SYSTEM) as work:
        record = inbox.fetch_instance(work.uow, instance).record_id  # type: ignore[union-attr]
    records.save_record(desk.company, SYSTEM, "work.contract", record, {"note": "later than agreed"})
    page = li.get(path).text
    assert "您上次查看后有变动" in page
    assert "later than agreed" in page
    assert act(li, path, "return", _to="start", _reason="why so late").status_code == 303
    zhang = desk.browser("zhang")
    assert act(zhang, address(desk, instance, "zhang"), "submit", note="as agreed").status_code == 303
    again = li.get(address(desk, instance, "li")).text
    assert "as agreed" in again
    assert "您上次查看后有变动" in again
    assert "why so late" in again


def test_what_should_be_looked_at_twice_is_told(desk: Desk) -> None:
    usual = start_review(desk.site, "Usual", "100")
    found = inbox.fetch_desk(desk.company, desk.actor("li"), desk.task(usual, "li").id)
    assert found is not None
    assert found.attention == ()
    records.save_record(desk.company, SYSTEM, "work.contract", _record(desk, usual), {"discount": "0.2"})
    page = desk.browser("li").get(address(desk, usual, "li")).text
    assert "请重点关注" in page
    assert "折扣超过标准 10%" in page
    assert "交付日期已过" not in page


def test_signers_are_added_and_taken_away_and_copies_sent(desk: Desk) -> None:
    instance = start_review(desk.site, "Signers", "100")
    li, cai = desk.browser("li"), person(desk.site, "cai")
    path = address(desk, instance, "li")
    refused = act(li, path, "addsign", _where="with")
    assert refused.status_code == 422
    assert "data-open-now" in refused.text
    added = act(li, path, "addsign", _where="with", _people=[cai], _reason_addsign="look at the price")
    assert added.headers["Location"].endswith(path)
    task = desk.task(instance, "cai").id
    assert f"remove:{task}" in li.get(path).text
    assert act(li, path, f"remove:{task}").status_code == 303
    assert act(li, path, "cc").status_code == 422
    assert act(li, path, "cc", _copies=[person(desk.site, "fa")], _reason_cc="for you").status_code == 303
    assert "Signers" in desk.browser("fa").get("/acme/inbox?tab=copies").text
    assert desk.browser("fa").get(f"/acme/inbox/of/{instance}?tab=copies").status_code == 200
    assert act(li, path, "addsign", _where="before", _people=[cai], _mode="any").headers["Location"].endswith("/inbox")
    assert act(desk.browser("cai"), address(desk, instance, "cai"), "approve").status_code == 303
    done = act(li, path, "addsign", _where="after", _people=[cai], _opinion="fine by me")
    assert done.status_code == 303
    assert act(desk.browser("cai"), address(desk, instance, "cai"), "approve").status_code == 303
    assert desk.task(instance, "wang").step == "boss_review"


def test_who_comes_next_is_chosen(desk: Desk) -> None:
    instance = start_errand(desk.site, "Chosen")
    cai = desk.browser("cai")
    path = address(desk, instance, "cai")
    page = cai.get(path).text
    assert 'name="people.carry_out"' in page
    refused = act(cai, path, "submit")
    assert refused.status_code == 422
    assert "办理" in refused.text
    assert act(cai, path, "submit", **{"people.carry_out": person(desk.site, "fa")}).status_code == 422
    assert act(cai, path, "submit", **{"people.carry_out": person(desk.site, "li")}).status_code == 303
    assert desk.task(instance, "li").step == "carry_out"


def test_kept_for_oneself_and_released(desk: Desk) -> None:
    instance = start_errand(desk.site, "Kept")
    cai, path = desk.browser("cai"), address(desk, instance, "cai")
    assert 'value="claim"' in cai.get(path).text
    assert act(cai, path, "claim").status_code == 303
    with pytest.raises(StopIteration):
        desk.task(instance, "wang")
    assert act(cai, path, "release").status_code == 303
    assert desk.task(instance, "wang").step == "prepare"


def batch(client: FlaskClient, kind: str, **more: object) -> object:
    """Ticks every row of the list that may be ticked and presses a button."""
    page = client.get("/acme/inbox?batch=1&q=Batch").text
    carried = dict(re.findall(r'name="((?:rev|version)\.\d+)" value="(\d+)"', page))
    ticked = re.findall(r'name="task" value="(\d+)"', page)
    return client.post("/acme/inbox/batch?q=Batch", data={**carried, "task": ticked, "_act": kind, **more})


def test_several_are_decided_at_once(desk: Desk) -> None:
    one, two, three = (start_review(desk.site, f"Batch {number}", "100") for number in range(3))
    li = desk.browser("li")
    page = li.get("/acme/inbox?batch=1&q=Batch").text
    carried = dict(re.findall(r'name="((?:rev|version)\.\d+)" value="(\d+)"', page))
    records.save_record(desk.company, SYSTEM, "work.contract", _record(desk, two), {"note": "changed"})
    ticked = re.findall(r'name="task" value="(\d+)"', page)
    assert len(ticked) == 3
    answer = li.post("/acme/inbox/batch?q=Batch", data={**carried, "task": ticked, "_act": "approve"})
    assert answer.status_code == 200
    assert "已处理 2 项，共 3 项" in answer.text
    assert desk.task(two, "li").step == "head_review"
    assert desk.task(one, "wang").step == desk.task(three, "wang").step == "boss_review"
    assert batch(li, "reject").status_code == 200  # type: ignore[attr-defined]
    assert batch(li, "reject", _opinion="no").status_code == 303  # type: ignore[attr-defined]
    assert state(desk, two) == "rejected"
    assert li.post("/acme/inbox/batch", data={"_act": "approve"}).status_code == 422
    wang = desk.browser("wang")
    assert "批量审批" not in wang.get("/acme/inbox?q=Batch").text  # a signature cannot be given for several


def _record(desk: Desk, instance: int) -> int:
    with desk.company.reading(SYSTEM) as work:
        return inbox.fetch_instance(work.uow, instance).record_id  # type: ignore[union-attr]


def test_rows_may_be_added_only_where_the_step_edits_them(desk: Desk) -> None:
    instance = start_review(desk.site, "Rows", "200000")
    assert "data-add-row" not in desk.browser("li").get(address(desk, instance, "li")).text
    desk.say(instance, "li", "approve")
    cai, path = desk.browser("cai"), address(desk, instance, "cai")
    page = cai.get(path).text
    assert "data-add-row" in page
    told = cai.post(
        f"{path}/preview",
        data={**hidden(page), "lines-shown": "1", "lines-0-id": "", "lines-0-item": "One", "lines-0-quantity": "3",
              "lines-0-price": "50", "discount": "10"},
    ).get_json()  # fmt: skip
    assert told["texts"]["amount"] == "135.00"
    assert told["texts"]["lines/0/amount"] == "150.00"
    assert state(desk, instance) == "running"


def test_others_see_neither_task_nor_case(desk: Desk) -> None:
    instance = start_review(desk.site, "Private", "100")
    path = address(desk, instance, "li")
    fa = desk.browser("fa")
    for address_ in (path, f"/acme/inbox/of/{instance}"):
        assert fa.get(address_).status_code == 404
    assert fa.post(f"{path}/preview", data={}).status_code == 404
    assert fa.post(f"/acme/inbox/of/{instance}/remove", data={"task": desk.task(instance, "li").id}).status_code in (
        403,
        404,
    )
    answer = fa.post("/acme/inbox/batch", data={"task": [desk.task(instance, "li").id], "_act": "approve"})
    assert answer.status_code == 200
    assert "Private" not in answer.text
    assert desk.task(instance, "li").step == "head_review"


def test_more_than_a_hundred_at_once_are_refused(desk: Desk) -> None:
    many = {number: commands.Decision("approve") for number in range(1, 102)}
    with pytest.raises(ProblemsFound):
        commands.decide_many(desk.company, desk.actor("li"), many)
