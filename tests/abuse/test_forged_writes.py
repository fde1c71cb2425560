"""What I may not change stays as it is, by whatever road the change comes; a refused request writes nothing at all."""

from __future__ import annotations

import pytest

from tests.abuse.fort import API, Fort

# What nobody, or not sam, may write of an account of sam's.
FORGED = (
    ("id", 99),
    ("created_by", 4),
    ("created_at", "2020-01-01T00:00:00Z"),
    ("updated_by", 4),
    ("updated_at", "2020-01-01T00:00:00Z"),
    ("deleted_at", None),
    ("deleted_by", 4),
    ("search_text", "x"),
    ("title", "x"),
    ("stage_entered", "2020-01-01T00:00:00Z"),
    ("limit", "1"),
    ("cipher", "x"),
    ("twice", "1"),
    ("klass", "iron"),
    ("sealed", 1),
    ("fixed", "x"),
    ("fx_work_account_name", "x"),
    ("rep.name", "x"),
    ("rep.roles", ["boss"]),
    ("parent.region", "x"),
    ("orders", []),
    ("__class__", "x"),
    ("", "x"),
)
ORDER = (("number", "O-1"), ("total", "1"), ("costs", "1"), ("lines.cost", "1"), ("_record", 1), ("company", "fort"))


@pytest.mark.parametrize(("name", "value"), FORGED)
@pytest.mark.parametrize("road", ["create", "change", "preview"])
def test_forged_fields_are_refused(untouched: Fort, road: str, name: str, value: object) -> None:
    program, mine = untouched.program("sam"), untouched.ids["mine"]
    values = {name: value, "region": "forged"}
    if road == "preview":
        answer = program.post(f"{API}/account/preview", json={"id": mine, "values": values})
        assert answer.status_code == 200, answer.text
        assert [each["code"] for each in answer.json["problems"]] == ["R101"], answer.text
        return
    path = f"{API}/account" if road == "create" else f"{API}/account/{mine}"
    answer = program.open(path, method="POST" if road == "create" else "PATCH", json={**values, "name": "x"})
    assert answer.status_code == 422, answer.text
    assert [each["code"] for each in answer.json["errors"]] == ["R101"]


@pytest.mark.parametrize(("name", "value"), ORDER)
def test_forged_fields_of_an_order_are_refused(untouched: Fort, name: str, value: object) -> None:
    program, order = untouched.program("sam"), untouched.ids["order"]
    assert program.patch(f"{API}/order/{order}", json={name: value}).status_code == 422
    assert program.post(f"{API}/order", json={name: value}).status_code == 422


@pytest.mark.parametrize("name", [name for name, _ in FORGED])
def test_many_records_take_no_forged_field(untouched: Fort, name: str) -> None:
    sent = {"ids": [str(untouched.ids["mine"])], "field": name, "value": "x"}
    answer = untouched.browser("sam").post("/fort/trade/account/bulk", data=sent)
    assert answer.status_code == 422 or answer.json["done"] == []


@pytest.mark.parametrize(
    "name", ["id", "created_by", "limit", "cipher", "twice", "klass", "sealed", "fixed", "stage_entered"]
)
def test_a_form_post_takes_no_forged_field(fort: Fort, name: str) -> None:
    mine = fort.ids["mine"]
    before = fort.program("bo").get(f"{API}/account/{mine}").json
    answer = fort.browser("sam").post(f"/fort/trade/account/{mine}/edit", data={"name": "Mine", name: "1"})
    after = fort.program("bo").get(f"{API}/account/{mine}").json
    assert answer.status_code in (303, 422)
    assert after.get(name) == before.get(name)


@pytest.mark.parametrize("query", ["fixed=x", "cipher=x", "limit=1", "id=7", "rep=4&created_by=4"])
def test_an_address_pre_fills_no_forged_field(untouched: Fort, query: str) -> None:
    answer = untouched.browser("sam").get(f"/fort/trade/account/new?{query}")
    assert answer.status_code < 500
    assert 'name="fixed"' not in answer.text.replace("disabled", "") or 'value="x"' not in answer.text


