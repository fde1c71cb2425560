"""The texts of problems of expressions: family FX."""

from __future__ import annotations

from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

EXPRESSIONS: dict[str, ProblemText] = {
    # --- FX: expressions (columns are exact; hints may be replaced by targeted ones) ---
    "FX001": _text(
        "The expression has {count} characters; {most} are allowed.",
        "表达式有 {count} 个字符，最多 {most} 个。",
        "Split it over several formula fields.",
        "请拆成几个公式字段。",
    ),
    "FX002": _text(
        "A text is not closed: {quote} is missing.",
        "文本没有结束，缺少 {quote}。",
        "A text stands between two equal quotes; a quote inside it is written twice. Names have no quotes.",
        "文本写在一对相同的引号之间，其中的引号要写两个；字段名不加引号。",
    ),
    "FX003": _text("The character '{char}' does not belong into an expression.", "表达式里不能有字符“{char}”。"),
    "FX004": _text(
        "The expression has more than {most} parts.",
        "表达式超过 {most} 个部分。",
        "Split it over several formula fields.",
        "请拆成几个公式字段。",
    ),
    "FX005": _text(
        "The expression is nested more than {most} deep.",
        "表达式嵌套超过 {most} 层。",
        "Split it, or use IFS, SWITCH, SUM(a, b, …).",
        "请拆开，或使用 IFS、SWITCH、SUM(a, b, …)。",
    ),
    "FX006": _text("'{token}' is not expected here.", "这里不应出现“{token}”。"),
    "FX007": _text(
        "Comparisons cannot be chained.", "比较不能连写。", "Write AND(a < b, b < c).", "请写成 AND(a < b, b < c)。"
    ),
    "FX008": _text(
        "The expression ends too early.",
        "表达式没有写完。",
        "An operand or a closing bracket is missing.",
        "缺少运算对象或右括号。",
    ),
    "FX010": _text("There is no field '{name}' on {form}.", "{form} 没有字段“{name}”。"),
    "FX011": _text("'{name}' is one value: it has neither '.' nor '[ ]'.", "“{name}”是单个值，不能用“.”或“[ ]”。"),
    "FX012": _text(
        "A condition is needed here, but this is {got}.",
        "这里需要条件，得到的却是{got}。",
        "For example: amount > 0.",
        "例如：金额 > 0。",
    ),
    "FX013": _text(
        "One value is needed here, but '{name}' stands for several.",
        "这里需要一个值，而“{name}”有多个。",
        "Aggregate it: SUM(…), MAX(…), COUNT(…), JOIN(…).",
        "请先汇总：SUM(…)、MAX(…)、COUNT(…)、JOIN(…)。",
    ),
    "FX014": _text("{function} needs {expected} here, not {got}.", "{function} 这里需要{expected}，不能是{got}。"),
    "FX015": _text("{left} cannot be compared with {right}.", "{left}不能与{right}比较。"),
    "FX016": _text(
        "The branches have different types: {left} and {right}.",
        "各分支类型不同：{left}和{right}。",
        "Convert one of them: TEXT(x), VALUE(x).",
        "请转换其中一个：TEXT(x)、VALUE(x)。",
    ),
    "FX017": _text(
        "The expression gives {got}, but {expected} is needed.",
        "表达式的结果是{got}，而这里需要{expected}。",
        "Change the field's type or convert: TEXT(x), VALUE(x), TODATE(x).",
        "请改字段类型，或转换：TEXT(x)、VALUE(x)、TODATE(x)。",
    ),
    "FX018": _text(
        "'{value}' is not one of the options of '{name}'.",
        "“{value}”不是“{name}”的选项。",
        "The options are: {options}.",
        "选项有：{options}。",
    ),
    "FX019": _text(
        "Money in {one} cannot be added to money in {other}.",
        "不能把 {one} 金额与 {other} 金额相加。",
        "Multiply one of them by a field with the rate first: amount * rate.",
        "请先把其中一个乘以汇率字段：金额 * 汇率。",
    ),
    "FX020": _text("There is no function {name}.", "没有函数 {name}。"),
    "FX021": _text("{function} takes {expected}, not {count}.", "{function} 需要{expected}，得到 {count} 个。"),
    "FX022": _text("{function} needs {expected} written out here.", "{function} 这里必须直接写出{expected}。"),
    "FX023": _text(
        "{function} needs rows and what to aggregate.",
        "{function} 需要明细以及要汇总的列。",
        "Write {function}(lines.amount) or {function}(lines, quantity * price).",
        "请写 {function}(明细.金额) 或 {function}(明细, 数量 * 单价)。",
    ),
    "FX030": _text(
        "The result may have more than 1,000 digits.",
        "结果可能超过 1000 位。",
        "Round in between, or use smaller powers.",
        "请在中间取整，或用更小的乘方。",
    ),
    "FX031": _text(
        "The result may have more than 1,000,000 characters.",
        "结果可能超过 1000000 个字符。",
        "Shorten with LEFT(t, n) in between.",
        "请在中间用 LEFT(t, n) 截短。",
    ),
    "FX032": _text("Too many {what}: at most {most}.", "{what}过多：最多 {most} 个。"),
    "FX040": _text("Formulas depend on each other in a circle: {circle}.", "公式循环依赖：{circle}。"),
    "FX041": _text(
        "A stored formula cannot use {what}: its value would change by itself.",
        "存储的公式不能使用 {what}：它的值会自己变化。",
        "Write compute: read, or daily for the date.",
        "请写 compute: read，只用到日期时可写 daily。",
    ),
    "FX043": _text(
        "Together with the formulas it reads on the fly this one has {count} parts; at most {most} are possible.",
        "连同所引用的读取时计算的公式，共有 {count} 个部分，最多 {most} 个。",
        "Store one of the fields in between (compute: stored).",
        "请把中间的某个字段存储起来（compute: stored）。",
    ),
    "FX044": _text(
        "The relation '{name}' has no equality that leads back from a row to its record.",
        "关系“{name}”缺少能从相关记录找回本记录的相等条件。",
        "Beside other conditions joined by and, compare a field of the rows with a stored field of this record: employee = this.employee.",
        "请在用 and 连接的条件里，让对方的一个字段等于本记录的一个存储字段：employee = this.employee。",
    ),
    "FX042": _text(
        "{what} cannot be computed inside a database query.",
        "{what}不能在数据库查询里计算。",
        "Store it in a formula field (compute: stored) and use that field.",
        "请存为公式字段（compute: stored），再使用该字段。",
    ),
    # --- warnings: the definitions can be used all the same ---
    "FX050": _text(
        "'{field}' is computed from '{name}', which {roles} may not see: they will not see '{field}' either.",
        "“{field}”由“{name}”计算而来，而 {roles} 无权查看后者，因此也看不到“{field}”。",
        "Write discloses: true if they should see the result, or access: on the field, or accepts: {FX050: why}.",
        "如果他们应当看到结果，请写 discloses: true；否则给该字段写 access:，或写 accepts: {FX050: 原因}。",
    ),
    "FX051": _text(
        "{name} may be empty, and then the whole result is empty.",
        "{name} 可能为空，此时整个结果为空。",
        "If empty means 0, write N0({first}) or blank: zero on the field; if empty is meant, accepts: {FX051: why}.",
        "如果空表示 0，请写 N0({first})，或在该字段写 blank: zero；如果就应为空，请写 accepts: {FX051: 原因}。",
    ),
    "FX052": _text(
        "A comparison with nothing by {operator} is never true.",
        "与空值用 {operator} 比较永远不成立。",
        "Ask for emptiness with ISEMPTY(x) or x = NULL.",
        "判断是否为空请写 ISEMPTY(x) 或 x = NULL。",
    ),
    "FX053": _text(
        "The rows of '{name}' are found by {field} alone, which very many records share: this gets slow.",
        "“{name}”的记录只按 {field} 查找，而大量记录的该字段值相同：记录多时会变慢。",
        "Compare a link, a person, a number or a short text besides.",
        "请再比较一个关联、人员、数字或短文本字段。",
    ),
}
