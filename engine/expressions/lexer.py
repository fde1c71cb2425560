"""Which words and signs does a text consist of? Full-width punctuation counts as its ASCII twin."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from types import MappingProxyType

from engine.expressions.syntax import MOST_CHARACTERS, MOST_LITERAL, Refused

TWINS = MappingProxyType(
    dict(zip("（）［］【】，：＋－＊／＝＜＞＆％．×÷≥≤≠−", "()[][],:+-*/=<>&%.*/≥≤≠-", strict=True))
    | {"≥": ">=", "≤": "<=", "≠": "<>"}
)
QUOTES = MappingProxyType({'"': '"', "'": "'", "“": "”", "‘": "’"})
ESCAPES = MappingProxyType({'"': '"', "'": "'", "\\": "\\", "n": "\n", "t": "\t"})
SIGNS = ("<=", ">=", "<>", "!=", "==", "+", "-", "*", "/", "&", "=", "<", ">", "(", ")", "[", "]", ",", ".", "%")
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})
_PERCENT = Context(prec=MOST_CHARACTERS, traps=[])
BLANKS = " \t\r\n\u00a0\u3000"


def _hint(en: str, zh: str) -> MappingProxyType[str, str]:
    return MappingProxyType({"en": en, "zh": zh})


STRANGERS = MappingProxyType(
    {
        "^": _hint("Write a power as POWER(a, n).", "乘方请写 POWER(a, n)。"),
        "?": _hint("Write a condition as IF(condition, then, else).", "条件请写 IF(条件, 值, 否则)。"),
        "!": _hint("Write `not`, or <> for 'differs from'.", "否定请写 not，不等于请写 <>。"),
        "{": _hint("Write the field's name without braces.", "字段直接写名字，不要加花括号。"),
        "}": _hint("Write the field's name without braces.", "字段直接写名字，不要加花括号。"),
        "$": _hint("Write the field's name without $.", "字段直接写名字，不要加 $。"),
        "|": _hint("Write `or`; texts are joined with &.", "“或”请写 or；连接文本请用 &。"),
        ";": _hint("One expression only; arguments are separated by commas.", "只能写一个表达式；参数之间用逗号。"),
        ":": _hint("There are no assignments, ranges or lambdas.", "没有赋值、区间和 lambda。"),
        "、": _hint("Separate arguments by commas.", "参数之间请用逗号。"),
        "。": _hint("Separate names by a full stop: parent.name.", "名字之间请用点号：上级.名称。"),
        "%": _hint("5% is a number; the remainder is MOD(a, b).", "5% 是数字；求余请写 MOD(a, b)。"),
        "#": _hint("Write the field's name without #.", "字段直接写名字，不要加 #。"),
        "@": _hint("The person using the program is `me`.", "当前用户请写 me。"),
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number | text | name | quoted (a name in back-ticks) | word | sign | end; value as the kind needs it.

    `not (a) = b` denies the comparison, `NOT(a) = b` compares what the function gives: `capital` tells them apart.
    """

    kind: str
    value: object
    start: int
    end: int
    capital: bool = False


def split_tokens(text: str) -> tuple[Token, ...]:
    """The tokens of `text`, the last one of kind "end". Raises Refused (FX001, FX002, FX003, FX032)."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("FX001", 0, 1, values={"count": len(text), "most": MOST_CHARACTERS})
    return (*_tokens(text), Token("end", None, len(text), len(text)))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        char = text[at]
        if char in BLANKS:
            at += 1
            continue
        token = _token(text, at, char)
        yield token
        at = token.end


def _token(text: str, at: int, char: str) -> Token:
    if char in "0123456789":
        return _number(text, at)
    if char in QUOTES:
        return _text(text, at, QUOTES[char])
    if char == "`":
        return _quoted_name(text, at)
    if char == "_" or char.isalpha():
        return _name(text, at)
    return _sign(text, at)


def _number(text: str, at: int) -> Token:
    end = _digits(text, at)
    if end + 1 < len(text) and TWINS.get(text[end], text[end]) == "." and text[end + 1] in "0123456789":
        end = _digits(text, end + 1)
    number = Decimal(text[at:end].replace("．", "."))
    if end < len(text) and TWINS.get(text[end], text[end]) == "%":
        return Token("number", _PERCENT.scaleb(number, -2), at, end + 1)
    if end < len(text) and (text[end].isalpha() or text[end] == "_"):
        stop = _name(text, end).end
        raise Refused(
            "FX006",
            at,
            stop,
            _digits_and_letters(text[at:stop]),
            {"token": text[at:stop]},
        )
    return Token("number", number, at, end)


def _digits_and_letters(word: str) -> MappingProxyType[str, str]:
    if word[-1] in "eE" or word.lower().strip("0123456789.") == "e":
        return _hint("Write the number out: 100000 instead of 1e5.", "请直接写出数字：100000，而不是 1e5。")
    return _hint(f"A name that begins with a digit is written `{word}`.", f"以数字开头的名字请写成 `{word}`。")


def _digits(text: str, at: int) -> int:
    while at < len(text) and text[at] in "0123456789":
        at += 1
    return at


def _text(text: str, start: int, closing: str) -> Token:
    parts: list[str] = []
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in ESCAPES:
            parts.append(ESCAPES[text[at + 1]])
            at += 2
        elif char == closing and text[at + 1 : at + 2] == closing:
            parts.append(char)
            at += 2
        elif char == closing:
            return _literal("".join(parts), start, at + 1)
        else:
            _refuse_invisible(char, at)
            parts.append(char)
            at += 1
    raise Refused("FX002", start, len(text), values={"quote": closing})


def _literal(value: str, start: int, end: int) -> Token:
    if len(value) > MOST_LITERAL:
        raise Refused(
            "FX032",
            start,
            end,
            values={"what": {"en": "characters in a text", "zh": "文本中的字符"}, "most": MOST_LITERAL},
        )
    return Token("text", unicodedata.normalize("NFC", value) or None, start, end)


def _quoted_name(text: str, start: int) -> Token:
    end = text.find("`", start + 1)
    if end < 0:
        raise Refused("FX002", start, len(text), values={"quote": "`"})
    for at in range(start + 1, end):
        _refuse_invisible(text[at], at)
    return Token("quoted", unicodedata.normalize("NFC", text[start + 1 : end]), start, end + 1)


def _name(text: str, start: int) -> Token:
    end = start
    while end < len(text) and (text[end] == "_" or text[end].isalnum() or unicodedata.category(text[end])[0] == "M"):
        end += 1
    name = unicodedata.normalize("NFC", text[start:end])
    if name.lower() in WORDS:
        return Token("word", name.lower(), start, end, capital=name.isupper())
    return Token("name", name, start, end)


def _sign(text: str, at: int) -> Token:
    char = text[at]
    here = TWINS.get(char, char)
    if len(here) == 1:
        following = text[at + 1 : at + 2]
        pair = here + TWINS.get(following, following)
        if pair in SIGNS:
            return Token("sign", pair, at, at + 2)
    if here in SIGNS and here != "%":
        return Token("sign", here, at, at + 1)
    _refuse_invisible(char, at)
    raise Refused("FX003", at, at + 1, STRANGERS.get(here), {"char": char})


def _refuse_invisible(char: str, at: int) -> None:
    """Bidi and other format characters make a text look like something it is not."""
    if unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn", "Cs") and char not in "\n\t\r":
        raise Refused(
            "FX003",
            at,
            at + 1,
            _hint("Delete this invisible character.", "请删除这个不可见字符。"),
            {"char": f"U+{ord(char):04X}"},
        )
