"""Forged, oversized and broken requests get the right refusal, headers on every answer, and never an accident."""

from __future__ import annotations

import pytest

from tests.abuse.fort import API, Fort

JSON = "application/json"
DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
BODIES = (
    (b"{", JSON, 400),
    (b"[]", JSON, 400),
    (b'"x"', JSON, 400),
    (b"null", JSON, 400),
    (b"\xff\xfe", JSON, 400),
    (b'{"name":"a","name":"b"}', JSON, 400),
    (b'{"name":NaN}', JSON, 400),
    (b'{"limit":Infinity}', JSON, 400),
    (b'{"name":"\\u0000"}', JSON, 400),
    (b'{"name":"\\ud800"}', JSON, 400),
    (b'{"\\u0000":1}', JSON, 400),
    (DEEP, JSON, 400),
    (b"[" * 100_000, JSON, 400),
    (b'{"count":' + b"9" * 5000 + b"}", JSON, 400),
    (b"name=x", "application/x-www-form-urlencoded", 415),
    (b"name: x", "text/yaml", 415),
    (b'{"name":"x"}', "text/plain", 415),
    (b'{"name":"x"}', "", 415),
    (b"x" * (17 * 1024 * 1024), JSON, 413),
)
NUMBERS = (
    "1E+999999",
    "1e9999999",
    "-1E+999999",
    "1E-999999",
    "NaN",
    "-NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "9" * 400,
    "0x10",
    "1_000",
    "٣",
    "--1",
    "1e",
    "",
    " ",
    {},
    [],
    [1],
    {"a": 1},
    True,
)


@pytest.mark.parametrize(("body", "kind", "status"), BODIES)
@pytest.mark.parametrize("path", ["account", "account/preview"])
def test_broken_bodies_are_refused(untouched: Fort, path: str, body: bytes, kind: str, status: int) -> None:
    answer = untouched.program("sam").post(f"{API}/{path}", data=body, content_type=kind)
    assert answer.status_code == status, answer.text[:300]
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("field", ["count", "rate", "day", "when", "rep", "parent", "kind", "papers", "stage"])
def test_no_value_is_an_accident(fort: Fort, field: str, value: object) -> None:
    answer = fort.program("sam").post(f"{API}/account/preview", json={"values": {"name": "x", field: value}})
    assert answer.status_code == 200, answer.text
    sent = {"name": "x", field: value if isinstance(value, str) else "x"}
    assert fort.browser("sam").post("/fort/trade/account/preview", data=sent).status_code == 200


@pytest.mark.parametrize("value", NUMBERS)
def test_no_amount_is_an_accident(untouched: Fort, value: object) -> None:
    rows = [{"what": "x", "price": value}]
    answer = untouched.program("bo").patch(f"{API}/order/{untouched.ids['order']}", json={"lines": rows, "number": "x"})
    assert answer.status_code == 422
    assert untouched.program("bo").post(f"{API}/order/preview", json={"values": {"lines": rows}}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "where=" + "(" * 3000,
        "where=" + "not%20" * 900 + "true",
        "where=" + "1%2B" * 900 + "1%20%3D%201",
        "where=count%20%3D%20" + "9" * 400,
        "where=count%20%3D%201E999999",
        "where=name%20%3D%20'" + "a" * 20_000 + "'",
        "where=().__class__",
        "where=name.__class__%20%3D%201",
        "where=[x%20for%20x%20in%20y]",
        "where=MATCHES(name,%20'(a%2B)%2B$')",
        "where=REPEAT(name,%20999999999)%20%3D%20''",
        "where=name%20%3D%20'%27%20OR%201%3D1%20--'",
        "where=open('/etc/passwd')",
        "where=lambda",
        "where=%00",
        "where=name%20%3D",
        "where=id%20in%20[" + "1,%20" * 900 + "1]",
        "where=id%20%3D%20" + "9" * 30,
        "sort=" + ",".join(["name"] * 500),
        "sort=name%3Bdrop%20table",
        "sort=-",
        "sort=%22",
        "fields=%22",
        "fields=name%20as%20x",
        "group=%22",
        "group=name&sum=name",
        "limit=0",
        "limit=-1",
        "limit=1000000000",
        "limit=x",
        "limit=٣",
        "after=x",
        "after=e30",
        "after=" + "A" * 5000,
        "saved=99999999999999999999",
        "saved=x",
        "search=" + "x" * 20_000,
        "search=%22%20OR%20*",
        "search=%27%20%7C%20!",
        "view=nothing",
        "total=all",
    ],
)
def test_no_query_is_an_accident(fort: Fort, query: str) -> None:
    for answer in (
        fort.program("sam").get(f"{API}/account?{query}"),
        fort.browser("sam").get(f"/fort/trade/account?{query}"),
    ):
        assert answer.status_code in (200, 400, 404, 422), (answer.status_code, answer.text[:300])


