"""The scenarios of the pack, and what the runner says of one that does not go as told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.sites import write_site

ROOT = Path(__file__).resolve().parent.parent
FORM = """
    form: crm.note
    label: Note
    title: "{name}"
    fields: {name: {type: text, required: true}, amount: money}
    access: {sales: {see: own, create: true, change: own}, manager: {see: always}}
"""
FLOW = """
    workflow: crm.review
    of: crm.note
    admin: [{role: administrator}]
    start: {who: [{role: sales}], edit: [name, amount]}
    steps: [{approve: look, who: [{role: manager}], due: {after: 2 workdays}}]
"""
GIVEN = "scenario: Notes\ngiven: {people: {li: {role: sales}, wang: {role: manager}, ad: {role: administrator}}}\n"


def play(folder: Path, steps: str, *options: str) -> tuple[int, str]:
    (folder / "templates_pack").mkdir()
    path = "forms/companies/acme/scenarios/notes.yaml"
    site = write_site(folder, {"forms/crm/note.yaml": FORM, "workflows/crm/review.yaml": FLOW, path: GIVEN + steps})
    told = CliRunner().invoke(main, ["test", "--site", str(site), *options], catch_exceptions=False)
    return told.exit_code, told.output


def test_the_scenarios_of_the_pack_go_as_told() -> None:
    told = CliRunner().invoke(main, ["test", "--site", str(ROOT), "--json"], catch_exceptions=False)
    answer = json.loads(told.output)
    assert [each for each in answer["scenarios"] if not each["passed"]] == []
    assert answer["seconds"] < 60


def test_a_scenario_passes_with_a_clock_that_it_moves(tmp_path: Path) -> None:
    code, told = play(
        tmp_path,
        "steps:\n- li submits crm.note: {as: n, name: A, amount: 5}\n- after: 3 workdays\n"
        "- expect: {inbox: {wang: [n]}, waits: {n: {look: wang}}, cannot_see: {ad: []}}\n"
        "- wang approves n\n- expect: {n: {state: approved, amount: 5}}\n",
    )
    assert (code, told.splitlines()[-1].split(" in ")[0]) == (0, "1 passed, 0 failed")


def test_a_failure_names_the_line_of_its_step(tmp_path: Path) -> None:
    steps = "cases:\n  one:\n    steps:\n    - li submits crm.note: {as: n, name: A}\n    - expect: {n: {state: approved}}\n"
    code, told = play(tmp_path, steps)
    assert code == 1
    assert "error[E104]: n.state: expected approved, found running." in told
    assert "forms/companies/acme/scenarios/notes.yaml:7:20" in told


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("- li submits crm.note: {as: n}", "E103"),
        ("- li dances n", "E102"),
        ("- li deletes nothing", "E101"),
        ("- li creates crm.note: {name: A}\n- expect: {error: A109}", "E105"),
        ("- li submits crm.note: {as: n, name: A}\n- li approves n", "E106"),
    ],
)
def test_what_is_wrong_is_said_with_its_code(steps: str, told: str, tmp_path: Path) -> None:
    code, answer = play(tmp_path, f"steps:\n{steps}\n")
    assert code == 1
    assert f"error[{told}]" in answer


def test_results_as_json(tmp_path: Path) -> None:
    code, told = play(tmp_path, "steps:\n- li deletes nothing\n", "--json")
    found = json.loads(told)
    assert (code, found["failed"], found["scenarios"][0]["problems"][0]["code"]) == (1, 1, "E101")


def test_no_scenario_is_an_answer_of_its_own(tmp_path: Path) -> None:
    code, told = play(tmp_path, "", "--json")
    assert code == 2
    assert "E107" in told
