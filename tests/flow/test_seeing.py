"""What you saw is what you approve: stale records, repeated requests, opinions, signatures, drafts."""

from __future__ import annotations

import io
import json

import pytest

from engine.problems import Stale
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.files import store_file
from engine.services.flow.commands import (
    Decision,
    decide,
    decide_many,
    draft_of_task,
    mark_read,
    rights_at,
    save_draft,
    signature_holds,
    step_of,
)
from engine.services.flow.running import load_running
from engine.services.people import person_actor
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

PAIR = """
- parallel: both
  branches:
    - {name: one, steps: [{fill: fill, who: [{user: li}], edit: [amount, finance_note, terms, status]}]}
    - {name: two, steps: [{approve: check, who: [{user: cai1}], hide: [finance_note, terms.share], %s}]}
"""


def pair(office_with: OpenOffice, more: str = "mode: any") -> Office:
    office = office_with(PAIR % more)
    office.start("zhang", amount="5", terms=[{"what": "first", "share": "0.5"}])
    return office


def version(office: Office) -> int:
    found = records.fetch_record(office.world.company, office.actors["wang"], "crm.contract", office.record).version
    assert found is not None
    return found


def differences(act: object) -> list[tuple[str, str, str, str]]:
    with pytest.raises(Stale) as stale:
        act()  # type: ignore[operator]
    return [(each.field, each.before, each.after, each.by) for each in stale.value.changes]


def test_t25_stale_record(office_with: OpenOffice) -> None:
    office = pair(office_with)
    seen = version(office)
    office.submit("li", amount="6")
    found = differences(lambda: office.approve("cai1", version=seen))
    assert found == [("amount", "5.00", "6.00", "李")]
    assert office.task("cai1").state == "pending"
    office.approve("cai1", version=version(office))
    assert office.stored().state == "approved"


def test_t26_stale_hidden(office_with: OpenOffice) -> None:
    office = pair(office_with)
    seen = version(office)
    terms = office.values()["terms"]
    assert isinstance(terms, list)
    office.submit("li", finance_note="secret", terms=[{"id": terms[0]["id"], "what": "first", "share": "0.7"}])
    assert version(office) > seen
    office.approve("cai1", version=seen)
    assert office.stored().state == "approved"


def test_rows_that_changed_are_told_without_hidden_columns(office_with: OpenOffice) -> None:
    office = pair(office_with)
    seen = version(office)
    terms = office.values()["terms"]
    assert isinstance(terms, list)
    rows = [{"id": terms[0]["id"], "what": "changed", "share": "0.7"}, {"what": "new", "share": "0.3"}]
    office.submit("li", terms=rows)
    found = differences(lambda: office.approve("cai1", version=seen))
    assert found == [("terms", "", "new", "李"), ("terms.what", "first", "changed", "李")]


def test_what_has_its_old_value_again_is_no_difference(office_with: OpenOffice) -> None:
    office = pair(office_with)
    seen = version(office)
    for amount in ("9", "5"):
        records.save_record(office.world.company, SYSTEM, "crm.contract", office.record, {"amount": amount})
    office.approve("cai1", version=seen)
    assert [task.state for task in office.tasks() if task.step == "check"] == ["done"]


def test_a_step_may_accept_what_has_changed(office_with: OpenOffice) -> None:
    office = pair(office_with, "stale: accept")
    seen = version(office)
    office.submit("li", amount="6")
    office.approve("cai1", version=seen)
    assert office.stored().state == "approved"


def test_a_task_that_has_changed_is_shown_again(office_with: OpenOffice) -> None:
    office = pair(office_with)
    rev = office.task("cai1").rev
    office.do_at(save_draft, "cai1", {}, opinion="hm")
    assert refused(lambda: office.approve("cai1", rev=rev)) == ["A105"]
    office.approve("cai1", rev=rev + 1)


def test_reading_changes_no_task(office_with: OpenOffice) -> None:
    office = pair(office_with)
    rev = office.task("cai1").rev
    office.do(mark_read, "cai1", version=3)
    task = office.task("cai1")
    assert (task.rev, task.read_at is not None, json.loads(task.seen or "")) == (rev, True, {"version": 3})


def test_t24_idem_reuse(office_with: OpenOffice) -> None:
    office = pair(office_with)
    task = office.task("cai1")
    company, cai1 = office.world.company, office.actors["cai1"]
    first = decide(company, cai1, task.id, Decision("approve", key="once"))
    assert decide(company, cai1, task.id, Decision("approve", key="once")) == first
    assert refused(lambda: decide(company, cai1, task.id, Decision("reject", opinion="no", key="once"))) == ["R103"]
    assert refused(lambda: decide(company, cai1, task.id, Decision("approve", key="twice"))) == ["A103"]
    assert office.log().count("approve") == 1


def test_t07_start_idempotent(office_with: OpenOffice) -> None:
    office = pair(office_with)
    first = office.start("zhang", name="Twice", key="double click")
    record = office.record
    assert (office.start("zhang", name="Twice", key="double click"), office.record) == (first, record)


