"""Numbers, exact to the last digit: integer, number, money, percent, rating; and durations in seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.base import FieldType, is_blank, wrong
from engine.catalog.field_types.columns import DIGITS, ScaledDecimal
from engine.catalog.forms import Field
from engine.expressions.nodes import Type
from engine.values import round_half_away

# formula.md §6.6: what may reach Decimal() at all.
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?\Z")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,12})?\Z")
_DURATION_PART = re.compile(r"([0-9]{1,9})\s*(seconds?|minutes?|hours?|days?|s|m|h|d|秒|分钟|小时|天)")
_SECONDS = {"s": 1, "秒": 1, "m": 60, "分": 60, "h": 3600, "小": 3600, "d": 86400, "天": 86400}


def parse_number(text: str) -> Decimal | None:
    """The exact decimal that `text` writes, thousands separators allowed; None when it writes none."""
    text = text.strip()
    if _GROUPED.match(text):
        text = text.replace(",", "")
    return Decimal(text) if _NUMBER.match(text) else None


@dataclass(frozen=True)
class NumberType(FieldType):
    """A decimal with fixed places."""

    default_places: int = 2

    def expression_type(self, field: Field) -> Type:
        """A number with the field's places."""
        return Type("number", field.places)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Exact on both databases."""
        return ScaledDecimal(field.places)

    def parse(self, field: Field, raw: object) -> object:
        """The Decimal with the field's places; more places than the field has are refused, not rounded."""
        if is_blank(raw):
            return None
        number = self._number(field, raw)
        rounded = round_half_away(number, field.places)
        if rounded != number:
            raise wrong(field, raw, *_places_words(field.places))
        self._check_limits(field, rounded, raw)
        return rounded

    def _number(self, field: Field, raw: object) -> Decimal:
        number = None
        if isinstance(raw, Decimal) and raw.is_finite():
            number = parse_number(f"{raw:f}")
        elif isinstance(raw, (int, str)) and not isinstance(raw, bool):
            number = parse_number(str(raw))
        elif isinstance(raw, float):
            number = parse_number(repr(raw))
        if number is None:
            raise wrong(field, raw, "a number such as 1234.50", "数字，如 1234.50")
        return number

    def _check_limits(self, field: Field, number: Decimal, raw: object) -> None:
        if abs(number) >= Decimal(10) ** (DIGITS - field.places):
            raise wrong(
                field,
                raw,
                f"a number of at most {DIGITS - field.places} digits",
                f"最多 {DIGITS - field.places} 位的数字",
            )
        if isinstance(field.minimum, Decimal) and number < field.minimum:
            raise wrong(field, raw, f"at least {field.minimum:f}", f"不小于 {field.minimum:f} 的数字")
        if isinstance(field.maximum, Decimal) and number > field.maximum:
            raise wrong(field, raw, f"at most {field.maximum:f}", f"不大于 {field.maximum:f} 的数字")

    def to_wire(self, field: Field, value: object) -> object:
        """A text with the field's places: "1234.50"."""
        return f"{round_half_away(Decimal(str(value)), field.places):f}" if value is not None else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """With thousands separators: "1,234.50"; without them when the field says `grouped: false`."""
        if value is None:
            return ""
        rounded = round_half_away(Decimal(str(value)), field.places)
        return f"{rounded:,f}" if field.grouped else f"{rounded:f}"


def _places_words(places: int) -> tuple[str, str]:
    if places == 0:
        return "a whole number", "整数"
    return f"a number with at most {places} decimals", f"最多 {places} 位小数的数字"


