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

FOREIGN: Mapping[str, Hint] = MappingProxyType(
    dict.fromkeys(("SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"), _FILTERED)
    | dict.fromkeys(("COUNTIF", "COUNTIFS"), _COUNTED)
    | dict.fromkeys(("MAPX", "MAP"), _MAPPED)
    | dict.fromkeys(("VLOOKUP", "HLOOKUP", "XLOOKUP", "INDEX", "MATCH"), _LOOKED_UP)
    | dict.fromkeys(("IFERROR", "ISERROR", "IFNA"), _NO_ERRORS)
    | dict.fromkeys(("LOG", "LN", "EXP", "SIN", "COS", "TAN", "RAND", "RANDBETWEEN", "LOG10"), _NOT_OFFERED)
    | {"STAGEDAYS": _STAGE_TIME}
    | {
        "CASE": hint("Write SWITCH(x, key, value, …) or IFS(…).", "请写 SWITCH(x, 键, 值, …) 或 IFS(…)。"),
        "CHOOSE": hint("Write SWITCH(n, 1, a, 2, b, …).", "请写 SWITCH(n, 1, a, 2, b, …)。"),
        "NVL": hint("Write COALESCE(x, 0).", "请写 COALESCE(x, 0)。"),
        "NULLIF": hint("Write IF(a = b, NULL, a).", "请写 IF(a = b, NULL, a)。"),
        "CAST": hint("Write TEXT(x), VALUE(x) or TODATE(x).", "请写 TEXT(x)、VALUE(x) 或 TODATE(x)。"),
        "GREATEST": hint("Write MAX(a, b).", "请写 MAX(a, b)。"),
        "LEAST": hint("Write MIN(a, b).", "请写 MIN(a, b)。"),
        "PRODUCT": hint("Write a * b; of rows SUM(lines, a * b).", "请写 a * b；明细请用 SUM(明细, a * b)。"),
        "COUNTA": hint("Write COUNT(lines.column).", "请写 COUNT(明细.列)。"),
        "COUNTBLANK": hint("Write COUNT(lines[ISEMPTY(column)]).", "请写 COUNT(明细[ISEMPTY(列)])。"),
        "UNIQUE": hint(
            "Count different values with COUNTDISTINCT(rows.column).", "不同值的个数：COUNTDISTINCT(明细.列)。"
        ),
        "FILTER": hint(
            "Write the condition behind the rows: lines[kind = 'a'].", '条件写在明细后面：明细[类别 = "a"]。'
        ),
        "ISNUMBER": hint("Types are known before: ask ISEMPTY(x).", "类型是固定的；可用 ISEMPTY(x) 判断是否为空。"),
        "ISTEXT": hint("Types are known before: ask ISEMPTY(x).", "类型是固定的；可用 ISEMPTY(x) 判断是否为空。"),
        "EXACT": hint("Write a = b.", "请写 a = b。"),
        "TEXTJOIN": hint("Write JOIN(lines.column, ', ').", '请写 JOIN(明细.列, ", ")。'),
        "STRING_AGG": hint("Write JOIN(lines.column, ', ').", '请写 JOIN(明细.列, ", ")。'),
        "DATEDIFF": hint(
            "Write DAYS(end, start) or DATEDIF(start, end, 'M').", '请写 DAYS(结束, 开始) 或 DATEDIF(开始, 结束, "M")。'
        ),
        "DATETIME_DIFF": hint("Write HOURS(end - start).", "请写 HOURS(结束 - 开始)。"),
        "YEARFRAC": hint("Write DATEDIF(start, end, 'Y').", '请写 DATEDIF(开始, 结束, "Y")。'),
        "WEEKNUM": hint("Write ISOWEEKNUM(d).", "请写 ISOWEEKNUM(日期)。"),
        "FORMAT": hint("Write TEXT(x, '0.00').", '请写 TEXT(x, "0.00")。'),
        "SPLIT": hint("Write SPLITPART(text, separator, number).", "请写 SPLITPART(文本, 分隔符, 第几段)。"),
        "INDEXOF": hint("Write FIND(needle, text).", "请写 FIND(要找的, 文本)。"),
        "LET": hint("There are no variables; store a part in a formula field.", "没有变量；可把一部分存为公式字段。"),
        "INDIRECT": hint("Names are written directly.", "字段名直接写出。"),
        "OFFSET": hint("Rows have no positions; aggregate them with a condition.", "明细没有位置；请按条件汇总。"),
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
    return FOREIGN.get(name)


_USAGE: Mapping[str, Hint] = MappingProxyType(
    {
        "IF": hint(
            "Write IF(condition, then, else); the last may be NULL.", "请写 IF(条件, 值, 否则)；最后一个可以是 NULL。"
        ),
        "DATE": hint(
            "Write DATE(2024, 1, 31), or DATEVALUE('2024-01-31').",
            '请写 DATE(2024, 1, 31)，或 DATEVALUE("2024-01-31")。',
        ),
        "DIVIDE": hint("Write DIVIDE(a, b, otherwise).", "请写 DIVIDE(a, b, 除数为零时的值)。"),
        "ROUND": hint("Write ROUND(number, places).", "请写 ROUND(数字, 位数)。"),
        "LOOKUP": hint("Write LOOKUP(rows, condition, value).", "请写 LOOKUP(明细, 条件, 值)。"),
        "TODAY": hint("Write TODAY() + 7.", "请写 TODAY() + 7。"),
        "DATEDIF": hint("Write DATEDIF(start, end, 'M').", '请写 DATEDIF(开始, 结束, "M")。'),
    }
)


def usage_hint(name: str) -> Hint | None:
    """How a function is written that is often written otherwise."""
    return _USAGE.get(name)
