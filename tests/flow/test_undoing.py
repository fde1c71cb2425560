"""Withdrawing an approval, and taking back a decision."""

from __future__ import annotations

from engine.services.flow.commands import add_signer, draft_of_task, revoke, save_draft, take_back
from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, refused

STEPS = """
- {approve: head, who: [{user: li}], allow: [takeback, save, transfer, return]}
- {approve: finance, who: [{role: finance}], return: [start], allow: [takeback, save, addsign_before, return]}
- {fill: close, who: [{user: wang}]}
"""
REVOKED = "    outcomes: {revoked: {effects: [{set: {status: draft}}]}}\n"
STARTED = HEAD.replace("edit: [name", "effects: [{set: {status: asked}}], edit: [name")
BEFORE = STARTED + REVOKED + "    revoke: before_first_decision\n"


def test_t47_revoke_ok(office_with: OpenOffice) -> None:
    office = office_with(STEPS, head=BEFORE)
    office.start("zhang")
    assert office.do(revoke, "zhang", opinion="a mistake").state == "revoked"
    assert (office.values()["status"], office.values()["state"]) == ("draft", "revoked")
    assert [task.state for task in office.tasks()] == ["cancelled"]
    office.start("zhang", record=office.record)


def test_t48_revoke_late(office_with: OpenOffice) -> None:
    office = office_with(STEPS, head=BEFORE)
    office.start("zhang")
    office.approve("li")
    assert refused(lambda: office.do(revoke, "zhang")) == ["A113"]
    office.back("cai1")
    office.do(revoke, "zhang")
    assert office.stored().state == "revoked"


def test_t49_revoke_anytime(office_with: OpenOffice) -> None:
    office = office_with(STEPS, head=STARTED + "    revoke: anytime\n")
    office.start("zhang")
    office.approve("li")
    assert refused(lambda: office.do(revoke, "li")) == ["A104"]
    office.do(revoke, "zhang")
    assert office.stored().state == "revoked"
    assert refused(lambda: office.do(revoke, "zhang")) == ["A101"]


def test_revoking_is_never_possible_unless_the_workflow_says_so(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    assert refused(lambda: office.do(revoke, "zhang")) == ["A137"]
    assert refused(lambda: office.do(revoke, "fa")) == ["A104"]


def test_t50_takeback_ok(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    mine = office.task("li")
    office.approve("li", opinion="fine")
    office.do_at(take_back, "li", task=mine.id)
    assert office.waiting() == [("head", "li")]
    task = office.task("li")
    assert (task.id, task.decision, draft_of_task(task).opinion) == (mine.id, None, "fine")
    assert [each.state for each in office.tasks() if each.step == "finance"] == ["cancelled", "cancelled"]
    office.approve("li")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2")]
    office.approve("cai2")
    assert office.waiting() == [("close", "wang")]


def test_taking_back_brings_back_who_was_not_needed_any_more(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    office.approve("li")
    mine = office.task("cai1")
    office.back("cai1")
    office.do_at(take_back, "cai1", task=mine.id)
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2")]
    assert office.stored().marking["round"] == 1
    office.approve("cai2")
    assert office.waiting() == [("close", "wang")]


def test_t51_takeback_after_read_draft(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    mine = office.task("li")
    office.approve("li")
    office.do_at(save_draft, "cai1", {}, opinion="I wonder")
    assert refused(lambda: office.do_at(take_back, "li", task=mine.id)) == ["A114"]


def test_what_others_have_begun_is_not_taken_back(office_with: OpenOffice) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    mine = office.task("li")
    office.approve("li")
    assert refused(lambda: office.do_at(take_back, "cai1", task=mine.id)) == ["A104"]
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    assert refused(lambda: office.do_at(take_back, "li", task=mine.id)) == ["A114"]
    office.approve("fa")
    theirs = office.task("cai1")
    office.approve("cai1")
    assert refused(lambda: office.do_at(take_back, "li", task=mine.id)) == ["A114"]
    office.do_at(take_back, "cai1", task=theirs.id)
    assert ("finance", "cai1") in office.waiting()


def test_a_decision_is_not_taken_back_where_the_step_or_the_engine_says_no(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: head, who: [{user: li}], allow: [takeback]}
        - {auto: mark, effects: [{set: {status: asked}}]}
        - {approve: finance, who: [{user: cai1}]}
        - {approve: manager, who: [{user: wang}]}
    """)
    office.start("zhang")
    head = office.task("li")
    office.approve("li")
    assert refused(lambda: office.do_at(take_back, "li", task=head.id)) == ["A114"]
    finance = office.task("cai1")
    office.approve("cai1")
    assert refused(lambda: office.do_at(take_back, "cai1", task=finance.id)) == ["A126"]
