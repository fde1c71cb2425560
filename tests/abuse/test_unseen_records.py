"""A record I may not see answers like one that is not there, whatever is asked of it, and nothing is written."""

from __future__ import annotations

import pytest

from tests.abuse.fort import API, Fort

NOWHERE = 987654321
PAGES = (
    ("GET", "", {}),
    ("GET", "/edit", {}),
    ("POST", "/edit", {"name": "x"}),
    ("GET", "/menu", {}),
    ("GET", "/events", {}),
    ("GET", "/related/orders", {}),
    ("GET", "/related/below", {}),
    ("GET", "/stage/stage/half", {}),
    ("POST", "/stage/stage/half", {"day": "2026-01-01"}),
    ("POST", "/task", {"field": "stage", "task": "call", "done": "true"}),
    ("POST", "/move", {"field": "stage", "stage": "half"}),
    ("POST", "/actions/mark", {"asked.to": "x"}),
    ("POST", "/actions/copy", {}),
    ("POST", "/actions/order", {}),
    ("POST", "/delete", {}),
    ("POST", "/restore", {}),
    ("POST", "/comment", {"text": "hello"}),
    ("POST", "/collaborator", {"person": "1", "may_change": "true"}),
    ("POST", "/collaborator", {"person": "1", "remove": "1"}),
    ("POST", "/attachment", {"file": "3"}),
    ("POST", "/attachment", {"file": "1", "remove": "1"}),
)
CALLS = (
    ("GET", "", None),
    ("GET", "?related=orders", None),
    ("PATCH", "", {"name": "x"}),
    ("PATCH", "", {"name": "x", "version": 99}),
    ("DELETE", "", None),
    ("DELETE", "", {"version": 99}),
    ("POST", "/restore", {}),
    ("POST", "/move", {"field": "stage", "stage": "half"}),
    ("POST", "/move", {"field": "nothing", "stage": "x", "version": 7}),
    ("POST", "/actions/mark", {"asked": {"to": "x"}}),
    ("POST", "/actions/nothing", {}),
)


@pytest.mark.parametrize("login", ["sam", "lea"])
@pytest.mark.parametrize(("verb", "path", "sent"), PAGES)
def test_pages_of_an_unseen_record_are_those_of_none(
    untouched: Fort, login: str, verb: str, path: str, sent: dict[str, str]
) -> None:
    unseen, missing = untouched.ids["unseen"], NOWHERE
    answers = [
        untouched.browser(login).open(f"/fort/trade/account/{each}{path}", method=verb, data=sent or None)
        for each in (unseen, missing)
    ]
    shown = [
        answer.text.replace(f"/account/{each}", "/account/#")
        for answer, each in zip(answers, (unseen, missing), strict=True)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert shown[0].replace(f"%2F{unseen}", "") == shown[1].replace(f"%2F{missing}", "")


@pytest.mark.parametrize(("verb", "path", "sent"), CALLS)
def test_calls_of_an_unseen_record_are_those_of_none(
    untouched: Fort, verb: str, path: str, sent: dict[str, object] | None
) -> None:
    unseen, missing = (
        untouched.program("sam").open(f"{API}/account/{each}{path}", method=verb, json=sent)
        for each in (untouched.ids["unseen"], NOWHERE)
    )
    assert (unseen.status_code, unseen.data) == (missing.status_code, missing.data)
    assert unseen.status_code == 404


@pytest.mark.parametrize("form", ["vault", "nothing"])
@pytest.mark.parametrize("path", ["", "/1", "?where=name%20%3D%201", "?group=name"])
def test_a_form_i_may_not_see_is_none(untouched: Fort, form: str, path: str) -> None:
    assert untouched.program("sam").get(f"{API}/{form}{path}").status_code == 404
    assert untouched.browser("sam").get(f"/fort/trade/{form}{path}").status_code == 404
    assert untouched.program("sam").post(f"{API}/{form}", json={"name": "x"}).status_code == 404
    assert untouched.program("sam").post(f"{API}/{form}/preview", json={"id": 1}).status_code == 404


@pytest.mark.parametrize("record_id", [-1, 0, 2**31, 2**63 - 1, 2**63, 10**40])
@pytest.mark.parametrize(
    "path", ["/fort/trade/account/{}", "/fort/trade/account/{}/edit", f"{API}/account/{{}}", "/fort/files/{}"]
)
def test_numbers_that_no_record_has_are_not_found(untouched: Fort, path: str, record_id: int) -> None:
    assert untouched.browser("sam").get(path.format(record_id)).status_code == 404


@pytest.mark.parametrize("value", ["{unseen}", NOWHERE, 2**63, -1, 10**60])
@pytest.mark.parametrize("shape", ["plain", "object", "text"])
def test_an_unseen_record_cannot_be_linked_to(untouched: Fort, shape: str, value: object) -> None:
    wanted = untouched.ids["unseen"] if value == "{unseen}" else value
    link = {"plain": wanted, "object": {"id": wanted}, "text": str(wanted)}[shape]
    for path in (f"{API}/order", f"{API}/order/preview"):
        body = {"account": link, "memo": "x"}
        answer = untouched.program("sam").post(path, json={"values": body} if "preview" in path else body)
        problems = answer.json.get("errors") or answer.json.get("problems")
        assert [each["pointer"] for each in problems] == ["/account"], answer.text
        assert answer.status_code in (200, 422)


@pytest.mark.parametrize("number", ["O-2026-0001", "O-2026-0002", "O-9999"])
def test_links_by_number_find_no_unseen_record(untouched: Fort, number: str) -> None:
    body = {"account": {"number": number}}
    assert untouched.program("sam").post(f"{API}/order", json=body).status_code == 422


@pytest.mark.parametrize("values", [{"account": "2"}, {"account": "2", "memo": "x"}])
def test_a_page_cannot_link_to_an_unseen_record(untouched: Fort, values: dict[str, str]) -> None:
    answer = untouched.browser("tia").post("/fort/trade/order/new", data={**values, "rep": "2"})
    assert answer.status_code in (422, 303)
    assert answer.status_code == 422 or "account" not in values


@pytest.mark.parametrize(
    ("form", "record", "status"), [("account", "open", 403), ("account", "unseen", 404), ("order", "unseen_order", 404)]
)
@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_what_i_may_only_see_i_may_not_change(untouched: Fort, form: str, record: str, status: int, verb: str) -> None:
    path = f"{API}/{form}/{untouched.ids[record]}"
    answer = untouched.program("sam").open(
        path, method=verb, json={"region": "x"} if form == "account" else {"memo": "x"}
    )
    if verb == "DELETE":
        answer = untouched.program("sam").delete(path)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "do", [{"do": "delete"}, {"field": "region", "value": "x"}, {"field": "stage", "value": "half"}]
)
def test_many_at_once_tell_unseen_and_missing_records_alike(untouched: Fort, do: dict[str, str]) -> None:
    ids = [str(untouched.ids["unseen"]), str(NOWHERE), str(untouched.ids["open"])]
    answer = untouched.browser("sam").post("/fort/trade/account/bulk", data={**do, "ids": ids})
    refused = {each["id"]: each for each in answer.json["refused"]}
    assert answer.json["done"] == []
    unseen, missing = refused[untouched.ids["unseen"]], refused[NOWHERE]
    assert unseen["message"] == missing["message"]
    assert unseen["title"] == f"#{unseen['id']}"


