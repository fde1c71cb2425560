"""What to write instead of words and signs that other systems have: hints for a token that does not fit its place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.expressions.lexer import Token

Advice = MappingProxyType[str, str]


def _advice(en: str, zh: str) -> Advice:
    return MappingProxyType({"en": en, "zh": zh})


_CONDITION = _advice("Write a condition as IF(condition, then, else).", "条件请写 IF(条件, 值, 否则)。")
_NO_VARIABLES = _advice(
    "There are no variables and no statements: an expression is one value.", "没有变量和语句：表达式就是一个值。"
)
_MISSING = _advice("An operator or a comma is missing before it.", "前面缺少运算符或逗号。")
_METHOD = _advice(
    "Values have no functions of their own: write ROUND(x, 2), not x.round(2).",
    "值没有自己的函数：请写 ROUND(x, 2)，而不是 x.round(2)。",
)

_SIGNS: Mapping[str, Advice] = MappingProxyType(
    {
        "&": _advice("Write `and`; & joins texts.", "“并且”请写 and；& 用来连接文本。"),
        "*": _advice("Write a power as POWER(a, n).", "乘方请写 POWER(a, n)。"),
        "/": _advice("Write the whole part of a quotient as INT(a / b).", "整除请写 INT(a / b)。"),
        "=": _advice("An expression does not begin with '=' here.", "这里的表达式不要以“=”开头。"),
        "[": _advice(
            "A list stands only after `in`: kind in ['a', 'b'].", "列表只能写在 in 后面：类型 in ['a', 'b']。"
        ),
    }
)
_PAIRS: Mapping[tuple[str, str], Advice] = MappingProxyType(
    {
        ("=", ">"): _advice("'At least' is written >=.", "“大于等于”请写 >=。"),
        ("=", "<"): _advice("'At most' is written <=.", "“小于等于”请写 <=。"),
        ("==", "="): _advice("Equality is written = (or ==).", "相等请写 =（或 ==）。"),
        ("=", "="): _advice("Equality is written = (or ==).", "相等请写 =（或 ==）。"),
        ("-", ">"): _advice("Follow a link by a full stop: parent.name.", "关联字段请用点号：上级.名称。"),
        ("<=", ">"): _advice("'Differs from' is written <>.", "“不等于”请写 <>。"),
        ("in", "("): _advice(
            "The options stand in square brackets: kind in ['a', 'b'].", "选项写在方括号里：类型 in ['a', 'b']。"
        ),
    }
)
_WORDS: Mapping[str, Advice] = MappingProxyType(
    {
        "if": _CONDITION,
        "then": _CONDITION,
        "else": _CONDITION,
        "case": _CONDITION,
        "when": _CONDITION,
        "is": _advice("Ask for emptiness with ISEMPTY(x) or x = NULL.", "判断是否为空请写 ISEMPTY(x) 或 x = NULL。"),
        "like": _advice(
            "Write CONTAINS(text, part) or STARTSWITH(text, part).",
            "请写 CONTAINS(文本, 部分) 或 STARTSWITH(文本, 部分)。",
        ),
        "between": _advice("Write a >= low and a <= high.", "请写 a >= 下限 and a <= 上限。"),
        "for": _advice(
            "There are no loops; use SUM(lines, …), COUNT(lines[…]).", "没有循环；请用 SUM(明细, …)、COUNT(明细[…])。"
        ),
        "mod": _advice("The remainder is MOD(a, b).", "求余请写 MOD(a, b)。"),
        "div": _advice("Write the whole part of a quotient as INT(a / b).", "整除请写 INT(a / b)。"),
        "xor": _advice("Write XOR(a, b).", "请写 XOR(a, b)。"),
        "let": _NO_VARIABLES,
        "var": _NO_VARIABLES,
        "return": _NO_VARIABLES,
        "select": _NO_VARIABLES,
    }
)


def advice_for(token: Token, before: Token | None) -> Advice | None:
    """What to do about a token that may not stand where it stands, behind `before`."""
    earlier = str(before.value).lower() if before is not None else ""
    if before is not None and (earlier, str(token.value)) in _PAIRS and token.kind == "sign":
        return _PAIRS[earlier, str(token.value)]
    if token.kind == "name" or (before is not None and before.kind == "name" and token.kind != "sign"):
        found = _WORDS.get(str(token.value).lower()) or _WORDS.get(earlier)
        return found or (_MISSING if _ends_a_value(before) else None)
    if token.kind == "sign":
        return _of_sign(token, before)
    return _MISSING if _ends_a_value(before) and token.kind in ("quoted", "text", "number") else None


def _of_sign(token: Token, before: Token | None) -> Advice | None:
    if token.value == "(" and before is not None and before.kind in ("name", "quoted"):
        return _METHOD
    if token.value == "(":
        return _MISSING if _ends_a_value(before) else None
    if token.value == "," and before is not None and before.kind == "number":
        return _advice("Numbers are written without thousands separators: 1000.", "数字不要写千位分隔符：1000。")
    if token.value == "," and before is not None:
        return _advice("A comma stands only between the arguments of a function.", "逗号只用于分隔函数的参数。")
    if token.value == "=" and before is not None:
        return None
    return _SIGNS.get(str(token.value))


def _ends_a_value(before: Token | None) -> bool:
    if before is None:
        return False
    return before.kind in ("number", "text", "name", "quoted") or before.value in (")", "]")
