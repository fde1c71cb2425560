"""The JSON body of a request, read strictly: no doubled keys, no endless depth, numbers as exact decimals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

DEEPEST = 40


def read_body() -> Mapping[str, object]:
    """The request's JSON object; {} when there is no body. BadRequest or UnsupportedMediaType when it is none."""
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise BadRequest
    return body


def parse_json(raw: bytes) -> object:
    """What `raw` says; BadRequest when it is not plain JSON in UTF-8."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_no_doubles, parse_float=Decimal, parse_int=_whole, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    _check(value)
    return value


def _no_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _whole(digits: str) -> int:
    if len(digits) > 100:
        raise ValueError("number too long")
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check(value: object) -> None:
    """Refuses what nests too deep and text that no database can keep."""
    level = [value]
    for _ in range(DEEPEST):
        if not level:
            return
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below += [*each, *each.values()]
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str) and not _storable(each):
                raise BadRequest
        level = below
    raise BadRequest


def _storable(text: str) -> bool:
    return "\0" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
