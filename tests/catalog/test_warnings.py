"""Which formulas are worth a second look, and which additions of money are refused."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from engine.catalog.build import build_catalog
from engine.catalog.warnings import find_warnings
from engine.cli import main
from engine.problems import Problem, ProblemsFound
from tests.sites import resolve_site, write_site

ROOT = Path(__file__).resolve().parent.parent.parent

PROJECT = """
    form: crm.project
    fields:
      name: text
      budget: {{type: money, required: true}}
      price: {{type: money, required: true}}
      spare: money
      discount: {{type: percent, default: 0}}
      extra: {{type: money, blank: zero}}
      due: date
      dollars: {{type: money, currency: USD, required: true}}
      euros: {{type: money, currency: EUR, required: true}}
      unit: {{type: choice, choices: [USD, EUR]}}
      mixed: {{type: money, currency: unit}}
      rate: {{type: number, required: true}}
      kind: {{type: choice, choices: [big, small]}}
      parent: {{type: link, to: crm.project, inverse: {{name: parts}}}}
      secret: {{type: money, required: true, access: {{see: [finance]}}}}
      part: {{type: money, formula: "{part}"}}
      lines:
        type: lines
        fields:
          count: {{type: integer, required: true}}
          cost: money
          sum: {{type: money, formula: "{line}"}}
      result: {{type: {kind}, formula: "{formula}"{more}}}
    access:
      sales: {{see: always}}
      finance: {{see: always}}
"""


def warnings(
    formula: str, kind: str = "money", more: str = "", part: str = "budget", line: str = "count * 2"
) -> list[Problem]:
    text = PROJECT.format(formula=formula, kind=kind, more=more, part=part, line=line)
    with TemporaryDirectory() as folder:
        write_site(Path(folder), {"forms/crm/project.yaml": text})
        resolved = resolve_site(Path(folder))
        return find_warnings(build_catalog(resolved), resolved)


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("budget - price", ""),
        ("budget - spare", "spare"),
        ("spare - budget - spare", "spare"),
        ("budget - N0(spare)", ""),
        ("budget - COALESCE(spare, 0)", ""),
        ("budget - COALESCE(spare, extra)", ""),
        ("budget - extra", ""),
        ("budget * (1 - discount)", ""),
        ("ROUND(budget * spare, 2)", "spare"),
        ("budget / rate", ""),
        ("budget + SUM(parts.spare)", ""),
        ("budget + MAX(parts.spare)", "MAX(parts.spare)"),
        ("budget + AVG(lines.cost)", "AVG(lines.cost)"),
        ("budget + parent.budget", "parent.budget"),
        ("budget + part", ""),
        ("IF(ISEMPTY(spare), budget, budget - spare)", ""),
        ("IF(spare > 0, budget - spare, budget)", ""),
        ("IF(rate > 0, budget - spare, budget)", "spare"),
        ("SUM(budget, spare)", ""),
        ("spare", ""),
        ("budget + IF(rate > 1, spare, 0)", "IF(…)"),
        ("budget + IFS(rate > 1, price)", "IFS(…)"),
        ("DIVIDE(budget - spare, budget, 0)", "spare"),
    ],
)
def test_arithmetic_with_something_that_may_be_empty_is_told(formula: str, names: str) -> None:
    found = [problem for problem in warnings(formula) if problem.code == "FX051"]
    assert [problem.values["name"] for problem in found] == ([names] if names else [])
    assert all(problem.warning for problem in found)


def test_a_formula_below_that_may_be_empty_counts_as_well() -> None:
    (problem,) = warnings("budget - part", part="spare")
    assert problem.values["name"] == "part"


def test_a_line_is_looked_at_like_a_record() -> None:
    (problem,) = warnings("budget", line="count * cost + header.spare")
    assert problem.values["name"] == "cost, header.spare"


def test_the_warning_points_at_the_operand() -> None:
    (problem,) = warnings("budget - spare")
    assert problem.at is not None
    assert problem.at.length == len("spare")


@pytest.mark.parametrize(
    ("more", "codes"), [("", ["FX050"]), (", discloses: true", []), (", accepts: {FX050: for the finance}", [])]
)
def test_roles_that_may_not_see_a_source_are_told(more: str, codes: list[str]) -> None:
    found = warnings("budget - secret", more=more)
    assert [problem.code for problem in found] == codes
    assert [problem.values["roles"] for problem in found] == ["sales"] * len(codes)


def test_a_field_with_the_same_rule_as_its_source_is_no_surprise() -> None:
    assert warnings("budget - secret", more=", access: {see: [finance]}") == []


@pytest.mark.parametrize("formula", ["rate < NULL", "NOT(due >= NULL)", "ANY(parts, budget > NULL)"])
def test_comparisons_that_never_hold_are_told(formula: str) -> None:
    assert [problem.code for problem in warnings(formula, kind="boolean")] == ["FX052"]


@pytest.mark.parametrize(
    "formula",
    ["dollars * rate + euros", "dollars + dollars", "N0(dollars) - 5", "SUM(parts, mixed * rate)", "dollars * 2"],
)
def test_money_of_one_currency_or_converted_money_may_be_added(formula: str) -> None:
    assert "FX019" not in [problem.code for problem in warnings(formula)]


@pytest.mark.parametrize(
    "formula",
    ["dollars + euros", "budget - euros", "SUM(dollars, euros)", "ROUND(dollars, 2) + SUM(parts.euros)",
     "SUM(parts.mixed)", "mixed + budget", "MAX(dollars, euros)"],
)  # fmt: skip
def test_money_of_several_currencies_is_not_added(formula: str) -> None:
    with pytest.raises(ProblemsFound) as refused:
        warnings(formula)
    assert [problem.code for problem in refused.value.problems] == ["FX019"]


def test_the_definitions_of_this_site_have_no_unexplained_warning() -> None:
    answer = CliRunner().invoke(main, ["check", "--strict", "--site", str(ROOT), "--language", "en"])
    assert (answer.output, answer.exit_code) == ("No problems.\n", 0)
