"""Approvals that start others, draw numbers, and watch over what they are going to write."""

from __future__ import annotations

import pytest

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.commands import jump, retry, start_workflow
from tests.flow.conftest import OpenOffice
from tests.flow.office import FORM, HEAD, Office, refused, refused_definition

CHANGE = """
    form: crm.change
    label: {en: Change, zh: 变更}
    title: "{why} {contract.name}"
    number: "C-{serial:3}"
    fields:
      contract: {type: link, to: crm.contract, required: true, inverse: {name: changes}}
      why: text
      old_amount: money
      amount: money
      rows:
        type: lines
        fields: {part: {type: link, to: crm.contract}, amount: money}
    access:
      sales: {see: always, create: true, change: always}
      manager: {see: always, create: true, change: always}
"""
CHANGE_REVIEW = """
    workflow: crm.change_review
    label: {en: Change review, zh: 变更审批}
    of: crm.change
    admin: [{role: flow_admin}]
    unique_active: [contract]
    start:
      who: [{role: sales}]
      edit: [contract, why, amount, rows]
      check: {"SUM(rows.amount) = amount": {en: The rows must add up., zh: 明细合计不符。}}
      effects: [{set: {old_amount: "=contract.amount"}}]
      guard: [contract.amount]
    steps:
      - {approve: check, who: [{user: cai1}], return: [start]}
      - auto: write
        effects:
          - {number: number}
          - {update: contract, set: {amount: "=amount", status: valid}}
          - update: rows.part
            for_each: rows
            set: {amount: "=row.amount", name: "=target.name & ' changed'"}
      - {fill: file, who: [{user: cai2}]}
"""
FOLLOW = """
    workflow: crm.follow
    label: {en: Follow-up, zh: 跟进}
    of: crm.contract
    state: false
    admin: [{role: flow_admin}]
    start: {who: [{role: legal}]}
    steps:
      - {approve: legal, who: [{user: fa}]}
"""
SUMMED = FORM.replace("      parent:", '      changed: {type: money, formula: "SUM(parts.amount)"}\n      parent:')


def change(open_office: OpenOffice, flow: str = CHANGE_REVIEW) -> tuple[Office, int, list[int]]:
    """The office with a contract of two parts, and a running change of its amount."""
    office = open_office(
        "- {approve: check, who: [{user: cai1}]}",
        forms__crm__contract=SUMMED,
        forms__crm__change=CHANGE,
        workflows__crm__change_review=flow,
    )

    def save(**values: object) -> int:
        mine = {**values, "seller": {"id": office.person("zhang")}}
        return records.save_record(office.world.company, SYSTEM, "crm.contract", None, mine).id or 0

    contract = save(name="C", amount="100")
    parts = [save(name=name, amount="50", parent={"id": contract}) for name in ("a", "b")]
    values = {
        "contract": {"id": contract},
        "why": "more",
        "amount": "130",
        "rows": [{"part": {"id": parts[0]}, "amount": "60"}, {"part": {"id": parts[1]}, "amount": "70"}],
    }
    office.instance = start_workflow(office.world.company, office.actors["zhang"], "crm.change_review", None, values)
    office.record = office.stored().record_id
    return office, contract, parts


def contract_of(office: Office, record: int) -> dict[str, object]:
    """A contract as the manager reads it."""
    found = records.fetch_record(office.world.company, office.actors["wang"], "crm.contract", record).values
    return {name: str(found[name]) for name in ("name", "amount", "changed", "status")}


def number_of(office: Office) -> object:
    """The number of the change."""
    found = records.fetch_record(office.world.company, office.actors["wang"], "crm.change", office.record)
    return found.values["number"]


def test_t86_settlement_sum(office_with: OpenOffice) -> None:
    """All of it in one commit: the contract, each of its parts, and the sum over them; the number is drawn then."""
    office, contract, parts = change(office_with)
    assert number_of(office) is None
    office.approve("cai1")
    written = {"name": "C", "amount": "130.00", "changed": "130.00", "status": "valid"}
    assert contract_of(office, contract) == written
    assert [contract_of(office, each)["amount"] for each in parts] == ["60.00", "70.00"]
    assert [contract_of(office, each)["name"] for each in parts] == ["a changed", "b changed"]
    assert number_of(office) == "C-001"


def test_t85_guard_conflict(office_with: OpenOffice) -> None:
    """What was changed elsewhere is not overwritten: the decision is kept, and an administrator looks."""
    office, contract, _ = change(office_with)
    records.save_record(office.world.company, SYSTEM, "crm.contract", contract, {"amount": "111"})
    office.approve("cai1")
    stored = office.stored()
    assert (stored.state, "100.00 → 111.00" in (stored.incident or "")) == ("running", True)
    assert (office.waiting(), office.log().count("approve"), number_of(office)) == ([], 1, None)
    assert contract_of(office, contract)["amount"] == "111.00"
    assert refused(lambda: office.do(retry, "zhang")) == ["A138"]
    office.do(retry, "guan")
    assert (office.stored().incident, office.waiting()) == (None, [("file", "cai2")])
    assert contract_of(office, contract)["amount"] == "130.00"
    assert number_of(office) == "C-001"