def test_t05_start_atomic(office_with: OpenOffice) -> None:
    head = """
    workflow: crm.review
    of: crm.contract
    admin: [{role: flow_admin}]
    start: {who: [{role: sales}], edit: [name, amount], effects: [{set: {status: asked}}, {set: {name: "=NULL"}}]}
    """
    office = office_with("- {approve: check, who: [{user: li}]}", head=head)
    before = office.world.fingerprint()
    assert refused(lambda: office.start("zhang", amount="5")) == ["A123"]
    assert office.world.fingerprint() == before


def test_a_decision_carries_the_opinion_that_the_step_asks(office_with: OpenOffice) -> None:
    office = office_with("- {approve: check, who: [{user: li}], opinion: {approve: none, reject: required}}")
    office.start("zhang")
    assert refused(lambda: office.reject("li", opinion=" ")) == ["A120"]
    assert refused(lambda: office.approve("li", opinion="well")) == ["A135"]
    office.approve("li")


def test_a_signature_is_an_image_of_the_signers_and_seals_what_was_shown(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: check, who: [{user: li}], signature: true, hide: [finance_note]}
        - {approve: last, who: [{user: wang}]}
    """)
    office.start("zhang", amount="5")
    company = office.world.company

    def upload(who: str, media_type: str) -> int:
        name = "s.png" if media_type == "image/png" else "s.txt"
        return store_file(company, office.actors[who], name, io.BytesIO(PNG), media_type).id

    theirs, text, mine = upload("wang", "image/png"), upload("li", "text/plain"), upload("li", "image/png")
    for number in (None, theirs, text, 4711):
        assert refused(lambda number=number: office.approve("li", signature=number)) == ["A121"]
    office.approve("li", signature=mine)
    assert holds(office)
    records.save_record(company, SYSTEM, "crm.contract", office.record, {"amount": "6"})
    assert not holds(office)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "08d763f8ffff3f0005fe02fedccc59e70000000049454e44ae426082"
)


def holds(office: Office) -> bool:
    """Whether the record still is what the first step's handler signed."""
    company = office.world.company
    with company.writing(SYSTEM, "approval") as work:
        running = load_running(work, work, company.flows, office.instance)
        task = next(each for each in office.tasks() if each.step == "check")
        return signature_holds(running, task, rights_at(running, task, step_of(running, task)))


def test_t83_draft_private(office_with: OpenOffice) -> None:
    office = pair(office_with)
    assert refused(lambda: office.do_at(save_draft, "li", {"amount": "9", "margin": "0.1"})) == ["A127"]
    office.do_at(save_draft, "li", {"amount": "9"}, opinion="soon")
    assert str(office.values()["amount"]) == "5.00"
    assert draft_of_task(office.task("li")).values == {"amount": "9"}
    office.submit("li", status="asked")
    assert (str(office.values()["amount"]), office.values()["status"]) == ("9.00", "asked")
    assert [task.draft for task in office.tasks() if task.step == "fill"] == [None]


def test_many_are_decided_at_once_each_for_itself(office_with: OpenOffice) -> None:
    office = office_with("- {approve: check, who: [{user: li}], allow: [batch]}\n- {approve: last, who: [{user: li}]}")
    tasks = []
    for number in range(3):
        office.start("zhang", name=f"C{number}")
        tasks.append(office.task("li").id)
    office.approve("li")
    last = office.task("li").id
    company, li = office.world.company, office.actors["li"]
    asked = {each: Decision("approve") for each in [*tasks, last, 4711]}
    found = decide_many(company, li, asked, key="k")
    assert [[each.code for each in outcome.problems] for outcome in found] == [[], [], ["A103"], ["A126"], ["A104"]]
    assert [outcome.instance is not None for outcome in found] == [True, True, False, False, False]
    again = decide_many(company, li, asked, key="k")
    assert [outcome.instance for outcome in again] == [outcome.instance for outcome in found]
    assert refused(lambda: decide_many(company, li, dict.fromkeys(range(101), Decision("approve")))) == ["A139"]


def test_t80_field_denied(office_with: OpenOffice) -> None:
    office = pair(office_with)
    before = office.world.fingerprint()
    assert refused(lambda: office.submit("li", margin="0.1")) != []
    assert refused(lambda: office.approve("cai1", values={"amount": "7"})) != []
    assert office.world.fingerprint() == before


def test_who_has_decided_is_told_with_who_and_when(office_with: OpenOffice) -> None:
    office = office_with("- {approve: check, who: [{role: finance}]}\n- {approve: last, who: [{user: wang}]}")
    office.start("zhang")
    theirs = office.task("cai2").id
    office.approve("cai1")
    with pytest.raises(Exception, match="decided by others, 财一, 2026-03-02") as found:
        decide(office.world.company, office.actors["cai2"], theirs, Decision("approve"))
    assert "财一" in found.value.problem.message("zh")  # type: ignore[attr-defined]


def test_who_has_nothing_to_do_with_it_does_not_learn_of_it(office_with: OpenOffice) -> None:
    office = pair(office_with)
    task = office.task("cai1").id
    company = office.world.company
    assert refused(lambda: decide(company, office.actors["guan"], task, Decision("approve"))) == ["A104"]
    outsider = records.save_record(
        company, SYSTEM, "people.person", None, {"name": "Out", "login": "out", "roles": [], "active": True}
    )
    assert outsider.id
    assert refused(lambda: decide(company, person_actor(company, "out"), task, Decision("approve"))) == ["404"]
