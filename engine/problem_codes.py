"""The text of every problem: one entry per stable code, in English and Chinese.

Families: S site and files, Y YAML, D documents (shape), O overlays, C catalog (names and types),
FX expressions (formula.md), T tables and plans, V values of a record, R records and requests, I import.
A code is never given a second meaning; a code that is not used any more stays reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProblemText:
    """Text and usual hint by language; {names} are filled from the problem's values."""

    text: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)


def _text(en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> ProblemText:
    return ProblemText({"en": en, "zh": zh}, {"en": hint_en, "zh": hint_zh or hint_en})


PROBLEM_CODES: dict[str, ProblemText] = {
    # --- FX: expressions (columns are exact; hints may be replaced by targeted ones) ---
    "FX001": _text("The expression has {count} characters; {most} are allowed.", "表达式有 {count} 个字符，最多 {most} 个。",
                   "Split it over several formula fields.", "请拆成几个公式字段。"),
    "FX002": _text("A text is not closed: {quote} is missing.", "文本没有结束，缺少 {quote}。"),
    "FX003": _text("The character '{char}' does not belong into an expression.", "表达式里不能有字符“{char}”。"),
    "FX004": _text("The expression has more than {most} parts.", "表达式超过 {most} 个部分。",
                   "Split it over several formula fields.", "请拆成几个公式字段。"),
    "FX005": _text("The expression is nested more than {most} deep.", "表达式嵌套超过 {most} 层。",
                   "Split it, or use IFS, SWITCH, SUM(a, b, …).", "请拆开，或使用 IFS、SWITCH、SUM(a, b, …)。"),
    "FX006": _text("'{token}' is not expected here.", "这里不应出现“{token}”。"),
    "FX007": _text("Comparisons cannot be chained.", "比较不能连写。", "Write AND(a < b, b < c).", "请写成 AND(a < b, b < c)。"),
    "FX008": _text("The expression ends too early.", "表达式没有写完。",
                   "An operand or a closing bracket is missing.", "缺少运算对象或右括号。"),
    "FX010": _text("There is no field '{name}' on {form}.", "{form} 没有字段“{name}”。"),
    "FX011": _text("'{name}' is one value: it has neither '.' nor '[ ]'.", "“{name}”是单个值，不能用“.”或“[ ]”。"),
    "FX012": _text("A condition is needed here, but this is {got}.", "这里需要条件，得到的却是{got}。",
                   "For example: amount > 0.", "例如：金额 > 0。"),
    "FX013": _text("One value is needed here, but '{name}' stands for several.", "这里需要一个值，而“{name}”有多个。",
                   "Aggregate it: SUM(…), MAX(…), COUNT(…), JOIN(…).", "请先汇总：SUM(…)、MAX(…)、COUNT(…)、JOIN(…)。"),
    "FX014": _text("{function} needs {expected} here, not {got}.", "{function} 这里需要{expected}，不能是{got}。"),
    "FX015": _text("{left} cannot be compared with {right}.", "{left}不能与{right}比较。"),
    "FX016": _text("The branches have different types: {left} and {right}.", "各分支类型不同：{left}和{right}。",
                   "Convert one of them: TEXT(x), VALUE(x).", "请转换其中一个：TEXT(x)、VALUE(x)。"),
    "FX017": _text("The expression gives {got}, but {expected} is needed.", "表达式的结果是{got}，而这里需要{expected}。",
                   "Change the field's type or convert: TEXT(x), VALUE(x), TODATE(x).",
                   "请改字段类型，或转换：TEXT(x)、VALUE(x)、TODATE(x)。"),
    "FX018": _text("'{value}' is not one of the options of '{name}'.", "“{value}”不是“{name}”的选项。",
                   "The options are: {options}.", "选项有：{options}。"),
    "FX020": _text("There is no function {name}.", "没有函数 {name}。"),
    "FX021": _text("{function} takes {expected}, not {count}.", "{function} 需要{expected}，得到 {count} 个。"),
    "FX022": _text("{function} needs {expected} written out here.", "{function} 这里必须直接写出{expected}。"),
    "FX023": _text("{function} needs rows and what to aggregate.", "{function} 需要明细以及要汇总的列。",
                   "Write {function}(lines.amount) or {function}(lines, quantity * price).",
                   "请写 {function}(明细.金额) 或 {function}(明细, 数量 * 单价)。"),
    "FX030": _text("The result may have more than 1,000 digits.", "结果可能超过 1000 位。",
                   "Round in between, or use smaller powers.", "请在中间取整，或用更小的乘方。"),
    "FX031": _text("The result may have more than 1,000,000 characters.", "结果可能超过 1000000 个字符。",
                   "Shorten with LEFT(t, n) in between.", "请在中间用 LEFT(t, n) 截短。"),
    "FX032": _text("Too many {what}: at most {most}.", "{what}过多：最多 {most} 个。"),
    "FX042": _text("{what} cannot be computed inside a database query.", "{what}不能在数据库查询里计算。",
                   "Store it in a formula field (compute: stored) and use that field.",
                   "请存为公式字段（compute: stored），再使用该字段。"),
    # --- V: values of a record (shown to business users without the code) ---
    "V101": _text("{label} must not be empty.", "{label}不能为空。"),
    "V102": _text("{label} should be {expected}; “{value}” is not.", "{label}应为{expected}，而“{value}”不是。"),
    "V103": _text("{label} must hold: {rule}.", "{label}必须满足：{rule}。"),
    # --- R: records and requests ---
    "R101": _text("There is no field '{name}' here that can be used.", "这里没有可用的字段“{name}”。"),
    "R102": _text("You may not do this: {verb}.", "您没有权限：{verb}。"),
}
