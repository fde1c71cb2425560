"""Programs handle approvals: lists, one task, decisions, handing on, starting, the log, what administrators do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from engine.storage.database import DatabaseAddress
from engine.web.app import create_app
from tests.web.approval_site import Desk, open_approvals, person
from tests.web.conftest import drop_company

API = "/acme/api/v1"


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


def waiting(program: FlaskClient) -> dict[str, object]:
    """The first task that waits, as it is read by itself."""
    row = program.get(f"{API}/tasks").json["rows"][0]
    return program.get(f"{API}/tasks/{row['task']}").json  # type: ignore[no-any-return]


def codes(answer: object) -> list[str]:
    """The codes of a refusal."""
    assert answer.mimetype == "application/problem+json", answer.text  # type: ignore[attr-defined]
    return [each["code"] for each in answer.json["errors"]]  # type: ignore[attr-defined]


def test_an_approval_goes_from_start_to_end_by_programs(desk: Desk) -> None:
    zhang, li, cai, fa = (desk.program(login) for login in ("zhang", "li", "cai", "fa"))
    sent = {"workflow": "work.review", "values": {"name": "Tower", "amount": "120000"}}
    made = zhang.post(f"{API}/approvals", json=sent, headers={"Idempotency-Key": "s1"})
    again = zhang.post(f"{API}/approvals", json=sent, headers={"Idempotency-Key": "s1"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.headers["Location"] == again.headers["Location"] == f"{API}/approvals/{made.json['id']}"
    assert made.json["state"] == "running"
    assert [place["label"] for place in made.json["places"]] == ["部门经理审核"]
    task = waiting(li)
    assert task["record"]["amount"] == "120000.00"
    assert task["offers"][:3] == ["approve", "reject", "return"]
    tag = li.get(f"{API}/tasks/{task['id']}").headers["ETag"]
    decide = f"{API}/tasks/{task['id']}/decide"
    assert codes(li.post(decide, json={"decision": "approve"})) == ["A190"]
    assert li.post(decide, json={"decision": "approve"}, headers={"If-Match": '"99-1"'}).status_code == 409
    headers = {"If-Match": tag, "Idempotency-Key": "d1"}
    done = li.post(decide, json={"decision": "approve", "opinion": "fine"}, headers=headers)
    assert done.status_code == 200, done.text
    assert done.json["places"][0]["step"] == "finance_review"
    assert li.post(decide, json={"decision": "approve", "opinion": "fine"}, headers=headers).status_code == 200
    assert codes(li.post(decide, json={"decision": "approve", "version": 2}, headers={"Idempotency-Key": "d1"})) == [
        "R103"
    ]
    late = li.post(decide, json={"decision": "approve", "version": task["record"]["version"]})
    assert (late.status_code, codes(late)) == (409, ["A103"])
    closed = li.get(f"{API}/tasks/{task['id']}").json
    assert (closed["state"], closed["decision"]) == ("done", "approve")
    assert "record" not in closed
    for who in (cai, desk.program("wang")):
        mine = waiting(who)
        said = {"decision": "approve", "version": mine["record"]["version"], "rev": mine["rev"]}
        assert who.post(f"{API}/tasks/{mine['id']}/decide", json={**said, "values": {"name": "x"}}).status_code == 422
        values = {"values": {"opinion": "sound"}} if who is cai else {}
        assert who.post(f"{API}/tasks/{mine['id']}/decide", json={**said, **values}).status_code == 200
    filing = waiting(fa)
    ended = fa.post(
        f"{API}/tasks/{filing['id']}/decide", json={"decision": "submit", "version": filing["record"]["version"]}
    )
    assert ended.json["state"] == "approved"
    log = zhang.get(f"{API}/approvals/{made.json['id']}/log").json["events"]
    acts = ("start", "approve", "submit")
    assert [each["action"] for each in log if each["action"] in acts] == ["start", *["approve"] * 3, "submit"]
    assert log[1]["opinion"] == "fine"


def test_lists_are_those_of_the_inbox(desk: Desk) -> None:
    desk.start()
    desk.start(name="Bridge")
    zhang, li = desk.program("zhang"), desk.program("li")
    listed = li.get(f"{API}/tasks").json
    assert [row["title"] for row in listed["rows"]] == ["Bridge", "Tower"]
    assert (listed["next"], listed["rows"][0]["initiator"]["title"]) == (None, "张伟")
    assert [row["title"] for row in li.get(f"{API}/tasks?search=tow").json["rows"]] == ["Tower"]
    assert li.get(f"{API}/tasks?workflow=work.leave_review").json["rows"] == []
    assert li.get(f"{API}/tasks?overdue=1").json["rows"] == []
    assert len(li.get(f"{API}/tasks", query_string={"initiator": person(desk.site, "zhang")}).json["rows"]) == 2
    started = zhang.get(f"{API}/tasks?tab=started").json["rows"]
    assert [each["title"] for each in started[0]["holders"]] == ["李敏"]
    after = listed["rows"][0]["task"]
    assert [row["title"] for row in li.get(f"{API}/tasks?after={after}").json["rows"]] == ["Tower"]
    assert codes(li.get(f"{API}/tasks?after=x")) == ["R110"]
    assert li.get(f"{API}/tasks?tab=nonsense").status_code == 400
    assert li.get(f"{API}/").json["tasks"] == f"{API}/tasks"


def test_tasks_are_handed_on_signed_with_others_and_kept_as_drafts(desk: Desk) -> None:
    instance = desk.start(amount="500000")
    li, cai, wang = (desk.program(login) for login in ("li", "cai", "wang"))
    task = waiting(li)
    at = f"{API}/tasks/{task['id']}"
    assert li.post(f"{at}/save", json={"opinion": "later"}).status_code == 200
    assert waiting(li)["draft"] == {"values": {}, "opinion": "later"}
    assert codes(li.post(f"{at}/transfer", json={})) == ["R114"]
    assert codes(li.post(f"{at}/transfer", json={"to": person(desk.site, "li")})) == ["A115"]
    assert codes(li.post(f"{at}/transfer", json={"too": 1, "to": 1})) == ["R101"]
    assert codes(li.post(f"{at}/transfer", json={"to": person(desk.site, "cai"), "rev": task["rev"]})) == ["A105"]
    assert li.post(f"{at}/transfer", json={"to": {"id": person(desk.site, "cai")}}).status_code == 200
    handed = waiting(cai)
    signers = {"signers": [person(desk.site, "fa")], "where": "before"}
    assert codes(cai.post(f"{API}/tasks/{handed['id']}/add_signer", json=signers)) == ["A126"]
    assert cai.post(f"{API}/tasks/{handed['id']}/add_signer", json={**signers, "where": "beside"}).status_code == 400
    assert codes(cai.post(f"{API}/tasks/{handed['id']}/claim", json={})) == ["A126"]
    moved = wang.post(f"{API}/tasks/{handed['id']}/reassign", json={"to": person(desk.site, "li")})
    assert moved.json["places"][0]["holders"][0]["person"]["title"] == "李敏"
    mine = waiting(li)
    said = {"decision": "approve", "version": mine["record"]["version"]}
    assert li.post(f"{API}/tasks/{mine['id']}/decide", json=said).status_code == 200
    back = li.post(f"{API}/tasks/{mine['id']}/take_back", json={})
    assert back.json["places"][0]["step"] == "head_review"
    assert desk.task(instance, "li").state == "pending"


def test_returns_name_their_step_and_the_initiator_hands_in_again(desk: Desk) -> None:
    desk.start()
    zhang, li = desk.program("zhang"), desk.program("li")
    task = waiting(li)
    assert [each["step"] for each in task["returns"]] == ["start"]
    said = {"decision": "return", "version": task["record"]["version"], "opinion": "price?"}
    assert codes(li.post(f"{API}/tasks/{task['id']}/decide", json={**said, "to": "filing"})) == ["A110"]
    returned = li.post(f"{API}/tasks/{task['id']}/decide", json={**said, "to": "start"})
    assert returned.json["returned"] is True
    mine = waiting(zhang)
    assert (mine["step"], mine["label"], mine["offers"][0]) == ("start", "发起", "submit")
    stale = {"decision": "submit", "version": mine["record"]["version"], "values": {"amount": "9000"}}
    again = zhang.post(f"{API}/tasks/{mine['id']}/decide", json=stale)
    assert again.json["places"][0]["step"] == "head_review"


def test_what_was_seen_is_what_is_approved(desk: Desk) -> None:
    instance = desk.start(amount="500000")
    li, cai, wang = (desk.program(login) for login in ("li", "cai", "wang"))
    desk.say(instance, "li", "approve")
    seen = waiting(wang)
    mine = waiting(cai)
    said = {"decision": "approve", "version": mine["record"]["version"], "values": {"opinion": "dear"}}
    assert cai.post(f"{API}/tasks/{mine['id']}/decide", json=said).status_code == 200
    late = wang.post(
        f"{API}/tasks/{seen['id']}/decide", json={"decision": "approve", "version": seen["record"]["version"]}
    )
    assert late.status_code == 409
    assert [(each["field"], each["after"]) for each in late.json["changes"]] == [("opinion", "dear")]
    assert li.get(f"{API}/approvals/{instance}").json["state"] == "running"


def test_several_are_decided_at_once_each_with_its_answer(desk: Desk) -> None:
    desk.start()
    desk.start(name="Bridge")
    li = desk.program("li")
    tasks = [li.get(f"{API}/tasks/{row['task']}").json for row in li.get(f"{API}/tasks").json["rows"]]
    said = [{"task": each["id"], "decision": "approve", "version": each["record"]["version"]} for each in tasks]
    done = li.post(f"{API}/tasks/decide", json={"decisions": said})
    assert [each["errors"][0]["code"] for each in done.json["outcomes"]] == ["A126", "A126"]  # the step allows no batch
    assert li.post(f"{API}/tasks/decide", json={"decisions": [*said, said[0]]}).status_code == 400


def test_initiators_urge_comment_copy_and_revoke(desk: Desk) -> None:
    at = f"{API}/approvals/{desk.start()}"
    zhang, li, cai = (desk.program(login) for login in ("zhang", "li", "cai"))
    assert zhang.post(f"{at}/urge", json={"text": "soon"}).status_code == 200
    assert codes(zhang.post(f"{at}/urge", json={})) == ["A119"]
    assert zhang.post(f"{at}/comment", json={"text": "The client waits"}).status_code == 200
    assert codes(zhang.post(f"{at}/comment", json={"text": "  "})) == ["A120"]
    assert li.post(f"{at}/copy", json={"to": [person(desk.site, "cai")]}).status_code == 200
    assert [row["title"] for row in cai.get(f"{API}/tasks?tab=copies").json["rows"]] == ["Tower"]
    assert cai.post(f"{at}/read", json={}).status_code == 200
    assert cai.get(f"{API}/tasks?tab=copies").json["rows"][0]["read_at"]
    revoked = zhang.post(f"{at}/revoke", json={"opinion": "mistake"})
    assert revoked.json["state"] == "revoked"
    assert codes(zhang.post(f"{at}/revoke", json={})) == ["A101"]
    assert zhang.post(f"{at}/nonsense", json={}).status_code == 404


def test_administrators_see_all_and_mend(desk: Desk) -> None:
    at = f"{API}/approvals/{desk.start()}"
    wang, zhang = desk.program("wang"), desk.program("zhang")
    listed = wang.get(f"{API}/approvals?search=tow").json
    assert [row["title"] for row in listed["rows"]] == ["Tower"]
    assert listed["counts"]["running"] == 1
    assert wang.get(f"{API}/approvals?state=nonsense").status_code == 400
    assert zhang.get(f"{API}/approvals").status_code == 404
    assert zhang.post(f"{at}/suspend", json={}).status_code == 403
    assert wang.post(f"{at}/suspend", json={"opinion": "wait"}).json["suspended"] is True
    assert codes(wang.post(f"{at}/retry", json={})) == ["A102"]
    assert wang.post(f"{at}/resume", json={}).json["suspended"] is False
    assert codes(wang.post(f"{at}/jump", json={"step": "nowhere"})) == ["A110"]
    assert wang.post(f"{at}/jump", json={"step": "filing"}).json["places"][0]["step"] == "filing"
    assert wang.post(f"{at}/pass_step", json={"step": "filing"}).json["state"] == "approved"


def test_strangers_learn_nothing(desk: Desk) -> None:
    instance = desk.start()
    task = desk.task(instance, "li").id
    fa, cai = desk.program("fa"), desk.program("cai")
    for path in (f"approvals/{instance}", f"approvals/{instance}/log", f"tasks/{task}", "approvals"):
        assert fa.get(f"{API}/{path}").status_code == 404, path
    for path in (f"approvals/{instance}/revoke", f"approvals/{instance}/terminate", f"tasks/{task}/claim"):
        assert fa.post(f"{API}/{path}", json={}).status_code == 404, path
    refused = cai.post(f"{API}/tasks/{task}/decide", json={"decision": "approve", "version": 1})
    assert (refused.status_code, codes(refused)) == (403, ["A104"])
    assert fa.get(f"{API}/tasks").json["rows"] == []
    assert desk.visitor().get(f"{API}/tasks").status_code == 401


def test_stand_ins_by_programs(desk: Desk) -> None:
    li = desk.program("li")
    sent = {"delegate": person(desk.site, "cai"), "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00Z"}
    assert li.post(f"{API}/delegations", json={**sent, "ends_at": "2099-01-01T00:00"}).status_code == 400
    assert codes(li.post(f"{API}/delegations", json={**sent, "delegate": person(desk.site, "li")})) == ["A133"]
    made = li.post(f"{API}/delegations", json=sent)
    assert made.status_code == 201
    assert li.get(f"{API}/delegations").json["rows"][0]["delegate"]["title"] == "蔡丽"
    assert li.post(f"{API}/delegations/{made.json['id']}/end", json={}).status_code == 204
    assert li.get(f"{API}/delegations").json["rows"][0]["ended_at"]


def test_the_description_tells_what_is_answered(desk: Desk) -> None:
    instance = desk.start()
    li = desk.program("li")
    document = li.get(f"{API}/openapi.json").json
    answers = {"Task": waiting(li), "Approval": li.get(f"{API}/approvals/{instance}").json}
    answers["ListedTask"] = li.get(f"{API}/tasks").json["rows"][0]
    answers["Event"] = li.get(f"{API}/approvals/{instance}/log").json["events"][0]
    for name, answer in answers.items():
        schema = document["components"]["schemas"][name]
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer)
        assert answer.keys() == schema["properties"].keys(), name
    told = {path.removeprefix(API) for path in document["paths"]}
    served = {
        rule.rule.removeprefix("/<company>/api/v1").replace("<int:task_id>", "{id}").replace("<int:instance_id>", "{id}")
        for rule in desk.app.url_map.iter_rules()
        if rule.rule.startswith(("/<company>/api/v1/tasks", "/<company>/api/v1/approvals"))
    }
    assert {rule for rule in served if "<name>" not in rule} <= told
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
