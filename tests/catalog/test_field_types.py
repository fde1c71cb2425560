"""Every field type: what it takes, what it refuses, how it goes over the wire and how people read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.field_types.dates import instant_of_local
from engine.catalog.forms import Choice, Field
from engine.problems import Location, ProblemsFound

AT = Location("forms/crm/task.yaml", 1, 1)
KINDS = (Choice("small", {"en": "Small", "zh": "小"}), Choice("large", {"en": "Large", "zh": "大"}))


def field(type_: str, **properties: object) -> Field:
    return Field("thing", type_, {"en": "Thing", "zh": "东西"}, "thing", AT, **properties)  # type: ignore[arg-type]


def parsed(type_: str, raw: object, **properties: object) -> object:
    return FIELD_TYPES[type_].parse(field(type_, **properties), raw)


def refused(type_: str, raw: object, **properties: object) -> str:
    with pytest.raises(ProblemsFound) as found:
        parsed(type_, raw, **properties)
    (problem,) = found.value.problems
    assert problem.code == "V102"
    assert problem.message("zh").startswith("东西应为")
    return problem.message("en")


def test_there_are_all_field_types() -> None:
    assert set(FIELD_TYPES) == {
        "text", "long_text", "rich_text", "email", "phone", "url", "address", "location", "code", "barcode", "secret",
        "serial", "integer", "number", "money", "percent", "rating", "duration", "date", "datetime", "time", "month",
        "boolean", "choice", "choices", "stage", "link", "links", "user", "users", "department", "departments", "file",
        "image", "signature", "lines",
    }  # fmt: skip


@pytest.mark.parametrize("type_", sorted(set(FIELD_TYPES) - {"boolean", "choices", "links", "users", "departments", "lines"}))
def test_nothing_given_is_no_value(type_: str) -> None:
    assert [parsed(type_, raw) for raw in (None, "", "  ", [])] == [None] * 4


def test_lists_and_booleans_are_never_none() -> None:
    assert [parsed(each, None) for each in ("choices", "links", "users", "lines", "boolean")] == [(), (), (), [], False]


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("text", "  星海\u3000", "星海"), ("text", "e\u0301", "é"), ("text", 5, "5"),
        ("long_text", "a\r\nb", "a\nb"),
        ("email", "Li@Example.COM", "Li@example.com"),
        ("phone", "＋86 138 0013 8000", "+86 138 0013 8000"), ("phone", "010-6552 1234 转 12", "010-6552 1234 转 12"),
        ("url", "example.com/a", "https://example.com/a"),
        ("address", {"province": "浙江省", "city": "杭州市", "detail": "文三路 1 号"}, "浙江省 杭州市 文三路 1 号"),
        ("location", "31.2304, 121.4737", "31.230400,121.473700"),
        ("integer", "1,234", Decimal(1234)), ("integer", 12, Decimal(12)), ("integer", "12.00", Decimal(12)),
        ("date", "2026-11-22", date(2026, 11, 22)), ("date", "2026年1月5日", date(2026, 1, 5)),
        ("month", "2026-11", date(2026, 11, 1)), ("month", "2026-11-22", date(2026, 11, 1)),
        ("time", "8:05", time(8, 5)),
        ("datetime", "2026-11-22T08:15:00Z", datetime(2026, 11, 22, 8, 15, tzinfo=UTC)),
        ("datetime", "2026-11-22T16:15:00+08:00", datetime(2026, 11, 22, 8, 15, tzinfo=UTC)),
        ("duration", "1h 30m", 5400), ("duration", "2 天", 172800), ("duration", "90", 90),
        ("rating", "4", Decimal(4)),
        ("boolean", "yes", True), ("boolean", "否", False), ("boolean", True, True),
        ("link", "7", 7), ("link", {"id": 7, "title": "x"}, 7), ("user", 3, 3), ("file", [5], 5),
        ("links", [1, "2", {"id": 3}, 1], (1, 2, 3)), ("users", "4,5", (4, 5)),
        ("lines", [{"id": 1, "price": "2"}], [{"id": 1, "price": "2"}]),
    ],
)  # fmt: skip
def test_what_is_taken(type_: str, raw: object, value: object) -> None:
    assert parsed(type_, raw) == value


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("text", "two\nlines"), ("text", {"a": 1}), ("text", True), ("text", "x" * 301), ("text", "a\u202eb"),
        ("email", "li@"), ("email", "a b@example.com"), ("phone", "call me"), ("url", "javascript:alert(1)"),
        ("url", "ftp://x"), ("location", "91, 0"), ("barcode", "名"),
        ("integer", "1.5"), ("integer", "12a"), ("integer", True), ("number", "1E+999999"), ("number", "NaN"),
        ("number", "１２"), ("number", "1" * 19), ("number", "Infinity"), ("rating", "6"),
        ("date", "2026-02-30"), ("date", "22.11.26"), ("date", "0001-01-01"), ("month", "2026-13"), ("time", "25:00"),
        ("datetime", "2026-11-22T08:15"), ("datetime", "soon"), ("duration", "1 fortnight"),
        ("boolean", "maybe"), ("link", "7a"), ("link", -1), ("link", True), ("link", str(2**63)), ("links", {"x": 1}),
        ("lines", "one row"), ("lines", [1]),
    ],
)  # fmt: skip
def test_what_is_refused(type_: str, raw: object) -> None:
    assert refused(type_, raw).startswith("Thing should be ")


def test_numbers_keep_exactly_their_places() -> None:
    assert parsed("money", "1234.5", places=2) == Decimal("1234.50")
    assert parsed("money", Decimal("0.1"), places=2) == Decimal("0.10")
    assert FIELD_TYPES["money"].to_wire(field("money", places=2), Decimal("1234.5")) == "1234.50"
    assert FIELD_TYPES["money"].to_text(field("money", places=2), Decimal("1234.5"), "en") == "1,234.50"
    assert FIELD_TYPES["money"].to_text(field("money", places=2, currency="USD"), Decimal(5), "en") == "USD 5.00"
    assert "at most 2 decimals" in refused("money", "0.005", places=2)


def test_a_year_is_shown_without_separators() -> None:
    assert FIELD_TYPES["integer"].to_text(field("integer", grouped=False), 2009, "zh") == "2009"
    assert FIELD_TYPES["number"].to_text(field("number", places=1, grouped=False), Decimal("12345.6"), "en") == "12345.6"


def test_limits_are_told() -> None:
    assert "at least 0" in refused("number", "-1", places=2, minimum=Decimal(0))
    assert "2026-01-01 or later" in refused("date", "2025-12-31", minimum=date(2026, 1, 1))
    assert "at most 3 characters" in refused("text", "abcd", max_length=3)
    assert "digits only" in refused("text", "12a", pattern="digits")


def test_percent_is_a_fraction() -> None:
    assert parsed("percent", "15%", places=4) == Decimal("0.1500")
    assert parsed("percent", "0.15", places=4) == Decimal("0.1500")
    assert FIELD_TYPES["percent"].to_text(field("percent", places=4), Decimal("0.1250"), "en") == "12.5%"
    assert FIELD_TYPES["percent"].to_text(field("percent", places=4), Decimal("1.0000"), "en") == "100%"


def test_choices_are_found_by_id_and_by_label_and_near_ones_are_offered() -> None:
    assert parsed("choice", "large", choices=KINDS) == "large"
    assert parsed("choice", "大", choices=KINDS) == "large"
    assert parsed("choices", "Small、large，small", choices=KINDS) == ("small", "large")
    assert FIELD_TYPES["choices"].to_text(field("choices", choices=KINDS), ("small", "large"), "zh") == "小、大"
    assert "large?" in refused("choice", "lage", choices=KINDS)


def test_a_link_to_one_of_several_forms_names_the_form() -> None:
    to = ("crm.customer", "crm.lead")
    assert parsed("link", {"form": "crm.lead", "id": 3}, to=to) == ("crm.lead", 3)
    assert parsed("link", "crm.customer:4", to=to) == ("crm.customer", 4)
    assert FIELD_TYPES["link"].to_wire(field("link", to=to), ("crm.lead", 3)) == {"form": "crm.lead", "id": 3}
    refused("link", 3, to=to)


def test_secrets_are_never_shown() -> None:
    assert FIELD_TYPES["secret"].to_text(field("secret"), "hunter2", "en") == "••••••"


def test_local_times_are_read_in_the_zone_of_the_company() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert instant_of_local("2026-11-22T08:15", shanghai) == datetime(2026, 11, 22, 0, 15, tzinfo=UTC)
    assert instant_of_local("2026-11-22 08:15:30", shanghai) == datetime(2026, 11, 22, 0, 15, 30, tzinfo=UTC)
    assert instant_of_local("tomorrow", shanghai) is None
    assert instant_of_local("9999-12-31T23:59", ZoneInfo("America/New_York")) is None
    assert instant_of_local("1900-01-01T00:00", shanghai) is None


@pytest.mark.parametrize(
    ("type_", "value", "wire", "en", "zh"),
    [
        ("date", date(2026, 11, 2), "2026-11-02", "2026-11-02", "2026-11-02"),
        ("month", date(2026, 11, 1), "2026-11", "2026-11", "2026年11月"),
        ("time", time(8, 5), "08:05:00", "08:05", "08:05"),
        ("datetime", datetime(2026, 11, 22, 8, 15, tzinfo=UTC), "2026-11-22T08:15:00Z", "2026-11-22 08:15", "2026-11-22 08:15"),
        ("duration", 5400, 5400, "1 h 30 min", "1小时 30分钟"), ("boolean", True, True, "Yes", "是"),
        ("integer", Decimal(1234), 1234, "1,234", "1,234"), ("rating", Decimal(4), 4, "4", "4"),
        ("lines", [{}, {}], [{}, {}], "2 rows", "2 行"), ("users", (1, 2), [1, 2], "1, 2", "1, 2"),
    ],
)  # fmt: skip
def test_wire_and_texts(type_: str, value: object, wire: object, en: str, zh: str) -> None:
    kind, own = FIELD_TYPES[type_], field(type_)
    assert kind.to_wire(own, value) == wire
    assert (kind.to_text(own, value, "en"), kind.to_text(own, value, "zh")) == (en, zh)
    if type_ != "lines":
        assert kind.parse(own, wire) == value