@pytest.mark.parametrize(
    "before",
    [
        "x",
        "2026-01-01T00:00:00+00:00~" + "9" * 300,
        "~",
        "2026-01-01~1",
        "9999-12-31T23:59:59+00:00~-5",
        "0001-01-01T00:00:00+23:59~0",
    ],
)
def test_no_cursor_is_an_accident(fort: Fort, before: str) -> None:
    answer = fort.browser("sam").get(f"/fort/trade/account/{fort.ids['mine']}/events", query_string={"before": before})
    assert answer.status_code in (200, 400, 422)


@pytest.mark.parametrize("number", ["9" * 30, "²", "٣", "-1", "x", ""])
def test_no_number_in_a_form_is_an_accident(untouched: Fort, number: str) -> None:
    browser, base = untouched.browser("sam"), f"/fort/trade/account/{untouched.ids['mine']}"
    assert browser.post(f"{base}/collaborator", data={"person": number, "remove": "1"}).status_code < 500
    assert browser.post(f"{base}/attachment", data={"file": number}).status_code < 500
    assert untouched.visitor().post("/fort/sign-in-as", data={"person": number}).status_code < 500
    assert browser.post("/fort/trade/account/bulk", data={"ids": number, "do": "delete"}).status_code in (200, 400)
    assert browser.get(f"/fort/trade/order/new?from=trade.account/{number}/order").status_code < 500
    assert browser.get(f"/fort/trade/order/choices/account?values=%7B%22account%22:{number or 0}%7D").status_code < 500


@pytest.mark.parametrize(
    "values",
    [
        "{",
        "[]",
        '{"id":1}',
        '{"lines":"x"}',
        '{"lines":[{"id":{}}]}',
        '{"account":1e999}',
        '{"a":NaN}',
        "[" * 20_000,
        '{"memo":"\\u0000"}',
        '{"memo":"\\ud800"}',
    ],
)
def test_a_picker_is_asked_with_anything(fort: Fort, values: str) -> None:
    answer = fort.browser("sam").get("/fort/trade/order/choices/account", query_string={"values": values})
    assert answer.status_code in (200, 400, 422), answer.text[:300]


@pytest.mark.parametrize(
    "start",
    ["{", "[]", "null", '{"name":{"a":1}}', '{"papers":7}', '{"lines":[1]}', '{"lines":[{"id":[]}]}', "[" * 20_000],
)
def test_what_comes_along_with_a_form_may_be_anything(untouched: Fort, start: str) -> None:
    sent = {"_start": start, "_version": "1", "name": "", "memo": "x"}
    for form, record in (("account", "mine"), ("order", "order")):
        path = f"/fort/trade/{form}/{untouched.ids[record]}/edit"
        version = {"_version": "999", "account": str(untouched.ids["unseen"])}
        assert untouched.browser("sam").post(path, data={**sent, **version}).status_code in (409, 422)


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("PUT", "/account/1", 405),
        ("DELETE", "/account", 405),
        ("GET", "/account/preview", 405),
        ("TRACE", "/account", 405),
        ("GET", "/nothing", 404),
        ("GET", "/account/x", 404),
    ],
)
def test_other_verbs_and_addresses_are_refused_in_shape(untouched: Fort, verb: str, path: str, status: int) -> None:
    answer = untouched.program("sam").open(f"{API}{path}", method=verb)
    assert answer.status_code == status
    assert status == 404 or "Allow" in answer.headers


UNSAFE = (
    "/fort/trade/account/new",
    "/fort/trade/account/bulk",
    "/fort/files",
    "/fort/me/tokens",
    "/fort/sign-out",
    f"{API}/account",
    "/fort/language",
    "/fort/trade/account/preview",
)


