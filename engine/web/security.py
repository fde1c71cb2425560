"""What every answer and every unsafe request must carry: headers, cookies, tokens, limits."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from ipaddress import ip_address

from flask import Request, Response

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"

BODY_LIMIT = 16 * 1024 * 1024
UPLOAD_LIMIT = 25 * 1024 * 1024
FORM_MEMORY_LIMIT = 500 * 1000
FORM_PARTS_LIMIT = 1000

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def session_cookie(*, https: bool) -> str:
    """The name of the session cookie; browsers bind a __Host- cookie to this host and to https."""
    return "__Host-session" if https else "session"


def visitor_cookie(*, https: bool) -> str:
    """The name of the cookie that stands in for a session until somebody has signed in."""
    return "__Host-visitor" if https else "visitor"


def new_visitor() -> str:
    """A fresh secret for the visitor cookie."""
    return secrets.token_urlsafe(32)


def csrf_token(secret: str) -> str:
    """The token that unsafe requests of the holder of `secret` (session or visitor cookie) must carry."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def may_write(request: Request, expected: str) -> bool:
    """Whether an unsafe request comes from our own pages: right origin and right token."""
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf") or ""
    return _from_own_origin(request) and hmac.compare_digest(given.encode(), expected.encode())


def _from_own_origin(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def is_loopback(request: Request) -> bool:
    """Whether the request was made on this very machine, not through a proxy on it."""
    forwarded = any(name.startswith(("X-Forwarded", "Forwarded")) for name in request.headers.keys())  # noqa: SIM118
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return not forwarded and host in LOOPBACK_HOSTS and _is_loopback_address(request.remote_addr)


def _is_loopback_address(address: str | None) -> bool:
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False


def add_headers(response: Response, *, https: bool, static: bool) -> Response:
    """The headers of every answer; only built assets, whose names carry their hash, may be kept by a cache."""
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    if https:
        response.headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    if static:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "Cookie"
    return response


def own_path(target: str | None, fallback: str) -> str:
    """`target` when it is a path of this site, else `fallback`: nobody is sent elsewhere after signing in."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return fallback
    if any(char == "\\" or ord(char) < 0x20 for char in target):
        return fallback
    return target
