"""Time at approvals: due in work days, at dates of the record; what happens then, once, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.commands import retry, take_back, transfer
from engine.services.jobs import build_worker
from engine.services.notices import list_notifications
from engine.storage.flow_timers import fetch_timers
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

STEP = """
- approve: check
  who: [{role: finance}]
  mode: all
  due: {after: 2 hours}
"""
AUTO = "  escalate: [{at: 0, do: approve}]\n"


def pass_time(office: Office, **parts: int) -> None:
    """Let time pass, then the worker work."""
    office.world.clock.forward(**parts)
    build_worker(office.world.site, only="acme").run_due()


def timers(office: Office) -> list[str]:
    """The states of the instance's timers."""
    with office.world.company.reading(SYSTEM) as work:
        return [each.state for each in fetch_timers(work.uow, office.instance)]


def reminders(office: Office, who: str) -> int:
    """How often somebody was reminded."""
    told = list_notifications(office.world.company, office.actors[who])
    return sum(each.kind == "flow_urge" for each in told)


def test_t87_timer_workday(office_with: OpenOffice) -> None:
    office = office_with("- approve: check\n  who: [{role: legal}]\n  due: {after: 2 workdays}")
    zone = ZoneInfo(office.world.company.state.catalog.company.time_zone)
    office.world.clock.now = datetime(2024, 9, 27, 17, tzinfo=zone).astimezone(UTC)
    office.start("zhang")
    due = office.task("fa").due_at
    assert due is not None
    assert due.astimezone(zone) == datetime(2024, 9, 30, 17, tzinfo=zone)  # the 29th, a Sunday, is a work day


def test_due_at_a_date_stays(office_with: OpenOffice) -> None:
    office = office_with('- approve: check\n  who: [{role: legal}]\n  due: {at: "=signed_on"}')
    zone = ZoneInfo(office.world.company.state.catalog.company.time_zone)
    office.start("zhang")
    assert office.task("fa").due_at is None
    office.start("zhang", record=_contract(office, "2026-03-20"))
    due = office.task("fa").due_at
    assert due is not None
    assert due.astimezone(zone) == datetime(2026, 3, 20, 23, 59, 59, tzinfo=zone)


def _contract(office: Office, day: str) -> int:
    values = {"name": "Dated", "signed_on": day, "seller": {"id": office.person("zhang")}}
    return records.save_record(office.world.company, SYSTEM, "crm.contract", None, values).id or 0


def test_t90_due_after_transfer(office_with: OpenOffice) -> None:
    office = office_with(STEP.replace("mode: all", "mode: any") + "  escalate: [{at: 0, do: approve}]")
    office.start("zhang")
    before = office.task("cai1").due_at
    office.world.clock.forward(hours=1)
    office.do_at(transfer, "cai1", office.person("fa"))
    assert office.task("fa").due_at == before
    pass_time(office, hours=1)
    assert office.stored().state == "approved"


def test_t28_timer_vs_user(office_with: OpenOffice) -> None:
    office = office_with(STEP + "  escalate: [{at: 0, do: approve}]")
    office.start("zhang")
    assert timers(office) == ["armed", "armed"]
    office.reject("cai1")
    assert timers(office) == ["cancelled", "cancelled"]
    pass_time(office, hours=3)
    assert office.stored().state == "rejected"
    assert office.log().count("approve") == 0


def test_time_decides_for_who_has_not(office_with: OpenOffice) -> None:
    office = office_with(STEP + "  escalate: [{at: 0, do: approve}]")
    office.start("zhang")
    office.approve("cai1")
    pass_time(office, hours=1)
    assert office.waiting() == [("check", "cai2")]
    pass_time(office, hours=1)
    assert office.stored().state == "approved"
    assert [task.opinion for task in office.tasks("done")] == [None, "Approved by itself when its time was over"]
    assert timers(office) == ["cancelled", "fired"]
    pass_time(office, hours=1)
    assert office.log().count("approve") == 2


def test_t88_timer_collapse(office_with: OpenOffice) -> None:
    remind = "  escalate: [{at: 0, do: remind, repeat: {every: 1 day, times: 5}}]"
    office = office_with("- approve: check\n  who: [{role: legal}]\n  due: {after: 2 hours}\n" + remind)
    office.start("zhang")
    pass_time(office, hours=1)
    assert reminders(office, "fa") == 0
    pass_time(office, days=3)
    assert reminders(office, "fa") == 1
    pass_time(office, days=1)
    assert reminders(office, "fa") == 2
    pass_time(office, days=9)
    assert reminders(office, "fa") == 3
    assert timers(office) == ["fired"]


