"""What the checks of workflows understand: conditions as regions, examples in words, loops, and their speed."""

from __future__ import annotations

import pytest

from engine.problems import ProblemsFound
from tests.flow.test_soundness import build, problems_of
from tests.sites import build_test_catalog


def cases(*whens: str, otherwise: bool = True) -> str:
    """A branch with these conditions."""
    lines = [
        f"    - {{when: '{when}', steps: [{{approve: s{at}, who: [{{role: manager}}]}}]}}"
        for at, when in enumerate(whens)
    ]
    return "\n".join(["- branch: size", "  cases:", *lines, *(["    - {else: true, steps: []}"] if otherwise else [])])


@pytest.mark.parametrize(
    "whens",
    [
        ["amount < 5", "amount < 4"],
        ["amount < 5", "amount >= 5", "amount <> 5 and not ISEMPTY(amount)"],
        ['kind = "plain"', 'kind in ["urgent"]', "not ISEMPTY(kind)"],
        ['amount < 5 and kind = "plain"', 'amount < 5 and kind <> "plain"', "amount < 3"],
        ["amount > 5 or ISEMPTY(note)", "amount > 7"],
        ["amount > 5 and amount < 4"],
        ["amount > 5 and amount < 5.01"],
        ["flow.department = unit", "flow.department = unit and amount > 3"],
        ["ABS(amount) > 3", "ABS(amount) > 4"],
        ["amount >= 5", "not (amount < 5) and not ISEMPTY(amount)"],
    ],
)  # fmt: skip
def test_a_case_that_is_never_taken_is_found(whens: list[str]) -> None:
    found = problems_of(cases(*whens))
    assert [problem.code for problem in found] == ["WF022"]


@pytest.mark.parametrize(
    "whens",
    [
        ["amount < 5", "amount < 6"],
        ["amount < 5", "amount >= 5", "ISEMPTY(amount)"],
        ["amount > 5", "not (amount > 5) and amount <> 0"],
        ['kind = "plain"', 'kind = "urgent"', "ISEMPTY(kind)"],
        ["flow.department = unit", "flow.department <> unit and amount > 3"],
        ["amount > note_length", "amount > 5"],
        ["amount > 4 and amount < 5.01"],
    ],
)  # fmt: skip
def test_a_case_that_may_be_taken_is_accepted(whens: list[str]) -> None:
    whens = [when.replace("note_length", "LEN(note)") for when in whens]
    assert build(cases(*whens)).workflows["crm.review"].steps[0].name == "size"


@pytest.mark.parametrize(
    ("whens", "en", "zh"),
    [
        (["amount <= 50000", "amount > 80000"], "50,000 < Amount ≤ 80,000", "50,000 < 金额 ≤ 80,000"),
        (["amount < 5", "amount >= 5"], "Amount is empty", "金额 为空"),
        (['kind = "plain"', "ISEMPTY(kind)"], "Kind = Urgent", "类别 = 紧急"),
        (
            ["amount > 100 and flow.department = unit", "amount <= 100"],
            "Amount > 100, the starter’s department ≠ Unit",
            "金额 > 100，发起部门 ≠ Unit",
        ),
        (['amount > 9 or kind = "plain"', "ISEMPTY(amount)"], "Amount ≤ 9, Kind = Urgent", "金额 ≤ 9，类别 = 紧急"),
    ],
)
def test_a_missing_case_is_told_by_an_example(whens: list[str], en: str, zh: str) -> None:
    (problem,) = problems_of(cases(*whens, otherwise=False))
    assert problem.code == "WF020"
    assert en in problem.message("en")
    assert zh in problem.message("zh")


def test_what_takes_a_case_away_is_named() -> None:
    (problem,) = problems_of(cases("amount < 5", "amount < 8", 'amount < 7 and kind = "plain"'))
    assert "Amount < 7 and Kind = Plain is taken by 'case_1', 'case_2' before" in problem.message("en")
    assert "已由前面的“case_1”、“case_2”处理" in problem.message("zh")


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        # only a refusal would end it
        (
            """
            - {approve: one, who: [{role: manager}]}
            - {goto: one}
            """,
            ["WF011"],
        ),
        # a branch of a parallel that is waited for never ends
        (
            """
            - parallel: both
              branches:
                - {name: a, steps: [{fill: one, who: [{role: manager}], return: [start]}, {goto: one}]}
                - {name: b, steps: [{fill: two, who: [{role: manager}]}]}
            """,
            ["WF011"],
        ),
        # it is not waited for
        (
            """
            - parallel: both
              join: any
              branches:
                - {name: a, steps: [{fill: one, who: [{role: manager}]}, {goto: one}]}
                - {name: b, steps: [{fill: two, who: [{role: manager}]}]}
            """,
            [],
        ),
        # the second branch ends all, so the join is never passed
        (
            """
            - parallel: both
              branches:
                - {name: a, steps: [{fill: one, who: [{role: manager}]}]}
                - {name: b, steps: [{fill: two, who: [{role: manager}]}, {end: stop, result: rejected}]}
            - {cc: told, who: [{role: manager}]}
            """,
            ["WF010"],
        ),
        # it is opened for some records only
        (
            """
            - parallel: both
              branches:
                - {name: a, steps: [{fill: one, who: [{role: manager}]}]}
                - {name: b, when: amount > 5, steps: [{fill: two, who: [{role: manager}]}, {end: stop, result: rejected}]}
            - {cc: told, who: [{role: manager}]}
            """,
            [],
        ),
        # whoever approved before approves again by himself
        (
            """
            - {approve: one, who: [{role: manager}]}
            - {approve: two, who: [{role: manager}], dedup: any_earlier}
            - branch: more
              cases: [{when: amount > 5, steps: [{goto: two}]}, {else: true, steps: []}]
            """,
            ["WF090"],
        ),
        # refused for want of people, which leads to a step that is skipped for want of people
        (
            """
            - {fill: one, who: [{role: manager}], empty: skip}
            - {approve: two, who: [{role: manager}], empty: reject, reject: {to: one}}
            """,
            ["WF090"],
        ),
    ],
)  # fmt: skip
def test_ways_are_followed_to_their_end(steps: str, codes: list[str]) -> None:
    if not codes:
        build(steps)
        return
    assert [problem.code for problem in problems_of(steps)] == codes


DEAL = """
    form: crm.deal
    label: Deal
    fields: {name: text, stage: stage}
    access: {manager: always}
"""
STAGES = """
    pipeline: crm.deal_stages
    of: crm.deal.stage
    stages:
      draft: {label: Draft}
      sent: {label: Sent, effects: [{start: crm.review}]}
    ends:
      won: {label: Won, outcome: won}
"""


def test_a_workflow_and_a_stage_that_start_each_other_are_a_circle() -> None:
    workflow = """
        workflow: crm.review
        of: crm.deal
        admin: [{role: manager}]
        start: {who: [{role: sales}]}
        steps:
          - {approve: check, who: [{role: manager}]}
        outcomes: {approved: {effects: [{set: {stage: sent}}]}}
    """
    with pytest.raises(ProblemsFound) as found:
        build_test_catalog({
            "forms/crm/deal.yaml": DEAL,
            "workflows/crm/deal_stages.yaml": STAGES,
            "workflows/crm/review.yaml": workflow,
        })  # fmt: skip
    (problem,) = found.value.problems
    assert problem.code == "WF091"
    assert "crm.review → crm.deal.stage = sent → crm.review" in problem.message("en")
