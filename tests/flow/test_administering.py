"""What administrators of a workflow do, and what people tell each other about an approval."""

from __future__ import annotations

import pytest

from engine.problems import Conflict
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.commands import (
    comment,
    copy_to,
    jump,
    mark_read,
    pass_step,
    reassign,
    resume,
    retry,
    suspend,
    terminate,
    urge,
)
from engine.services.notices import list_notifications
from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, Office, refused

STEPS = """
- parallel: review
  branches:
    - {name: business, steps: [{approve: head, who: [{user: li}], return: [start]}]}
    - {name: money, steps: [{approve: finance, who: [{role: finance}]}]}
- {approve: manager, who: [{user: wang}], return: any}
- {fill: close, who: [{user: fa}]}
"""


def told(office: Office, who: str) -> list[tuple[str, str]]:
    found = list_notifications(office.world.company, office.actors[who])
    return [(each.kind.removeprefix("flow_"), each.text) for each in reversed(found)]


def test_administrators_alone_administer(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    task = office.task("li").id
    for who in ("zhang", "li", "wang"):
        for command in (terminate, suspend, resume, retry):
            assert refused(lambda command=command, who=who: office.do(command, who)) == ["A138"]
        assert refused(lambda who=who: office.do(jump, who, "manager")) == ["A138"]
        assert refused(lambda who=who: office.do(pass_step, who, "head")) == ["A138"]
        assert refused(lambda who=who: office.do_at(reassign, who, office.person("fa"), task=task)) == ["A138"]
    assert refused(lambda: office.do(terminate, "fa")) == ["A138"]


def test_terminated_approvals_are_over(office_with: OpenOffice) -> None:
    head = HEAD + "    outcomes: {terminated: {effects: [{set: {status: refused}}]}}\n"
    office = office_with(STEPS, head=head)
    office.start("zhang")
    assert office.do(terminate, "guan", opinion="stop").state == "terminated"
    assert (office.values()["status"], office.values()["state"]) == ("refused", "terminated")
    assert office.tasks("pending", "waiting") == []
    assert refused(lambda: office.do(terminate, "guan")) == ["A101"]
    assert told(office, "zhang") == [("terminated", "")]


def test_administrators_jump_to_any_step(office_with: OpenOffice) -> None:
    office = office_with(STEPS, head=HEAD + "    max_rounds: 1\n")
    office.start("zhang")
    office.do(jump, "guan", "close", opinion="urgent")
    assert office.waiting() == [("close", "fa")]
    office.do(jump, "guan", "finance")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2")]
    office.approve("cai1")
    assert office.waiting() == [("manager", "wang")]
    office.do(jump, "guan", "start")
    assert office.waiting() == [("start", "zhang")]
    for nowhere in ("review", "nothing"):
        assert refused(lambda nowhere=nowhere: office.do(jump, "guan", nowhere)) == ["A110"]
    office.submit("zhang")
    assert refused(lambda: office.back("li")) == ["A111"]


def test_tasks_are_reassigned_also_while_the_approval_is_suspended(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    task = office.task("li").id
    office.do(suspend, "guan")
    assert refused(lambda: office.approve("li")) == ["A102"]
    office.do_at(reassign, "guan", office.person("fa"), task=task, opinion="is ill")
    assert refused(lambda: office.do_at(reassign, "guan", office.person("fa"), task=task)) == ["A103"]
    office.do(resume, "guan")
    office.approve("fa")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2")]
    mine = office.task("cai1").id
    assert refused(lambda: office.do_at(reassign, "guan", office.person("cai2"), task=mine)) == ["A116"]
    assert refused(lambda: office.do_at(reassign, "guan", 4711, task=mine)) == ["R114"]


def test_a_step_that_waits_may_be_taken_as_passed(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    office.do(pass_step, "guan", "finance", opinion="agreed by phone")
    assert office.waiting() == [("head", "li")]
    assert refused(lambda: office.do(pass_step, "guan", "finance")) == ["A126"]
    office.do(pass_step, "guan", "head")
    assert office.waiting() == [("manager", "wang")]


def test_incidents_wait_for_an_administrator(office_with: OpenOffice) -> None:
    office = office_with(
        "- {approve: check, who: [{role: legal}], empty: block}\n- {fill: next, who: [{user: wang}]}"
    )
    company = office.world.company
    records.save_record(company, SYSTEM, "people.person", office.person("fa"), {"active": False})
    office.start("zhang")
    assert office.stored().incident is not None
    office.do(retry, "guan")
    assert office.stored().incident is not None
    records.save_record(company, SYSTEM, "people.person", office.person("fa"), {"active": True})
    office.do(retry, "guan")
    assert (office.stored().incident, office.waiting()) == (None, [("check", "fa")])
    assert refused(lambda: office.do(retry, "guan")) == ["A151"]


def test_urging_is_done_once_an_hour(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    office.do(urge, "zhang", text="please")
    assert ("urge", "please") in told(office, "li")
    assert refused(lambda: office.do(urge, "zhang")) == ["A119"]
    assert refused(lambda: office.do(urge, "fa")) == ["A104"]
    office.world.clock.forward(hours=1)
    office.do(urge, "zhang", task_id=office.task("cai1").id)
    assert [kind for kind, _ in told(office, "cai1")].count("urge") == 2
    assert [kind for kind, _ in told(office, "li")].count("urge") == 1


def test_copies_are_read_and_let_their_readers_see_the_record(office_with: OpenOffice) -> None:
    office = office_with(STEPS.replace("{approve: manager,", "{cc: tell, who: [{user: guan}]}\n- {approve: manager,"))
    office.start("zhang")
    assert refused(lambda: office.do(mark_read, "guan")) == ["404"]
    office.do(copy_to, "zhang", [office.person("fa"), office.person("fa")], note="for you")
    office.do(copy_to, "li", [office.person("fa")])
    assert told(office, "fa") == [("copy", "for you")]
    assert office.log().count("copy") == 1
    office.approve("li")
    office.approve("cai1")
    assert [kind for kind, _ in told(office, "guan")] == ["copy"]
    office.do(mark_read, "guan")


def test_comments_reach_whom_they_are_meant_for(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    office.do(comment, "li", "what is it?", to=[office.person("zhang")])
    assert ("comment", "what is it?") in told(office, "zhang")
    office.do(comment, "zhang", "a contract")
    assert ("comment", "a contract") in told(office, "cai2")
    assert refused(lambda: office.do(comment, "zhang", "  ")) == ["A120"]
    assert refused(lambda: office.do(comment, "fa", "me too")) == ["A104"]


def test_people_are_told_of_tasks_returns_and_the_end(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    assert told(office, "li") == [("task", "")]
    assert told(office, "wang") == []
    office.back("li")
    assert told(office, "zhang") == [("returned", "")]
    office.submit("zhang")
    for who in ("li", "cai1", "wang"):
        office.approve(who)
    office.submit("fa")
    assert told(office, "zhang") == [("returned", ""), ("approved", "")]


def test_t06_unique_active(office_with: OpenOffice) -> None:
    office = office_with("- {approve: check, who: [{user: li}]}", head=HEAD + "    unique_active: [amount]\n")
    office.start("zhang", name="First", amount="5")
    first = office.instance
    with pytest.raises(Conflict, match="First"):
        office.start("zhang", name="Second", amount="5")
    office.start("zhang", name="Third", amount="6")
    office.instance = first
    office.approve("li")
    office.start("zhang", name="Second", amount="5")
    assert office.waiting() == [("check", "li")]


def test_t76_or_split_one(office_with: OpenOffice) -> None:
    office = office_with("""
        - parallel: split
          none: skip
          branches:
            - {name: big, when: "amount > 100", steps: [{approve: big, who: [{user: li}]}]}
            - {name: thin, when: "margin < 0.1", steps: [{approve: thin, who: [{user: cai1}]}]}
        - {fill: close, who: [{user: fa}]}
    """)
    office.start("zhang", amount="200", margin="0.5")
    assert office.waiting() == [("big", "li")]
    office.approve("li")
    assert office.waiting() == [("close", "fa")]
    office.start("zhang", amount="1", margin="0.5")
    assert office.waiting() == [("close", "fa")]


def test_t77_join_any(office_with: OpenOffice) -> None:
    office = office_with(STEPS.replace("- parallel: review\n", "- parallel: review\n  join: any\n"))
    office.start("zhang")
    theirs = office.task("li").id
    office.approve("cai1")
    assert office.waiting() == [("manager", "wang")]
    assert refused(lambda: office.do_at(reassign, "guan", office.person("fa"), task=theirs)) == ["A103"]
    assert len([task for task in office.tasks() if task.step == "manager"]) == 1


def test_t79_end_inside_parallel(office_with: OpenOffice) -> None:
    office = office_with("""
        - parallel: both
          branches:
            - name: one
              steps:
                - {approve: first, who: [{user: li}]}
                - branch: large
                  cases:
                    - {when: amount > 1000, steps: [{end: stop, result: rejected}]}
                    - {else: true, steps: []}
            - {name: two, steps: [{approve: other, who: [{user: cai1}]}]}
        - {fill: close, who: [{user: fa}]}
    """)
    office.start("zhang", amount=5000)
    office.approve("li")
    assert office.stored().state == "rejected"
    assert sorted((task.step, task.state) for task in office.tasks()) == [("first", "done"), ("other", "cancelled")]