class IntegerType(NumberType):
    """A whole number; a Python int on the wire."""

    def to_wire(self, field: Field, value: object) -> object:
        """A JSON number."""
        return int(str(value)) if value is not None else None

    def parse(self, field: Field, raw: object) -> object:
        """An int; "12.00" is 12."""
        if isinstance(raw, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\.0{1,12}\s*", raw):
            raw = raw.strip().partition(".")[0]
        number = super().parse(field, raw)
        return int(number) if isinstance(number, Decimal) else number


class MoneyType(NumberType):
    """An amount in the company's currency unless the field names another."""

    def to_text(self, field: Field, value: object, language: str) -> str:
        """With separators, and the currency code when the field fixes one."""
        text = super().to_text(field, value, language)
        fixed = field.currency if field.currency and field.currency.isupper() else ""
        return f"{fixed} {text}" if fixed and text else text


class PercentType(NumberType):
    """A share, kept as a fraction: 0.15. A text with % is taken as percent: "15%"."""

    def parse(self, field: Field, raw: object) -> object:
        """The fraction."""
        if isinstance(raw, str) and raw.strip().endswith(("%", "％")):
            number = parse_number(raw.strip()[:-1])
            if number is None:
                raise wrong(field, raw, "a share such as 15%", "百分比，如 15%")
            raw = number.scaleb(-2)
        return super().parse(field, raw)

    def to_text(self, field: Field, value: object, language: str) -> str:
        """As percent without trailing zeros: "15%", "12.5%"."""
        if value is None:
            return ""
        text = f"{Decimal(str(value)).scaleb(2):f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


class RatingType(NumberType):
    """Stars, 0 to 5 (or max)."""

    def parse(self, field: Field, raw: object) -> object:
        """A whole number from 0 to the most."""
        number = super().parse(field, raw)
        most = field.maximum if isinstance(field.maximum, Decimal) else Decimal(5)
        if isinstance(number, Decimal) and not 0 <= number <= most:
            raise wrong(field, raw, f"a whole number from 0 to {most}", f"0 到 {most} 的整数")
        return number

    def to_wire(self, field: Field, value: object) -> object:
        """A JSON number."""
        return int(str(value)) if value is not None else None


@dataclass(frozen=True)
class DurationType(FieldType):
    """A length of time in whole seconds."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Seconds."""
        return BigInteger()

    def parse(self, field: Field, raw: object) -> object:
        """Seconds; typed "1h 30m", "2 days", "90 分钟" or a plain number of seconds."""
        if is_blank(raw):
            return None
        text = str(raw).strip().lower()
        if re.fullmatch(r"-?[0-9]{1,12}", text) and not isinstance(raw, bool):
            return int(text)
        parts = _DURATION_PART.findall(text)
        if not parts or _DURATION_PART.sub("", text).strip(" ,"):
            raise wrong(field, raw, "a duration such as 1h 30m", "时长，如 1小时30分钟")
        return sum(int(count) * _SECONDS[unit[0]] for count, unit in parts)

    def to_text(self, field: Field, value: object, language: str) -> str:
        """Days, hours, minutes, seconds, as far as they are not 0."""
        if value is None:
            return ""
        words = {"en": (" d", " h", " min", " s"), "zh": ("天", "小时", "分钟", "秒")}[
            "zh" if language == "zh" else "en"
        ]
        rest = abs(int(str(value)))
        parts = []
        for size, word in zip((86400, 3600, 60, 1), words, strict=True):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count}{word}")
        return ("-" if int(str(value)) < 0 else "") + (" ".join(parts) or f"0{words[2]}")


_OWN = frozenset({"min", "max", "blank"})
TYPES: tuple[FieldType, ...] = (
    IntegerType("integer", "number", "number", "integer", _OWN | {"grouped"}, default_places=0),
    NumberType("number", "number", "number", "number", _OWN | {"places", "grouped"}),
    MoneyType("money", "number", "number", "money", _OWN | {"places", "currency"}),
    PercentType("percent", "number", "number", "percent", _OWN | {"places"}, default_places=4),
    RatingType("rating", "number", "number", "rating", frozenset({"max", "blank"}), default_places=0),
    DurationType("duration", "number", "duration", "duration"),
)
