"""Stages that an approval guards, what stages carry out, and the buttons that start approvals and run effects."""

from __future__ import annotations

from engine.services import actions, records
from engine.services.flow.commands import revoke
from engine.services.flow.starting_offers import fetch_record_flow, form_offers, which_workflow
from engine.services.views_of_records import ListRequest, RecordView
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

DEAL = """
    form: crm.deal
    label: {en: Deal, zh: 商机}
    title: "{name}"
    owner: seller
    fields:
      name: {type: text, required: true}
      seller: user
      amount: money
      note: text
      why: text
      loser: user
      stage: stage
    actions:
      ask: {label: {en: Ask, zh: 发起}, starts: deal_check, when: "amount > 0"}
      stamp:
        label: {en: Stamp, zh: 盖章}
        asks: {what: {type: text, required: true}}
        runs: [{set: {note: "=asked.what"}}]
      win: {label: Won, sets: {stage: offer}}
    access:
      sales: {see: own, create: true, change: own}
      manager: {see: always, create: true, change: always}
"""
CONTRACT = """
    form: crm.paper
    label: Paper
    title: "{name}"
    fields:
      name: {type: text, required: true}
      deal: {type: link, to: crm.deal, inverse: {name: papers}}
    access:
      manager: {see: always}
"""
STAGES = """
    pipeline: crm.deal_stages
    of: crm.deal.stage
    stages:
      need: Need
      offer: {label: {en: Offer, zh: 报价}, workflow: deal_check, requires: [amount], effects: [{set: {note: offered}}]}
      close: Close
    ends:
      won: {outcome: won, effects: [{create: crm.paper, key: [deal], set: {deal: "=this", name: "=name"}}]}
      lost: {outcome: lost, effects: [{set: {loser: "=flow.initiator"}}]}
    moves:
      reopen: {from: [lost], to: need, who: [{role: manager}]}
"""
CHECK = """
    workflow: crm.deal_check
    label: {en: Deal check, zh: 商机审批}
    of: crm.deal
    admin: [{role: flow_admin}]
    start: {who: [{role: sales}, {role: manager}]}
    revoke: anytime
    steps:
      - {approve: check, who: [{user: wang}], reject: {to: end}}
"""
STEPS = "- {approve: head, who: [{user: li}]}"


def open_deals(office_with: OpenOffice, **files: str) -> Office:
    given = {"forms__crm__deal": DEAL, "forms__crm__paper": CONTRACT, "workflows__crm__deal_stages": STAGES}
    return office_with(STEPS, **{**given, "workflows__crm__deal_check": CHECK, **files})


def deal(office: Office, who: str = "zhang", **values: object) -> int:
    saved = records.save_record(office.world.company, office.actors[who], "crm.deal", None, {"name": "D", **values})
    return saved.id or 0


def see(office: Office, record_id: int, who: str = "wang") -> RecordView:
    return records.fetch_record(office.world.company, office.actors[who], "crm.deal", record_id)


def move(office: Office, record_id: int, stage: str, who: str = "zhang") -> RecordView:
    return records.move_record(office.world.company, office.actors[who], "crm.deal", record_id, "stage", stage)


def ask(office: Office, record_id: int) -> Office:
    """Move to the guarded stage: the kit follows the approval that begins."""
    move(office, record_id, "offer")
    wish = see(office, record_id).stages["stage"].wish
    assert wish is not None
    office.instance, office.record = wish.instance_id, record_id
    return office


def test_a_guarded_stage_is_entered_when_its_approval_has_passed(office_with: OpenOffice) -> None:
    office = open_deals(office_with)
    record = deal(office, amount="5")
    ask(office, record)
    waiting = see(office, record).stages["stage"]
    assert waiting.stage is not None
    assert waiting.wish is not None
    assert (waiting.stage.id, waiting.wish.stage.id, waiting.moves) == ("need", "offer", ())
    assert see(office, record).values["state"] == "running"
    office.approve("wang")
    after = see(office, record)
    assert (after.values["stage"], after.values["note"], after.values["state"]) == ("offer", "offered", "approved")
    assert after.stages["stage"].wish is None


def test_a_gate_is_not_offered_to_be_started_by_itself(office_with: OpenOffice) -> None:
    plain = CHECK.replace("crm.deal_check", "crm.deal_look") + "    state: false\n"
    office = open_deals(office_with, workflows__crm__deal_look=plain)
    company, zhang, record = office.world.company, office.actors["zhang"], deal(office, amount="5")
    offered = [each.workflow for each in fetch_record_flow(company, zhang, "crm.deal", record).offers]
    assert offered == [each.workflow for each in form_offers(company, zhang, "crm.deal")] == ["crm.deal_look"]
    assert which_workflow(company, zhang, "crm.deal", record).id == "crm.deal_look"
    assert move(office, record, "offer").values["stage"] == "need"
    assert fetch_record_flow(company, zhang, "crm.deal", record).stories[0].instance.workflow == "crm.deal_check"


def test_a_gate_that_is_not_meant_for_the_record_stands_open(office_with: OpenOffice) -> None:
    large = CHECK.replace("revoke: anytime", 'when: "amount > 100"')
    office = open_deals(office_with, workflows__crm__deal_check=large)
    small, big = deal(office, amount="5"), deal(office, amount="500")
    gates = [see(office, each).stages["stage"].moves[0].gate for each in (small, big)]
    assert gates == [None, {"en": "Deal check", "zh": "商机审批"}]
    assert move(office, small, "offer").values["stage"] == "offer"
    assert move(office, big, "offer").values["stage"] == "need"


