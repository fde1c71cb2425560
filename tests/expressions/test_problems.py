"""What a wrong expression is told: code, exact place, hint, in both languages; and what is refused for safety."""

from __future__ import annotations

import time

import pytest

from engine.expressions import compile_expression
from engine.problem_codes import PROBLEM_CODES
from engine.problems import Location, Problem, ProblemsFound, render_problem
from tests.expressions.sample import DEAL


def problems(text: str, at: Location | None = None, want: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsFound) as refused:
        compile_expression(text, DEAL, at=at, want=want)
    return refused.value.problems


def only(text: str, want: str | None = None) -> Problem:
    (problem,) = problems(text, want=want)
    return problem


def test_the_place_is_the_very_word() -> None:
    (problem,) = problems("amount - paied", Location("forms/deal.yaml", 42, 15))
    assert problem.at == Location("forms/deal.yaml", 42, 24, 5)


def test_later_lines_of_a_block_count_from_its_own_margin() -> None:
    (problem,) = problems("amount\n  - paied", Location("forms/deal.yaml", 42, 7))
    assert problem.at == Location("forms/deal.yaml", 43, 11, 5)


def test_all_unknown_names_are_told_at_once() -> None:
    assert [problem.values["name"] for problem in problems("foo + SUM(lines.bar) + partner.baz")] == [
        "foo",
        "bar",
        "baz",
    ]


def test_a_near_name_is_offered_in_both_languages() -> None:
    problem = only("amuont + 1")
    assert problem.advice("en") == "Did you mean 'amount'?"
    assert problem.advice("zh") == "是不是“amount”？"


def test_the_rendering_points_at_the_word() -> None:
    (problem,) = problems("名称 + 金额", Location("forms/deal.yaml", 3, 11))[1:]
    assert render_problem(problem, "  total: '名称 + 金额'", "zh").splitlines()[:5] == [
        "错误[FX010]: sample.deal 没有字段“金额”。",
        "  --> forms/deal.yaml:3:16",
        "   |",
        " 3 |   total: '名称 + 金额'",
        "   |           　　   ^^",
    ]


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("SUMIF(lines.kind, 'x', lines.amount)", "FX020", "Write the condition behind the rows: SUM(lines[kind = 'fruit'].quantity)."),
        ("COUNTIFS(lines.kind, 'x')", "FX020", "Write the condition behind the rows: COUNT(lines[kind = 'fruit'])."),
        ("VLOOKUP(amount, lines, 2)", "FX020", "Follow a link: parent.name; or LOOKUP(rows, condition, value)."),
        ("MAPX('sum', amount)", "FX020", "Declare the other form as a relation and aggregate it: SUM(related.amount)."),
        ("IFERROR(amount, 0)", "FX020", "There are no errors, only empty values: IFEMPTY(x, 0)."),
        ("ROUNDD(amount, 2)", "FX020", "Did you mean 'ROUND'?"),
        ("amount ^ 2", "FX003", "Write a power as POWER(a, n)."),
        ("amount ** 2", "FX006", "Write a power as POWER(a, n)."),
        ("amount ? 1 : 2", "FX003", "Write a condition as IF(condition, then, else)."),
        ("amount % 2", "FX003", "5% is a number; the remainder is MOD(a, b)."),
        ("{amount}", "FX003", "Write the field's name without braces."),
        ("open || open", "FX003", "Write `or`; texts are joined with &."),
        ("open && open", "FX006", "Write `and`; & joins texts."),
        ("!open", "FX003", "Write `not`, or <> for 'differs from'."),
        ("name + 'x'", "FX014", "Join texts with &; VALUE(x) makes a number of a text."),
        ("partner & 'x'", "FX014", "Name a field of what is linked: parent.name."),
        ("due > '2024-01-01'", "FX015", "Write a date as DATE(2024, 1, 31)."),
        ("due = created_at", "FX015", "TODATE(t) is the date of a time."),
        ("amount = name", "FX015", "Convert one side: VALUE(x) or TEXT(x)."),
        ("tags = 'x'", "FX015", "Ask with HAS(x, v), HASANY(x, a, b) or HASALL(x, a, b)."),
        ("open > open", "FX015", "Only = and <> are possible here."),
        ("stage = 'quot'", "FX018", "Did you mean 'quote'?"),
        ("level = 'C'", "FX018", "The options are: A, B."),
        ("partner.level in ['A', 'x']", "FX018", "The options are: A, B."),
        ("TODAY", "FX010", "A function is called with brackets: TODAY(…)."),
        ("lines.amount * 2", "FX013", "Aggregate it: SUM(…), MAX(…), COUNT(…), JOIN(…)."),
        ("SUM(lines)", "FX023", "Write SUM(lines.amount) or SUM(lines, quantity * price)."),
        ("1月", "FX006", "A name that begins with a digit is written `1月`."),
        ("SUM(lines.amount[amount > 1])", "FX011", "The filter stands right after the rows: lines[…].amount."),
    ],
)  # fmt: skip
def test_what_other_systems_write_gets_a_hint(text: str, code: str, hint: str) -> None:
    problem = problems(text)[0]
    assert (problem.code, problem.advice("en")) == (code, hint)
    assert problem.advice("zh")


