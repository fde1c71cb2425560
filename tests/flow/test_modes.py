"""How several people decide one step."""

from __future__ import annotations

import pytest

from tests.flow.conftest import OpenOffice

TWO = "[{user: cai1}, {user: cai2}]"
THREE = "[{user: cai1}, {user: cai2}, {user: fa}]"


def step(who: str, more: str) -> str:
    return f"- {{approve: check, who: {who}, {more}}}\n- {{fill: next, who: [{{user: wang}}]}}"


def states(office: object) -> list[str]:
    return [task.state for task in office.tasks() if task.step == "check"]  # type: ignore[attr-defined]


def test_t09_any_first_reject(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: any"))
    office.start("zhang")
    office.reject("cai1")
    assert office.stored().state == "rejected"
    assert states(office) == ["done", "superseded"]


def test_t10_any_all_reject(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: any, reject_rule: all"))
    office.start("zhang")
    office.reject("cai1")
    assert office.waiting() == [("check", "cai2")]
    office.reject("cai2")
    assert office.stored().state == "rejected"


def test_t11_all_waits(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: all"))
    office.start("zhang")
    office.approve("cai1")
    assert office.waiting() == [("check", "cai2")]
    office.approve("cai2")
    assert office.waiting() == [("next", "wang")]


def test_t12_all_veto(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: all"))
    office.start("zhang")
    office.reject("cai2")
    assert office.stored().state == "rejected"
    assert states(office) == ["superseded", "done"]


def test_t13_all_no_veto(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: all, veto: false"))
    office.start("zhang")
    office.reject("cai1")
    assert office.waiting() == [("check", "cai2")]
    office.approve("cai2")
    assert office.stored().state == "rejected"


def test_t15_sequence_reject(office_with: OpenOffice) -> None:
    office = office_with(step("[{superiors: initiator, until: {level: 2}}]", "mode: sequence"))
    office.start("zhang")
    office.reject("li")
    assert office.stored().state == "rejected"
    assert states(office) == ["done", "superseded"]


def test_t16_vote_pass_early(office_with: OpenOffice) -> None:
    office = office_with(step(THREE, 'mode: vote, pass: ">1/2", veto: false'))
    office.start("zhang")
    office.approve("cai1")
    office.approve("fa")
    assert office.waiting() == [("next", "wang")]
    assert states(office) == ["done", "superseded", "done"]


def test_t17_vote_fail_early(office_with: OpenOffice) -> None:
    office = office_with(step(THREE, "mode: vote, pass: 2/3, veto: false"))
    office.start("zhang")
    office.reject("cai1")
    assert office.stored().state == "running"
    office.reject("fa")
    assert office.stored().state == "rejected"


@pytest.mark.parametrize(("share", "state"), [('">1/2"', "rejected"), ("1/2", "running")])
def test_t18_vote_tie(office_with: OpenOffice, share: str, state: str) -> None:
    office = office_with(step(TWO, f"mode: vote, pass: {share}, veto: false"))
    office.start("zhang")
    office.reject("cai2")
    if office.stored().state == "running":
        office.approve("cai1")
    assert office.stored().state == state


def test_t19_vote_abstain(office_with: OpenOffice) -> None:
    office = office_with(step(THREE, 'mode: vote, pass: ">1/2", veto: false, abstain: true'))
    office.start("zhang")
    office.say("fa", "abstain")
    office.approve("cai1")
    assert office.waiting() == [("check", "cai2")]
    office.reject("cai2")
    assert office.stored().state == "rejected"


def test_t20_vote_weights(office_with: OpenOffice) -> None:
    who = "[{user: wang, weight: 3}, {user: cai1}, {user: cai2}]"
    office = office_with(step(who, 'mode: vote, pass: ">1/2", veto: false'))
    office.start("zhang")
    office.approve("wang")
    assert states(office) == ["done", "superseded", "superseded"]


def test_everybody_abstains(office_with: OpenOffice) -> None:
    office = office_with(step(TWO, "mode: all, abstain: true, empty: {user: li}"))
    office.start("zhang")
    office.say("cai1", "abstain")
    office.say("cai2", "abstain")
    assert office.waiting() == [("check", "li")]
