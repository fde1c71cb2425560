"""What approvals tell other systems: after the commit, signed, at least once, and nowhere but where the site allows."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from engine.services import addresses
from engine.services.addresses import Address, NotSent, is_outside, post
from engine.services.flow.commands import retry, take_back
from engine.services.jobs import build_worker
from engine.services.site import open_site
from engine.services.worker import dead_jobs
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

STEPS = """
- approve: check
  who: [{user: cai1}]
  allow: [takeback]
  effects:
    enter: [{webhook: {url_ref: erp}}]
    approve:
      - webhook: {url_ref: erp, body: {kind: new, number: 7, name: "=name", amount: "=amount", day: "=TODAY()", who: "=flow.initiator"}}
- {approve: last, who: [{user: wang}], return: [check, start]}
"""


@dataclass
class Sink:
    """A system that is told: what came, and how it answers next."""

    server: HTTPServer
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}/hook?x=1"


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A system on this computer."""

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    found = Sink(HTTPServer(("127.0.0.1", 0), Taker))
    thread = Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join(5)


def work(office: Office, **parts: int) -> None:
    """Let time pass, then the worker work."""
    office.world.clock.forward(**parts)
    build_worker(office.world.site, only="acme").run_due()


def test_t31_crash_after_commit(office_with: OpenOffice, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told before the commit; who dies while telling tells again, with the same id."""
    monkeypatch.setenv("WEFT_ERP", "key")
    office = office_with(STEPS)
    office.world.site.addresses = {"erp": Address(sink.url, secret="WEFT_ERP", private=True)}
    office.start("zhang", amount="5")
    assert sink.came == []

    def die(*words: object) -> None:
        post(*words)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.services.flow.sending.post", die)
    with pytest.raises(KeyboardInterrupt):
        work(office)
    monkeypatch.setattr("engine.services.flow.sending.post", post)
    work(office, minutes=6)  # the lease of the one who died is over
    first, second = sink.came
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    office.approve("cai1")
    work(office)
    work(office)
    headers, body = sink.came[2]
    assert len(sink.came) == 3
    assert headers["webhook-id"] != first[0]["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = b64encode(hmac.new(b"key", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    told = json.loads(body)
    day = office.world.clock.now.date().isoformat()
    assert told["body"] == {
        "kind": "new",
        "number": "7",
        "name": "A contract",
        "amount": "5.00",
        "day": day,
        "who": office.person("zhang"),
    }
    assert (told["form"], told["record"], told["instance"]) == ("crm.contract", office.record, office.instance)


def test_it_is_tried_again_then_given_up_and_tried_again_by_hand(office_with: OpenOffice, sink: Sink) -> None:
    """The approval goes on whatever the other system answers; in the end its administrators are called."""
    office = office_with(STEPS)
    office.world.site.addresses = {"erp": Address(sink.url, private=True)}
    sink.answers = [500, 301, 404, 500, 500, 500, 500, 500]
    office.start("zhang")
    for _ in range(9):
        work(office, hours=2)
    assert (len(sink.came), dead_jobs(office.world.company)) == (8, 1)
    assert (office.waiting(), "erp" in (office.stored().incident or "")) == ([("check", "cai1")], True)
    office.do(retry, "guan")
    work(office)
    assert (len(sink.came), dead_jobs(office.world.company), office.stored().incident) == (9, 0, None)


def test_without_an_address_it_is_told_in_the_log(office_with: OpenOffice, caplog: pytest.LogCaptureFixture) -> None:
    office = office_with(STEPS)
    caplog.set_level(logging.INFO, logger="weft.webhook")
    office.start("zhang")
    work(office)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "weft.webhook"]
    assert "no such address here" in line


def test_nobody_returns_past_what_was_told(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    task = office.task("cai1").id
    office.approve("cai1")
    assert refused(lambda: office.do_at(take_back, "cai1", task=task)) == ["A114"]
    assert refused(lambda: office.back("wang", "start")) == ["A110"]
    office.back("wang", "check")
    assert office.waiting() == [("check", "cai1")]


INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "64:ff9b:1::1",
]


@pytest.mark.parametrize("number", INSIDE)
def test_addresses_of_the_own_network_are_known(number: str) -> None:
    assert not is_outside(number)


@pytest.mark.parametrize("number", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_outside_are_known(number: str) -> None:
    assert is_outside(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://user@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http:///nowhere",
    ],
)
def test_the_own_network_is_not_called(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.socket, "create_connection", lambda *_: pytest.fail("it was called"))
    with pytest.raises(NotSent):
        post(Address(url), "id", b"{}", 0)


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked is what is connected to; one number inside is enough to refuse all."""
    told = iter([[(0, 0, 0, "", ("1.1.1.1", 80))], [(0, 0, 0, "", ("127.0.0.1", 80))]])
    asked: list[object] = []

    def connect(where: tuple[str, int], *_: object) -> None:
        asked.append(where)
        raise OSError("not today")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: next(told))
    monkeypatch.setattr(addresses.socket, "create_connection", connect)
    with pytest.raises(NotSent, match="not today"):
        post(Address("http://fickle.example/"), "id", b"{}", 0)
    assert asked == [("1.1.1.1", 80)]
    with pytest.raises(NotSent, match="own network"):
        post(Address("http://fickle.example/"), "id", b"{}", 0)
    with pytest.raises(NotSent, match="port 22"):
        post(Address("http://fickle.example:22/"), "id", b"{}", 0)


def test_a_missing_key_and_a_silent_system(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotSent, match="WEFT_NOWHERE"):
        post(Address(sink.url, secret="WEFT_NOWHERE", private=True), "id", b"{}", 0)
    monkeypatch.setattr(addresses, "CONNECT_SECONDS", 0.05)
    sink.answers = []
    monkeypatch.setattr(BaseHTTPRequestHandler, "send_response", lambda *_: None)
    monkeypatch.setattr(BaseHTTPRequestHandler, "end_headers", lambda *_: None)
    with pytest.raises(NotSent):
        post(Address(sink.url, private=True), "id", b"{}", 0)


def test_the_site_names_its_addresses(tmp_path: Path) -> None:
    written = (
        "webhooks: {erp: {url: 'https://erp.example/in', secret: WEFT_ERP}, mes: {url: 'http://mes/', private: true}}"
    )
    (tmp_path / "site.yaml").write_text(f"site: Here\ncompanies: []\n{written}\n", encoding="utf-8")
    erp, mes = Address("https://erp.example/in", "WEFT_ERP"), Address("http://mes/", private=True)
    assert open_site(tmp_path).addresses == {"erp": erp, "mes": mes}
