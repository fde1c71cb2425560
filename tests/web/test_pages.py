"""What people meet: signing in, forged requests, calm errors, lists, boards, many records at once."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from flask.testing import FlaskClient

from engine.services import people, setup
from tests.web.conftest import Web

PASSWORD = "a long enough sentence"
TASKS = "/acme/work/task"
API = "/acme/api/v1/work/task"


def token_of(page: str) -> str:
    return re.findall(r'name="csrf" value="([0-9a-f]+)"', page)[0]


def make(client: FlaskClient, **values: object) -> int:
    return client.post(API, json=values).json["id"]


# --- signing in ------------------------------------------------------------------------------------------------------


def test_a_person_signs_in_and_out(web_on: Web) -> None:
    people.set_password(web_on.site.company("acme"), "ann", PASSWORD)
    client = web_on.visitor()
    asked = client.get(TASKS)
    assert asked.headers["Location"] == "/acme/sign-in?next=/acme/work/task"
    page = client.get(asked.headers["Location"]).text
    given = {"csrf": token_of(page), "login": "ann", "password": PASSWORD, "next": TASKS}
    entered = client.post("/acme/sign-in", data=given)
    assert (entered.status_code, entered.headers["Location"]) == (303, TASKS)
    cookie = next(each for each in entered.headers.getlist("Set-Cookie") if each.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    shown = client.get(TASKS)
    assert shown.status_code == 200
    client.post("/acme/sign-out", data={"csrf": token_of(shown.text)})
    assert client.get(TASKS).status_code == 303


@pytest.mark.parametrize("login", ["ann", "nobody"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(web: Web, login: str) -> None:
    people.set_password(web.site.company("acme"), "ann", PASSWORD)
    client = web.visitor()
    given = {"csrf": token_of(client.get("/acme/sign-in").text), "login": login, "password": "something else"}
    answer = client.post("/acme/sign-in", data=given)
    assert answer.status_code == 422
    assert "session=" not in str(answer.headers.getlist("Set-Cookie"))
    assert answer.text.replace(login, "…").count("…") == 1


def test_the_way_back_after_signing_in_stays_on_the_site(web: Web) -> None:
    people.set_password(web.site.company("acme"), "ann", PASSWORD)
    for target in ("//evil.example/", "https://evil.example/", "/other/work/task", "/\\evil.example"):
        client = web.visitor()
        token = token_of(client.get("/acme/sign-in").text)
        answer = client.post("/acme/sign-in", data={"csrf": token, "login": "ann", "password": PASSWORD, "next": target})
        assert answer.headers["Location"] == "/acme/"


def test_one_click_sign_in_is_for_this_machine_only(web: Web) -> None:
    client = web.visitor()
    page = client.get("/acme/sign-in").text
    person = re.findall(r'name="person" value="(\d+)"', page)[0]
    given = {"csrf": token_of(page), "person": person}
    away = {"REMOTE_ADDR": "10.1.2.3"}
    assert 'name="person"' not in client.get("/acme/sign-in", environ_overrides=away).text
    assert client.post("/acme/sign-in-as", data=given, environ_overrides=away).status_code == 403
    assert client.post("/acme/sign-in-as", data=given, headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 403
    assert client.post("/acme/sign-in-as", data=given).status_code == 303


def test_one_click_sign_in_needs_a_demo_site(web: Web) -> None:
    web.site.demo = False
    client = web.visitor()
    page = client.get("/acme/sign-in").text
    assert 'name="person"' not in page
    assert client.post("/acme/sign-in-as", data={"csrf": token_of(page), "person": "1"}).status_code == 403


def test_the_setup_link_makes_one_administrator(web: Web) -> None:
    company = web.site.company("acme")
    token = setup.setup_link_token(company)
    client = web.visitor()
    address = f"/acme/set-up/{token}"
    given = {"csrf": token_of(client.get(address).text), "name": "Eve", "login": "eve"}
    assert client.post(address, data={**given, "password": PASSWORD, "again": "other"}).status_code == 422
    assert client.post(address, data={**given, "password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.get("/acme/people").status_code == 200
    assert web.visitor().get(address).status_code == 404


# --- safety ----------------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_headers(web: Web) -> None:
    ann = web.browser("ann")
    for path in ("/acme/sign-in", TASKS, API, "/acme/work/nothing", "/livez", "/nowhere/"):
        headers = ann.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Vary"] == "Cookie"
        assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in headers


@pytest.mark.parametrize(
    "path", ["/acme/sign-out", f"{TASKS}/bulk", f"{TASKS}/views", "/acme/me/tokens", "/acme/language", "/acme/sign-in"]
)
def test_a_forged_request_is_refused(web: Web, path: str) -> None:
    ann = web.browser("ann")
    right = ann.environ_base.pop("HTTP_X_CSRF_TOKEN")
    assert ann.post(path, data={}).status_code == 400
    assert ann.post(path, data={"csrf": "0" * 64}).status_code == 400
    assert ann.post(path, data={"csrf": right}, headers={"Origin": "http://evil.example"}).status_code == 400
    assert ann.post(path, data={"csrf": right}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400


def test_a_program_with_a_cookie_needs_the_token_as_well(web: Web) -> None:
    ann = web.browser("ann")
    ann.environ_base.pop("HTTP_X_CSRF_TOKEN")
    assert ann.post(API, json={"name": "x"}).status_code == 400


def test_another_host_is_refused(web: Web) -> None:
    assert web.visitor().get("/acme/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_too_large_a_body_is_refused(web: Web) -> None:
    answer = web.program("ann").post(API, data=b"x" * (16 * 1024 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 413


def test_a_nul_goes_no_further(web_on: Web) -> None:
    ann = web_on.browser("ann")
    for path in (f"{TASKS}?search=%00", f"{API}?where=name%20%3D%20'%00'"):
        assert ann.get(path).status_code == 400
    assert ann.post(f"{TASKS}/views", data={"name": "a\0b"}).status_code == 400


def test_hidden_and_absent_are_the_same_page(web: Web) -> None:
    ann, ben = web.browser("ann"), web.browser("ben")
    number = make(ann, name="Mine")
    paths = (f"{TASKS}/{number}", f"{TASKS}/99999", "/acme/work/plan", "/acme/work/nothing", "/acme/people")
    answers = [ben.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_a_surprise_is_told_calmly(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(people, "list_notifications", fail)
    answer = web.browser("ann").get("/acme/notifications")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


# --- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_shows_what_its_reader_may_see(web: Web) -> None:
    ann, ben, boss = web.browser("ann"), web.browser("ben"), web.browser("bo")
    make(ann, name="Paint <b>the</b> fence", amount="1234.5", kind="a")
    make(boss, name="Costly", cost="9")
    page = ann.get(TASKS).text
    assert "Paint &lt;b&gt;the&lt;/b&gt; fence" in page
    assert "1,234.50" in page
    assert "Alpha" in page
    assert "Costly" not in page
    assert "cost" not in page
    assert "Paint" not in ben.get(TASKS).text
    assert "Paint" in boss.get(f"{TASKS}?fields=name,cost").text


def test_a_filter_is_part_of_the_address(web: Web) -> None:
    ann = web.browser("ann")
    make(ann, name="Small", amount="1")
    make(ann, name="Large", amount="1000")
    built = ann.get(f"{TASKS}/filter", query_string={"builder": "1", "c": '["amount", "ge", ["100"]]'})
    assert built.headers["Location"] == f"{TASKS}?where=amount+%3E%3D+100"
    page = ann.get(built.headers["Location"]).text
    assert "Large" in page
    assert "Small" not in page
    quick = ann.get(f"{TASKS}/filter", query_string={"where": "amount >= 100", "field": "kind", "test": "any", "value": ["a", "b"]})
    assert "kind+in" in quick.headers["Location"]
    assert "amount" in quick.headers["Location"]


@pytest.mark.parametrize("where", ["amount >", "cost > 1", "tsoc > 1", "amount = 'x'"])
def test_a_filter_that_cannot_be_used_says_why_on_the_page(web: Web, where: str) -> None:
    answer = web.browser("ann").get(TASKS, query_string={"where": where})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_page_does_not_tell_a_hidden_field_from_a_misspelt_one(web: Web) -> None:
    ann = web.browser("ann")
    pages = [ann.get(TASKS, query_string={"where": f"{name} > 1"}).text.replace(name, "…") for name in ("cost", "tsoc")]
    assert pages[0] == pages[1]


def test_many_records_are_changed_and_deleted_at_once(web: Web) -> None:
    ann, ben = web.browser("ann"), web.browser("ben")
    numbers = [make(ann, name=f"Task {number}") for number in range(3)]
    foreign = make(ben, name="Foreign")
    changed = ann.post(f"{TASKS}/bulk", data={"field": "share", "value": "15", "ids": numbers})
    assert changed.json["done"] == numbers
    assert ann.get(f"{API}/{numbers[0]}").json["share"] == "0.1500"
    report = ann.post(f"{TASKS}/bulk", data={"field": "kind", "value": "a", "ids": [numbers[0], foreign]}).json
    assert report["done"] == [numbers[0]]
    assert [each["id"] for each in report["refused"]] == [foreign]
    assert "Foreign" not in str(report)
    assert ann.post(f"{TASKS}/bulk", data={"do": "delete", "ids": numbers}).json["done"] == numbers
    assert "Task 1" in ann.get("/acme/recycle-bin").text
    ann.post(f"{TASKS}/{numbers[1]}/restore")
    assert "Task 1" in ann.get(TASKS).text


def test_an_export_holds_what_is_seen(web: Web) -> None:
    ann = web.browser("ann")
    make(ann, name="=1+1", amount="5")
    make(ann, name="Other", amount="1")
    answer = ann.post(f"{TASKS}/export", data={"format": "xlsx", "where": "amount >= 2"})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert len(rows) == 2
    assert "=1+1" in str(rows[1])
    assert "attachment" in answer.headers["Content-Disposition"]
    assert web.browser("ben").post(f"{TASKS}/export", data={"format": "csv"}).data.decode("utf-8-sig").count("\n") == 1


def test_a_saved_view_comes_back(web: Web) -> None:
    ann, boss = web.browser("ann"), web.browser("bo")
    saved = ann.post(f"{TASKS}/views", data={"name": "Big ones", "where": "amount >= 100", "shared": "1"})
    assert saved.status_code == 303
    assert "Big ones" in ann.get(TASKS).text
    page = boss.get(TASKS).text
    assert "Big ones" in page
    number = re.findall(r"saved=(\d+)", page)[0]
    assert boss.post(f"{TASKS}/views/{number}/delete").status_code == 404
    assert ann.post(f"{TASKS}/views/{number}/delete").status_code == 303


# --- boards ----------------------------------------------------------------------------------------------------------


def test_a_card_moves_and_can_be_taken_back(web: Web) -> None:
    ann = web.browser("ann")
    number = make(ann, name="Card", amount="10", due="2026-12-01")
    board = ann.get(f"{TASKS}?view=board").text
    assert f'data-card="{number}"' in board
    moved = ann.post(
        f"{TASKS}/{number}/move",
        data={"field": "stage", "stage": "half", "before": "open"},
        headers={"Accept": "application/json"},
    )
    assert moved.json["undo"]["values"] == {"field": "stage", "stage": "open", "before": "half"}
    sums = ann.get(f"{TASKS}/board/sums?view=board").json
    assert sums["lanes"]["half"]["count"] == 1
    assert sums["lanes"]["open"]["count"] == 0
    back = ann.post(f"{TASKS}/{number}/move", data=moved.json["undo"]["values"], headers={"Accept": "application/json"})
    assert back.status_code == 200


def test_a_refused_move_says_why(web: Web) -> None:
    ann = web.browser("ann")
    number = make(ann, name="Card")
    refused = ann.post(
        f"{TASKS}/{number}/move", data={"field": "stage", "stage": "half"}, headers={"Accept": "application/json"}
    )
    assert refused.status_code == 422
    assert refused.json["errors"]


# --- own page, home, search ------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_can_be_revoked(web: Web) -> None:
    ann = web.browser("ann")
    page = ann.post("/acme/me/tokens", data={"name": "Robot", "days": "30"}).text
    secret = re.findall(r'class="e-secret">([^<]+)<', page)[0]
    robot = web.visitor()
    robot.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    assert robot.get("/acme/api/v1/").json["person"]["name"] == "Ann"
    again = ann.get("/acme/me").text
    assert secret not in again
    number = re.findall(r"/me/tokens/(\d+)/revoke", again)[0]
    ann.post(f"/acme/me/tokens/{number}/revoke")
    assert robot.get("/acme/api/v1/").status_code == 401


def test_the_language_follows_the_person(web: Web) -> None:
    ann = web.browser("ann")
    assert 'lang="en"' in ann.get(TASKS).text
    ann.post("/acme/language", data={"language": "zh", "next": TASKS})
    page = ann.get(TASKS).text
    assert 'lang="zh-CN"' in page
    assert "任务" in page


def test_home_and_search_find_what_is_mine(web: Web) -> None:
    ann = web.browser("ann")
    make(ann, name="云帆 fence", due="2020-01-01")
    home = ann.get("/acme/").text
    assert "云帆 fence" in home
    assert "云帆 fence" in ann.get("/acme/search?q=yunfan").text
    assert "云帆 fence" in ann.get("/acme/search?q=yf", headers={"HX-Request": "true"}).text
    assert "云帆" not in web.browser("ben").get("/acme/search?q=yunfan").text.replace('value="yunfan"', "")


def test_only_administrators_keep_people(web: Web) -> None:
    assert web.browser("bo").get("/acme/people").status_code == 404
    page = web.browser("ada").get("/acme/people")
    assert page.status_code == 200
    assert "Ben" in page.text
