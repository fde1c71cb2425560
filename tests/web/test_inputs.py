"""What stands in an input for a value, and what the text in it means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.catalog.forms import Field
from engine.problems import Location
from engine.web.inputs import shown, wire_from

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = Location("forms/work/order.yaml", 1, 1)


def a_field(type_: str, **more: Any) -> Field:
    return Field(id="x", type=type_, label={"en": "X"}, column="x", at=HERE, **more)


@pytest.mark.parametrize(
    ("field", "value", "text", "wire"),
    [
        (a_field("percent", places=4), Decimal("0.1500"), "15", "0.15"),
        (a_field("percent", places=4), Decimal("0.0825"), "8.25", "0.0825"),
        (a_field("money", places=2), Decimal("1280.50"), "1280.50", "1280.50"),
        (a_field("number", places=2), Decimal("40.00"), "40", "40"),
        (a_field("integer"), 7, "7", "7"),
        (a_field("date"), date(2026, 11, 24), "2026-11-24", "2026-11-24"),
        (a_field("month"), date(2026, 11, 1), "2026-11", "2026-11"),
        (a_field("time"), time(8, 30), "08:30", "08:30"),
        (a_field("duration"), 5400, "1:30", 5400),
        (a_field("datetime"), datetime(2026, 11, 23, 1, 12, tzinfo=UTC), "2026-11-23T09:12", "2026-11-23T01:12:00Z"),
        (a_field("boolean"), True, "true", True),
        (a_field("choices"), ("a", "b"), ("a", "b"), ["a", "b"]),
        (a_field("link", to=("work.task",)), 7, "7", 7),
        (a_field("link", to=("a.b", "c.d")), ("c.d", 3), "c.d/3", {"form": "c.d", "id": 3}),
        (a_field("users"), (2, 5), ("2", "5"), [2, 5]),
        (a_field("file"), 9, ("9",), 9),
        (a_field("file", many=True), (9, 10), ("9", "10"), [9, 10]),
    ],
)
def test_a_value_goes_into_its_input_and_comes_back(field: Field, value: object, text: object, wire: object) -> None:
    assert shown(field, value, SHANGHAI) == text
    assert wire_from(field, shown(field, value, SHANGHAI), SHANGHAI) == wire


@pytest.mark.parametrize(
    ("type_", "typed", "wire"),
    [
        ("money", "¥1,280.50", "1280.50"),
        ("money", "１２８０", "1280"),
        ("percent", "15%", "0.15"),
        ("number", "about ten", "about ten"),
        ("number", "1e5000", "1e5000"),
        ("number", "NaN", "NaN"),
        ("duration", "2", 7200),
        ("duration", "half a day", "half a day"),
        ("date", "tomorrow", "tomorrow"),
        ("link", "７", "７"),
        ("text", "   ", None),
    ],
)
def test_numbers_are_taken_as_people_type_them_and_nonsense_is_handed_on(type_: str, typed: str, wire: object) -> None:
    assert wire_from(a_field(type_, to=("work.task",)), typed, SHANGHAI) == wire