@pytest.mark.parametrize(
    "row",
    [
        {"id": "{line}", "what": "stolen"},
        {"id": "{line}", "_delete": True},
        {"id": 10**30, "what": "x"},
        {"id": "x", "what": "x"},
        {"id": True, "what": "x"},
        {"id": [1], "what": "x"},
        {"id": {"a": 1}, "what": "x"},
        {"what": "x", "cost": "1"},
        {"what": "x", "amount": "1"},
        {"what": "x", "_record": 2},
        {"what": "x", "number": 3},
        "text",
        7,
        None,
        ["what"],
    ],
)
@pytest.mark.parametrize("road", ["change", "preview"])
def test_rows_of_another_record_are_out_of_reach(untouched: Fort, road: str, row: object) -> None:
    if isinstance(row, dict) and row.get("id") == "{line}":
        row = {**row, "id": untouched.ids["unseen_line"]}
    order, program = untouched.ids["order"], untouched.program("sam")
    if road == "change":
        answer = program.patch(f"{API}/order/{order}", json={"lines": [row]})
        assert answer.status_code == 422, answer.text
    else:
        answer = program.post(f"{API}/order/preview", json={"id": order, "values": {"lines": [row]}})
        assert answer.status_code == 200
        assert answer.json["problems"]


@pytest.mark.parametrize("name", ["raise", "nothing", "__init__", ""])
def test_an_action_cannot_write_what_i_may_not(untouched: Fort, name: str) -> None:
    path = f"account/{untouched.ids['mine']}/actions/{name}"
    assert untouched.program("sam").post(f"{API}/{path}", json={}).status_code in (404, 405, 422)
    assert untouched.browser("sam").post(f"/fort/trade/{path}").status_code in (404, 405, 422)


@pytest.mark.parametrize("asked", [{"to": "x", "fixed": "y"}, {"to": {"a": 1}}, {"to": [1]}, [], "x", 7])
def test_answers_to_an_action_hold_only_what_was_asked(fort: Fort, asked: object) -> None:
    path = f"{API}/account/{fort.ids['mine']}/actions/mark"
    answer = fort.program("sam").post(path, json={"asked": asked})
    assert answer.status_code in (200, 400, 422)
    assert fort.program("bo").get(f"{API}/account/{fort.ids['mine']}").json["fixed"] is None


@pytest.mark.parametrize(
    ("field", "stage"),
    [
        ("stage", "half"),
        ("stage", "nowhere"),
        ("stage", ""),
        ("name", "half"),
        ("limit", "1"),
        ("fixed", "x"),
        ("id", "1"),
    ],
)
def test_stages_cannot_be_jumped(untouched: Fort, field: str, stage: str) -> None:
    mine = untouched.ids["mine"]
    told = {"field": field, "stage": stage}
    assert untouched.program("sam").post(f"{API}/account/{mine}/move", json=told).status_code == 422
    assert untouched.browser("sam").post(f"/fort/trade/account/{mine}/move", data=told).status_code == 422
    answer = untouched.browser("sam").post(f"/fort/trade/account/{mine}/stage/{field}/{stage or 'x'}")
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("emptied", [None, ""])
def test_a_stage_cannot_be_emptied_to_come_to_any_other(untouched: Fort, emptied: object) -> None:
    path = f"{API}/account/{untouched.ids['mine']}"
    answer = untouched.program("sam").patch(path, json={"stage": emptied})
    assert [each["pointer"] for each in answer.json["errors"]] == ["/stage"]
    assert (
        untouched.browser("sam")
        .post("/fort/trade/account/bulk", data={"ids": str(untouched.ids["mine"]), "field": "stage", "value": ""})
        .json["done"]
        == []
    )


