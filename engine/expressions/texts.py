"""What the text functions compute: Unicode code points, empty text is null."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from engine.expressions.numbers import plain_number, quantize

SPACES = " \u00a0\u3000\t\r\n"
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?", re.ASCII)
NUMBER_FORMAT = re.compile(r"(#,##)?0(\.0{1,12})?(%)?", re.ASCII)
DATE_PARTS = re.compile(r"YYYY|MM|DD|HH|mm|ss|[年月日时分秒\-/:. ]")
MOST_JOINED = 10_000
_PART = 50_000


def filled(text: str) -> str | None:
    return text or None


def concat(*texts: str | None) -> str | None:
    return filled("".join(text for text in texts if text))


def length(text: str | None) -> Decimal:
    return Decimal(len(text)) if text else Decimal(0)


def left(text: str, count: Decimal) -> str | None:
    return filled(text[: max(0, whole(count))])


def right(text: str, count: Decimal) -> str | None:
    size = whole(count)
    return filled(text[-size:]) if size > 0 else None


def middle(text: str, start: Decimal, count: Decimal) -> str | None:
    first, size = whole(start), whole(count)
    return filled(text[first - 1 : first - 1 + size]) if first >= 1 and size >= 1 else None


def whole(number: Decimal) -> int:
    """The whole part downwards, kept within what positions and day counts can be."""
    return int(max(min(number, Decimal(10**9)), Decimal(-(10**9))).to_integral_value("ROUND_FLOOR"))


def find(needle: str | None, hay: str | None) -> Decimal:
    return Decimal(hay.find(needle) + 1) if needle and hay else Decimal(0)


def replace(text: str | None, start: Decimal | None, count: Decimal | None, new: str | None) -> str | None:
    if text is None or start is None or count is None:
        return None
    first, size = whole(start), whole(count)
    if first < 1 or size < 0:
        return None
    return filled(text[: first - 1] + (new or "") + text[first - 1 + size :])


def substitute(text: str | None, old: str | None, new: str | None) -> str | None:
    if not text or not old:
        return text
    return filled(text.replace(old, new or ""))


def upper(text: str) -> str:
    return _by_bytes(text, bytes.upper)


def lower(text: str) -> str:
    return _by_bytes(text, bytes.lower)


def _by_bytes(text: str, change: Callable[[bytes], bytes]) -> str:
    """The text changed as bytes, which know ASCII only; long ones part by part, to hold few copies at once."""
    parts = (text[at : at + _PART].encode("utf-8", "surrogatepass") for at in range(0, len(text), _PART))
    return "".join(change(part).decode("utf-8", "surrogatepass") for part in parts)


def trim(text: str) -> str | None:
    return filled(text.strip(SPACES))


def starts_with(text: str | None, start: str | None) -> bool:
    return bool(text and start and text.startswith(start))


def ends_with(text: str | None, end: str | None) -> bool:
    return bool(text and end and text.endswith(end))


def contains(text: str | None, part: str | None) -> bool:
    return bool(text and part and part in text)


def repeat(text: str, count: Decimal) -> str | None:
    return filled(text * int(count))


def pad_left(text: str, size: Decimal, char: str) -> str:
    return char[0] * (int(size) - len(text)) + text


def to_number(text: str) -> Decimal | None:
    trimmed = text.strip(SPACES)
    return Decimal(trimmed) if NUMBER.fullmatch(trimmed) else None


def mask(text: str, first: Decimal, last: Decimal) -> str:
    """The middle hidden: 138****0000; everything when nothing would be hidden."""
    head, tail = max(0, whole(first)), max(0, whole(last))
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def split_part(text: str, separator: str, number: Decimal) -> str | None:
    parts = text.split(separator)
    index = whole(number)
    return filled(parts[index - 1]) if 1 <= index <= len(parts) else None


def join(values: Iterable[str | None], separator: str) -> str | None:
    """The texts with `separator` between them; None when that is longer than a field can hold."""
    joined = separator.join(value for value in values if value)
    return filled(joined) if len(joined) <= MOST_JOINED else None


# --- TEXT ---------------------------------------------------------------------------------------------------


def to_text(zone: ZoneInfo, value: object, shape: str | None = None) -> str | None:
    """`value` as text: canonical, or in the format `shape`."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return format_number(value, shape) if shape else plain_number(value)
    if isinstance(value, datetime):
        return format_day(value.astimezone(zone), shape or "YYYY-MM-DD HH:mm:ss")
    if isinstance(value, date):
        return format_day(value, shape) if shape else value.isoformat()
    return str(value) or None


def format_number(number: Decimal, shape: str) -> str | None:
    match = NUMBER_FORMAT.fullmatch(shape)
    if match is None:
        return None
    places = max(0, len(match[2] or "") - 1)
    rounded = quantize(number.scaleb(2) if match[3] else number, places, ROUND_HALF_UP)
    text = format(abs(rounded), ",f" if match[1] else "f")
    return ("-" if rounded < 0 else "") + text + ("%" if match[3] else "")


def format_day(day: date, shape: str) -> str:
    instant = day if isinstance(day, datetime) else None
    parts = {
        "YYYY": f"{day.year:04}", "MM": f"{day.month:02}", "DD": f"{day.day:02}",
        "HH": f"{instant.hour:02}" if instant else "00",
        "mm": f"{instant.minute:02}" if instant else "00",
        "ss": f"{instant.second:02}" if instant else "00",
    }  # fmt: skip
    return "".join(parts.get(part, part) for part in DATE_PARTS.findall(shape))


def is_date_format(shape: str) -> bool:
    return bool(shape) and "".join(DATE_PARTS.findall(shape)) == shape