def test_a_guard_counts_anew_when_it_is_handed_in_again(office_with: OpenOffice) -> None:
    office, contract, _ = change(office_with)
    records.save_record(office.world.company, SYSTEM, "crm.contract", contract, {"amount": "111"})
    office.approve("cai1")
    office.do(jump, "guan", "start")
    office.submit("zhang")
    office.approve("cai1")
    assert (office.stored().incident, office.waiting()) == (None, [("file", "cai2")])
    assert contract_of(office, contract)["amount"] == "130.00"


@pytest.mark.parametrize("when", ["enter", "approve", "reject"])
def test_a_step_of_people_halts_as_it_comes_or_goes(office_with: OpenOffice, when: str) -> None:
    """Nobody is asked before it has been looked at, and nobody decides twice."""
    head, _, _ = CHANGE_REVIEW.partition("    steps:")
    effects = "{%s: [{set: {why: seen}}, {update: contract, set: {amount: '=amount'}}]}" % when  # noqa: UP031
    first = "      - {fill: first, who: [{user: cai2}]}\n"
    check = f"      - {{approve: check, who: [{{user: cai1}}], effects: {effects}}}\n"
    office, contract, _ = change(office_with, head + "    steps:\n" + first + check)
    records.save_record(office.world.company, SYSTEM, "crm.contract", contract, {"amount": "111"})
    office.submit("cai2")
    if when != "enter":
        office.say("cai1", when, opinion="so be it")
    assert (office.stored().incident is None, office.waiting(), office.stored().state) == (False, [], "running")
    why = records.fetch_record(office.world.company, SYSTEM, "crm.change", office.record).values["why"]
    assert (why, contract_of(office, contract)["amount"]) == ("more", "111.00")
    office.do(retry, "guan")
    assert contract_of(office, contract)["amount"] == "130.00"
    ends = {"enter": "running", "approve": "approved", "reject": "rejected"}
    assert (office.stored().state, office.log().count(when)) == (ends[when], int(when != "enter"))
    assert office.waiting() == ([("check", "cai1")] if when == "enter" else [])


def test_an_end_that_halts_goes_on_when_somebody_has_looked(office_with: OpenOffice) -> None:
    """Also the effects of the outcome keep the decision and wait."""
    head, _, _ = CHANGE_REVIEW.partition("    steps:")
    at_end = "    outcomes: {approved: {effects: [{update: contract, set: {amount: '=amount'}}]}}\n"
    flow = head + at_end + "    steps:\n      - {approve: check, who: [{user: cai1}]}\n"
    office = office_with(
        "- {approve: check, who: [{user: cai1}]}", forms__crm__change=CHANGE, workflows__crm__change_review=flow
    )
    mine = {"name": "C", "amount": "1", "seller": {"id": office.person("zhang")}}
    contract = records.save_record(office.world.company, SYSTEM, "crm.contract", None, mine).id
    given = {"contract": {"id": contract}, "why": "more", "amount": "5", "rows": [{"amount": "5"}]}
    zhang = office.actors["zhang"]
    office.instance = start_workflow(office.world.company, zhang, "crm.change_review", None, given)
    records.save_record(office.world.company, SYSTEM, "crm.contract", contract, {"amount": "2"})
    office.approve("cai1")
    assert (office.stored().state, office.waiting(), office.stored().incident is None) == ("running", [], False)
    office.do(retry, "guan")
    assert (office.stored().state, office.stored().incident) == ("approved", None)


def test_an_approval_starts_another_when_it_ends(office_with: OpenOffice) -> None:
    """In the name of whoever started it, whoever may start that one; on the record itself, and on another."""
    head = (
        HEAD
        + """
    outcomes:
      approved:
        effects:
          - {start: crm.follow}
          - {start: crm.follow, for: parent, when: "not ISEMPTY(parent)"}
"""
    )
    office = office_with("- {approve: check, who: [{user: cai1}]}", head=head, workflows__crm__follow=FOLLOW)
    above = records.save_record(office.world.company, SYSTEM, "crm.contract", None, {"name": "Above"}).id
    office.start("zhang")
    records.save_record(office.world.company, SYSTEM, "crm.contract", office.record, {"parent": {"id": above}})
    first = office.instance
    office.approve("cai1")
    assert office.stored().state == "approved"
    for instance, record in ((first + 1, office.record), (first + 2, above)):
        office.instance = instance
        stored = office.stored()
        assert (stored.workflow, stored.record_id, stored.initiator) == ("crm.follow", record, office.person("zhang"))
        assert office.waiting() == [("legal", "fa")]
    office.instance = first
    assert refused(lambda: office.start("zhang", record=above)) == ["A107"]


def test_what_cannot_be_started_is_refused_with_everything(office_with: OpenOffice) -> None:
    steps = """
    - {approve: check, who: [{user: cai1}], effects: {approve: [{start: crm.follow, for: parent}]}}
    """
    office = office_with(steps, workflows__crm__follow=FOLLOW)
    office.start("zhang")
    assert refused(lambda: office.approve("cai1")) == ["A123"]
    assert office.waiting() == [("check", "cai1")]


def test_a_start_on_the_running_record_is_refused_before() -> None:
    assert refused_definition("- {auto: go_on, effects: [{start: crm.review}]}") == ["WF095", "WF091"]