@pytest.mark.parametrize(
    ("verb", "path", "values"),
    [
        ("PATCH", "/person/{sam}", {"roles": ["boss", "administrator"]}),
        ("PATCH", "/person/{sam}", {"name": "Boss"}),
        ("PATCH", "/person/{bo}", {"login": "sam2"}),
        ("PATCH", "/person/{bo}", {"active": False}),
        ("POST", "/person", {"name": "Eve", "login": "eve", "roles": ["administrator"]}),
        ("DELETE", "/person/{bo}", None),
        ("POST", "/department", {"name": "Mine", "head": 1}),
    ],
)
@pytest.mark.parametrize("login", ["sam", "bo", "nil"])
def test_nobody_promotes_oneself(untouched: Fort, login: str, verb: str, path: str, values: object) -> None:
    ids = {name: actor.person for name, actor in untouched.actors.items()}
    answer = untouched.program(login).open(f"/fort/api/v1/people{path.format(**ids)}", method=verb, json=values)
    assert answer.status_code in (403, 404, 422), answer.text


@pytest.mark.parametrize("login", ["sam", "bo", "nil"])
@pytest.mark.parametrize(
    "path",
    [
        "people/person/{sam}/edit",
        "people/person/new",
        "people/person/quick",
        "people/person/bulk",
        "people/{sam}/password",
    ],
)
def test_no_page_promotes_either(untouched: Fort, login: str, path: str) -> None:
    sam = untouched.actors["sam"].person
    sent = {
        "name": "x",
        "login": "eve",
        "roles": "administrator",
        "password": "correct horse battery",
        "ids": str(sam),
        "field": "roles",
        "value": "boss",
    }
    answer = untouched.browser(login).post(f"/fort/{path.format(sam=sam)}", data=sent)
    assert answer.status_code in (403, 404, 422) or answer.json["done"] == []


@pytest.mark.parametrize("fields", ["roles", "login", "email", "phone", "superior"])
def test_colleagues_are_known_by_name_only(fort: Fort, fields: str) -> None:
    for query in (f"fields={fields}", f"where=not%20ISEMPTY({fields})", f"sort={fields}", f"group={fields}"):
        assert fort.program("sam").get(f"/fort/api/v1/people/person?{query}").status_code == 404
    for query in (f"where=not%20ISEMPTY(rep.{fields})", f"sort=rep.{fields}", f"group=rep.{fields}"):
        assert fort.program("sam").get(f"{API}/account?{query}").status_code == 422


def test_a_collaborator_lets_nobody_else_in_without_the_right(untouched: Fort) -> None:
    path = f"/fort/trade/account/{untouched.ids['open']}/collaborator"
    answer = untouched.browser("sam").post(
        path, data={"person": str(untouched.actors["sam"].person), "may_change": "true"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("version", [0, -1, 99, 10**30, "1", 1.5, True, [1], {"a": 1}])
def test_a_forged_version_never_overwrites(untouched: Fort, version: object) -> None:
    path = f"{API}/account/{untouched.ids['mine']}"
    assert untouched.program("sam").patch(path, json={"region": "x", "version": version}).status_code in (400, 409)
    headers = {"If-Match": str(version)}
    answer = untouched.program("sam").patch(path, json={"cipher": "x", "region": "y"}, headers=headers)
    assert answer.status_code in (409, 422)


@pytest.mark.parametrize("key", ["k" * 300, "", "é", "k\x01"])
def test_strange_idempotency_keys_write_nothing_forged(untouched: Fort, key: str) -> None:
    answer = untouched.program("sam").post(f"{API}/account", json={"id": 7}, headers={"Idempotency-Key": key})
    assert answer.status_code in (400, 422)


def test_the_key_of_another_opens_nothing(fort: Fort) -> None:
    headers, body = {"Idempotency-Key": "the-key"}, {"text": "by key"}
    first = fort.program("bo").post(f"{API}/note", json=body, headers=headers)
    second = fort.program("sam").post(f"{API}/note", json=body, headers=headers)
    assert first.json["id"] != second.json["id"]
