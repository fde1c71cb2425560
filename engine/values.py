"""What a value is, independent of forms: labels in several languages, exact decimals, emptiness."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from types import MappingProxyType
from typing import Any

# Wide enough for every bound that the expression checker admits; Inexact is trapped so that no digit
# is ever lost without being asked for.
EXACT = Context(prec=1100, traps=[Inexact])
_ROUNDING = Context(prec=1100)

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def empty() -> Mapping[str, Any]:
    """The mapping without entries, as a default factory of frozen dataclasses."""
    return _EMPTY


Label = Mapping[str, str]
"""A text by language: {"en": "Customer", "zh": "客户"}; never empty."""


def in_language(label: Label, language: str) -> str:
    """The text of `label` in `language`, else in English, else in any language it has."""
    return label.get(language) or label.get("en") or next(iter(label.values()), "")


def round_half_away(number: Decimal, places: int) -> Decimal:
    """`number` rounded half away from zero to `places` decimals (四舍五入)."""
    return number.quantize(Decimal((0, (1,), -places)), rounding=ROUND_HALF_UP, context=_ROUNDING)


# So far from both ends of what dates can be that every instant has a day in every zone.
FIRST_INSTANT = datetime(1900, 1, 2, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)


def in_utc(moment: datetime) -> datetime | None:
    """The instant in UTC, None when it lies before FIRST_INSTANT or after LAST_INSTANT."""
    try:
        instant = moment.astimezone(UTC)
    except OverflowError:
        return None
    return instant if FIRST_INSTANT <= instant <= LAST_INSTANT else None


def normal_text(text: str) -> str | None:
    """`text` in NFC without surrounding white space; None when nothing is left: empty text is no value."""
    return unicodedata.normalize("NFC", text).strip(" \t\r\n\u00a0\u3000") or None


def is_empty(value: object) -> bool:
    """Whether a value counts as not given: None, no text, no entries. False and 0 are values."""
    return value is None or value == "" or (isinstance(value, (tuple, list)) and not value)
