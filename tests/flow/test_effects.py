"""What approvals do to records and tell people: made once, written again on the second pass, all or nothing."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.notices import list_notifications
from engine.storage.handlers import fetch_lock
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


def test_what_an_approval_frees_is_held_again_by_the_next_one(office_with: OpenOffice) -> None:
    """`unlock` is for the approval at hand: what is locked afterwards is locked, what is not is not."""
    office = office_with("""
        - {auto: free, effects: [{unlock: record}]}
        - {approve: check, who: [{user: cai1}]}
    """)
    company, wang = office.world.company, office.actors["wang"]
    save = lambda: records.save_record(company, wang, "crm.contract", office.record, {"name": "B"})  # noqa: E731
    office.start("zhang")
    assert refused(save) == []
    office.approve("cai1")
    assert refused(save) == []
    with company.reading(SYSTEM) as work:
        assert fetch_lock(work.uow, "crm.contract", office.record) == (frozenset(), frozenset())


def test_some_fields_stay_free_when_the_rest_is_locked(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: check, who: [{user: cai1}]}
        - {auto: keep, effects: [{lock: record}, {unlock: [margin]}]}
    """)
    office.start("zhang")
    office.approve("cai1")
    company, wang = office.world.company, office.actors["wang"]
    save = lambda **values: records.save_record(company, wang, "crm.contract", office.record, values)  # noqa: E731
    assert refused(lambda: save(margin="0.1")) == []
    assert refused(lambda: save(name="B")) == ["V120"]
    office.start("wang", record=office.record)
    assert refused(lambda: save(margin="0.2")) == ["A106"]


def test_a_notice_tells_nobody_what_the_step_hides(office_with: OpenOffice) -> None:
    office = office_with("""
        - auto: say
          effects:
            - notify: {to: [{role: finance}, {role: legal}], text: "{name}: {amount}"}
        - {approve: check, who: [{user: cai1}], hide: [amount]}
        - auto: say_again
          effects:
            - notify: {to: [{role: finance}, {role: legal}], text: "{name}= {amount}"}
        - {approve: last, who: [{user: fa}]}
    """)
    office.start("zhang", amount="5")
    texts = lambda who: [  # noqa: E731
        each.text for each in list_notifications(office.world.company, office.actors[who]) if each.kind == "approval"
    ]
    office.approve("cai1")
    assert sorted(texts("fa")) == ["A contract: 5.00", "A contract= 5.00"]
    assert sorted(texts("cai2")) == ["A contract: 5.00", "A contract= 5.00"]
    assert sorted(texts("cai1")) == ["A contract: 5.00", "A contract="]
