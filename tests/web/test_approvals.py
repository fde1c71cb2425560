"""Approvals in pages: starting, the record's progress, what may be done, the monitor, stand-ins, notices, budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow import commands, monitoring
from engine.storage.comments import keep_notices
from engine.storage.database import DatabaseAddress
from engine.web.app import create_app
from tests.statements import count_statements
from tests.web.approval_site import COMPANY, Desk, open_approvals, person
from tests.web.conftest import drop_company


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


def post(client: FlaskClient, path: str, **values: object) -> object:
    return client.post(f"/{COMPANY}/{path}", data=values)


def test_the_form_saves_and_starts_in_one_go(desk: Desk) -> None:
    zhang = desk.browser("zhang")
    page = zhang.get("/acme/work/contract/new").text
    assert 'value="submit:work.review"' in page
    key = re.search(r'name="_key" value="([^"]+)"', page)
    assert key is not None
    values = {"name": "Bridge", "amount": "12", "_key": key[1], "_then": "submit:work.review"}
    answer = post(zhang, "work/contract/new", **values)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/acme/work/contract/1"
    assert post(zhang, "work/contract/new", **values).headers["Location"] == "/acme/work/contract/1"
    assert desk.state(1) == "running"
    record = zhang.get("/acme/work/contract/1").text
    assert "部门经理审核" in record
    assert "李敏" in record
    assert "撤回" in record
    assert "contract/1/edit" not in record  # it is held while it runs


def test_a_form_that_an_action_opened_is_submitted_in_one_go_too(desk: Desk) -> None:
    zhang = desk.browser("zhang")
    post(zhang, "work/contract/new", name="Bridge", amount="12")
    origin = "work.contract/1/renew"
    assert 'value="submit:work.review"' in zhang.get(f"/acme/work/contract/new?from={origin}").text
    sent = {"name": "Bridge", "amount": "13", "_from": origin, "_then": "submit:work.review"}
    assert post(zhang, "work/contract/new", **sent).headers["Location"] == "/acme/work/contract/2"
    assert desk.state(2) == "running"


def test_what_the_start_asks_is_told_at_its_field_and_nothing_is_saved(desk: Desk) -> None:
    zhang = desk.browser("zhang")
    answer = post(zhang, "work/contract/new", name="Bridge", _then="submit:work.review")
    assert answer.status_code == 422
    assert 'data-jump="amount"' in answer.text
    assert 'value="Bridge"' in answer.text
    assert zhang.get("/acme/work/contract/1").status_code == 404


def test_who_may_not_start_has_no_button_and_is_refused(desk: Desk) -> None:
    desk.start()
    records.save_record(desk.company, desk.actor("zhang"), "work.contract", None, {"name": "Draft", "amount": "1"})
    cai = desk.browser("cai")
    assert "approval/start" not in cai.get("/acme/work/contract/2").text
    answer = post(cai, "work/contract/2/approval/start", workflow="work.review")
    assert answer.status_code == 422
    assert "您不能发起此审批" in answer.text


def test_the_initiator_chooses_people_from_the_candidates(desk: Desk) -> None:
    zhang = desk.browser("zhang")
    assert f'name="people.chosen" value="{person(desk.site, "cai")}"' in zhang.get("/acme/work/leave/new").text
    wrong = {"reason": "Rest", "_then": "submit:work.leave_review", "people.chosen": person(desk.site, "fa")}
    assert post(zhang, "work/leave/new", **wrong).status_code == 422
    right = {**wrong, "people.chosen": person(desk.site, "cai")}
    made = post(zhang, "work/leave/new", **right)
    assert made.status_code == 303
    assert "蔡丽" in zhang.get(made.headers["Location"]).text


def test_a_record_is_submitted_from_its_page(desk: Desk) -> None:
    made = records.save_record(desk.company, desk.actor("zhang"), "work.contract", None, {"name": "A", "amount": "1"})
    zhang = desk.browser("zhang")
    assert "approval/start" in zhang.get(f"/acme/work/contract/{made.id}").text
    answer = post(zhang, f"work/contract/{made.id}/approval/start", workflow="work.review", version=made.version)
    assert answer.status_code == 303
    again = post(zhang, f"work/contract/{made.id}/approval/start", workflow="work.review")
    assert again.status_code == 422
    assert "已有审批在进行" in again.text


def test_initiators_urge_comment_and_withdraw(desk: Desk) -> None:
    instance = desk.start()
    zhang = desk.browser("zhang")
    assert post(zhang, f"approvals/{instance}/urge", opinion="soon").status_code == 303
    assert post(zhang, f"approvals/{instance}/urge").status_code == 422  # once an hour
    assert post(zhang, f"approvals/{instance}/comment", opinion="The client waits").status_code == 303
    assert "The client waits" in zhang.get(f"/acme/approvals/{instance}").text
    notices = desk.browser("li").get("/acme/notifications").text
    assert "催办" in notices
    assert "The client waits" in notices
    gone = post(zhang, f"approvals/{instance}/withdraw", back="/acme/work/contract/1")
    assert gone.headers["Location"] == "/acme/work/contract/1"
    assert desk.state(1) == "revoked"


def test_a_decision_is_taken_back_from_the_record(desk: Desk) -> None:
    instance = desk.start(amount="500000")
    desk.say(instance, "li", "approve", opinion="fine")
    task = re.search(r'name="task" value="(\d+)"', desk.browser("li").get(f"/acme/approvals/{instance}").text)
    assert task is not None
    assert post(desk.browser("li"), f"approvals/{instance}/take_back", task=task[1]).status_code == 303
    assert desk.task(instance, "li").state == "pending"


def test_the_log_tells_returns_and_the_record_goes_back(desk: Desk) -> None:
    instance = desk.start()
    desk.say(instance, "li", "return", to="start", opinion="price?")
    page = desk.browser("zhang").get("/acme/work/contract/1").text
    assert "已退回" in page
    assert "price?" in page
    assert "修改后重新提交" in page


def test_strangers_learn_nothing(desk: Desk) -> None:
    instance = desk.start()
    fa = desk.browser("fa")
    for path in (f"approvals/{instance}", f"approvals/{instance}/picture", "approvals", "workflows/work.review"):
        assert fa.get(f"/acme/{path}").status_code == 404, path
    for act in ("withdraw", "comment", "terminate"):
        assert post(fa, f"approvals/{instance}/{act}").status_code == 404
    zhang = desk.browser("zhang")
    assert zhang.get("/acme/approvals").status_code == 404
    assert post(zhang, f"approvals/{instance}/terminate").status_code == 422
    assert post(zhang, f"approvals/{instance}/nonsense").status_code == 404
    assert desk.state(1) == "running"


def test_administrators_of_the_workflow_watch_and_mend(desk: Desk) -> None:
    instance = desk.start()
    desk.start(name="Other", amount="500000")
    wang = desk.browser("wang")
    listed = wang.get("/acme/approvals").text
    assert "Tower" in listed
    assert "Other" in listed
    assert "李敏" in listed
    assert "Tower" not in wang.get("/acme/approvals?q=oth").text
    assert "Tower" not in wang.get("/acme/approvals?state=approved").text
    assert "Tower" in wang.get(f"/acme/approvals?person={person(desk.site, 'li')}&state=all").text
    act = f"approvals/{instance}"
    assert post(wang, f"{act}/suspend", opinion="wait").status_code == 303
    assert "Tower" in wang.get("/acme/approvals?state=suspended").text
    assert post(wang, f"{act}/resume").status_code == 303
    task = desk.task(instance, "li").id
    assert post(wang, f"{act}/reassign", task=task, to=person(desk.site, "cai")).status_code == 303
    assert post(wang, f"{act}/reassign", task=task, to="").status_code == 422
    assert post(wang, f"{act}/jump", step="filing").status_code == 303
    assert post(wang, f"{act}/retry").status_code == 422  # nothing has stopped
    assert post(wang, f"{act}/pass_step", step="filing").status_code == 303
    assert desk.state(1) == "approved"
    page = wang.get(f"/acme/{act}").text
    for word in ("挂起", "恢复", "改派", "跳转", "视为通过", "审批通过"):
        assert word in page


def test_terminated_for_good(desk: Desk) -> None:
    instance = desk.start()
    assert post(desk.browser("ada"), f"approvals/{instance}/terminate", opinion="by mistake").status_code == 303
    assert desk.state(1) == "terminated"
    assert "by mistake" in desk.browser("zhang").get("/acme/work/contract/1").text


def test_pictures_of_workflows(desk: Desk) -> None:
    wang = desk.browser("wang")
    assert "合同审批" in wang.get("/acme/workflows").text
    page = wang.get("/acme/workflows/work.review").text
    assert "财务审核" in page
    assert "<svg" in page
    assert wang.get("/acme/workflows/work.nothing").status_code == 404


def test_stand_ins(desk: Desk) -> None:
    li = desk.browser("li")
    times = {"starts": "2020-01-01T09:00", "ends": "2099-01-01T18:00", "note": "away"}
    assert post(li, "delegations", **times).status_code == 422
    assert post(li, "delegations", delegate=person(desk.site, "li"), **times).status_code == 422
    assert post(li, "delegations", delegate=person(desk.site, "cai"), starts="x", ends="").status_code == 422
    assert post(li, "delegations", delegate=person(desk.site, "cai"), **times).status_code == 303
    assert "蔡丽" in li.get("/acme/delegations").text
    instance = desk.start()
    assert "代 李敏" in desk.browser("zhang").get("/acme/work/contract/1").text
    assert desk.task(instance, "cai").principal == person(desk.site, "li")
    cai = desk.browser("cai")
    assert "李敏" in cai.get("/acme/delegations").text
    assert post(cai, "delegations/1/end").status_code in (403, 404)
    assert post(li, "delegations/1/end").status_code == 303
    assert "已结束" in li.get("/acme/delegations").text


def test_a_handler_without_rights_on_the_form_sees_what_he_handles(desk: Desk) -> None:
    instance = desk.start()
    other = desk.start(name="Other")
    fa = desk.browser("fa")
    assert fa.get(f"/acme/approvals/{instance}").status_code == 404
    desk.say(instance, "li", "approve")
    page = fa.get("/acme/work/contract/1")
    assert page.status_code == 200
    assert "去处理" in page.text
    assert fa.get(f"/acme/approvals/{instance}").status_code == 200
    assert fa.get(f"/acme/approvals/{instance}/picture").status_code == 200
    assert fa.get(f"/acme/approvals/{other}").status_code == 404
    assert "Tower" in fa.get("/acme/notifications").text


def test_what_waits_is_counted_in_one_statement(desk: Desk) -> None:
    desk.start()
    desk.start(name="Other")
    li = desk.actor("li")
    with count_statements(desk.company.database.engine) as seen:
        assert monitoring.waiting_counts(desk.company, li)[1] == 2
    assert len(seen) == 1
    assert monitoring.waiting_counts(desk.company, desk.actor("cai"))[1] == 0


def test_earlier_approvals_stay_in_reach_and_cost_little(desk: Desk) -> None:
    instance = desk.start()
    zhang, company = desk.browser("zhang"), desk.company
    for _ in range(3):
        post(zhang, f"approvals/{instance}/withdraw")
        instance = commands.start_workflow(company, desk.actor("zhang"), "work.review", 1)
    page = zhang.get("/acme/work/contract/1")
    assert "以前的审批（3）" in page.text
    with count_statements(company.database.engine) as seen:
        zhang.get("/acme/work/contract/1")
    assert len([each for each in seen if "wf_log" in each]) == 1


def test_forms_without_workflows_pay_nothing(desk: Desk) -> None:
    note = records.save_record(desk.company, desk.actor("zhang"), "work.note", None, {"text": "A"}).id
    zhang = desk.browser("zhang")
    for path in (f"work/note/{note}", "work/note/new", f"work/note/{note}/edit"):
        zhang.get(f"/acme/{path}")
        with count_statements(desk.company.database.engine) as seen:
            assert zhang.get(f"/acme/{path}").status_code == 200
        about = [each for each in seen if "wf_" in each]
        assert len(about) <= 1, (path, about)
        assert all("notification" in each for each in about)  # the badge is counted along with the notices


def test_notices_go_back_page_by_page_and_each_leads_to_what_it_is_about(desk: Desk) -> None:
    instance = desk.start()
    about = {"instance": instance, "by": person(desk.site, "zhang"), "text": "again"}
    with desk.company.writing(SYSTEM, "test") as work:
        for _ in range(55):
            keep_notices(work.uow, [person(desk.site, "li")], "flow_urge", "work.contract", 1, about)
    li = desk.browser("li")
    first = li.get("/acme/notifications").text
    assert first.count("催办") == 50
    older = re.search(r"notifications\?before=(\d+)", first)
    assert older is not None
    second = li.get(f"/acme/notifications?before={older[1]}").text
    assert second.count("催办") == 5
    assert "待您处理" in second
    oldest = re.findall(r"notifications/(\d+)/open", second)[-1]
    opened = post(li, f"notifications/{oldest}/open")
    assert f"/acme/inbox/{desk.task(instance, 'li').id}" in opened.headers["Location"]
    assert post(li, f"notifications/{2**63 - 1}/open").headers["Location"].endswith("/notifications")


def test_the_monitor_filters_and_pages(desk: Desk) -> None:
    instance = desk.start()
    desk.start(name="Bridge")
    desk.say(instance, "li", "return", to="start", opinion="price?")
    wang = desk.browser("wang")
    page = wang.get("/acme/approvals?workflow=work.review&step=start").text
    assert "Tower" in page
    assert "Bridge" not in page
    assert "已退回" in page
    assert "Bridge" not in wang.get("/acme/approvals?before=2").text
    assert wang.get("/acme/approvals?step=head_review").status_code == 200
