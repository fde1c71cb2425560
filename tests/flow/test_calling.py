"""Approvals that call others for the records they lead to, wait for them, and go on as they end."""

from __future__ import annotations

from functools import partial

import pytest

from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.commands import pass_step, resume, revoke, start_workflow, suspend, terminate
from engine.services.jobs import build_worker
from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, Office, refused, refused_definition
from tests.flow.storm import Storm

PART = """
    form: crm.part
    label: {en: Part, zh: 部分}
    title: "{name}"
    fields:
      name: text
      contract: {type: link, to: crm.contract, inverse: {name: pieces}}
      price: money
      limit: money
      status: {type: choice, choices: [new, asked, done, refused, stopped], default: new}
    access:
      sales: {see: always, create: true, change: always}
      manager: {see: always, create: true, change: always}
"""
PART_REVIEW = """
    workflow: crm.part_review
    of: crm.part
    admin: [{role: flow_admin}]
    revoke: anytime
    start: {who: [{role: legal}], effects: [{set: {status: asked}}]}
    steps:
      - {fill: offer, who: [{user: fa}], edit: [price], return: []}
      - {approve: agree, who: [{user: li}]}
    outcomes:
      approved: {effects: [{set: {status: done}}]}
      rejected: {effects: [{set: {status: refused}}]}
      terminated: {effects: [{set: {status: stopped}}]}
"""
STEPS = """
- {fill: prepare, who: [{user: cai1}], edit: [margin]}
- call: ask
  workflow: crm.part_review
  for: pieces
  in: {limit: "=amount"}
  out: {amount: "=price"}
- {approve: last, who: [{user: wang}], return: [prepare, start]}
"""


class Called:
    """An office whose contract has parts, and the approvals of these parts."""

    def __init__(self, open_office: OpenOffice, steps: str, parts: int = 2, head: str = HEAD) -> None:
        self.office = office = open_office(
            steps, head=head, forms__crm__part=PART, workflows__crm__part_review=PART_REVIEW
        )
        office.start("zhang", amount="10")
        self.parent = office.instance
        self.parts = [self.part(f"p{number}") for number in range(parts)]
        office.submit("cai1")

    def part(self, name: str) -> int:
        """A part of the contract."""
        values = {"name": name, "contract": {"id": self.office.record}}
        return records.save_record(self.office.world.company, SYSTEM, "crm.part", None, values).id or 0

    def work(self) -> None:
        """Let the worker work."""
        build_worker(self.office.world.site, only="acme").run_due()

    def end(self, number: int, price: str = "1", *, agrees: bool = True) -> None:
        """Let the approval of a part come to its end."""
        office = self.child(number)
        office.submit("fa", price=price)
        (office.approve if agrees else office.reject)("li")
        self.work()

    def child(self, number: int) -> Office:
        """The approval of a part."""
        return Office(self.office.world, self.parts[number], self.parent + 1 + number)

    def states(self) -> list[object]:
        """The business states of the parts."""
        company = self.office.world.company
        found = [records.fetch_record(company, SYSTEM, "crm.part", each).values["status"] for each in self.parts]
        return [str(each) for each in found]


def test_t45_return_past_call_refused(office_with: OpenOffice) -> None:
    """Everybody called has ended: it goes on, with what was brought back; nobody returns past what was agreed."""
    called = Called(office_with, STEPS)
    assert (called.office.waiting(), called.states()) == ([], ["asked", "asked"])
    assert called.child(0).stored().initiator == called.office.person("zhang")
    values = records.fetch_record(called.office.world.company, SYSTEM, "crm.part", called.parts[0]).values
    assert str(values["limit"]) == "10.00"
    called.end(0, "7")
    assert called.office.waiting() == []
    called.end(1, "8")
    assert (called.office.waiting(), called.states()) == ([("last", "wang")], ["done", "done"])
    assert str(called.office.values()["amount"]) == "8.00"
    for target in ("prepare", "start"):
        assert refused(lambda to=target: called.office.back("wang", to)) == ["A110"]  # type: ignore[misc]
    called.office.approve("wang")
    assert called.office.stored().state == "approved"


def test_a_repeatable_call_is_called_again_after_a_return(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS.replace("for: pieces", "for: pieces\n  repeatable: true"), parts=1)
    called.end(0)
    called.office.back("wang", "prepare")
    called.office.submit("cai1")
    assert (called.office.waiting(), called.states()) == ([], ["asked"])
    called.parent += 1
    called.end(0)
    assert called.office.waiting() == [("last", "wang")]