@pytest.mark.parametrize("path", UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "é"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_cannot_write_in_my_name(untouched: Fort, path: str, headers: dict[str, str]) -> None:
    answer = untouched.browser("sam").post(path, data={"name": "x"}, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic c2FtOg==", "bearer weft_x", "Bearer " + "x" * 5000, "Bearer é"]
)
def test_a_bad_token_is_not_helped_by_a_cookie(untouched: Fort, header: str) -> None:
    answer = untouched.browser("sam").post(f"{API}/account", json={"name": "x"}, headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/fort/trade/account", f"{API}/account"])
def test_a_token_opens_no_page_and_not_in_the_address(fort: Fort, path: str) -> None:
    secret = fort.program("sam").environ_base["HTTP_AUTHORIZATION"].split()[1]
    answer = fort.visitor().get(f"{path}?token={secret}&access_token={secret}&user=4&company=fort")
    assert answer.status_code in (303, 401)
    page = fort.visitor().get("/fort/trade/account", headers={"Authorization": f"Bearer {secret}"})
    assert page.status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:80@evil", ""]
)
def test_foreign_hosts_are_refused(fort: Fort, host: str) -> None:
    answer = fort.visitor().get("/fort/sign-in", headers={"Host": host})
    assert answer.status_code == 400 or (host == "" and answer.status_code == 200)
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/fort/../..//evil.example",
        "/\t/evil.example",
        "/%0d%0aX: y",
        "\\\\evil",
        "/fort\r\nX-Evil: 1",
    ],
)
def test_signing_in_leads_nowhere_else(fort: Fort, target: str) -> None:
    visitor = fort.visitor()
    page = visitor.get("/fort/sign-in", query_string={"next": target}).text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    sent = {"person": str(fort.actors["guest"].person), "next": target, "csrf": token}
    answer = visitor.post("/fort/sign-in-as", data=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/fort/")
    assert (
        "evil.example" not in answer.headers["Location"].removeprefix("/fort/../..")
        or "://" not in answer.headers["Location"]
    )
    answer = fort.browser("sam").post("/fort/language", data={"language": "en", "next": target})
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith(("//", "/\\", "/\t"))


ANSWERS = (
    "/fort/sign-in",
    "/fort/",
    "/fort/trade/account",
    "/fort/nothing",
    "/nothing",
    f"{API}/account",
    f"{API}/nothing",
    "/livez",
    "/static/nothing.js",
    "/fort/files/{paper}",
)


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("login", ["", "sam"])
def test_every_answer_carries_the_headers(fort: Fort, login: str, path: str) -> None:
    answer = (fort.browser(login) if login else fort.visitor()).get(path.format(**fort.ids))
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "sandbox" or ("default-src 'none'" in policy and "unsafe" not in policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"] or answer.status_code == 404
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Python" not in answer.headers.get("Server", "")
    answer.close()


def test_cookies_are_out_of_reach_of_scripts(fort: Fort) -> None:
    visitor = fort.visitor()
    page = visitor.get("/fort/sign-in")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    entered = visitor.post("/fort/sign-in-as", data={"person": str(fort.actors["guest"].person), "csrf": token})
    cookies = [*page.headers.getlist("Set-Cookie"), *entered.headers.getlist("Set-Cookie")]
    assert any(each.startswith("session=") for each in cookies)
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in cookies)


def test_a_planted_session_is_not_taken_over(fort: Fort) -> None:
    visitor = fort.visitor()
    visitor.set_cookie("session", "planted")
    token = visitor.get("/fort/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    visitor.post("/fort/sign-in-as", data={"person": str(fort.actors["guest"].person), "csrf": token})
    assert visitor.get_cookie("session").value != "planted"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "note",
    [
        "x",
        "[]",
        "[1,2]",
        '["nothing.here",{}]',
        '["form.saved",[]]',
        '["form.saved",{"title":"<b>x"}]',
        "{",
        '["form.saved",{"a":{"b":1}}]',
        "null",
        "7",
    ],
)
def test_a_planted_note_is_harmless(fort: Fort, note: str) -> None:
    client = fort.app.test_client()
    client.set_cookie("session", fort.session("guest"))
    client.set_cookie("note", note)
    answer = client.get("/fort/me")
    assert answer.status_code == 200
    assert "<b>x" not in answer.text


def test_wrong_logins_are_told_alike(fort: Fort) -> None:
    def told(login: str) -> str:
        visitor = fort.visitor()
        token = visitor.get("/fort/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
        answer = visitor.post("/fort/sign-in", data={"login": login, "password": "wrong", "csrf": token})
        return answer.text.replace(login, "").replace(token, "")

    assert told("sam") == told("nobody")
