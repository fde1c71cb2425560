"""weft eval: an administrator tries an expression on values of his own, with any of the engines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from engine.cli import main
from engine.runtime import trial_answers

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = yaml.safe_load((ROOT / "docs" / "function_examples.yaml").read_text(encoding="utf-8"))
NODE = shutil.which("node") is not None


def ask(*words: str, site: Path = ROOT) -> Result:
    return CliRunner().invoke(main, ["eval", *words, "--site", str(site), "--language", "en"], catch_exceptions=False)


def answers(result: Result) -> dict[str, str]:
    lines = (line.split(None, 1) for line in result.output.splitlines() if not line.startswith("  "))
    return {words[0]: words[1] for words in lines if len(words) == 2}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["1 / 3 * 3"], "0.999999999999"),
        (["a * 2", "--set", "a=12.50"], "25"),
        (["a * 5%", "--set", "a=200"], "10"),
        (["t & 1", "--set", "t=A-"], "A-1"),
        (["LEN(t)", "--set", 't="12"'], "2"),
        (["LEN(t)", "--set", "t:text=12"], "2"),
        (["d + 1", "--set", "d=2024-02-28"], "2024-02-29"),
        (["TODATE(m)", "--set", "m=2024-06-14T16:30:00Z"], "2024-06-15"),
        (["IF(p, 1, 2)", "--set", "p=true"], "1"),
        (["ISEMPTY(x)", "--set", "x="], "true"),
        (["x + 1", "--set", "x:money="], "(empty)"),
        (["HAS(k, 'b')", "--set", "k=[a, b]"], "true"),
        (["SUM(lines.amount)", "--set", "lines=[{amount: 1}, {amount: 2}]"], "3"),
        (["SUM(lines[kind = 'a'], n * 2)", "--set", "lines=[{kind: a, n: 0.1}, {kind: b, n: 5}, {kind: a}]"], "0.2"),
        (["SUM(明细.金额)", "--set", "明细=[{金额: 1.25}]"], "1.25"),
        (["TODAY()", "--now", "2024-06-15T23:30"], "2024-06-15"),
        (["me + 0 = NULL"], None),
    ],
)
def test_values_are_typed_by_what_they_look_like(words: list[str], answer: str | None) -> None:
    result = ask(*words)
    if answer is None:
        assert result.exit_code == 1
    else:
        assert (result.output.strip(), result.exit_code) == (answer, 0)


def test_names_of_a_form_mean_its_fields_and_its_formulas_are_computed() -> None:
    lines = "lines=[{quantity: 2, price: 3.5, discount: 0}, {quantity: 1, price: 10, discount: 10%}]"
    result = ask("total", "--form", "crm.quote", "--set", lines)
    assert (result.output.strip(), result.exit_code) == ("16", 0)


def test_rows_of_a_form_know_their_record() -> None:
    lines = "lines=[{quantity: 2, price: 3.5, discount: 0}]"
    result = ask("SUM(lines[header.total > 1].amount)", "--form", "crm.quote", "--set", lines)
    assert (result.output.strip(), result.exit_code) == ("7", 0)


def test_all_engines_are_asked_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEFT_DATABASE", raising=False)
    words = ["SUM(lines, n * 2) + a", "--set", "lines=[{n: 0.1}, {n: 0.2}]", "--set", "a=1", "--backend", "all"]
    result = ask(*words)
    told = answers(result)
    assert (told["python"], told["closures"], told["sqlite"]) == ("1.6", "1.6", "1.6")
    assert "--database" in told["postgres"]
    assert told["js"] == "1.6" if NODE else "Node" in told["js"]
    assert result.exit_code == 0


@pytest.mark.postgresql
def test_postgresql_answers_like_python(postgresql_url: str) -> None:
    words = ["SUM(lines[k = 'a'], n * 2) + a", "--set", "lines=[{n: 0.1, k: a}, {n: 0.2, k: b}]", "--set", "a=1"]
    result = ask(*words, "--backend", "postgres", "--database", postgresql_url)
    assert (result.output.strip(), result.exit_code) == ("1.2", 0)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("TEXT(1234.5, '#,##0.00') & RMBCAP(7)", "1,234.50柒元整"),
        ("WORKDAY(d, 5)", "2024-10-10"),
        ("HAS(k, 'b') and d > DATE(2024, 1, 1)", "true"),
        ("JOIN(lines.t, '-')", "b-a"),
        ("n / 3", "0.333333333333"),
        ("t", "(empty)"),
    ],
)
@pytest.mark.postgresql
def test_postgresql_needs_nothing_prepared(text: str, answer: str, postgresql_url: str) -> None:
    given = ["k=[a, b]", "d=2024-09-27", "lines=[{t: b}, {t: a}]", "n=1", "t:text="]
    words = [word for each in given for word in ("--set", each)]
    result = ask(text, *words, "--backend", "postgres", "--database", postgresql_url)
    assert (result.output.strip(), result.exit_code) == (answer, 0)


@pytest.mark.parametrize("name", sorted(EXAMPLES["examples"]))
@pytest.mark.postgresql
def test_all_engines_agree_on_the_example_of_every_function(name: str, postgresql_url: str) -> None:
    text, _ = EXAMPLES["examples"][name]
    words = [word for each, value in EXAMPLES["given"].items() for word in ("--set", f"{each}={value}")]
    result = ask(text, *words, "--now", "2024-06-15T12:00", "--backend", "all", "--database", postgresql_url)
    assert result.exit_code == 0, result.output
    told = answers(result)
    assert told["python"] == told["sqlite"] == told["postgres"]


def test_postgresql_without_an_address_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEFT_DATABASE", raising=False)
    result = ask("1 + 1", "--backend", "postgres")
    assert result.exit_code == 1
    assert "WEFT_DATABASE" in result.output


def test_javascript_without_node_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_answers.shutil, "which", lambda _: None)
    result = ask("1 + 1", "--backend", "js")
    assert result.exit_code == 1
    assert "Node" in result.output


def test_engines_that_differ_make_it_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_answers, "answer_in_sql", lambda *_: 3)
    result = ask("1 + 1", "--backend", "all")
    assert result.exit_code == 1
    assert "the engines differ" in result.output


def test_the_parts_are_shown() -> None:
    result = ask("IF(a > 1, a * b, 0)", "--set", "a=2", "--set", "b=3", "--explain")
    assert [line.strip() for line in result.output.splitlines()] == [
        "if a > 1 then a × b, otherwise 0",
        "a = 2",
        "a > 1 = true",
        "b = 3",
        "a * b = 6",
        "IF(a > 1, a * b, 0) = 6",
        "6",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a ^ 2", "--set", "a=1"], "POWER(a, n)"),
        (["a + 1"], "[FX010]"),
        (["a", "--set", "a:number=x"], "[V102]"),
        (["a", "--set", "a:colour=x"], "[V102]"),
        (["a", "--set", "just-a-name"], "name=value"),
        (["lines", "--set", "lines=[{a: 1}"], "error[Y104]"),
        (["1", "--form", "crm.nothing"], "[C104]"),
        (["1", "--company", "nobody"], "[S109]"),
        (["1", "--now", "yesterday"], "[V102]"),
        (["status", "--form", "crm.quote", "--set", "status=unheard_of"], "[FX018]"),
    ],
)
def test_what_is_wrong_is_told_with_its_code(words: list[str], told: str) -> None:
    result = ask(*words)
    assert result.exit_code == 1
    assert told in result.output
