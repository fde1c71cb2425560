"""Names that other systems have and this language has not, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.expressions.checking import Hint, hint

_FILTERED = hint(
    "Write the condition behind the rows: SUM(lines[kind = 'fruit'].quantity).",
    '条件写在明细后面：SUM(明细[类别 = "水果"].数量)。',
)
_COUNTED = hint(
    "Write the condition behind the rows: COUNT(lines[kind = 'fruit']).",
    '条件写在明细后面：COUNT(明细[类别 = "水果"])。',
)
_MAPPED = hint(
    "Declare the other form as a relation and aggregate it: SUM(related.amount).",
    "请声明与另一表单的关系，再汇总：SUM(相关记录.金额)。",
)
_LOOKED_UP = hint(
    "Follow a link: parent.name; or LOOKUP(rows, condition, value).",
    "请用关联字段：上级.名称；或 LOOKUP(明细, 条件, 值)。",
)
_NO_ERRORS = hint("There are no errors, only empty values: IFEMPTY(x, 0).", "没有错误值，只有空值：IFEMPTY(x, 0)。")
_NOT_OFFERED = hint(
    "The language has exact arithmetic only: + - * /, POWER, SQRT, ROUND.",
    "公式只做精确计算：+ - * /、POWER、SQRT、ROUND。",
)
_STAGE_TIME = hint("Write STAGE_DAYS('stage'), or stage.days.", "请写 STAGE_DAYS('阶段') 或 阶段.days。")

_HINTS: Mapping[str, Hint] = MappingProxyType(
    dict.fromkeys(("SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"), _FILTERED)
    | dict.fromkeys(("COUNTIF", "COUNTIFS"), _COUNTED)
    | dict.fromkeys(("MAPX", "MAP"), _MAPPED)
    | dict.fromkeys(("VLOOKUP", "HLOOKUP", "XLOOKUP", "INDEX", "MATCH"), _LOOKED_UP)
    | dict.fromkeys(("IFERROR", "ISERROR", "IFNA"), _NO_ERRORS)
    | dict.fromkeys(("LOG", "LN", "EXP", "SIN", "COS", "TAN", "RAND", "RANDBETWEEN", "LOG10"), _NOT_OFFERED)
    | {"STAGEDAYS": _STAGE_TIME}
    | {
        "POW": hint("Write POWER(a, n).", "请写 POWER(a, n)。"),
        "SUBSTR": hint("Write MID(t, start, count).", "请写 MID(文本, 起点, 个数)。"),
        "SUBSTRING": hint("Write MID(t, start, count).", "请写 MID(文本, 起点, 个数)。"),
        "LENGTH": hint("Write LEN(t).", "请写 LEN(文本)。"),
        "SEARCH": hint(
            "Write FIND(needle, text) or CONTAINS(text, part).", "请写 FIND(要找的, 文本) 或 CONTAINS(文本, 部分)。"
        ),
        "UNION": hint(
            "Count different values with COUNTDISTINCT(rows.column).", "不同值的个数：COUNTDISTINCT(明细.列)。"
        ),
        "GETUSERNAME": hint("Write USERNAME(me) or me.name.", "请写 USERNAME(me) 或 me.name。"),
    }
)


def foreign_hint(name: str) -> Hint | None:
    """What to write instead of the function `name` of another system."""
    return _HINTS.get(name)