def test_a_record_of_another_cannot_be_taken(untouched: Fort) -> None:
    sam = untouched.actors["sam"].person
    for values in ({"rep": sam}, {"rep": sam, "region": "x"}, {"owner": sam}):
        answer = untouched.program("sam").patch(f"{API}/account/{untouched.ids['open']}", json=values)
        assert answer.status_code in (403, 422)


@pytest.mark.parametrize(
    "origin",
    [
        "trade.account/{unseen}/order",
        "trade.vault/1/x",
        "nothing.here/1/x",
        "trade.account/9999999999999999999999/copy",
        "a/b/c",
        "trade.account/{open}/nothing",
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_action_of_an_unseen_record_opens_nothing(untouched: Fort, origin: str, verb: str) -> None:
    given = origin.format(**untouched.ids)
    answer = untouched.browser("tia").open(
        f"/fort/trade/vault/new?from={given}", method=verb, data={"_from": given} if verb == "POST" else None
    )
    assert answer.status_code == 404
    answer = untouched.browser("tia").get(f"/fort/trade/order/new?from={given}")
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("login", ["sam", "tia", "lea", "nil"])
@pytest.mark.parametrize("file", ["sealed", "loose"])
def test_a_file_of_what_i_may_not_see_is_none(untouched: Fort, login: str, file: str) -> None:
    answer = untouched.browser(login).get(f"/fort/files/{untouched.ids[file]}")
    missing = untouched.browser(login).get(f"/fort/files/{NOWHERE}")
    assert (answer.status_code, answer.data) == (404, missing.data)


@pytest.mark.parametrize("file", ["paper", "sealed", "loose"])
def test_a_file_of_another_cannot_be_taken_over(untouched: Fort, file: str) -> None:
    file_id, mine = untouched.ids[file], untouched.ids["mine"]
    assert untouched.program("sam").patch(f"{API}/account/{mine}", json={"papers": [file_id]}).status_code == 422
    answer = untouched.browser("sam").post(f"/fort/trade/account/{mine}/attachment", data={"file": str(file_id)})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("session", "me/sessions/{}/end"),
        ("token", "me/tokens/{}/revoke"),
        ("notification", "notifications/{}/open"),
        ("view", "trade/account/views/{}/delete"),
    ],
)
def test_what_is_anothers_own_stays_as_it_is(fort: Fort, table: str, path: str) -> None:
    fort.program("bo")
    fort.browser("bo").post("/fort/trade/account/views", data={"name": "bo's", "where": "region = 'x'", "shared": "1"})
    before = rows_of(fort, table, "bo")
    for number in range(1, 30):
        fort.browser("lea").post(f"/fort/{path.format(number)}")
    fort.forget("lea")
    assert rows_of(fort, table, "bo") == before


@pytest.mark.parametrize("number", range(1, 6))
def test_a_shared_view_of_another_cannot_be_overwritten(untouched: Fort, number: int) -> None:
    given = {"name": "mine now", "where": "region = 'y'", "saved": str(number)}
    assert untouched.browser("lea").post("/fort/trade/account/views", data=given).status_code == 404


def rows_of(fort: Fort, name: str, login: str) -> list[str]:
    """What a system table holds of a person, without when they were last seen."""
    table = getattr(fort.company.database.tables.system, name)
    with fort.company.database.reading() as connection:
        wanted = [column for column in table.c if column.name != "seen_at"]
        query = table.select().with_only_columns(*wanted).where(table.c.person == fort.actors[login].person)
        return sorted(map(repr, connection.execute(query)))
