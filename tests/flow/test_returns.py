"""Returns and rejections: where they lead, what they cancel, what stays."""

from __future__ import annotations

from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, refused

REVIEW = """
- parallel: review
  branches:
    - {name: business, steps: [{approve: head, who: [{user: li}], return: [start]}]}
    - {name: money, steps: [{approve: finance, who: [{user: cai1}], return: [start], resume: choose}]}
- approve: manager
  who: [{user: wang}]
  return: [start, finance]
"""
ROUTE = """
- branch: size
  cases:
    - name: big
      when: "amount >= 100000"
      steps: [{approve: big_check, who: [{user: wang}], return: [start], resume: direct}]
    - {else: true, steps: []}
- {approve: legal, who: [{user: fa}], return: any}
"""


def test_t34_return_into_finished_parallel(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang")
    office.approve("li")
    office.approve("cai1")
    office.back("wang", "finance")
    assert office.waiting() == [("finance", "cai1")]
    office.approve("cai1")
    assert office.waiting() == [("manager", "wang")]


def test_t35_return_cancels_siblings(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang")
    office.back("li")
    assert office.waiting() == [("start", "zhang")]
    assert [task.state for task in office.tasks() if task.step == "finance"] == ["cancelled"]


def test_t37_return_unvisited(office_with: OpenOffice) -> None:
    office = office_with(ROUTE)
    office.start("zhang", amount="5")
    assert refused(lambda: office.back("fa", "big_check")) == ["A110"]
    assert refused(lambda: office.back("fa", "nowhere")) == ["A110"]
    office.back("fa", "start")
    assert office.waiting() == [("start", "zhang")]


def test_t38_resume_direct(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: head, who: [{user: li}]}
        - {approve: finance, who: [{user: cai1}], return: [start], resume: direct}
    """)
    office.start("zhang")
    office.approve("li")
    office.back("cai1")
    office.submit("zhang")
    assert office.waiting() == [("finance", "cai1")]


def test_t39_resume_direct_restores_siblings(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang")
    office.back("cai1", resume="direct")
    office.submit("zhang")
    assert office.waiting() == [("finance", "cai1"), ("head", "li")]


def test_after_a_direct_return_everybody_is_asked_again_with_no_votes(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: head, who: [{user: li}]}
        - {approve: finance, who: [{user: cai1}, {user: cai2}, {user: fa}], mode: all, return: [start], resume: direct}
    """)
    office.start("zhang")
    office.approve("li")
    office.approve("fa")
    office.back("cai1")
    office.submit("zhang")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2"), ("finance", "fa")]
    for who in ("cai1", "cai2", "fa"):
        office.approve(who)
    assert office.stored().state == "approved"


def test_t40_resume_guard_drift(office_with: OpenOffice) -> None:
    office = office_with(ROUTE)
    office.start("zhang", amount="600000")
    office.back("wang")
    office.submit("zhang", amount="50000")
    assert office.waiting() == [("legal", "fa")]
    assert "guard_drift" in office.log()


def test_t41_rerun_reevaluates(office_with: OpenOffice) -> None:
    office = office_with(ROUTE)
    office.start("zhang", amount="600000")
    office.approve("wang")
    office.back("fa")
    office.submit("zhang", amount="50000")
    assert office.waiting() == [("legal", "fa")]


def test_t42_max_rounds(office_with: OpenOffice) -> None:
    office = office_with(ROUTE, head=HEAD + "    max_rounds: 3\n")
    office.start("zhang", amount="5")
    for _ in range(2):
        office.back("fa")
        office.submit("zhang")
    assert refused(lambda: office.back("fa")) == ["A111"]


def test_t43_return_effects_kept(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: head, who: [{user: li}]}
        - {auto: mark, effects: [{set: {status: asked, done_count: "=flow.round"}}]}
        - {approve: finance, who: [{user: cai1}], return: [head]}
    """)
    office.start("zhang")
    office.approve("li")
    office.back("cai1", "head")
    assert (office.values()["status"], office.values()["done_count"]) == ("asked", 1)
    office.approve("li")
    assert office.values()["done_count"] == 2


def test_t46_reject_end(office_with: OpenOffice) -> None:
    head = HEAD + "    outcomes: {rejected: {effects: [{set: {status: refused}}]}}\n"
    office = office_with(REVIEW, head=head)
    office.start("zhang")
    office.reject("li")
    assert office.stored().state == "rejected"
    assert (office.values()["status"], office.values()["state"]) == ("refused", "rejected")
    assert office.tasks("pending", "waiting") == []


def test_t74_guard_null(office_with: OpenOffice) -> None:
    office = office_with(ROUTE.replace("amount >= 100000", "margin < 0.15"))
    office.start("zhang")
    assert office.waiting() == [("legal", "fa")]


def test_t75_or_split_none(office_with: OpenOffice) -> None:
    """No branch is open: skipped where it says so, refused with everything where it says error."""
    steps = """
        - {approve: head, who: [{user: li}]}
        - parallel: experts
          none: skip
          branches:
            - {name: legal, when: "amount > 100", steps: [{approve: legal, who: [{user: fa}]}]}
            - {name: money, when: "margin > 0", steps: [{approve: finance, who: [{user: cai1}]}]}
        - {approve: last, who: [{user: wang}]}
    """
    office = office_with(steps)
    office.start("zhang", amount="5")
    office.approve("li")
    assert office.waiting() == [("last", "wang")]
    office.start("zhang", amount="500")
    office.approve("li")
    assert office.waiting() == [("legal", "fa")]
    office.approve("fa")
    assert office.waiting() == [("last", "wang")]


def test_a_parallel_without_open_branch_may_be_an_error(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: head, who: [{user: li}]}
        - parallel: experts
          none: error
          branches:
            - {name: legal, when: "amount > 100", steps: [{approve: legal, who: [{user: fa}]}]}
            - {name: money, when: "amount < 1", steps: [{approve: finance, who: [{user: cai1}]}]}
    """)
    office.start("zhang", amount="5")
    assert refused(lambda: office.approve("li")) == ["A122"]
    assert office.waiting() == [("head", "li")]


def test_t78_guard_uses_saved_edits(office_with: OpenOffice) -> None:
    office = office_with("- {fill: price, who: [{user: cai1}], edit: [amount]}\n" + ROUTE.strip("\n"))
    office.start("zhang", amount="5")
    office.submit("cai1", amount="200000")
    assert office.waiting() == [("big_check", "wang")]