def test_a_refused_or_withdrawn_wish_leaves_the_record_where_it_stands(office_with: OpenOffice) -> None:
    office = open_deals(office_with)
    record = deal(office, amount="5")
    ask(office, record).reject("wang")
    stays = see(office, record)
    assert (stays.values["stage"], stays.values["note"], stays.stages["stage"].wish) == ("need", None, None)
    revoke(office.world.company, office.actors["zhang"], ask(office, record).instance)
    assert (see(office, record).values["stage"], see(office, record).values["state"]) == ("need", "revoked")
    ask(office, record).approve("wang")
    assert see(office, record).values["stage"] == "offer"


def test_what_the_stage_asks_is_asked_before_its_approval_begins(office_with: OpenOffice) -> None:
    office = open_deals(office_with)
    record = deal(office)
    assert refused(lambda: move(office, record, "offer")) == ["V127"]
    assert see(office, record).stages["stage"].wish is None
    company, zhang = office.world.company, office.actors["zhang"]
    saved = records.save_record(company, zhang, "crm.deal", record, {"stage": "offer", "amount": "7"})
    assert (saved.values["stage"], saved.values["amount"]) == ("need", 7)
    assert refused(lambda: move(office, record, "offer")) == ["A106"]
    assert refused(lambda: move(office, record, "lost")) == ["A106"]


def test_a_guarded_stage_is_not_entered_by_the_back_door(office_with: OpenOffice) -> None:
    office = open_deals(office_with, forms__crm__deal=DEAL.replace('note: "=asked.what"', "stage: offer"))
    record = deal(office, amount="5")
    stamp = lambda: actions.run_action(  # noqa: E731
        office.world.company, office.actors["zhang"], "crm.deal", record, "stamp", {"what": "x"}
    )
    assert refused(stamp) == ["A123"]
    set_stage = actions.run_action(office.world.company, office.actors["zhang"], "crm.deal", record, "win")
    assert set_stage.saved is not None
    assert set_stage.saved.values["stage"] == "need"
    assert see(office, record).stages["stage"].wish is not None


def test_a_stage_made_impossible_meanwhile_is_not_half_entered(office_with: OpenOffice) -> None:
    office = open_deals(
        office_with,
        workflows__crm__deal_check=CHECK.replace("who: [{user: wang}]", "who: [{user: wang}], edit: [amount]"),
    )
    record = deal(office, amount="5")
    ask(office, record)
    assert refused(lambda: office.approve("wang", values={"amount": None})) == ["V127"]
    assert office.stored().state == "running"
    office.approve("wang")
    assert see(office, record).values["stage"] == "offer"


def test_ends_carry_out_their_effects_once_and_in_the_engines_name(office_with: OpenOffice) -> None:
    office = open_deals(office_with)
    record = deal(office, amount="5")
    move(office, record, "won")
    papers = records.list_records(office.world.company, office.actors["wang"], "crm.paper", ListRequest()).rows
    assert [row.title for row in papers] == ["D"]
    other = deal(office)
    moved = move(office, other, "lost")
    assert moved.values["loser"] == office.actors["zhang"].person
    assert moved.version == see(office, other).version
    assert refused(lambda: move(office, other, "need")) == ["V133"]
    assert move(office, other, "need", "wang").values["stage"] == "need"


def test_an_effect_that_fails_undoes_the_move(office_with: OpenOffice) -> None:
    broken = STAGES.replace('set: {deal: "=this", name: "=name"}', 'set: {deal: "=this", name: "=why"}')
    office = open_deals(office_with, workflows__crm__deal_stages=broken)
    record = deal(office, amount="5")
    assert refused(lambda: move(office, record, "won")) == ["A123"]
    assert see(office, record).values["stage"] == "need"


def test_buttons_start_approvals_and_run_effects(office_with: OpenOffice) -> None:
    office = open_deals(office_with)
    record = deal(office)
    company, zhang = office.world.company, office.actors["zhang"]
    run = lambda name, **asked: actions.run_action(company, zhang, "crm.deal", record, name, asked)  # noqa: E731
    assert refused(lambda: run("ask")) == ["R105"]
    assert refused(lambda: run("stamp")) == ["V101"]
    stamped = run("stamp", what="good").saved
    assert stamped is not None
    assert stamped.values["note"] == "good"
    records.save_record(company, zhang, "crm.deal", record, {"amount": "3"})
    started = run("ask").started
    assert started is not None
    assert see(office, record).values["state"] == "running"
    assert see(office, record).stages["stage"].wish is None
    assert refused(lambda: run("stamp", what="again")) == ["A123"]
    offered = actions.list_actions(company, zhang, see(office, record, "zhang"))
    assert {each.action.id: each.enabled for each in offered} == {"ask": False, "stamp": False, "win": False}


def test_effects_of_a_button_write_only_what_its_presser_may(office_with: OpenOffice) -> None:
    hidden = DEAL.replace("note: text", "note: {type: text, access: {see: [sales], change: [manager]}}")
    office = open_deals(office_with, forms__crm__deal=hidden)
    record = deal(office)
    run = lambda who: actions.run_action(  # noqa: E731
        office.world.company, office.actors[who], "crm.deal", record, "stamp", {"what": "x"}
    )
    assert refused(lambda: run("zhang")) == ["A123"]
    assert see(office, record).values.get("note") is None
