"""Programs make, read, change, list and delete records; refusals say which field and why."""

from __future__ import annotations

import pytest

from tests.web.conftest import Web

TASKS = "/acme/api/v1/work/task"


def test_a_record_goes_round(web_on: Web) -> None:
    ann = web_on.program("ann")
    made = ann.post(TASKS, json={"name": "Write", "amount": 12.5, "share": "0.15", "due": "2026-12-01", "kind": "a"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"{TASKS}/{made.json['id']}"
    read = ann.get(made.headers["Location"])
    assert (read.json["amount"], read.json["share"], read.json["due"]) == ("12.50", "0.1500", "2026-12-01")
    assert read.json["who"] == {"id": read.json["who"]["id"], "title": "Ann"}
    changed = ann.patch(made.headers["Location"], json={"amount": "13", "version": read.json["version"]})
    assert changed.json["amount"] == "13.00"
    assert changed.json["name"] == "Write"
    assert ann.delete(made.headers["Location"]).status_code == 204
    assert ann.get(made.headers["Location"]).status_code == 404
    assert ann.post(f"{made.headers['Location']}/restore").json["amount"] == "13.00"


def test_a_list_is_filtered_sorted_and_paged(web_on: Web) -> None:
    ann = web_on.program("ann")
    for number in range(5):
        ann.post(TASKS, json={"name": f"Task {number}", "amount": str(number), "kind": "ab"[number % 2]})
    first = ann.get(TASKS, query_string={"where": "amount >= 1", "sort": "-amount", "limit": 3, "fields": "name,amount"})
    assert [row["amount"] for row in first.json["rows"]] == ["4.00", "3.00", "2.00"]
    assert set(first.json["rows"][0]) == {"id", "version", "title", "name", "amount"}
    assert first.json["total"] is None
    rest = ann.get(TASKS, query_string={"where": "amount >= 1", "sort": "-amount", "limit": 3, "after": first.json["next"]})
    assert [row["amount"] for row in rest.json["rows"]] == ["1.00"]
    assert rest.json["next"] is None
    assert ann.get(TASKS, query_string={"total": "exact", "limit": 1}).json["total"] == 5


def test_groups_are_counted_and_summed(web_on: Web) -> None:
    ann = web_on.program("ann")
    for number in range(4):
        ann.post(TASKS, json={"name": f"Task {number}", "amount": str(number), "kind": "ab"[number % 2]})
    groups = ann.get(TASKS, query_string={"group": "kind", "sum": "amount"}).json["groups"]
    assert sorted((group["value"], group["count"], group["sums"]["amount"]) for group in groups) == [
        ("a", 2, "2.00"),
        ("b", 2, "4.00"),
    ]


def test_a_related_list_comes_along(web: Web) -> None:
    ann = web.program("ann")
    parent = ann.post(TASKS, json={"name": "Parent"}).json["id"]
    ann.post(TASKS, json={"name": "Child", "parent": parent})
    related = ann.get(f"{TASKS}/{parent}", query_string={"related": "children"}).json["related"]["children"]
    assert [row["title"] for row in related["rows"]] == ["Child"]
    assert ann.get(f"{TASKS}/{parent}", query_string={"related": "parents"}).status_code == 422


def test_problems_name_their_fields(web: Web) -> None:
    answer = web.program("ann").post(TASKS, json={"name": "", "amount": "much", "kind": "z"})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert {error["pointer"] for error in answer.json["errors"]} == {"/name", "/amount", "/kind"}
    assert all(error["code"] and error["message"] for error in answer.json["errors"])


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "nothing": 1},
        {"name": "x", "cost": "1"},
        {"name": "x", "created_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "created_by": 1},
        {"name": "x", "id": 7},
    ],
    ids=["misspelt", "hidden", "stamp", "author", "id"],
)
def test_fields_that_are_not_there_cannot_be_written(web: Web, body: dict[str, object]) -> None:
    ann = web.program("ann")
    answer = ann.post(TASKS, json=body)
    assert answer.status_code == 422
    assert ann.get(TASKS, query_string={"total": "exact"}).json["total"] == 0


@pytest.mark.parametrize(
    "query",
    [{"where": "{} > 1"}, {"sort": "{}"}, {"fields": "name,{}"}, {"group": "{}"}, {"group": "kind", "sum": "{}"}],
    ids=["where", "sort", "fields", "group", "sum"],
)
def test_a_hidden_field_is_as_unknown_as_a_misspelt_one(web: Web, query: dict[str, str]) -> None:
    ann, boss = web.program("ann"), web.program("bo")

    def ask(name: str) -> tuple[int, str]:
        answer = ann.get(TASKS, query_string={key: text.format(name) for key, text in query.items()})
        return answer.status_code, answer.text.replace(name, "…")

    assert ask("cost") == ask("tsoc")
    assert ask("cost")[0] == 422
    assert boss.get(TASKS, query_string={key: text.format("cost") for key, text in query.items()}).status_code == 200


