"""JSON is read strictly: what two parsers could understand in two ways is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from werkzeug.exceptions import BadRequest

from engine.web.json_body import parse_json


def test_numbers_stay_exact() -> None:
    assert parse_json(b'{"amount": 0.1, "count": 3}') == {"amount": Decimal("0.1"), "count": 3}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[" * 100_000,
        b"[" * 41 + b"]" * 41,
        b'{"a": "\\ud800"}',
        b'{"a": "x\\u0000"}',
        b"\xff",
        b'{"a": ' + b"9" * 200 + b"}",
        b"{",
    ],
    ids=["doubled", "nan", "infinity", "endless", "deep", "surrogate", "nul", "bytes", "long number", "open"],
)
def test_what_is_not_plain_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_json(raw)


def test_forty_levels_are_enough() -> None:
    assert parse_json(b"[" * 39 + b"]" * 39) is not None
