"""A field I may not see is nowhere: not in pages, lists, filters, sums, searches, pickers, files, answers or hints."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote

import pytest

from tests.abuse.fort import API, Fort
from tests.abuse.site_files import DERIVED_NUMBER, SECRET_NUMBER, SECRET_TEXT, UNSEEN_NAME

SECRETS = (
    SECRET_TEXT,
    SECRET_NUMBER,
    "7,919,731",
    DERIVED_NUMBER,
    "15,839,462",
    "zqgoldtier",
    "zqirontier",
    UNSEEN_NAME,
)
VAULT = "zqvaultlabel"
HIDDEN = ("cipher", "limit", "twice", "klass", "sealed")
READERS = ("sam", "tia", "lea", "nil")


def assert_silent(fort: Fort, login: str, path: str, *more: str) -> None:
    """The answer, headers included, holds no secret."""
    answer = fort.browser(login).get(path)
    assert answer.status_code < 500, path
    told = answer.text + str(answer.headers)
    for secret in (*SECRETS, *more):
        assert secret not in told, (path, secret)


PAGES = (
    "/fort/",
    "/fort/trade/account",
    "/fort/trade/account?view=rich",
    "/fort/trade/account?view=board",
    "/fort/trade/account?sort=-name&search=open",
    "/fort/trade/account/board/sums?view=board",
    "/fort/trade/account/board/open?view=board",
    "/fort/trade/account/filter",
    "/fort/trade/account/new",
    "/fort/trade/account/quick",
    "/fort/trade/account/{mine}",
    "/fort/trade/account/{mine}/edit",
    "/fort/trade/account/{mine}/menu",
    "/fort/trade/account/{mine}/events",
    "/fort/trade/account/{mine}/related/orders",
    "/fort/trade/account/{mine}/related/vaults",
    "/fort/trade/account/{open}",
    "/fort/trade/account/{open}/events",
    "/fort/trade/account/{child}",
    "/fort/trade/account/{open}/related/orders",
    "/fort/trade/account/{open}/related/below",
    "/fort/trade/account/choices/parent?q=zq",
    "/fort/trade/account/choices/parent?q=1",
    "/fort/trade/order",
    "/fort/trade/order/{order}",
    "/fort/trade/order/{order}/edit",
    "/fort/trade/order/new?account={open}",
    "/fort/trade/order/new?account={unseen}",
    "/fort/trade/order/new?from=trade.account/{open}/order",
    "/fort/trade/order/new?from=trade.account/{unseen}/order",
    "/fort/trade/account/new?from=trade.account/{open}/copy",
    "/fort/trade/account/new?from=trade.account/{unseen}/copy",
    "/fort/trade/order/choices/account?q=zq",
    "/fort/trade/note",
    "/fort/trade/note/{note}",
    "/fort/trade/note/{note}/edit",
    "/fort/recycle-bin",
    "/fort/people-hints?q=zq",
    "/fort/notifications",
    "/fort/api/v1/",
    "/fort/api/v1/openapi.json",
    f"{API}/account?limit=200",
    f"{API}/account?view=rich",
    f"{API}/account/{{open}}",
    f"{API}/account/{{mine}}?related=orders",
    f"{API}/account/{{child}}",
    f"{API}/order/{{order}}",
    f"{API}/order?fields=number,account,lines,total",
    f"{API}/note/{{note}}",
    f"{API}/account?group=kind",
    f"{API}/account?group=parent",
    f"{API}/order?group=account&sum=total",
)


@pytest.mark.parametrize("login", READERS)
@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_a_secret(fort: Fort, login: str, page: str) -> None:
    assert_silent(fort, login, page.format(**fort.ids), VAULT)


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize(
    "query",
    [
        "fields={}",
        "fields=name,{}",
        "sort={}",
        "sort=-name,{}",
        "where={}%20%3D%20null",
        "where=ISEMPTY({})",
        "where=me.{}%20%3D%201",
        "where=parent.{}%20%3D%20null",
        "where=ANY(orders,%20account.{}%20%3D%20null)",
        "where=COUNT(below,%20ISEMPTY({}))%20%3E%200",
        "where=MAX(below.{})%20%3D%201",
        "group={}",
        "group=kind&sum={}",
        "group=parent.{}",
        "group=kind&sum=parent.{}",
        "sort=parent.{}",
        "fields=parent.{}",
    ],
)
def test_naming_a_hidden_field_is_naming_none(fort: Fort, query: str, name: str) -> None:
    hidden = fort.program("sam").get(f"{API}/account?{query.format(name)}")
    missing = fort.program("sam").get(f"{API}/account?{query.format('qqqq')}")
    assert hidden.status_code == missing.status_code == 422, hidden.text
    assert hidden.text.replace(name, "qqqq") == missing.text


@pytest.mark.parametrize("name", HIDDEN)
def test_a_misspelt_name_hints_at_no_hidden_field(fort: Fort, name: str) -> None:
    told = fort.program("sam").get(f"{API}/account?where={name}x%20%3D%20null").json["errors"]
    assert all(name not in (each["message"] + each["advice"]).replace(f"{name}x", "") for each in told)


@pytest.mark.parametrize(
    "where",
    [
        "ANY(vaults, name = 'x')",
        "COUNT(vaults) > 0",
        "ANY(orders, ANY(lines, cost > 1))",
        "SUM(orders.costs) > 1",
        "MAX(orders.lines.cost) > 1",
    ],
)
def test_rows_of_what_i_may_not_see_are_no_rows(fort: Fort, where: str) -> None:
    assert fort.program("sam").get(f"{API}/account?where={quote(where)}").status_code == 422


@pytest.mark.parametrize(
    "query", ["sort=costs", "where=costs%20%3E%201", "where=SUM(lines.cost)%20%3E%201", "group=rep&sum=costs"]
)
def test_what_is_computed_from_a_hidden_field_is_hidden(fort: Fort, query: str) -> None:
    assert fort.program("sam").get(f"{API}/order?{query}").status_code == 422
    assert fort.program("bo").get(f"{API}/order?{query}").status_code == 200


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("parent.name = 'zqunseenname'", []),
        ("STARTSWITH(parent.name, 'zq')", []),
        ("ISEMPTY(parent.name)", ["child", "mine", "open"]),
        ("parent.region = 'closed'", []),
        ("ANY(orders, memo = 'zqunseenname')", []),
        ("COUNT(orders) > 0", []),
        ("COUNT(below) > 1", []),
        ("half = 'zqsecretword'", []),
        ("parent.half = 'zqsecretword'", []),
    ],
)
def test_values_of_unseen_records_are_empty_in_filters(fort: Fort, where: str, found: list[str]) -> None:
    rows = fort.program("sam").get(f"{API}/account?where={quote(where)}").json["rows"]
    known = {fort.ids[name] for name in ("open", "unseen", "mine", "child", "hidden_child")}
    assert {row["id"] for row in rows} & known == {fort.ids[name] for name in found}


def test_the_order_of_a_list_does_not_depend_on_values_withheld_in_some_rows(fort: Fort) -> None:
    up = [row["id"] for row in fort.program("tia").get(f"{API}/account?sort=half&fields=name").json["rows"]]
    groups = fort.program("tia").get(f"{API}/account?group=half").json["groups"]
    assert up == sorted(up)  # as if the field were empty everywhere: ids alone decide
    assert [group["value"] for group in groups] == [None]


@pytest.mark.parametrize(
    "words", [SECRET_TEXT, SECRET_NUMBER, "zqgoldtier", UNSEEN_NAME, "zqsealed", f"{SECRET_TEXT}.txt"]
)
@pytest.mark.parametrize(
    "place",
    ["account?search={}", "order?search={}", "note?search={}", "person?search={}", "account?group=kind&search={}"],
)
def test_no_search_finds_by_hidden_words(fort: Fort, place: str, words: str) -> None:
    base = "/fort/api/v1/people/" if place.startswith("person") else f"{API}/"
    answer = fort.program("sam").get(base + place.format(words))
    assert answer.json.get("rows", []) == [] == answer.json.get("groups", [])


@pytest.mark.parametrize(
    "path", ["/fort/search?q={}", "/fort/trade/order/choices/account?q={}", "/fort/people-hints?q={}"]
)
@pytest.mark.parametrize("words", [SECRET_TEXT, UNSEEN_NAME])
def test_hits_and_options_are_the_same_as_for_nonsense(fort: Fort, path: str, words: str) -> None:
    def shown(text: str) -> str:
        return fort.browser("sam").get(path.format(text)).text.replace(text, "")

    assert shown(words) == shown("qqqqqqqqqqqq")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("view", ["list", "rich", "board"])
def test_an_exported_file_holds_no_secret(fort: Fort, kind: str, view: str) -> None:
    answer = fort.browser("sam").post("/fort/trade/account/export", data={"format": kind, "view": view})
    assert answer.status_code == 200
    content = answer.data
    if kind == "xlsx":
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    assert all(secret.encode() not in content for secret in SECRETS)


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_column_is_not_exported(untouched: Fort, name: str) -> None:
    answer = untouched.browser("sam").post(
        "/fort/trade/account/export", data={"format": "csv", "fields": f"name,{name}"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("login", ["sam", "lea", "nil"])
def test_a_stale_answer_tells_only_seen_fields(untouched: Fort, login: str) -> None:
    answer = untouched.program(login).patch(f"{API}/account/{untouched.ids['mine']}", json={"name": "x", "version": 1})
    assert answer.status_code in (404, 409)
    assert not any(secret in answer.text for secret in SECRETS)
    assert not any(f'"{name}"' in answer.text for name in HIDDEN)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"account": "{open}"},
        {"account": "{unseen}"},
        {"account": {"id": "{unseen}"}},
        {"lines": [{"id": "{unseen_line}", "what": "x"}]},
        {"hint": "x", "memo": "y"},
    ],
)
def test_a_preview_tells_no_secret(untouched: Fort, values: dict[str, object]) -> None:
    values = filled(values, untouched)  # type: ignore[assignment]
    for record_id in (None, untouched.ids["order"]):
        answer = untouched.program("sam").post(f"{API}/order/preview", json={"id": record_id, "values": values})
        assert answer.status_code == 200, answer.text
        assert not any(secret in answer.text for secret in SECRETS)
        assert '"cost"' not in answer.text
        assert '"costs"' not in answer.text


@pytest.mark.parametrize("name", ["mark", "raise", "copy", "order"])
def test_an_action_hands_no_secret_over(fort: Fort, name: str) -> None:
    body = {"asked": {"to": "north"}}
    answer = fort.program("sam").post(f"{API}/account/{fort.ids['mine']}/actions/{name}", json=body)
    assert answer.status_code < 500
    assert not any(secret in answer.text for secret in SECRETS)


def test_a_taken_hidden_value_cannot_be_tried_out(untouched: Fort) -> None:
    answer = untouched.program("sam").post(f"{API}/account", json={"name": "x", "cipher": SECRET_TEXT})
    other = untouched.program("sam").post(f"{API}/account", json={"name": "x", "cipher": "free"})
    assert answer.status_code == other.status_code == 422
    assert answer.text == other.text


def test_a_shared_view_does_not_pass_hidden_names_on(fort: Fort) -> None:
    given = {
        "name": "rich ones",
        "where": f"limit = {SECRET_NUMBER}",
        "sort": "-limit",
        "fields": "name,limit",
        "shared": "1",
    }
    assert fort.browser("bo").post("/fort/trade/account/views", data=given).status_code == 303
    view = fort.browser("bo").get("/fort/trade/account").text.split("saved=")[1].split('"')[0].split("&")[0]
    assert_silent(fort, "sam", "/fort/trade/account", "rich ones")
    plain = fort.program("sam").get(f"{API}/account")
    assert fort.program("sam").get(f"{API}/account?saved={view}").text == plain.text


def test_comments_and_notices_tell_nothing_of_unseen_records(fort: Fort) -> None:
    path = f"/fort/trade/account/{fort.ids['unseen']}/comment"
    fort.browser("bo").post(path, data={"text": f"@sam {SECRET_TEXT}"})
    assert_silent(fort, "sam", "/fort/notifications")
    assert_silent(fort, "sam", "/fort/me")


def filled(value: object, fort: Fort) -> object:
    """Names of records in braces become their ids."""
    if isinstance(value, dict):
        return {key: filled(each, fort) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, fort) for each in value]
    return fort.ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value


def test_a_record_is_found_by_the_name_of_a_linked_one_that_i_see(fort: Fort) -> None:
    account = fort.save("sam", "account", name="Zqvisible works", region="open")
    order = fort.save("sam", "order", account=account, memo="x")
    for login, found in (("sam", [order]), ("bo", [order]), ("tia", [])):
        rows = fort.program(login).get(f"{API}/order?search=zqvisible").json["rows"]
        assert [row["id"] for row in rows] == found
    rows = fort.program("bo").get(f"{API}/order?search={UNSEEN_NAME}").json["rows"]
    assert {row["id"] for row in rows} == {fort.ids["order"], fort.ids["unseen_order"]}


def test_choosing_a_record_copies_only_what_i_may_read(fort: Fort) -> None:
    told = fort.browser("sam").get("/fort/trade/order/choices/account?q=open").text
    made = fort.program("sam").post(f"{API}/order", json={"account": fort.ids["open"]}).json
    by_boss = fort.program("bo").post(f"{API}/order", json={"account": fort.ids["open"]}).json
    assert SECRET_TEXT not in told
    assert (made["hint"], made["memo"]) == (None, "open")
    assert by_boss["hint"] == SECRET_TEXT
