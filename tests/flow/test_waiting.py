"""Steps that wait: until something holds, for a date, for a while; and what happens when that takes too long."""

from __future__ import annotations

import pytest

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.commands import pass_step, resume, retry, suspend
from engine.services.jobs import build_worker
from tests.flow.conftest import OpenOffice
from tests.flow.office import FORM, Office

PLAN = """
    form: crm.plan
    label: {en: Plan, zh: 计划}
    title: "{what}"
    fields:
      contract: {type: link, to: crm.contract, inverse: {name: plans}}
      what: text
      amount: money
    access:
      manager: {see: always, create: true, change: always}
"""
CONTRACT_PAID = 'paid: {type: money, formula: "SUM(plans.amount)"}\n      parent:'
LAST = "\n- {approve: last, who: [{user: wang}], return: [start]}"


def pass_time(office: Office, **parts: int) -> None:
    """Let time pass, then the worker work."""
    office.world.clock.forward(**parts)
    build_worker(office.world.site, only="acme").run_due()


def save(office: Office, form: str = "crm.contract", record: int | None = None, **values: object) -> None:
    """Write a record."""
    records.save_record(office.world.company, SYSTEM, form, record, values)


def test_it_waits_until_a_sum_over_other_records_is_there(office_with: OpenOffice) -> None:
    """Whenever the record is written, also by what its formulas read; and at once where nothing is to wait for."""
    forms = records_with_payments()
    office = office_with('- {wait: paid_up, until: {when: "paid >= amount"}}' + LAST, **forms)
    office.start("zhang", amount="10")
    link = {"id": office.record}
    save(office, "crm.plan", what="first", amount="6", contract=link)
    pass_time(office)
    assert office.waiting() == []
    save(office, "crm.plan", what="second", amount="4", contract=link)
    pass_time(office)
    assert office.waiting() == [("last", "wang")]
    office.back("wang")
    office.submit("zhang")
    assert office.waiting() == [("last", "wang")]


def records_with_payments() -> dict[str, str]:
    """Contracts that sum up their plans."""
    return {"forms__crm__contract": FORM.replace("parent:", CONTRACT_PAID), "forms__crm__plan": PLAN}


def test_it_waits_for_a_date_that_the_record_gets_later(office_with: OpenOffice) -> None:
    office = office_with(
        '- {auto: free, effects: [{unlock: record}]}\n- {wait: signed, until: {at: "=signed_on"}}' + LAST
    )
    office.start("zhang")
    today = office.world.clock.now.date()
    pass_time(office, days=2)
    assert office.waiting() == []
    save(office, record=office.record, signed_on=f"{today.replace(year=today.year + 1)}")
    pass_time(office)
    pass_time(office, days=360)
    assert office.waiting() == []
    pass_time(office, days=6)
    assert office.waiting() == [("last", "wang")]


@pytest.mark.parametrize(
    ("do", "state", "waiting"),
    [("continue", "running", [("last", "wang")]), ("reject", "rejected", []), ("end", "terminated", [])],
)
def test_a_wait_that_takes_too_long(
    office_with: OpenOffice, do: str, state: str, waiting: list[tuple[str, str]]
) -> None:
    until = "until: {when: 'status = asked'}".replace("asked", '"valid"')
    steps = "- {wait: paid_up, " + until + ", timeout: {after: 2 days, do: " + do + "}}"
    office = office_with(steps + LAST)
    office.start("zhang")
    pass_time(office, days=1)
    assert (office.stored().state, office.waiting()) == ("running", [])
    pass_time(office, days=1)
    assert (office.stored().state, office.waiting()) == (state, waiting)


def test_a_while_passes_once_and_stands_still_while_suspended(office_with: OpenOffice) -> None:
    office = office_with("- {wait: cool_off, until: {after: 2 workdays}}" + LAST)
    office.start("zhang")
    office.do(suspend, "guan")
    pass_time(office, days=9)
    assert office.waiting() == []
    office.do(resume, "guan")
    pass_time(office)
    assert office.waiting() == [("last", "wang")]
    pass_time(office, days=9)
    assert office.log().count("waited") == 1


def test_a_wait_inside_a_parallel_is_called_off_with_it(office_with: OpenOffice) -> None:
    steps = """
    - parallel: race
      join: any
      branches:
        - {name: people, steps: [{approve: check, who: [{user: cai1}], return: [start]}]}
        - {name: clock, steps: [{wait: cool_off, until: {after: 1 day}}, {cc: late, who: [{user: fa}]}]}
    - {approve: last, who: [{user: wang}]}
    """
    office = office_with(steps)
    office.start("zhang")
    office.back("cai1")
    pass_time(office, days=2)
    assert office.waiting() == [("start", "zhang")]
    office.submit("zhang")
    pass_time(office, days=1)
    assert (office.waiting(), office.log().count("cc")) == ([("last", "wang")], 1)


def test_what_fails_after_a_wait_calls_the_administrators(office_with: OpenOffice) -> None:
    """The wait is not over, nobody is asked twice; once it is mended they try again, or pass the step by hand."""
    steps = "- {wait: cool_off, until: {after: 1 day}}\n- {auto: mark, effects: [{update: parent, set: {name: X}}]}"
    office = office_with(steps + LAST)
    office.start("zhang")
    pass_time(office, days=1)
    assert (office.stored().state, office.waiting(), office.stored().incident is None) == ("running", [], False)
    pass_time(office, days=1)
    assert office.log().count("incident") == 1
    save(office, record=office.record, parent={"id": office.record})
    office.do(retry, "guan")
    assert (office.stored().incident, office.waiting()) == (None, [("last", "wang")])


def test_a_wait_is_passed_by_hand(office_with: OpenOffice) -> None:
    office = office_with("- {wait: cool_off, until: {after: 1 day}}" + LAST)
    office.start("zhang")
    office.do(pass_step, "guan", "cool_off")
    assert office.waiting() == [("last", "wang")]
    pass_time(office, days=2)
    assert office.waiting() == [("last", "wang")]
