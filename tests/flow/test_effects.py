"""What approvals do to records and tell people: made once, written again on the second pass, all or nothing."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.notices import list_notifications
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

PLAN = """
    form: crm.plan
    label: {en: Plan, zh: 计划}
    title: "{what}"
    fields:
      contract: {type: link, to: crm.contract, inverse: {name: plans}}
      what: {type: text, required: true}
      amount: money
      on: date
    access:
      manager: {see: always, create: true, change: always}
"""
EFFECTS = """
- approve: check
  who: [{role: finance}]
  return: [start]
- auto: valid
  effects:
    - set: {status: valid}
    - create: crm.plan
      for_each: terms
      when: "row.share > 0"
      key: [contract, what]
      set: {contract: "=this", what: "=row.what", amount: "=ROUND(amount * row.share, 2)", on: "=row.on"}
    - update: parent
      when: "not ISEMPTY(parent)"
      set: {amount: "=N0(target.amount) + amount", name: "=target.name & '!'"}
    - lock: record
    - notify: {to: [{role: legal}, initiator], text: "{name} of {unit}: {amount}", channels: [page, mail]}
- approve: last
  who: [{role: legal}]
  return: [check]
"""
TERMS = [{"what": "first", "share": "0.3"}, {"what": "second", "share": "0.7"}, {"what": "none", "share": "0"}]


def plans(office: Office) -> list[tuple[object, object]]:
    """(what, amount) of every plan."""
    with office.world.company.reading(SYSTEM) as work:
        table = work.uow.database.tables.forms["crm.plan"]
        rows = work.uow.connection.execute(table.select().order_by(table.c.id))
        return [(row.what, int(row.amount)) for row in rows]


def test_effects_in_order(office_with: OpenOffice) -> None:
    office = office_with(EFFECTS, forms__crm__plan=PLAN)
    above = records.save_record(office.world.company, SYSTEM, "crm.contract", None, {"name": "Above", "amount": "1"})
    office.start("zhang", unit={"id": 1}, amount="1000", terms=TERMS)
    records.save_record(office.world.company, SYSTEM, "crm.contract", office.record, {"parent": {"id": above.id}})
    office.approve("cai1")
    assert plans(office) == [("first", 300), ("second", 700)]
    parent = records.fetch_record(office.world.company, office.actors["wang"], "crm.contract", above.id or 0)
    assert (str(parent.values["amount"]), parent.values["name"]) == ("1001.00", "Above!")
    told = list_notifications(office.world.company, office.actors["fa"])
    assert [each.text for each in told if each.kind == "approval"] == ["A contract of Sales: 1,000.00"]


def test_t44_create_upsert_on_rerun(office_with: OpenOffice) -> None:
    office = office_with(EFFECTS, forms__crm__plan=PLAN)
    office.start("zhang", unit={"id": 1}, amount="1000", terms=TERMS)
    office.approve("cai1")
    office.back("fa", "check")
    records.save_record(office.world.company, SYSTEM, "crm.contract", office.record, {"amount": "2000"})
    office.approve("cai1")
    assert plans(office) == [("first", 600), ("second", 1400)]


def test_create_leaves_records_of_others_alone(office_with: OpenOffice) -> None:
    office = office_with(EFFECTS, forms__crm__plan=PLAN)
    office.start("zhang", unit={"id": 1}, amount="1000", terms=TERMS)
    mine = {"contract": {"id": office.record}, "what": "first", "amount": "5"}
    records.save_record(office.world.company, SYSTEM, "crm.plan", None, mine)
    assert refused(lambda: office.approve("cai1")) == ["A123"]
    assert plans(office) == [("first", 5)]
    assert office.values()["status"] == "draft"


def test_t84_effect_failure_rolls_back(office_with: OpenOffice) -> None:
    office = office_with(EFFECTS.replace('when: "not ISEMPTY(parent)"', 'when: "amount > 0"'), forms__crm__plan=PLAN)
    office.start("zhang", unit={"id": 1}, amount="1000", terms=TERMS)
    assert refused(lambda: office.approve("cai1")) == ["A123"]
    assert plans(office) == []
    assert office.waiting() == [("check", "cai1"), ("check", "cai2")]


def test_locked_after_the_end(office_with: OpenOffice) -> None:
    office = office_with(EFFECTS, forms__crm__plan=PLAN)
    office.start("zhang", unit={"id": 1}, amount="1000", terms=TERMS)
    office.approve("cai1")
    office.approve("fa")
    save = lambda **values: records.save_record(  # noqa: E731
        office.world.company, office.actors["wang"], "crm.contract", office.record, values
    )
    assert refused(lambda: save(amount="5")) == ["V120"]
