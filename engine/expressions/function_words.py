"""Every function in a line: how it is called and what it gives, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """What a reader is told about a function."""

    group: str
    usage: str
    en: str
    zh: str

    @property
    def name(self) -> str:
        """What stands before the bracket."""
        return self.usage.split("(")[0]


_ROWS = (
    FunctionWords(
        "logic",
        "IF(condition, then, else)",
        "then if the condition holds, else the other",
        "条件成立取前者，否则取后者",
    ),
    FunctionWords(
        "logic",
        "IFS(condition, value, …[, else])",
        "the value of the first condition that holds",
        "第一个成立的条件所对应的值",
    ),
    FunctionWords(
        "logic", "SWITCH(x, key, value, …[, else])", "the value of the key that equals x", "与 x 相等的键所对应的值"
    ),
    FunctionWords("logic", "AND(condition, …)", "all conditions hold", "全部条件成立"),
    FunctionWords("logic", "OR(condition, …)", "at least one condition holds", "至少一个条件成立"),
    FunctionWords("logic", "NOT(condition)", "the condition does not hold", "条件不成立"),
    FunctionWords("logic", "XOR(condition, condition)", "exactly one of the two holds", "两个条件恰有一个成立"),
    FunctionWords(
        "logic", "IN(x, value, …)", "x is one of the values; also x in [a, b]", "x 是其中之一，也可写 x in [a, b]"
    ),
    FunctionWords("logic", "ISEMPTY(x)", "x has no value", "没有值"),
    FunctionWords(
        "logic", "COALESCE(x, …)", "the first that has a value; also IFEMPTY", "第一个有值的，也可写 IFEMPTY"
    ),
    FunctionWords("logic", "N0(number)", "0 instead of no value", "空值当作 0"),
    FunctionWords("logic", "TRUE()", "yes", "是"),
    FunctionWords("logic", "FALSE()", "no", "否"),
    FunctionWords("logic", "NULL()", "no value", "空值"),
    FunctionWords("numbers", "ROUND(number, places)", "rounded half away from zero", "四舍五入"),
    FunctionWords("numbers", "ROUNDUP(number, places)", "rounded away from zero", "向远离零的方向取舍"),
    FunctionWords("numbers", "ROUNDDOWN(number, places)", "cut off; also TRUNC", "截断，也可写 TRUNC"),
    FunctionWords("numbers", "ROUNDEVEN(number, places)", "rounded half to even (GB/T 8170)", "四舍六入五成双"),
    FunctionWords("numbers", "INT(number)", "the whole number below", "向下取整"),
    FunctionWords("numbers", "CEILING(number, step)", "the next multiple of step above", "向上取到 step 的倍数"),
    FunctionWords("numbers", "FLOOR(number, step)", "the next multiple of step below", "向下取到 step 的倍数"),
    FunctionWords("numbers", "MOD(number, divisor)", "the remainder, with the divisor's sign", "余数，符号与除数相同"),
    FunctionWords("numbers", "QUOTIENT(number, divisor)", "the whole part of the quotient", "商的整数部分"),
    FunctionWords("numbers", "ABS(number)", "without sign", "绝对值"),
    FunctionWords("numbers", "SIGN(number)", "1, 0 or -1", "正负号：1、0 或 -1"),
    FunctionWords(
        "numbers", "POWER(number, exponent)", "the power; exponent written out, 0 to 36", "乘方，指数直接写 0 到 36"
    ),
    FunctionWords("numbers", "SQRT(number)", "the square root at 12 places", "平方根，12 位小数"),
    FunctionWords(
        "numbers", "DIVIDE(a, b, otherwise)", "a / b, or otherwise when b is 0", "a / b；b 为 0 时取第三个参数"
    ),
    FunctionWords("numbers", "CLAMP(number, low, high)", "kept between low and high", "限制在两值之间"),
    FunctionWords(
        "numbers", "TIER(number, from, value, …)", "the value of the band that the number lies in", "所在分段的值"
    ),
    FunctionWords(
        "numbers", "TIERSUM(number, from, rate, …)", "each part at the rate of its own band", "超额累进：各段按各自比率"
    ),
    FunctionWords("numbers", "RMBCAP(number)", "the amount in Chinese capitals", "人民币大写"),
    FunctionWords("totals", "SUM(rows.column)", "the total; also SUM(a, b, …)", "合计，也可写 SUM(a, b, …)"),
    FunctionWords("totals", "AVG(rows.column)", "the average; also AVG(a, b, …)", "平均值，也可写 AVG(a, b, …)"),
    FunctionWords("totals", "MIN(rows.column)", "the smallest; also MIN(a, b, …)", "最小值，也可写 MIN(a, b, …)"),
    FunctionWords("totals", "MAX(rows.column)", "the largest; also MAX(a, b, …)", "最大值，也可写 MAX(a, b, …)"),
    FunctionWords("totals", "MEDIAN(rows.column)", "the middle value", "中位数"),
    FunctionWords(
        "totals",
        "COUNT(rows)",
        "how many rows; COUNT(rows.column) those with a value",
        "行数；COUNT(明细.列) 为有值的行数",
    ),
    FunctionWords("totals", "COUNTDISTINCT(rows.column)", "how many different values", "不同值的个数"),
    FunctionWords("totals", "ANY(rows, condition)", "the condition holds for a row", "至少一行成立"),
    FunctionWords("totals", "ALL(rows, condition)", "the condition holds for every row", "每一行都成立"),
    FunctionWords(
        "totals", "JOIN(rows.column[, separator])", "the texts of the rows, joined by 、", "把各行文本用“、”连接"
    ),
    FunctionWords("totals", "FIRST(rows, value[, order])", "the value of the first row", "第一行的值"),
    FunctionWords("totals", "LAST(rows, value[, order])", "the value of the last row", "最后一行的值"),
    FunctionWords(
        "totals", "LOOKUP(rows, condition, value)", "the value of the first row that fits", "第一条符合条件的行的值"
    ),
    FunctionWords("totals", "SUMPRODUCT(rows.a, rows.b)", "the total of a * b", "a * b 的合计"),
    FunctionWords("totals", "RANK(rows.column, number)", "1 + how many are greater", "名次：1 加更大的个数"),
    FunctionWords("texts", "CONCAT(x, …)", "joined texts; also a & b", "连接文本，也可写 a & b"),
    FunctionWords("texts", "LEN(text)", "how many characters", "字符数"),
    FunctionWords("texts", "LEFT(text, count)", "the first characters", "左边若干字符"),
    FunctionWords("texts", "RIGHT(text, count)", "the last characters", "右边若干字符"),
    FunctionWords(
        "texts", "MID(text, start, count)", "characters from start on, counted from 1", "从第 start 个起的若干字符"
    ),
    FunctionWords("texts", "FIND(needle, text)", "where the needle stands, 0 if nowhere", "所在位置，没有为 0"),
    FunctionWords(
        "texts",
        "REPLACE(text, start, count, new)",
        "new instead of the characters from start on",
        "替换从 start 起的若干字符",
    ),
    FunctionWords("texts", "SUBSTITUTE(text, old, new)", "new instead of every old", "替换全部 old"),
    FunctionWords("texts", "UPPER(text)", "Latin letters in capitals", "英文大写"),
    FunctionWords("texts", "LOWER(text)", "Latin letters in small", "英文小写"),
    FunctionWords("texts", "TRIM(text)", "without blanks around", "去掉首尾空白"),
    FunctionWords("texts", "STARTSWITH(text, part)", "the text begins with part", "以 part 开头"),
    FunctionWords("texts", "ENDSWITH(text, part)", "the text ends with part", "以 part 结尾"),
    FunctionWords("texts", "CONTAINS(text, part)", "part stands in the text", "包含 part"),
    FunctionWords("texts", "REPT(text, times)", "repeated, times written out", "重复若干次"),
    FunctionWords("texts", "LPAD(text, width, char)", "filled on the left up to width", "左边补足到指定宽度"),
    FunctionWords("texts", "VALUE(text)", "the number that the text is", "把文本变成数字"),
    FunctionWords(
        "texts",
        "TEXT(x[, format])",
        "as text: TEXT(n, '#,##0.00'), TEXT(d, 'YYYY-MM')",
        "变成文本：TEXT(n, '#,##0.00')、TEXT(d, 'YYYY年MM月')",
    ),
    FunctionWords("texts", "MASK(text, first, last)", "the middle hidden by *", "中间用 * 遮盖"),
    FunctionWords("texts", "SPLITPART(text, separator, number)", "the part with that number", "分隔后的第几段"),
    FunctionWords("dates", "TODAY()", "the company's date", "今天（公司时区）"),
    FunctionWords("dates", "NOW()", "this moment", "现在"),
    FunctionWords("dates", "DATE(year, month, day)", "the date; no value when there is none", "由年月日组成日期"),
    FunctionWords("dates", "DATEVALUE(text)", "the date written 2024-01-31", "读取 2024-01-31 这样的文本"),
    FunctionWords("dates", "TODATE(time)", "the date of a moment", "日期时间的日期"),
    FunctionWords(
        "dates", "DATETIME(date, hour, minute, second)", "the moment on the company's clock", "公司时区的日期时间"
    ),
    FunctionWords("dates", "YEAR(date)", "the year", "年"),
    FunctionWords("dates", "MONTH(date)", "the month", "月"),
    FunctionWords("dates", "DAY(date)", "the day of the month", "日"),
    FunctionWords("dates", "QUARTER(date)", "the quarter", "季度"),
    FunctionWords("dates", "HOUR(time)", "the hour", "时"),
    FunctionWords("dates", "MINUTE(time)", "the minute", "分"),
    FunctionWords("dates", "SECOND(time)", "the second", "秒"),
    FunctionWords("dates", "WEEKDAY(date)", "1 Monday to 7 Sunday", "星期：1 为周一，7 为周日"),
    FunctionWords("dates", "ISOWEEKNUM(date)", "the ISO week of the year", "ISO 周数"),
    FunctionWords("dates", "EDATE(date, months)", "months later, clamped to the month's end", "若干月之后，月底对齐"),
    FunctionWords("dates", "EOMONTH(date, months)", "the end of the month, months later", "若干月之后的月末"),
    FunctionWords("dates", "MONTHSTART(date)", "the first of the month", "月初"),
    FunctionWords("dates", "QUARTERSTART(date)", "the first of the quarter", "季初"),
    FunctionWords("dates", "QUARTEREND(date)", "the last of the quarter", "季末"),
    FunctionWords("dates", "YEARSTART(date)", "the first of January", "年初"),
    FunctionWords("dates", "YEAREND(date)", "the last of December", "年末"),
    FunctionWords("dates", "WEEKSTART(date)", "the Monday of the week", "本周一"),
    FunctionWords("dates", "DAYS(end, start)", "days from start to end", "两个日期相差的天数"),
    FunctionWords(
        "dates", "DATEDIF(start, end, 'D'|'M'|'Y')", "complete days, months or years", "相差的整天、整月或整年"
    ),
    FunctionWords(
        "dates",
        "DATEADD(x, count, 'D'|'W'|'M'|'Y'|'h'|'m')",
        "moved by days, weeks, months, years, hours, minutes",
        "移动若干天、周、月、年、小时、分钟",
    ),
    FunctionWords(
        "dates", "WORKDAY(date, count)", "so many work days later, by the company's calendar", "若干个工作日之后的日期"
    ),
    FunctionWords(
        "dates",
        "NETWORKDAYS(start, end)",
        "work days from start to end, both included",
        "起止之间的工作日数（含首尾）",
    ),
    FunctionWords("dates", "ISWORKDAY(date)", "whether it is a work day", "是否工作日"),
    FunctionWords("dates", "HOURS(duration)", "a duration in hours", "时长的小时数"),
    FunctionWords("dates", "MINUTES(duration)", "a duration in minutes", "时长的分钟数"),
    FunctionWords("dates", "DAYS360(start, end)", "days of a year of twelve months of 30", "按每月 30 天计算的天数"),
    FunctionWords("lists", "HAS(list, value)", "the field holds the value", "多值字段包含该值"),
    FunctionWords("lists", "HASANY(list, value, …)", "the field holds one of the values", "包含其中任意一个"),
    FunctionWords("lists", "HASALL(list, value, …)", "the field holds all of the values", "包含全部"),
    FunctionWords("lists", "COUNTOF(list)", "how many values the field holds", "值的个数"),
    FunctionWords("people", "CURRENT_USER()", "the person using the program; also me", "当前用户，也可写 me"),
    FunctionWords("people", "CURRENT_DEPT()", "that person's department; also me.department", "当前用户的部门"),
    FunctionWords("people", "HASROLE(role)", "whether that person has the role", "当前用户是否有该角色"),
    FunctionWords("people", "USERNAME(person)", "the person's name", "人员姓名"),
    FunctionWords("people", "DEPTOF(person)", "the person's department", "人员所在部门"),
    FunctionWords(
        "people", "INDEPT(person, department)", "the person is in it, or in one below it", "人员在该部门或其下级部门"
    ),
    FunctionWords("people", "SUPERIOR(person)", "the person's superior", "人员的上级"),
    FunctionWords("people", "DEPTNAME(department)", "the department's name", "部门名称"),
    FunctionWords("record", "IS_NEW()", "the record is being created", "正在新建"),
    FunctionWords("record", "RECORDID()", "the record's id", "记录编号"),
    FunctionWords("record", "CREATEDAT()", "when it was created", "创建时间"),
    FunctionWords("record", "CREATEDBY()", "who created it", "创建人"),
    FunctionWords(
        "record", "STAGE_DAYS(stage)", "days spent in the stage in all", "在该阶段累计停留的天数"
    ),
    FunctionWords("record", "UPDATEDAT()", "when it was last changed", "最后修改时间"),
    FunctionWords("record", "UPDATEDBY()", "who changed it last", "最后修改人"),
)

FUNCTION_WORDS: Mapping[str, FunctionWords] = MappingProxyType({row.name: row for row in _ROWS})
