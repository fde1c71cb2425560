"""weft fmt: expressions come out canonical, everything else stays byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.catalog.rewriting import rewrite_expressions
from engine.cli import main
from engine.expressions.layout import format_layout

ROOT = Path(__file__).resolve().parent.parent

MESSY = """\
form: desk.task   # a==b stays
fields:
  a: {type: number, formula: IF（x＞0，1，2）, required: true}   # kept

  b:
    type: number
    formula: "if(s=='x',5%,2)"
    check: {"x>0": {en: no}, y>=2: {zh: 否}}
  c: {type: text, default: '=s&"x"', visible: 's=''it'''}
  d:
    formula: |
      SWITCH(s,
        "a" ,1,
        ( "b") , 2 )

    where: s<>1   # no comment of ours is lost
access:
  sales: {see: own or x==1, create: always}
views:
  all: {where: "s==\\"x\\" and  b"}
"""

CLEAN = """\
form: desk.task   # a==b stays
fields:
  a: {type: number, formula: "IF(x > 0, 1, 2)", required: true}   # kept

  b:
    type: number
    formula: "IF(s = 'x', 5%, 2)"
    check: {"x > 0": {en: no}, y >= 2: {zh: 否}}
  c: {type: text, default: '=s & "x"', visible: 's = "it"'}
  d:
    formula: |
      SWITCH(s,
        "a", 1,
        "b", 2)

    where: s<>1   # no comment of ours is lost
access:
  sales: {see: own or x = 1, create: always}
views:
  all: {where: "s = 'x' and b"}
"""


def test_expressions_are_rewritten_and_nothing_else() -> None:
    assert rewrite_expressions(MESSY.encode(), "task.yaml").decode() == CLEAN


def test_steps_of_workflows_are_formatted_however_deep_they_lie() -> None:
    written = """\
workflow: desk.approve
of: desk.task
start: {who: [{role: sales}], check: {"SUM(lines.share)==1": no}}
steps:
  - {name: route, kind: branch, cases: {big: {when: "total>=800000", steps: [{name: a, due: {at: "=TODAY()+3"}}]}}}
outcomes: {approved: {effects: [{set: {owner: "=me", state: "a==b"}}]}}
"""
    formatted = rewrite_expressions(written.encode(), "approve.yaml").decode()
    assert formatted == written.replace("share)==1", "share) = 1").replace("total>=", "total >= ").replace(
        ")+3", ") + 3"
    )


def test_formatting_again_changes_nothing() -> None:
    assert rewrite_expressions(CLEAN.encode(), "task.yaml").decode() == CLEAN


def test_line_ends_of_other_systems_are_kept() -> None:
    written = MESSY.replace("\n", "\r\n").encode()
    assert rewrite_expressions(written, "task.yaml").replace(b"\r\n", b"\n").decode() == CLEAN


@pytest.mark.parametrize(
    "text", ["a +", "SUM(", "状态 ==", "'never closed", "a\u202e = 1", "if a then b", "", "{a}", "1 < 2 < 3"]
)
def test_what_is_no_expression_stays_as_it_is(text: str) -> None:
    assert format_layout(text) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a  + b", "a + b"),
        ("((a)+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("sum（明细．金额）×２", None),
        ("a ≥ 1 and b≠2", "a >= 1 and b <> 2"),
        ("x in['a','b']", "x in ['a', 'b']"),
        ("t = “it's”", 't = "it\'s"'),
        ("`预算（元）`*5％", "`预算（元）` * 5%"),
        ("1.50+2", "1.50 + 2"),
        ("t<>“”", 't <> ""'),
        ("IF(a,\n   b ,\n\n   c)", "IF(a,\n   b,\n\n   c)"),
        ("not(a=1)", "not a = 1"),
        ("NOT(a)=b", "NOT(a) = b"),
    ],
)
def test_the_canonical_form_keeps_lines_numbers_and_quotes(text: str, canonical: str | None) -> None:
    assert format_layout(text) == (canonical or text)
    assert format_layout(format_layout(text)) == format_layout(text)


def test_the_command_writes_and_check_only_tells(tmp_path: Path) -> None:
    file = tmp_path / "task.yaml"
    file.write_text(MESSY, encoding="utf-8")
    told = CliRunner().invoke(main, ["fmt", "--check", str(tmp_path), "--language", "en"])
    assert (told.exit_code, file.read_text(encoding="utf-8")) == (1, MESSY)
    assert "1 file(s) would change" in told.output
    done = CliRunner().invoke(main, ["fmt", str(tmp_path), "--language", "zh"])
    assert (done.exit_code, file.read_text(encoding="utf-8")) == (0, CLEAN)
    assert "整理了 1 个文件" in done.output
    assert CliRunner().invoke(main, ["fmt", "--check", str(file)]).exit_code == 0


def test_a_file_that_cannot_be_read_is_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("form: [a\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["fmt", str(tmp_path)])
    assert told.exit_code == 1
    assert "Y104" in told.output
    assert (tmp_path / "bad.yaml").read_text(encoding="utf-8") == "form: [a\n"


def test_the_definitions_of_this_site_are_formatted() -> None:
    told = CliRunner().invoke(main, ["fmt", "--check", str(ROOT), "--language", "en"])
    assert told.output.strip() == "0 file(s) would change", "weft fmt writes them again"
