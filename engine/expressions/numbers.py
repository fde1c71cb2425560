"""What the number functions compute: exact decimals, rounding half away from zero, null where nothing can be said.

Every function runs under the context `engine.values.EXACT` (no digit is lost unasked) and receives no nulls unless
its operation says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from math import isqrt

ZERO = Decimal(0)
QUOTIENT_SCALE = 10**12
_LOSSY = Context(prec=1100, traps=[])
_LAST_DIGIT = tuple(Decimal((0, (1,), -places)) for places in range(13))
_TRUNCATING = Context(prec=50, rounding=ROUND_DOWN, traps=[])
_HALF_UP = Context(prec=1100, rounding=ROUND_HALF_UP, traps=[])
_WHOLE_DIGITS = 34  # of a quotient that 50 digits hold with decimals enough to round it
_NOUGHT = Decimal((0, (0,), -12))


def last_digit(places: int) -> Decimal | None:
    """One at the last of so many decimals; None for unusual numbers of them."""
    return _LAST_DIGIT[places] if 0 <= places <= 12 else None


def quantize(number: Decimal, places: int, rounding: str) -> Decimal:
    """`number` with `places` decimals (negative: tens, hundreds …)."""
    if 0 <= places <= 12:
        return number.quantize(_LAST_DIGIT[places], rounding, _LOSSY)
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=_LOSSY)
    return rounded if places >= 0 else rounded.quantize(Decimal(1))


def ratio(numerator: int, denominator: int) -> Decimal:
    """The quotient, half away from zero at 12 places, by integers only."""
    size, by = abs(numerator), abs(denominator)
    quotient = (2 * size * QUOTIENT_SCALE + by) // (2 * by)
    return Decimal(quotient if (numerator < 0) == (denominator < 0) else -quotient).scaleb(-12, _LOSSY)


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    """a / b, None for a zero divisor."""
    return divide_by(a, b) if b else None


def divide_by(a: Decimal, b: Decimal) -> Decimal:
    """a / b, which is not zero."""
    quotient = _TRUNCATING.divide(a, b)  # cut off, not rounded, so that rounding it half away is rounding once
    if quotient.adjusted() < _WHOLE_DIGITS:
        return _HALF_UP.quantize(quotient, _LAST_DIGIT[12]) or _NOUGHT
    a_over, a_under = a.as_integer_ratio()
    b_over, b_under = b.as_integer_ratio()
    return ratio(a_over * b_under, a_under * b_over)


def divide_or(a: Decimal | None, b: Decimal | None, otherwise: Decimal | None) -> Decimal | None:
    """a / b; `otherwise` for a zero divisor; None when a or b is empty."""
    if a is None or b is None:
        return None
    return otherwise if not b else divide_by(a, b)


def round_half_up(number: Decimal, places: Decimal) -> Decimal:
    return quantize(number, int(places), ROUND_HALF_UP)


def round_up(number: Decimal, places: Decimal) -> Decimal:
    return quantize(number, int(places), ROUND_UP)


def round_down(number: Decimal, places: Decimal) -> Decimal:
    return quantize(number, int(places), ROUND_DOWN)


def round_even(number: Decimal, places: Decimal) -> Decimal:
    return quantize(number, int(places), ROUND_HALF_EVEN)


def floor(number: Decimal) -> Decimal:
    return quantize(number, 0, ROUND_FLOOR)


def modulo(a: Decimal, b: Decimal) -> Decimal | None:
    """The remainder with the divisor's sign."""
    if not b:
        return None
    over = _LOSSY.remainder(a, b)
    return over + b if over and (over < 0) != (b < 0) else over


def whole_quotient(a: Decimal, b: Decimal) -> Decimal | None:
    """The whole part of a / b, toward zero."""
    return quantize(_LOSSY.divide_int(a, b), 0, ROUND_DOWN) if b else None


def to_multiple_up(number: Decimal, step: Decimal) -> Decimal | None:
    return _to_multiple(number, step, ROUND_CEILING)


