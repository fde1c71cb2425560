"""Text, in its formats: plain, long, rich, e-mail, phone, web address, postal address, code, secret, place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.base import FieldType, is_blank, wrong
from engine.catalog.field_types.columns import plain_text
from engine.catalog.forms import Field
from engine.values import normal_text, round_half_away

_LONGEST = 10_000
_LONGEST_LINE = 300
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@[^@\s<>()\[\],;:\"\\.]{1,63}(\.[^@\s<>()\[\],;:\"\\.]{1,63}){1,8}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{2,28}(?:[ ]?(?:x|ext\.?|转|-)[ ]?[0-9]{1,6})?\Z")
_URL = re.compile(r"https?://[^\s<>\"']{1,1000}\Z", re.IGNORECASE)
_CODE = re.compile(r"[ -~]{1,120}\Z")
_PLACE = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]{1,8})?) ?, ?(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)\Z")
_ADDRESS_PARTS = ("province", "city", "district", "detail")

PATTERNS: Mapping[str, tuple[re.Pattern[str], str, str]] = {
    "login": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*\Z"), "letters, digits, . _ - @", "字母、数字和 . _ - @"),
    "digits": (re.compile(r"[0-9]+\Z"), "digits only", "纯数字"),
    "letters": (re.compile(r"[A-Za-z]+\Z"), "letters only", "纯字母"),
    "letters_digits": (re.compile(r"[A-Za-z0-9]+\Z"), "letters and digits", "字母和数字"),
    "uppercase_code": (re.compile(r"[A-Z0-9][A-Z0-9_./-]*\Z"), "capital letters and digits", "大写字母和数字"),
    "postal_code": (re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{2,9}\Z"), "a postal code", "邮政编码"),
    "china_mobile": (re.compile(r"1[3-9][0-9]{9}\Z"), "a mobile number", "11 位手机号码"),
    "china_id": (re.compile(r"[1-9][0-9]{16}[0-9X]\Z"), "an identity number", "18 位身份证号"),
    "china_company_code": (re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}\Z"), "a company code", "18 位统一社会信用代码"),
    "ipv4": (re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}\Z"), "an IP address", "IP 地址，如 192.168.0.1"),
}  # fmt: skip


@dataclass(frozen=True)
class TextType(FieldType):
    """A text, trimmed and in NFC; `one_line` refuses line breaks."""

    one_line: bool = True
    longest: int = _LONGEST_LINE

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Text, sorted by code point."""
        return plain_text()

    def parse(self, field: Field, raw: object) -> object:
        """The text; None when nothing is left of it."""
        if is_blank(raw):
            return None
        if isinstance(raw, (bool, dict, list, tuple)):
            raise wrong(field, raw, "a text", "文本")
        text = normal_text(str(raw).replace("\r\n", "\n"))
        if text is None:
            return None
        self._check_characters(field, text)
        most = field.max_length or self.longest
        if len(text) > most:
            raise wrong(field, raw, f"at most {most} characters", f"不超过 {most} 个字符的文本")
        if field.pattern:
            pattern, en, zh = PATTERNS[field.pattern]
            if not pattern.match(text):
                raise wrong(field, raw, en, zh)
        return self.checked(field, text)

    def checked(self, field: Field, text: str) -> str:
        """The text in the format of the type; raises ProblemsFound."""
        return text

    def _check_characters(self, field: Field, text: str) -> None:
        if self.one_line and "\n" in text:
            raise wrong(field, text, "one line", "单行文本")
        if _CONTROL.search(text):
            raise wrong(field, text, "a text without control characters", "不含控制字符的文本")


class EmailType(TextType):
    """name@domain; the domain in small letters."""

    def checked(self, field: Field, text: str) -> str:
        """The address with its domain in small letters."""
        if not _EMAIL.match(text):
            raise wrong(field, text, "an e-mail address such as name@example.com", "邮箱地址，如 name@example.com")
        name, _, domain = text.rpartition("@")
        return f"{name}@{domain.lower()}"


class PhoneType(TextType):
    """Digits with the usual separators, a leading +, an extension."""

    def checked(self, field: Field, text: str) -> str:
        """The number as typed, full-width digits and signs as their ASCII twins."""
        half = text.translate({code + 0xFEE0: code for code in range(0x21, 0x7F)})
        if not _PHONE.match(half):
            raise wrong(field, text, "a phone number such as 138 0013 8000", "电话号码，如 138 0013 8000")
        return half


class UrlType(TextType):
    """A web address; http or https only. Without a scheme https is put in front."""

    def checked(self, field: Field, text: str) -> str:
        """The address with its scheme."""
        address = text if "://" in text or ":" in text.partition("/")[0] else f"https://{text}"
        if not _URL.match(address):
            raise wrong(field, text, "a web address such as https://example.com", "网址，如 https://example.com")
        return address


class CodeType(TextType):
    """A code as scanners read it: printable ASCII."""

    def checked(self, field: Field, text: str) -> str:
        """The code unchanged."""
        if not _CODE.match(text):
            raise wrong(field, text, "letters, digits and signs without line breaks", "字母、数字和符号")
        return text


class AddressType(TextType):
    """A postal address: one text, or the parts province, city, district, detail joined by spaces."""

    def parse(self, field: Field, raw: object) -> object:
        """The address as one text."""
        if isinstance(raw, Mapping):
            unknown = set(raw) - set(_ADDRESS_PARTS)
            if unknown:
                raise wrong(field, raw, "province, city, district, detail", "省、市、区、详细地址")
            raw = " ".join(str(raw[part]).strip() for part in _ADDRESS_PARTS if not is_blank(raw.get(part)))
        return super().parse(field, raw)


class LocationType(TextType):
    """A place on the map: "31.230400,121.473700" (latitude, longitude)."""

    def checked(self, field: Field, text: str) -> str:
        """Latitude and longitude with six decimals."""
        match = _PLACE.match(text)
        if match is None or abs(Decimal(match[1])) > 90 or abs(Decimal(match[2])) > 180:
            raise wrong(
                field, text, "latitude, longitude such as 31.2304, 121.4737", "纬度, 经度，如 31.2304, 121.4737"
            )
        return f"{round_half_away(Decimal(match[1]), 6):f},{round_half_away(Decimal(match[2]), 6):f}"


class SecretType(TextType):
    """A text that is never shown: pages and exports get dots."""

    def to_text(self, field: Field, value: object, language: str) -> str:
        """Dots when there is a value."""
        return "••••••" if value else ""


_OWN = frozenset({"max_length", "pattern"})
TYPES: tuple[FieldType, ...] = (
    TextType("text", "text", "text", "text", _OWN),
    TextType("long_text", "text", "text", "long_text", frozenset({"max_length"}), one_line=False, longest=_LONGEST),
    EmailType("email", "text", "text", "email", frozenset({"max_length"})),
    PhoneType("phone", "text", "text", "phone", _OWN),
    UrlType("url", "text", "text", "url", frozenset({"max_length"}), longest=1000),
    AddressType("address", "text", "text", "address", frozenset({"max_length"})),
    LocationType("location", "text", "text", "location"),
    CodeType("code", "text", "text", "code", _OWN),
    CodeType("barcode", "text", "text", "barcode", _OWN),
    SecretType("secret", "text", "text", "secret", frozenset({"max_length"})),
    TextType("serial", "text", "text", "serial"),
)
