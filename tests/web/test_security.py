"""Tokens, addresses to be sent to, and what counts as this machine."""

from __future__ import annotations

import pytest
from flask import Flask, request

from engine.web.security import csrf_token, is_loopback, may_write, own_path

HOME = "/acme/"


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", None, "/a\r\nb"]
)
def test_nobody_is_sent_elsewhere(target: str | None) -> None:
    assert own_path(target, HOME) == HOME


def test_a_path_of_our_own_is_kept() -> None:
    assert own_path("/acme/crm/task?where=done", HOME) == "/acme/crm/task?where=done"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_unsafe_requests_come_from_our_own_pages(headers: dict[str, str], allowed: object) -> None:
    token = csrf_token("secret")
    with Flask(__name__).test_request_context("/", method="POST", headers={**headers, "X-CSRF-Token": token}):
        assert may_write(request, token) is allowed


@pytest.mark.parametrize("given", ["", "wrong", csrf_token("another session")])
def test_a_token_of_another_session_is_refused(given: str) -> None:
    with Flask(__name__).test_request_context("/", method="POST", headers={"X-CSRF-Token": given}):
        assert not may_write(request, csrf_token("secret"))


@pytest.mark.parametrize(
    ("address", "host", "headers", "local"),
    [
        ("127.0.0.1", "127.0.0.1:8080", {}, True),
        ("::1", "[::1]:8080", {}, True),
        ("127.0.0.1", "weft.example", {}, False),
        ("10.0.0.7", "localhost", {}, False),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "203.0.113.9"}, False),
        ("127.0.0.1", "localhost", {"Forwarded": "for=203.0.113.9"}, False),
    ],
)
def test_this_machine_is_told_from_a_proxy_on_it(address: str, host: str, headers: dict[str, str], local: object) -> None:
    environ = {"REMOTE_ADDR": address, "HTTP_HOST": host}
    with Flask(__name__).test_request_context("/", environ_overrides=environ, headers=headers):
        assert is_loopback(request) is local
