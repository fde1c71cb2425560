"""Amounts where space is short: cards, tiles and sums say "¥ 186,000", not "186,000.00"."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_currency_symbol

from engine.catalog import field_types
from engine.catalog.forms import Field
from engine.web.answers import language
from engine.web.visit import visit

_LOCALES = {"zh": "zh_CN", "en": "en"}


def amount_text(field: Field, value: object) -> str:
    """`value` of a number field: money with the company's currency sign, decimals only where there are any."""
    speech = language()
    text = field_types.FIELD_TYPES[field.type].to_text(field, value, speech)
    if field.type != "money":
        return text
    if isinstance(value, Decimal) and value == value.to_integral_value():
        text = text.partition(".")[0]
    symbol = _symbol(field)
    return f"{symbol} {text}" if symbol and not text.startswith(symbol) else text


def _symbol(field: Field) -> str:
    """The currency's sign as the company writes it; none where every record has a currency of its own."""
    company = visit().company.catalog.company
    code, speech = field.currency or company.currency, company.language
    return get_currency_symbol(code, locale=_LOCALES.get(speech, speech)) if code.isupper() and len(code) == 3 else ""
