"""Whom approvals would find in the organisation as it is: asked before anybody starts one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.people_check import check_people
from engine.storage.database import DatabaseAddress
from tests.flow.conftest import OpenOffice
from tests.flow.office import open_office

STEPS = """
- approve: chief
  who: [{superior: initiator}]
- approve: skipped
  who: [{superior: initiator}]
  empty: skip
- approve: money
  who: [{role: finance}]
- branch: size
  cases:
    - name: large
      when: amount > 50000
      steps:
        - {approve: lawyer, who: [{role: legal, within: unit}], empty: block}
    - name: medium
      when: amount > 20000 and finance_note <> legal_note
      steps:
        - {approve: gone, who: [{user: somebody_else}], empty: block}
    - else: true
      steps:
        - {fill: whoever, who: [{handler: money}]}
- parallel: both
  branches:
    - {name: one, steps: [{approve: head, who: [{department_head: unit}]}]}
    - {name: two, steps: [{approve: seller, who: [{field: seller}]}]}
- approve: manager
  who: [{role: manager}]
  exclude: [{user: wang}]
  self: admin
- {approve: votes, who: [{role: finance}], mode: vote, pass: 3}
- fill: choice
  who: [{choose: {by: initiator, from: [{role: finance}], min: 3}}]
"""


@pytest.fixture
def told(office_with: OpenOffice) -> dict[str, list[tuple[str, str, str]]]:
    """What is said, by step: code, English, Chinese."""
    office = office_with(STEPS)
    company = office.world.company
    records.save_record(company, SYSTEM, "people.department", None, {"name": "Branch office"})
    found: dict[str, list[tuple[str, str, str]]] = {}
    for problem in check_people(company):
        label = problem.values["step"]
        assert isinstance(label, dict)
        found.setdefault(label["en"], []).append((problem.code, problem.message("en"), problem.message("zh")))
    return found


def test_every_step_that_would_find_nobody_is_told(told: dict[str, list[tuple[str, str, str]]]) -> None:
    assert sorted(told) == ["Chief", "Choice", "Gone", "Head", "Lawyer", "Manager", "Votes"]
    assert told["Chief"] == [(
        "A202",
        "Acme: 'Chief' of 'Review' finds nobody when 王 starts: its administrators would have to decide.",
        "Acme：王发起时，“审批”的“Chief”找不到处理人：只能由流程管理员处理。",
    )]  # fmt: skip
    # in front of it stand two conditions, one of which can be told by its boundaries
    assert told["Gone"] == [(
        "A201",
        "Acme: 'Gone' of 'Review' finds nobody whoever starts, for 20,000 < Amount ≤ 50,000, "
        "Finance note ≠ Legal note: the approval would stand still.",
        "Acme：无论谁发起，“审批”的“Gone”找不到处理人（20,000 < Amount ≤ 50,000，Finance note ≠ Legal note）：审批会停住。",
    )]  # fmt: skip
    # the lawyer belongs to the department Sales
    assert [each[:2] for each in told["Lawyer"]] == [(
        "A201",
        "Acme: 'Lawyer' of 'Review' finds nobody whoever starts, for Amount > 50,000, Unit = Branch office: "
        "the approval would stand still.",
    )]  # fmt: skip
    assert "for Unit = Branch office: its administrators" in told["Head"][0][1]
    # li is left of the managers, and does not approve what is his own
    assert "finds nobody when 李 (Sales) starts: its administrators" in told["Manager"][0][1]
    assert "finds nobody whoever starts: its administrators" in told["Choice"][0][1]
    assert told["Votes"][0][0] == "A205"
    assert "needs 3 votes, but finds 2 people whoever starts" in told["Votes"][0][1]


def test_the_command_tells_it_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = DatabaseAddress(file=tmp_path / "var" / "acme" / "data.db")
    monkeypatch.chdir(tmp_path)
    office = open_office(tmp_path, address, "- {approve: gone, who: [{user: nobody}], empty: block}")
    office.world.company.database.close()
    office.world.site.close()
    runner = CliRunner()
    assert runner.invoke(main, ["check"], catch_exceptions=False).exit_code == 0
    answer = runner.invoke(main, ["check", "--people", "--company", "acme"], catch_exceptions=False)
    assert answer.exit_code == 1
    assert "error[A201]" in answer.output
    assert "--> workflows/crm/review.yaml:" in answer.output
    assert '"code": "A201"' in runner.invoke(main, ["check", "--people", "--json"], catch_exceptions=False).output
    shutil.rmtree(tmp_path / "var")
    nothing = runner.invoke(main, ["check", "--people", "--company", "acme"], catch_exceptions=False)
    assert nothing.exit_code == 1
    assert "[R119]" in nothing.output
    assert runner.invoke(main, ["check", "--people"], catch_exceptions=False).exit_code == 0