@pytest.mark.parametrize(("reject", "waiting"), [("continue", []), ("reject", []), ("return", [("prepare", "cai1")])])
def test_a_refusal_of_what_was_called(office_with: OpenOffice, reject: str, waiting: list[tuple[str, str]]) -> None:
    called = Called(office_with, STEPS.replace("for: pieces", f"for: pieces\n  reject: {reject}"))
    called.end(0, agrees=False)
    assert called.office.waiting() == waiting
    if reject == "continue":
        assert called.states() == ["refused", "asked"]
        called.end(1)
        assert called.office.waiting() == [("last", "wang")]
        return
    assert called.states() == ["refused", "stopped"]  # the other one is not needed any more
    assert called.office.stored().state == ("rejected" if reject == "reject" else "running")


def test_the_first_of_any_is_enough_and_nobody_waits_for_none(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS.replace("for: pieces", "for: pieces\n  wait: any"))
    called.end(1, "5")
    assert (called.office.waiting(), called.states()) == ([("last", "wang")], ["stopped", "done"])
    assert str(called.office.values()["amount"]) == "5.00"


def test_nobody_waits_for_none_and_nothing_to_call_is_passed(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS.replace("for: pieces", "for: pieces\n  wait: none"))
    assert (called.office.waiting(), called.states()) == ([("last", "wang")], ["asked", "asked"])
    called.office.approve("wang")
    called.end(0)
    assert called.states() == ["done", "asked"]


def test_all_that_was_called_ends_at_the_same_moment(office_with: OpenOffice) -> None:
    """Whoever of two workers looks first: it goes on once."""
    called = Called(office_with, STEPS, parts=4)
    for number in range(4):
        called.child(number).submit("fa", price="1")
    storm = Storm(called.office, [])
    agree = [partial(called.child(number).approve, "li") for number in range(4)]
    assert storm.at_once(agree) == [""] * 4
    assert storm.at_once([called.work, called.work]) == ["", ""]
    called.work()
    assert called.office.waiting() == [("last", "wang")]
    assert len([task for task in called.office.tasks() if task.step == "last"]) == 1


def test_ending_it_ends_what_it_called(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS, head=HEAD + "    revoke: anytime\n")
    called.office.do(terminate, "guan")
    assert (called.states(), called.child(0).tasks("pending")) == (["stopped", "stopped"], [])
    called.work()
    assert called.office.stored().state == "terminated"


def test_what_was_called_ends_while_it_is_suspended(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS, parts=1)
    called.office.do(suspend, "guan")
    called.end(0)
    assert called.office.waiting() == []
    called.office.do(resume, "guan")
    called.work()
    assert called.office.waiting() == [("last", "wang")]


def test_a_call_is_passed_by_hand_or_withdrawn_with_it(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS, head=HEAD + "    revoke: anytime\n")
    called.child(0).do(revoke, "zhang")
    called.work()
    assert called.office.waiting() == []
    called.office.do(pass_step, "guan", "ask")
    assert (called.office.waiting(), called.states()) == ([("last", "wang")], ["asked", "stopped"])
    called.office.do(revoke, "zhang")
    assert called.office.stored().state == "revoked"


def test_more_than_the_most_is_refused(office_with: OpenOffice) -> None:
    assert refused(lambda: Called(office_with, STEPS.replace("for: pieces", "for: pieces\n  max: 1"))) == ["A174"]


def test_what_cannot_be_called_is_named_and_nothing_is_kept(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS)
    called.office.do(terminate, "guan")
    busy = start_workflow(called.office.world.company, SYSTEM, "crm.part_review", called.parts[1])
    called.office.start("zhang", record=called.office.record)
    with pytest.raises(ProblemsFound) as found:
        called.office.submit("cai1")
    (problem,) = found.value.problems
    assert (problem.code, problem.values["title"]) == ("A175", "p1")
    assert (called.office.waiting(), called.states(), busy > 0) == ([("prepare", "cai1")], ["stopped", "asked"], True)


def test_approvals_call_each_other_five_deep(office_with: OpenOffice) -> None:
    """A workflow may call itself for the record above; the sixth is refused, and everything with it."""
    steps = "- {call: above, workflow: crm.review, for: parent}\n- {approve: check, who: [{user: cai1}]}"
    office = office_with(steps)
    above: dict[str, object] = {}
    for _ in range(6):
        values = {"name": "C", "seller": {"id": office.person("zhang")}, **above}
        found = records.save_record(office.world.company, SYSTEM, "crm.contract", None, values)
        above = {"parent": {"id": found.id}}
    assert refused(lambda: office.start("zhang", **above)) == ["A175"]
    office.start("zhang", record=found.id)
    office.instance += 5
    office.approve("cai1")
    for _ in range(5):
        build_worker(office.world.site, only="acme").run_due()
        office.instance -= 1
        office.approve("cai1")
    assert office.stored().state == "approved"


def test_a_call_that_leads_elsewhere_is_refused() -> None:
    assert refused_definition("- {call: a, workflow: crm.review, for: seller}") == ["WF053"]
    assert refused_definition("- {call: a, workflow: crm.review}") == ["WF095"]
