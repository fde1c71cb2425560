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
    assert answer["passed"] >= 60


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


VERBS_FLOW = """
    workflow: crm.review
    of: crm.note
    admin: [{role: administrator}]
    defaults: {allow: [transfer, save, cc, addsign_before, addsign_after, addsign_with, takeback, delegate]}
    start: {who: [{role: sales}], edit: [name, amount]}
    steps:
      - fill: prepare
        who: [{role: assistant}]
        edit: [amount]
        allow: [save, transfer]
      - approve: look
        who: [{role: manager}]
        due: {after: 2 workdays}
        escalate: [{at: 0, do: remind, repeat: {every: 1 workday, times: 3}}]
      - approve: decide
        who: [{role: director}]
      - auto: tell
        effects:
          - notify: {to: [initiator], text: "{name} passed", channels: [mail]}
          - webhook: {url_ref: erp, body: {name: "=name", amount: "=amount"}}
"""
VERBS_GIVEN = """
scenario: Verbs
now: 2026-03-02 09:00
given:
  people:
    li: {role: sales}
    mu: {role: assistant}
    ma: {role: assistant}
    wang: {role: manager}
    fang: {role: sales}
    zhao: {role: director}
    ad: {role: administrator}
steps:
  - li submits crm.note: {as: n, name: A, amount: 5}
"""
VERBS_CASES = """
cases:
  before_and_around:
    steps:
      - mu claims n
      - expect: {waits: {n: {prepare: mu}}}
      - mu releases n
      - mu saves n: {amount: 7}
      - expect: {n: {amount: 5}}
      - mu submits n: {amount: 6}
      - wang adds fang before n
      - expect: {inbox: {fang: [n], wang: []}}
      - fang approves n
      - wang adds mu with n
      - wang removes mu from n
      - wang approves n
      - wang takes back n
      - expect: {waits: {n: {look: wang}}, log: {n: [addsign_before, addsign_with, remove_sign, take_back, claim, release]}}
      - wang adds ma after n
      - ma approves n
      - zhao approves n
      - expect: {n: {state: approved}, mailed: {li: [A passed], fang: []}, called: {erp: ['"name": "A"']}}
      - after: 1 day
      - expect: {called: {erp: ["6"], other: []}}
  administrators:
    steps:
      - ad passes n at prepare
      - ad reassigns n to fang
      - expect: {waits: {n: {look: fang}}}
      - ad suspends n
      - fang approves n
      - expect: {error: A102}
      - ad resumes n
      - ad jumps n to decide
      - expect: {waits: {n: {decide: zhao}}, log: {n: [pass_step, reassign, suspend, resume, jump]}}
      - zhao copies n to mu: {text: For you}
      - zhao comments n: {text: Soon}
      - li terminates n
      - expect: {error: A138}
      - ad terminates n
      - expect: {n: {state: terminated}, notified: {mu: [n]}}
  time_passes:
    steps:
      - wang delegates everything to fang: {days: 3}
      - mu submits n
      - expect: {waits: {n: {look: fang}}}
      - li urges n
      - li urges n
      - expect: {error: A119}
      - at: 2026-03-06 18:00
      - expect: {log: {n: [urge, remind]}}
      - fang transfers n to mu
      - expect: {waits: {n: {look: mu}}}
      - at: 2026-03-05 10:00
      - expect: {error: 2026-03-05}
"""


def test_everything_people_do_to_approvals_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "templates_pack").mkdir()
    path = "forms/companies/acme/scenarios/verbs.yaml"
    files = {
        "site.yaml": "site: t\nlanguages: [en]\ncompanies: [acme]\nwebhooks: {erp: {url: 'https://erp.example/in'}}\n",
        "forms/crm/app.yaml": "app: crm\nlabel: CRM\nroles: {sales: S, manager: M, assistant: A, director: D}\n",
        "forms/crm/note.yaml": FORM,
        "workflows/crm/review.yaml": VERBS_FLOW,
        path: VERBS_GIVEN + VERBS_CASES,
    }
    site = write_site(tmp_path, files)
    told = CliRunner().invoke(main, ["test", "--site", str(site)], catch_exceptions=False).output
    assert told.splitlines()[-1].split(" in ")[0] == "3 passed, 0 failed", told


GUIDE_FLOW = FLOW.replace("due: {after: 2 workdays}", "due: {after: 2 workdays}, escalate: [{at: 0, do: remind}]")


@pytest.mark.parametrize("guide", ["scenarios.md", "scenarios.zh.md"])
def test_the_example_of_the_guide_goes_as_told(guide: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "templates_pack").mkdir()
    path = "forms/companies/acme/scenarios/example.yaml"
    files = {"forms/crm/note.yaml": FORM, "workflows/crm/review.yaml": GUIDE_FLOW, path: example}
    told = CliRunner().invoke(main, ["test", "--site", str(write_site(tmp_path, files))], catch_exceptions=False)
    assert told.output.splitlines()[-1].split(" in ")[0] == "3 passed, 0 failed", told.output
