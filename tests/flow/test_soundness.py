"""Workflows that could not work are refused when they are read: the code, and the line that is to blame (`# here`)."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence

import pytest

from engine.catalog.catalog import Catalog
from engine.problems import Problem, ProblemsFound
from tests.flow.random_definitions import play, read_all
from tests.sites import build_test_catalog

FORM = """
    form: crm.task
    label: {en: Task, zh: 任务}
    fields:
      name: text
      amount: {type: money, label: {en: Amount, zh: 金额}}
      kind: {type: choice, label: {en: Kind, zh: 类别}, choices: {plain: {en: Plain, zh: 普通}, urgent: {en: Urgent, zh: 紧急}}}
      unit: department
      note: text
      title: {type: text, required: true}
    access: {manager: always}
"""
HEAD = """\
workflow: crm.review
of: crm.task
admin: [{role: manager}]
start: {who: [{role: sales}], edit: [name, amount]}
steps:
"""


def build(steps: str, head: str = HEAD) -> Catalog:
    """The catalog of a company with this workflow."""
    text = head + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ") + "\n"
    return build_test_catalog({"forms/crm/task.yaml": FORM, "workflows/crm/review.yaml": text})


def problems_of(steps: str, head: str = HEAD) -> Sequence[Problem]:
    """Why it is refused."""
    with pytest.raises(ProblemsFound) as found:
        build(steps, head)
    return [problem for problem in found.value.problems if not problem.warning]


FAULTS = {
    "T96 a step that does nothing": ("WF001", """
        - {label: Something, who: [{role: manager}]}  # here
    """),
    "T97 a name that stands twice": ("WF003", """
        - {approve: check, who: [{role: manager}]}
        - branch: size
          cases:
            - {when: amount > 5, steps: [{fill: check, who: [{role: sales}]}]}  # here
            - {else: true, steps: []}
    """),
    "T98 a step behind an end": ("WF010", """
        - {approve: check, who: [{role: manager}]}
        - {end: stop, result: approved}
        - {cc: told, who: [{role: sales}]}  # here
    """),
    "T99 a record that no case takes": ("WF020", """
        - branch: size  # here
          cases:
            - {when: amount <= 50000, steps: [{approve: small, who: [{role: sales}]}]}
            - {when: amount > 80000, steps: [{approve: large, who: [{role: manager}]}]}
    """),
    "T100 a case behind the one for everything else": ("WF021", """
        - branch: size
          cases:
            - {else: true, steps: []}  # here
            - {name: last, else: true, steps: [{approve: check, who: [{role: manager}]}]}
    """),
    "T101 a case that the earlier ones leave nothing to": ("WF022", """
        - branch: size
          cases:
            - {name: small, when: amount < 500, steps: [{approve: one, who: [{role: sales}]}]}
            - {name: rest, when: amount >= 500, steps: [{approve: two, who: [{role: manager}]}]}
            - name: never  # here
              when: amount > 300 and kind = "urgent"
              steps: [{approve: three, who: [{role: manager}]}]
            - {else: true, steps: []}
    """),
    "T102 a parallel without a branch to open": ("WF031", """
        - parallel: both  # here
          branches:
            - {name: one, when: amount > 5, steps: [{approve: check, who: [{role: manager}]}]}
            - {name: two, when: amount > 9, steps: [{approve: count, who: [{role: finance}]}]}
    """),
    "T103 two branches write the same field": ("WF032", """
        - parallel: both  # here
          branches:
            - {name: one, steps: [{approve: check, who: [{role: manager}], edit: [note]}]}
            - {name: two, steps: [{approve: count, who: [{role: finance}], edit: [note]}]}
    """),
    "T104 a share that is none": ("WF041", """
        - approve: check
          who: [{role: manager}]
          mode: vote
          pass: most of them  # here
    """),
    "T105 required, but not to be edited": ("WF051", """
        - approve: check
          who: [{role: manager}]
          require: [note]  # here
    """),
    "T106 a record that every return makes again": ("WF054", """
        - approve: check
          who: [{role: manager}]
        - auto: follow
          effects:
            - {create: crm.task, set: {title: Next}}  # here
    """),
    "T107 a role that nobody can have": ("WF060", """
        - {approve: check, who: [{role: manger}]}  # here
    """),
    "T108 superiors all at once": ("WF063", """
        - {approve: check, who: [{superiors: initiator, until: {level: 3}}]}  # here
    """),
    "T109 the handler of a step that need not come": ("WF065", """
        - branch: size
          cases:
            - {when: amount > 5, steps: [{approve: check, who: [{role: manager}]}]}
            - {else: true, steps: []}
        - {approve: again, who: [{handler: check}]}  # here
    """),
    "T110 approved by itself, but asked for something": ("WF070", """
        - approve: check
          who: [{role: manager}]
          signature: true
          due: {after: 1 workday}
          escalate:
            - {at: 1 workday, do: approve}  # here
    """),
    "T111 a return to a step that comes later": ("WF084", """
        - {approve: check, who: [{role: manager}], return: [sign]}  # here
        - {approve: sign, who: [{role: manager}]}
    """),
    "T112 a return into a case that was not taken": ("WF083", """
        - branch: size
          cases:
            - {when: amount > 5, steps: [{approve: check, who: [{role: manager}]}]}
            - {else: true, steps: [{approve: count, who: [{role: finance}], return: [check]}]}  # here
    """),
    "T113 a loop that goes round by itself": ("WF090", """
        - {approve: check, who: [{role: manager}]}
        - {fill: mark, who: [{role: finance}], empty: skip}
        - branch: again
          cases:
            - {when: amount > 5, steps: [{goto: mark}]}  # here
            - {else: true, steps: []}
    """),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_t96_to_t113_seeded_faults_are_refused(name: str) -> None:
    code, steps = FAULTS[name]
    found = problems_of(steps)
    assert [problem.code for problem in found] == [code]
    assert found[0].at is not None
    line = HEAD.count("\n") + 1 + textwrap.dedent(steps).strip("\n").split("# here")[0].count("\n")
    assert (found[0].at.file, found[0].at.line) == ("workflows/crm/review.yaml", line)


def test_t36_return_live_sibling_refused() -> None:
    (problem,) = problems_of("""
        - parallel: both
          branches:
            - {name: one, steps: [{approve: check, who: [{role: manager}]}]}
            - {name: two, steps: [{approve: count, who: [{role: finance}], return: [check]}]}
    """)
    assert problem.code == "WF082"


def test_t114_random_definitions_that_are_accepted_never_stick() -> None:
    found = read_all(range(80))
    assert len(found.workflows) > 40
    for workflow in found.workflows.values():
        chance = random.Random(workflow.id)  # noqa: S311 - a seeded game, no secret
        for _ in range(4):
            play(workflow, chance)