def to_multiple_down(number: Decimal, step: Decimal) -> Decimal | None:
    return _to_multiple(number, step, ROUND_FLOOR)


def _to_multiple(number: Decimal, step: Decimal, rounding: str) -> Decimal | None:
    if step <= 0:
        return None
    over, under = number.as_integer_ratio()
    step_over, step_under = step.as_integer_ratio()
    count, rest = divmod(over * step_under, under * step_over)
    return step * (count + 1 if rest and rounding == ROUND_CEILING else count)


def sign(number: Decimal) -> Decimal:
    return Decimal((number > 0) - (number < 0))


def power(number: Decimal, exponent: Decimal) -> Decimal:
    result = Decimal(1)
    for _ in range(int(exponent)):
        result *= number
    return result


def square_root(number: Decimal) -> Decimal | None:
    """12 places, half away from zero, by the integer root."""
    if number < 0:
        return None
    over, under = number.as_integer_ratio()
    doubled = isqrt(4 * over * QUOTIENT_SCALE**2 // under)
    return Decimal((doubled + 1) // 2).scaleb(-12)


def clamp(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return min(max(number, low), high)


def tier(number: Decimal | None, *bands: Decimal | None) -> Decimal | None:
    """The value of the band that `number` lies in: (from, value) pairs, ascending."""
    found: Decimal | None = None
    if number is None:
        return None
    for start, value in zip(bands[::2], bands[1::2], strict=True):
        if start is None or number < start:
            break
        found = value
    return found


def tier_sum(number: Decimal, *bands: Decimal) -> Decimal:
    """Each part of `number` at the rate of its own band (超额累进): (from, rate) pairs, ascending."""
    starts, rates = bands[::2], bands[1::2]
    total = ZERO
    for index, (start, rate) in enumerate(zip(starts, rates, strict=True)):
        stop = starts[index + 1] if index + 1 < len(starts) else number
        if number > start:
            total += (min(number, stop) - start) * rate
    return total


def present(values: Iterable[Decimal | None]) -> list[Decimal]:
    return [value for value in values if value is not None]


def total(*values: Decimal | None) -> Decimal:
    return sum(present(values), ZERO)


def average(*values: Decimal | None) -> Decimal | None:
    known = present(values)
    return divide(sum(known, ZERO), Decimal(len(known))) if known else None


def median(*values: Decimal | None) -> Decimal | None:
    known = sorted(present(values))
    if not known:
        return None
    middle, even = len(known) // 2, len(known) % 2 == 0
    return divide(known[middle - 1] + known[middle], Decimal(2)) if even else divide(known[middle], Decimal(1))


def plain_number(number: Decimal) -> str:
    """Canonical digits: no exponent, no trailing zeros."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")


def capital_money(number: Decimal) -> str | None:
    """人民币大写 of the amount rounded to fen; None from 10^16 yuan on."""
    fen = int(quantize(abs(number), 2, ROUND_HALF_UP) * 100)
    if fen >= 10**18:
        return None
    yuan, cents = divmod(fen, 100)
    text = _capital_yuan(yuan) + _capital_cents(cents, yuan)
    return ("负" if number < 0 and fen else "") + text


def _capital_yuan(yuan: int) -> str:
    text, gap = "", False
    for place in range(15, -1, -1):
        digit = yuan // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[place % 4]
        gap = not digit
        if place in (12, 4) and yuan // 10**place % 10_000:
            text += "万"
        if place == 8 and yuan >= 10**8:
            text += "亿"
    return text + "元" if yuan else ""


def _capital_cents(cents: int, yuan: int) -> str:
    jiao, fen = divmod(cents, 10)
    if not cents:
        return "整" if yuan else "零元整"
    text = _DIGITS[jiao] + "角" if jiao else ("零" if yuan else "")
    return text + (_DIGITS[fen] + "分" if fen else "整")