def test_t89_timer_auto_approve_check(office_with: OpenOffice) -> None:
    """What is refused is not done, and the administrators hear of it."""
    effects = '  effects: {approve: [{set: {status: valid}}, {update: parent, set: {name: "again"}}]}\n'
    office = office_with(STEP.replace("mode: all", "mode: any") + effects + AUTO)
    office.start("zhang")
    pass_time(office, hours=2)
    assert office.waiting() == [("check", "cai1"), ("check", "cai2")]
    assert (office.values()["status"], timers(office)) == ("draft", ["fired", "fired"])
    assert reminders(office, "guan") == 2


def test_time_hands_on_returns_and_writes(office_with: OpenOffice) -> None:
    escalate = """
      escalate:
        - {at: 0, do: transfer, to: [{superior: assignee}]}
        - {at: 1 hour, do: effect, effects: [{set: {status: asked}}]}
        - {at: 2 hours, do: return}
    """
    step = "- approve: check\n  who: [{role: legal}]\n  return: [start]\n  due: {after: 2 hours}\n"
    office = office_with(step + "".join(line[4:] + "\n" for line in escalate.strip("\n").splitlines()))
    office.start("zhang")
    pass_time(office, hours=2)
    assert office.waiting() == [("check", "wang")]
    pass_time(office, hours=1)
    assert office.values()["status"] == "asked"
    pass_time(office, hours=1)
    assert office.waiting() == [("start", "zhang")]
    assert timers(office) == ["fired", "fired", "fired"]


def test_time_adds_signers(office_with: OpenOffice) -> None:
    """Whoever is named is asked as well, but nobody twice, and never the initiator."""
    escalate = "  escalate: [{at: 0, do: addsign_with, to: [{role: finance}, {role: legal}, initiator]}]\n"
    office = office_with("- approve: check\n  who: [{user: cai1}]\n  mode: all\n  due: {after: 2 hours}\n" + escalate)
    office.start("zhang")
    pass_time(office, hours=2)
    assert office.waiting() == [("check", "cai1"), ("check", "cai2"), ("check", "fa")]
    for who in ("fa", "cai1", "cai2"):
        office.approve(who)
    assert (office.stored().state, office.log().count("addsign_with")) == ("approved", 1)


def test_an_approval_that_walks_without_end_is_stopped(
    office_with: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Definitions that could do that are refused; if one did all the same, nothing is kept and somebody is told."""
    monkeypatch.setattr("engine.runtime.flow.machine.MOST_STEPS", 3)
    marks = "".join(f"- {{auto: mark{number}, effects: [{{set: {{status: asked}}}}]}}\n" for number in range(4))
    office = office_with("- {approve: check, who: [{user: cai1}]}\n" + marks)
    office.start("zhang")
    assert refused(lambda: office.approve("cai1")) == ["A112"]
    assert (office.waiting(), office.values()["status"]) == ([("check", "cai1")], "draft")
    assert office.stored().incident is not None
    monkeypatch.setattr("engine.runtime.flow.machine.MOST_STEPS", 500)
    office.do(retry, "guan")
    office.approve("cai1")
    assert office.stored().state == "approved"


def test_sequence_counts_from_ones_turn(office_with: OpenOffice) -> None:
    office = office_with(STEP.replace("mode: all", "mode: sequence") + AUTO)
    office.start("zhang")
    assert [task.due_at is None for task in office.tasks("waiting")] == [True]
    office.world.clock.forward(hours=1)
    office.approve("cai1")
    pass_time(office, hours=1)
    assert office.waiting() == [("check", "cai2")]
    pass_time(office, hours=1)
    assert office.stored().state == "approved"


def test_timers_come_back_with_a_decision_taken_back(office_with: OpenOffice) -> None:
    steps = STEP.replace("mode: all", "mode: any") + AUTO + "  allow: [takeback]\n"
    office = office_with(steps + "- approve: last\n  who: [{role: legal}]\n")
    office.start("zhang")
    task = office.task("cai1").id
    office.approve("cai1")
    assert timers(office) == ["cancelled", "cancelled"]
    assert refused(lambda: office.do_at(take_back, "cai1", task=task)) == []
    assert timers(office) == ["armed", "armed"]
    pass_time(office, hours=2)
    assert office.waiting() == [("last", "fa")]