@pytest.mark.parametrize(
    ("text", "want", "code"),
    [
        ("amount", "boolean", "FX012"),
        ("name", "number", "FX017"),
        ("open", "date", "FX017"),
        ("partner", "person", "FX017"),
    ],
)
def test_the_place_needs_a_type(text: str, want: str, code: str) -> None:
    assert only(text, want).code == code


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("amount", "number"),
        ("level", "text"),
        ("'A'", "choice"),
        ("NULL", "date"),
        ("me", "person"),
        ("partner", "link"),
    ],
)
def test_what_fits_the_place_is_taken(text: str, want: str) -> None:
    compile_expression(text, DEAL, want=want)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('__import__("os")', "FX020"),
        ("name.__class__", "FX011"),
        ("().__class__", "FX006"),
        ("'x'.format(1)", "FX006"),
        ("name.upper()", "FX006"),
        ("[x for x in y]", "FX006"),
        ("lambda: 1", "FX003"),
        ('f"{name}"', "FX006"),
        ("amount if open else cost", "FX006"),
        ("amount := 1", "FX003"),
        ("1;2", "FX003"),
        ('"%s" % name', "FX003"),
        ("9**9**9", "FX006"),
        ("1 + " * 200 + "1", "FX005"),
        ("(" * 3000, "FX005"),
        ("(" * 100_000, "FX001"),
        ("-" * 3999, "FX005"),
        ("-" * 1_000_000, "FX001"),
        ("not " * 900 + "open", "FX005"),
        ("amount + \u202ecost", "FX003"),
        ("'\u202e'", "FX003"),
        ("`a\u2066b`", "FX003"),
        ("ａｍｏｕｎｔ", "FX010"),
        ("amount ＋ １", "FX003"),
        ("'" + "x" * 1001 + "'", "FX032"),
        ("SUM(" + ",".join("1" * 201) + ")", "FX032"),
        ("amount in [" + ",".join("1" * 201) + "]", "FX032"),
        ("IF(open, 1, " * 41 + "0" + ")" * 41, "FX005"),
        ("SUM(" + ",".join(["1+1"] * 180) + ")", "FX004"),
        ("POWER(amount, 37)", "FX022"),
        ("POWER(POWER(amount, 36), 2)", "FX030"),
        ("REPT(name, 101)", "FX022"),
        ("REPT(REPT(name, 100), 100)", "FX031"),
        ("partner.group.partner.group.name", "FX010"),
        ("SUM(lines, SUM(lines, SUM(lines, 1)))", "FX032"),
        ("os.system('x')", "FX006"),
        ("'abc", "FX002"),
        ("`abc", "FX002"),
        ("", "FX008"),
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_at_once_and_in_place(text: str, code: str) -> None:
    began = time.thread_time()
    problem = problems(text)[0]
    assert problem.code == code
    assert problem.at is not None
    assert 1 <= problem.at.column <= len(text) + 1
    assert time.thread_time() - began < 2


def test_every_problem_of_expressions_speaks_both_languages() -> None:
    for code, words in PROBLEM_CODES.items():
        if code.startswith("FX"):
            assert words.text["en"], code
            assert words.text["zh"], code


def test_sixty_conditions_in_a_row_are_not_nested() -> None:
    compile_expression(" or ".join(f"amount = {number}" for number in range(60)), DEAL)
    compile_expression(" & ".join(["name"] * 90), DEAL)
