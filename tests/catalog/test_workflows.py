"""Workflows as the catalog holds them: steps of every kind, people, effects, overlays by the name of a step."""

from __future__ import annotations

from fractions import Fraction

import pytest

from engine.catalog.workflows import Duration, Workflow
from engine.problems import ProblemsFound
from tests.sites import build_test_catalog

ORDER = """
    form: crm.order
    label: {en: Order, zh: 订单}
    owner: seller
    fields:
      name: {type: text, required: true}
      seller: user
      unit: department
      kind: {type: choice, choices: [plain, special]}
      amount: money
      status: text
      opinion: text
      parent: {type: link, to: crm.order}
      lines: {type: lines, fields: {item: text, price: money, of: {type: link, to: crm.order}}}
    access: {sales: {see: own, create: true, change: own}}
"""
REVIEW = """
    workflow: crm.order_review
    label: {en: Review, zh: 审批}
    of: crm.order
    title: "{name} {amount}"
    admin: [{role: boss}]
    revoke: anytime
    defaults: {self: skip, opinion: {reject: required}}
    start:
      who: [{role: sales}]
      edit: [name, amount, lines]
      require: [name]
      check: {"SUM(lines.price) = amount": 金额不符}
      effects: [{set: {status: asked}}]
    steps:
      - approve: head
        who: [{department_head: unit, up: 1}, {superior: initiator}]
        reject: {to: start}
        return: [start]
        due: {after: 2 workdays}
        escalate: [{at: -4 hours, do: remind}, {at: 1 day, do: transfer, to: [{superior: assignee}]}]
      - branch: size
        cases:
          - name: big
            when: "amount >= 1000"
            steps:
              - approve: vote
                who: [{role: boss, weight: 2}, {field: parent.seller}]
                mode: vote
                pass: ">1/2"
                edit: [opinion]
                require: [opinion]
          - else: true
            steps: []
      - parallel: both
        branches:
          - {name: a, steps: [{fill: one, who: [initiator], edit: [lines.price]}]}
          - {name: b, when: "kind = 'special'", steps: [{cc: tell, who: [{role: sales, within: unit}]}]}
      - auto: finish
        effects:
          - set: {status: "=\\"done \\" & flow.round"}
          - update: lines.of
            for_each: lines
            set: {amount: "=row.price + N0(target.amount)"}
          - create: crm.order
            key: [name]
            for_each: lines
            set: {name: "=row.item & name", seller: "=flow.initiator"}
          - notify: {to: [{field: seller}], text: "{name} 已通过"}
"""
FILES = {
    "forms/crm/order.yaml": ORDER,
    "workflows/crm/order_review.yaml": REVIEW,
    "forms/crm/app.yaml": """
    app: crm
    label: CRM
    roles: {sales: Sales, boss: Boss, legal: Legal}
""",
}


def review(**more: str) -> Workflow:
    return build_test_catalog({**FILES, **more}).workflows["crm.order_review"]


def codes(text: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        review(**{"workflows/crm/order_review.yaml": text})
    return [problem.code for problem in found.value.problems]


def test_every_step_is_read() -> None:
    workflow = review()
    names = [(step.name, step.kind) for step in workflow.all_steps()]
    assert names == [
        ("head", "approve"), ("size", "branch"), ("vote", "approve"), ("both", "parallel"), ("one", "fill"),
        ("tell", "cc"), ("finish", "auto"),
    ]  # fmt: skip
    head = workflow.step("head")
    assert (head.reject_to, head.policies.returns, head.policies.self_approval) == ("start", ("start",), "skip")
    assert head.policies.due is not None
    assert head.policies.due.after == Duration(2, "workday")
    assert head.policies.opinion == {"reject": "required"}
    assert [who.kind for who in head.who] == ["department_head", "superior"]
    assert (workflow.step("vote").passes.share, workflow.step("vote").passes.strict) == (Fraction(1, 2), True)
    assert [each.name for each in workflow.step("size").lists] == ["big", "else"]


def test_a_form_with_a_workflow_has_a_state() -> None:
    catalog = build_test_catalog(FILES)
    state = catalog.forms["crm.order"].fields["state"]
    assert [choice.id for choice in state.choices][:2] == ["draft", "running"]
    assert state.read_only is not None


def test_an_overlay_reaches_steps_by_name_however_deep() -> None:
    overlay = """
        overlay: crm.order_review
        steps:
          vote: {pass: 2/3, veto: false}
          legal: {kind: approve, who: [{role: legal}], after: vote}
          early: {kind: approve, who: [{role: legal}], before: head}
          last: {kind: approve, who: [{role: legal}], into: a}
          tell: remove
          size: {cases: {big: {when: "amount >= 5000"}}}
    """
    workflow = review(**{"workflows/companies/acme/crm/order_review.yaml": overlay})
    assert [step.name for step in workflow.steps] == ["early", "head", "size", "both", "finish"]
    assert [step.name for step in workflow.step("size").lists[0].steps] == ["vote", "legal"]
    assert [step.name for step in workflow.step("both").lists[0].steps] == ["one", "last"]
    assert workflow.step("both").lists[1].steps == ()
    assert workflow.step("vote").passes.share == Fraction(2, 3)
    when = workflow.step("size").lists[0].when
    assert when is not None
    assert when.text == "amount >= 5000"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("who: [{role: boss, weight: 2}", "who: [{role: bos, weight: 2}", "WF060"),
        ("edit: [opinion]", "edit: [opinio]", "WF050"),
        ("require: [opinion]", "require: [amount]", "WF051"),
        ("approve: vote", "approve: head", "WF003"),
        ("pass: \">1/2\"", "pass: half", "WF041"),
        ("due: {after: 2 workdays}", "due: {after: soon}", "WF072"),
        ("{field: parent.seller}", "{field: name}", "WF062"),
        ("            key: [name]\n", "", "WF054"),
        ("update: lines.of", "update: lines.item", "WF053"),
        ("amount >= 1000", "amout >= 1000", "FX010"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(old: str, new: str, code: str) -> None:
    assert old in REVIEW
    assert code in codes(REVIEW.replace(old, new))
