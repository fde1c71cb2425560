"""What people type, upload and define stays content: no markup, no formula, no path, no bomb comes to life."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from pathlib import Path

import pytest

from engine.problems import ProblemsFound
from engine.services import timeline
from engine.source.reader import read_yaml
from tests.abuse.fort import API, Fort
from tests.abuse.site_files import FORMULAS, MARKUP

PAYLOADS = (
    MARKUP,
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "{{ 7*191 }}{% raw %}",
    "javascript:alert(1)",
)
ALIVE = re.compile(r"<(img src=x|svg onload|script>alert|i>Odd|u>)|1337(?!\d)", re.IGNORECASE)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_is_inert_wherever_it_is_shown(fort: Fort, payload: str) -> None:
    note = fort.save("sam", "note", text=payload)
    account = fort.save("sam", "account", name=payload, region=payload, remark=payload, kind="odd")
    order = fort.save("sam", "order", account=account, memo=payload, lines=[{"what": payload, "price": "1"}])
    file = fort.upload("sam", payload + ".html", b"<script>")
    timeline.add_attachment(fort.company, fort.actors["sam"], "trade.account", account, file)
    timeline.add_comment(fort.company, fort.actors["sam"], "trade.account", account, f"{payload} @sam")
    fort.browser("sam").post("/fort/trade/account/views", data={"name": payload, "where": "region = 'x'"})
    pages = [
        "/fort/",
        "/fort/notifications",
        "/fort/trade/account",
        "/fort/trade/account?view=board",
        f"/fort/trade/account/{account}",
        f"/fort/trade/account/{account}/edit",
        f"/fort/trade/account/{account}/menu",
        f"/fort/trade/account/{account}/events",
        f"/fort/trade/account/{account}/related/orders",
        f"/fort/trade/order/{order}",
        f"/fort/trade/order/{order}/edit",
        f"/fort/trade/note/{note}",
        "/fort/trade/note",
    ]
    for page in pages:
        told = fort.browser("sam").get(page)
        assert told.status_code == 200, page
        assert not ALIVE.search(told.text), (page, ALIVE.search(told.text))
        assert "javascript:" not in "".join(re.findall(r'(?:href|src|action)="([^"]*)"', told.text))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "path",
    [
        "/fort/search?q={}",
        "/fort/trade/account?search={}&where={}&sort={}&view={}&fields={}",
        "/fort/trade/account/new?name={}&region={}&from={}&_from={}",
        "/fort/trade/account/quick?typed={}",
        "/fort/recycle-bin?form={}",
        "/fort/{}",
        "/fort/trade/{}",
        "/fort/sign-in?next={}",
    ],
)
def test_what_an_address_says_is_inert(fort: Fort, path: str, payload: str) -> None:
    address, _, query = path.partition("?")
    words = dict(each.split("=", 1) for each in query.split("&")) if query else {}
    answer = fort.browser("sam").get(
        address.format(payload.replace("/", "")), query_string=dict.fromkeys(words, payload)
    )
    assert answer.status_code < 500
    assert not ALIVE.search(answer.text)


def test_json_within_a_page_cannot_end_its_script(fort: Fort) -> None:
    account = fort.save("sam", "account", name="</script><script>alert(1)</script>")
    page = fort.browser("sam").get(f"/fort/trade/account/{account}/edit").text
    for body in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
        assert "<" not in body


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_exported_cell_is_a_formula(fort: Fort, kind: str) -> None:
    texts = [*FORMULAS, " =1", "\ufeff=1", "\u200b=1", "＋1", "－1", "＠x", "|calc", "%0A=1"]
    for each in texts:
        fort.save("tia", "note", text=f"zz{each}")
        fort.save("tia", "account", name=each, region="formulas", rep=fort.actors["tia"].person)
    sent = {"format": kind, "where": "region = 'formulas'", "fields": "name,region"}
    answer = fort.browser("tia").post("/fort/trade/account/export", data=sent)
    assert answer.status_code == 200
    if kind == "xlsx":
        book = zipfile.ZipFile(io.BytesIO(answer.data))
        assert all(b"<f>" not in book.read(name) for name in book.namelist())
        return
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]
    assert len(rows) >= len(texts) - 2
    for name, _ in rows:
        assert name.lstrip(" \t\r\n\ufeff\u200b")[:1] not in tuple("=+-@＝＋－＠"), repr(name)


NAMES = (
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "C:\\x",
    "a/b/c.txt",
    "x" * 5000 + ".txt",
    "\u202egpj.exe",
    "a\r\nX-Evil: 1.txt",
    'a"; filename="b.html',
    "con",
    ".htaccess",
    "..",
    ".",
    " ",
    "报价单.xlsx",
    "x.pHaR",
    "a\x01b.txt",
    "'; drop table--",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_only_a_name(fort: Fort, name: str) -> None:
    root = fort.company.files_root
    sent = {"file": (io.BytesIO(b"<script>alert(1)</script>"), name, "text/html")}
    answer = fort.browser("sam").post("/fort/files", data=sent, content_type="multipart/form-data")
    if answer.status_code == 422:
        return
    assert answer.status_code == 200, answer.text
    told = answer.json["name"]
    assert not re.search(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]', told)
    assert 0 < len(told) <= 120
    assert told not in (".", "..")
    with fort.browser("sam").get(f"/fort/files/{answer.json['id']}") as opened:
        assert opened.headers["Content-Disposition"].startswith("attachment;")
        assert opened.mimetype == "application/octet-stream"
        assert opened.headers["Content-Security-Policy"] == "sandbox"
        assert "X-Evil" not in opened.headers
    assert all(
        re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}|[0-9a-f]{2}", str(each.relative_to(root))) for each in root.rglob("*")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/fort/files/..%2f..%2fdata.db",
        "/static/..%2f..%2fapp.py",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/fort/files/1/../../x",
        "/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_path_leads_out_of_the_store(fort: Fort, path: str) -> None:
    assert fort.browser("sam").get(path).status_code in (303, 308, 404)


def test_an_upload_too_large_leaves_nothing(untouched: Fort) -> None:
    before = sorted(untouched.company.files_root.rglob("*"))
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
    sent = head + b"x" * (26 * 1024 * 1024) + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    assert untouched.browser("sam").post("/fort/files", data=sent, content_type=kind).status_code in (413, 422)
    assert sorted(untouched.company.files_root.rglob("*")) == before


def test_a_form_of_too_many_parts_is_refused(untouched: Fort) -> None:
    sent = {f"p{number}": "x" for number in range(2000)}
    answer = untouched.browser("sam").post("/fort/trade/account/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\u202e", "\x1b[31m", "\ufeff", "a" * 5000])
@pytest.mark.parametrize("road", ["page", "comment", "view"])
def test_strange_text_is_kept_or_refused(fort: Fort, road: str, text: str) -> None:
    path, data = {
        "page": ("/fort/trade/note/new", {"text": text}),
        "comment": (f"/fort/trade/account/{fort.ids['mine']}/comment", {"text": text}),
        "view": ("/fort/trade/account/views", {"name": text, "where": "region = 'x'"}),
    }[road]
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    assert fort.browser("sam").post(path, data=encoded).status_code in (200, 303, 400, 422)


BOMBS = {
    "aliases": "form: a.b\nfields: &a {x: &b [1,1]}\nother: *a\n",
    "laughs": "a: &a [x,x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)),
    "merge": "a: &a {x: 1}\nb: {<<: *a}\n",
    "recursive": "a: &a [*a]\n",
    "deep": "a: " + "[" * 5000 + "]" * 5000,
    "deep block": "".join(" " * n + f"k{n}:\n" for n in range(200)),
    "python": "a: !!python/object/apply:os.system ['id']\n",
    "tag": "a: !x 1\n",
    "double": "form: a.b\naccess: none\naccess: all\n",
    "nul": "a: \x00\n",
    "bidi": "a: \u202etxt\n",
    "large": "a: x\n" + "# " + "x" * 300_000,
    "many": "a: [" + "1," * 60_000 + "1]",
    "documents": "a: 1\n---\nb: 2\n",
    "long number": "a: " + "9" * 5000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_of_definitions_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name], encoding="utf-8")
    started = time.thread_time()
    with pytest.raises(ProblemsFound) as found:
        read_yaml(path, "forms/bomb.yaml")
    assert time.thread_time() - started < 5
    assert all(problem.at is not None for problem in found.value.problems)


def test_invalid_bytes_are_no_definition(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_bytes(b"a: \xff\xfe\x00")
    with pytest.raises(ProblemsFound):
        read_yaml(path, "forms/bomb.yaml")


def test_an_interface_text_never_comes_from_a_program_token(fort: Fort) -> None:
    answer = fort.program("sam").get(f"{API}/account", headers={"Accept-Language": "<b>"})
    assert answer.status_code == 200