def test_a_record_of_others_is_as_absent_as_one_that_never_was(web: Web) -> None:
    ann, ben = web.program("ann"), web.program("ben")
    number = ann.post(TASKS, json={"name": "Mine"}).json["id"]
    for path in ("", "/actions/finish", "/move", "/restore"):
        method = ben.get if not path else ben.post
        hidden, absent = method(f"{TASKS}/{number}{path}"), method(f"{TASKS}/99999{path}")
        assert hidden.status_code == absent.status_code == 404, path
        assert hidden.data == absent.data
        assert dict(hidden.headers) == dict(absent.headers)
    for call in (ben.patch, ben.delete):
        assert call(f"{TASKS}/{number}", json={"name": "x"}).data == call(f"{TASKS}/99999", json={"name": "x"}).data
    assert ben.get(TASKS).json["rows"] == []


def test_a_form_without_a_rule_is_as_absent_as_one_that_never_was(web: Web) -> None:
    ann = web.program("ann")
    assert ann.get("/acme/api/v1/work/plan").data == ann.get("/acme/api/v1/work/nothing").data
    assert ann.get("/acme/api/v1/work/plan").status_code == 404


def test_a_stale_version_is_refused_and_says_what_changed(web: Web) -> None:
    ann = web.program("ann")
    made = ann.post(TASKS, json={"name": "One"})
    address, version = made.headers["Location"], made.json["version"]
    assert ann.patch(address, json={"name": "Two"}, headers={"If-Match": made.headers["ETag"]}).status_code == 200
    late = ann.patch(address, json={"name": "Three", "version": version})
    assert late.status_code == 409
    assert late.json["version"] > version
    assert [(change["field"], change["before"], change["after"]) for change in late.json["changes"]] == [("name", "One", "Two")]
    assert ann.patch(address, json={"name": "Four"}, headers={"If-Match": f'"{version}"'}).status_code == 409
    assert ann.get(address).json["name"] == "Two"


def test_the_same_key_saves_once(web: Web) -> None:
    ann = web.program("ann")
    first = ann.post(TASKS, json={"name": "Once"}, headers={"Idempotency-Key": "k1"})
    again = ann.post(TASKS, json={"name": "Once"}, headers={"Idempotency-Key": "k1"})
    assert first.json["id"] == again.json["id"]
    assert ann.get(TASKS, query_string={"total": "exact"}).json["total"] == 1


def test_actions_and_moves(web: Web) -> None:
    ann = web.program("ann")
    made = ann.post(TASKS, json={"name": "Move me"})
    address = made.headers["Location"]
    assert ann.post(f"{address}/actions/finish", json={}).json["saved"]["done"] is True
    refused = ann.post(f"{address}/move", json={"field": "stage", "stage": "half"})
    assert refused.status_code == 422
    assert "/due" in {error["pointer"] for error in refused.json["errors"]}
    ann.patch(address, json={"due": "2026-12-01"})
    assert ann.post(f"{address}/move", json={"field": "stage", "stage": "half"}).json["stage"] == "half"


def test_a_preview_writes_nothing(web: Web) -> None:
    ann = web.program("ann")
    preview = ann.post(f"{TASKS}/preview", json={"values": {"amount": "7"}}).json
    assert preview["values"]["amount"] == "7.00"
    assert "name" in preview["required"]
    assert [problem["pointer"] for problem in preview["problems"]] == ["/name"]
    assert ann.get(TASKS, query_string={"total": "exact"}).json["total"] == 0


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b'{"name": "a", "name": "b"}', "application/json", 400),
        (b"[" * 60 + b"]" * 60, "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"name=a", "application/x-www-form-urlencoded", 415),
        (b'{"name": "a\\u0000"}', "application/json", 400),
    ],
)
def test_a_body_that_is_no_plain_json_is_refused(web: Web, raw: bytes, kind: str, status: int) -> None:
    answer = web.program("ann").post(TASKS, data=raw, content_type=kind)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"saved": "-1"}, {"limit": "٣"}])
def test_a_page_has_bounds(web: Web, query: dict[str, str]) -> None:
    assert web.program("ann").get(TASKS, query_string=query).status_code == 400


def test_without_a_token_there_is_nothing(web: Web) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
        answer = web.visitor().get(TASKS, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.mimetype == "application/problem+json"


def test_the_description_knows_only_what_its_reader_may_see(web: Web) -> None:
    ann, boss = web.program("ann").get("/acme/api/v1/openapi.json"), web.program("bo").get("/acme/api/v1/openapi.json")
    assert "cost" not in ann.text
    assert "work.plan" not in ann.text
    assert "cost" in boss.json["components"]["schemas"]["work.task"]["properties"]
    assert boss.json["openapi"] == "3.1.0"
    assert "/acme/api/v1/work/task/{id}" in boss.json["paths"]
