"""What people write out of habit (spreadsheets, other tools, SQL, programs) is answered with how it is written here."""

from __future__ import annotations

import pytest

from engine.expressions import Type, compile_expression
from engine.expressions.calls import function_names
from engine.expressions.foreign import FOREIGN, foreign_hint
from engine.expressions.operations import ALIASES
from engine.problem_codes import PROBLEM_CODES
from engine.problems import Problem, ProblemsFound
from tests.expressions.surroundings import Names, fields

LINES = Names("desk.task.lines", fields(kind="text", quantity=Type("number", 2)))
SYMBOLS = fields(a=Type("number", 2), b="boolean", d="date", t="text", kind="text")
SCOPE = Names("desk.task", SYMBOLS)

HABITS = [
    ("a && b", "FX006", "Write `and`", "请写 and"),
    ("a || b", "FX003", "Write `or`", "请写 or"),
    ("!b", "FX003", "Write `not`", "请写 not"),
    ("b ? 1 : 2", "FX003", "IF(condition, then, else)", "IF(条件, 值, 否则)"),
    ("if b then 1", "FX006", "IF(condition, then, else)", "IF(条件, 值, 否则)"),
    ("case when b", "FX006", "IF(condition, then, else)", "IF(条件, 值, 否则)"),
    ("{a} + 1", "FX003", "without braces", "不要加花括号"),
    ("$a", "FX003", "without $", "不要加 $"),
    ("#a", "FX003", "without #", "不要加 #"),
    ("@t", "FX003", "`me`", "me"),
    ("a ^ 2", "FX003", "POWER(a, n)", "POWER(a, n)"),
    ("a ** 2", "FX006", "POWER(a, n)", "POWER(a, n)"),
    ("a // 2", "FX006", "INT(a / b)", "INT(a / b)"),
    ("a % 2", "FX003", "MOD(a, b)", "MOD(a, b)"),
    ("a mod 2", "FX006", "MOD(a, b)", "MOD(a, b)"),
    ("=a + 1", "FX006", "does not begin with '='", "不要以“=”开头"),
    ("a === 1", "FX006", "= (or ==)", "=（或 ==）"),
    ("a => 1", "FX006", ">=", ">="),
    ("a <=> 1", "FX006", "<>", "<>"),
    ("1 < a < 3", "FX007", "AND(a < b, b < c)", "AND(a < b, b < c)"),
    ("a in (1, 2)", "FX006", "square brackets", "方括号"),
    ("[a]", "FX006", "after `in`", "写在 in 后面"),
    ("t is null", "FX006", "ISEMPTY(x)", "ISEMPTY(x)"),
    ("t like 'x'", "FX006", "CONTAINS(text, part)", "CONTAINS(文本, 部分)"),
    ("a between 1 and 2", "FX006", "a >= low and a <= high", "a >= 下限 and a <= 上限"),
    ("1,000 + a", "FX006", "thousands separators", "千位分隔符"),
    ("1e5", "FX006", "100000 instead of 1e5", "100000，而不是 1e5"),
    ("1月", "FX006", "`1月`", "`1月`"),
    ("t.upper()", "FX006", "no functions of their own", "没有自己的函数"),
    ("'x", "FX002", "Names have no quotes", "字段名不加引号"),
    ("a; t", "FX003", "One expression only", "只能写一个表达式"),
    ("IF(b，1、2)", "FX003", "commas", "逗号"),
    ("a b", "FX006", "operator or a comma is missing", "缺少运算符或逗号"),
    ("t + 'x'", "FX014", "Join texts with &", "连接文本请用 &"),
    ("d + d", "FX014", "Days are added to a date", "日期可加天数"),
    ("b + 1", "FX014", "IF(x, 1, 0)", "IF(x, 1, 0)"),
    ("d > '2024-01-01'", "FX015", "DATE(2024, 1, 31)", "DATE(2024, 1, 31)"),
    ("DATE('2024-01-01')", "FX021", "DATEVALUE('2024-01-31')", 'DATEVALUE("2024-01-31")'),
    ("IF(b, 1)", "FX021", "IF(condition, then, else)", "IF(条件, 值, 否则)"),
    ("SUMIF(a, t, b)", "FX020", "SUM(lines[kind = 'fruit'].quantity)", 'SUM(明细[类别 = "水果"].数量)'),
    ("SUMIFS(a)", "FX020", "SUM(lines[kind = 'fruit'].quantity)", 'SUM(明细[类别 = "水果"].数量)'),
    ("COUNTIF(a)", "FX020", "COUNT(lines[kind = 'fruit'])", 'COUNT(明细[类别 = "水果"])'),
    ("VLOOKUP(a)", "FX020", "Follow a link", "关联字段"),
    ("XLOOKUP(a)", "FX020", "LOOKUP(rows, condition, value)", "LOOKUP(明细, 条件, 值)"),
    ("MAPX(a)", "FX020", "relation", "关系"),
    ("IFERROR(a, 0)", "FX020", "no errors, only empty values", "没有错误值"),
    ("NVL(a, 0)", "FX020", "COALESCE(x, 0)", "COALESCE(x, 0)"),
    ("CASE(a)", "FX020", "SWITCH", "SWITCH"),
    ("DATEDIFF(d, d)", "FX020", "DAYS(end, start)", "DAYS(结束, 开始)"),
    ("RUOND(a, 2)", "FX020", "'ROUND'", "“ROUND”"),
    ("amout", "FX010", "There are: a, b", "已有字段：a、b"),
    ("SUM", "FX010", "SUM(…)", "SUM(…)"),
]


def first_problem(text: str) -> Problem:
    with pytest.raises(ProblemsFound) as refused:
        compile_expression(text, SCOPE)
    return refused.value.problems[0]


@pytest.mark.parametrize(("text", "code", "english", "chinese"), HABITS)
def test_a_habit_gets_the_hint_that_fits(text: str, code: str, english: str, chinese: str) -> None:
    problem = first_problem(text)
    assert problem.code == code
    assert english in problem.advice("en")
    assert chinese in problem.advice("zh")
    assert problem.at is not None


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_no_function_of_ours_is_called_foreign(name: str) -> None:
    assert name not in function_names()
    assert name not in ALIASES
    hint = foreign_hint(name)
    assert hint is not None
    assert hint["en"] != hint["zh"]


def test_every_code_of_expressions_is_told_in_both_languages() -> None:
    for code, entry in PROBLEM_CODES.items():
        if code.startswith("FX"):
            assert any("\u4e00" <= char <= "\u9fff" for char in entry.text["zh"]), code
            assert not any("\u4e00" <= char <= "\u9fff" for char in entry.text["en"]), code
            assert bool(entry.hint["en"]) == bool(entry.hint["zh"]), code
