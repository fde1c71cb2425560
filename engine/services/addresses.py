"""Sends messages to the addresses that a site names, and to no other place.

A name that leads into the own network is refused unless the site says that the address lies there; what was checked is
what is connected to, so a name that changes its mind gains nothing. Redirects are not followed, answers not shown.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 10.0
MOST_ANSWERED = 64 * 1024
AGENT = "weft"
PORTS = {"http": 80, "https": 443}


class NotSent(Exception):
    """A message has not been taken; why."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the site. `secret` names the environment variable with the key that signs; `private`: it lies in
    the own network.
    """

    url: str
    secret: str = ""
    private: bool = False


def read_addresses(written: object) -> Mapping[str, Address]:
    """The addresses that a site names; what is not written as one is told by the check of site.yaml, not here."""
    found: dict[str, Address] = {}
    for name, each in written.items() if isinstance(written, dict) else ():
        if isinstance(each, dict) and "url" in each:
            found[str(name)] = Address(str(each["url"]), str(each.get("secret", "")), each.get("private") is True)
    return found


def post(address: Address, message_id: str, body: bytes, now: int) -> None:
    """Send a message; NotSent unless it was taken (an answer of 2xx in time)."""
    parts = urlsplit(address.url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    if parts.scheme not in PORTS or not host:
        raise NotSent(f"not an address that can be called: {parts.scheme or '?'}")
    if not address.private and port not in PORTS.values():
        raise NotSent(f"port {port} is not called outside the own network")
    deadline = time.monotonic() + WHOLE_SECONDS
    connection = _Checked(host, port, _checked_ip(host, port, private=address.private), secure=parts.scheme == "https")
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, _headers(address, message_id, body, now))
        _read_answer(connection, deadline)
    except (OSError, HTTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        connection.close()


def _headers(address: Address, message_id: str, body: bytes, now: int) -> Mapping[str, str]:
    """Id, time, and, where there is a key, the signature over both and the body."""
    found = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
    }
    key = os.environ.get(address.secret, "") if address.secret else ""
    if address.secret and not key:
        raise NotSent(f"the environment has no {address.secret}")
    if key:
        signed = f"{message_id}.{now}.".encode() + body
        digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()
        found["webhook-signature"] = f"v1,{b64encode(digest).decode()}"
    return found


def _checked_ip(host: str, port: int, *, private: bool) -> str:
    """The numeric address to connect to; NotSent when the name leads anywhere that must not be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotSent(f"{host} is not known") from error
    numbers = [str(each[4][0]) for each in found]
    if not private and not all(is_outside(each) for each in numbers):
        raise NotSent(f"{host} lies in the own network")
    return numbers[0]


def is_outside(number: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    found = ip_address(number.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_outside(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _read_answer(connection: HTTPConnection, deadline: float) -> None:
    answer = connection.getresponse()
    read = 0
    while read < MOST_ANSWERED and (part := answer.read1(8192)):
        read += len(part)
        if time.monotonic() > deadline:
            raise NotSent("the answer took too long")
    if not 200 <= answer.status < 300:
        raise NotSent(f"answered {answer.status}")


class _Checked(HTTPConnection):
    """A connection to a number that was checked, under the name of its host."""

    def __init__(self, host: str, port: int, number: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self._number, self._secure = number, secure

    def connect(self) -> None:
        """Connect to the number; with TLS the certificate must be the name's."""
        self.sock = socket.create_connection((self._number, self.port), CONNECT_SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
