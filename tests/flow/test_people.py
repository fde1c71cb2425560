"""Who is asked: nobody found, the initiator himself, the same person twice, people who are away or have left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.flow.delegations import delegate_to, end_delegation, list_delegations
from engine.services.jobs import build_worker
from engine.storage.delegations import insert_delegation
from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, Office, refused

ONE = """
- approve: check
  who: [{WHO}]
  return: [start]
"""
TWO = """
- approve: first
  who: [{superior: initiator}]
  return: [start]
- approve: second
  who: [{user: li}]
  return: [start, first]
EXTRA
- approve: last
  who: [{user: wang}]
  return: [start]
"""


def one(who: str, more: str = "") -> str:
    return ONE.replace("{WHO}", who) + "".join(f"  {line}\n" for line in more.splitlines())


def change_person(office: Office, login: str, **values: object) -> None:
    person = office.actors[login].person
    records.save_record(office.world.company, SYSTEM, "people.person", person, values)


def away(office: Office, who: str, delegate: str) -> None:
    now = office.world.clock()
    with office.world.company.writing(SYSTEM, "test") as work:
        principal, other = office.actors[who].person, office.actors[delegate].person
        insert_delegation(work.uow, principal, other, now, now + timedelta(days=7))


def test_t52_empty_admin(office_with: OpenOffice) -> None:
    office = office_with(one("{role: legal}"))
    change_person(office, "fa", active=False)
    office.start("zhang")
    assert office.waiting() == [("check", "guan")]
    assert [task.source for task in office.tasks()] == ["empty"]


def test_t53_empty_skip(office_with: OpenOffice) -> None:
    office = office_with(one("{superior: initiator}", "empty: skip"))
    office.start("wang")
    assert office.stored().state == "approved"
    assert office.log() == ["start", "passed", "approved"]


def test_t54_empty_block(office_with: OpenOffice) -> None:
    office = office_with(
        "- {approve: head, who: [{user: li}]}\n- {approve: check, who: [{field: parent.seller}], empty: block}"
    )
    office.start("zhang")
    office.approve("li")
    assert office.stored().state == "running"
    assert office.stored().incident
    assert [task.decision for task in office.tasks()] == ["approve"]


def test_t55_self_superior(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    office.start("li")
    assert office.waiting() == [("check", "wang")]


def test_t56_self_top(office_with: OpenOffice) -> None:
    office = office_with(one("{user: wang}"))
    office.start("wang")
    assert office.waiting() == [("check", "guan")]


def test_self_skip_and_allow(office_with: OpenOffice) -> None:
    office = office_with(
        "- {approve: a, who: [{user: li}], self: skip}\n- {approve: b, who: [{user: li}], self: allow}"
    )
    office.start("li")
    assert office.waiting() == [("b", "li")]


def test_t57_dedup_consecutive(office_with: OpenOffice) -> None:
    office = office_with(TWO.replace("EXTRA", "  dedup: consecutive"))
    office.start("zhang")
    office.approve("li", "first")
    assert office.waiting() == [("last", "wang")]
    second = next(task for task in office.tasks() if task.step == "second")
    assert (second.state, second.source) == ("done", "dedup")
    assert "first" in str(second.opinion).lower()


def test_t58_dedup_not_across_return(office_with: OpenOffice) -> None:
    office = office_with(TWO.replace("EXTRA", "  dedup: any_earlier"))
    office.start("zhang")
    office.approve("li", "first")
    office.back("wang")
    office.submit("zhang")
    assert office.waiting() == [("first", "li")]
    office.approve("li", "first")
    assert office.waiting() == [("last", "wang")]


@pytest.mark.parametrize(
    "asks", ["edit: [status]\nrequire: [status]", "signature: true", "opinion: {approve: required}"]
)
def test_t59_dedup_not_with_required(office_with: OpenOffice, asks: str) -> None:
    more = "\n".join(f"  {line}" for line in ("dedup: any_earlier", *asks.splitlines()))
    office = office_with(TWO.replace("EXTRA", more))
    office.start("zhang")
    office.approve("li", "first")
    assert office.waiting() == [("second", "li")]


def test_dedup_in_a_sequence_wakes_the_next(office_with: OpenOffice) -> None:
    office = office_with("""
        - {approve: one, who: [{user: li}]}
        - {approve: all, who: [{user: cai1}, {user: li}, {user: fa}], mode: sequence, dedup: any_earlier}
    """)
    office.start("zhang")
    office.approve("li")
    office.approve("cai1")
    assert office.waiting() == [("all", "fa")]


def test_t60_superior_cycle(office_with: OpenOffice) -> None:
    office = office_with(one("{superiors: initiator, until: {level: 5}}", "mode: sequence"))
    with office.world.company.writing(
        SYSTEM, "test"
    ) as work:  # a save refuses it; an import from elsewhere may hold it
        table = work.uow.database.tables.forms["people.person"]
        circle = update(table).where(table.c.id == office.actors["li"].person)
        work.uow.connection.execute(circle.values(superior=office.actors["zhang"].person))
    office.start("zhang")
    assert office.waiting() == [("check", "li")]
    assert "org_cycle" in office.log()


def test_t14_superiors_are_asked_one_after_the_other(office_with: OpenOffice) -> None:
    office = office_with(one("{superiors: initiator, until: {level: 2}}", "mode: sequence"))
    office.start("zhang")
    assert [(task.state, task.assignee) for task in office.tasks()] == [
        ("pending", office.actors["li"].person),
        ("waiting", office.actors["wang"].person),
    ]
    office.approve("li")
    assert office.waiting() == [("check", "wang")]


def test_superiors_end_at_a_role(office_with: OpenOffice) -> None:
    office = office_with(one("{superiors: initiator, until: {role: manager}}", "mode: sequence"))
    office.start("zhang")
    assert len(office.tasks()) == 1


def test_superiors_end_where_a_condition_holds(office_with: OpenOffice) -> None:
    office = office_with(one("{superiors: initiator, until: {when: 'amount < 100'}}", "mode: sequence"))
    office.start("zhang", amount="5")
    assert len(office.tasks()) == 1
    office.start("zhang", amount="500")
    assert len(office.tasks()) == 2


def test_t61_inactive_user(office_with: OpenOffice) -> None:
    office = office_with(one("{field: seller}", "self: allow"))
    change_person(office, "cai2", active=False)
    office.start("li", seller={"id": office.actors["cai2"].person})
    assert office.waiting() == [("check", "guan")]


def test_t62_deactivate_with_tasks(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    for _ in range(3):
        office.start("zhang")
    change_person(office, "li", active=False)
    build_worker(office.world.site, only="acme").run_due()
    for instance in (office.instance, office.instance - 1, office.instance - 2):
        office.instance = instance
        assert office.waiting() == [("check", "wang")]
        assert office.log()[-1] == "handover"


def test_t63_org_change_no_move(office_with: OpenOffice) -> None:
    office = office_with(one("{department_head: unit}"))
    office.start("zhang", unit={"id": 1})
    records.save_record(office.world.company, SYSTEM, "people.department", 1, {"head": office.actors["wang"].person})
    assert office.waiting() == [("check", "li")]


def test_t64_delegate(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    away(office, "li", "cai1")
    office.start("zhang")
    task = office.task("cai1")
    assert (task.assignee, task.principal, task.source) == (
        office.actors["cai1"].person,
        office.actors["li"].person,
        "delegate",
    )


def test_t65_delegate_cycle(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    away(office, "li", "cai1")
    away(office, "cai1", "li")
    office.start("zhang")
    assert office.waiting() == [("check", "li")]
    assert "delegation_cycle" in office.log()


def test_t66_delegate_to_initiator(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    away(office, "li", "zhang")
    office.start("zhang")
    assert office.waiting() == [("check", "li")]


def test_delegations_are_made_listed_and_ended(office_with: OpenOffice) -> None:
    office = office_with(one("{user: li}"))
    company, now = office.world.company, office.world.clock()
    li, cai1, cai2 = (office.actors[name] for name in ("li", "cai1", "cai2"))
    week = now + timedelta(days=7)
    made = delegate_to(company, li, cai1.person, now, week)
    delegate_to(company, cai1, cai2.person, now, week)
    assert refused(lambda: delegate_to(company, cai2, li.person, now, week)) == ["A132"]
    assert refused(lambda: delegate_to(company, li, li.person, now, week)) == ["A133"]
    assert refused(lambda: delegate_to(company, li, cai2.person, week, now)) == ["A134"]
    assert refused(lambda: delegate_to(company, li, 999, now, week)) == ["R114"]
    assert refused(lambda: delegate_to(company, li, cai2.person, now, week, workflows=["crm.nothing"])) == ["C104"]
    office.start("zhang")
    assert office.waiting() == [("check", "cai2")]
    assert [each.id for each in list_delegations(company, li)] == [made]
    assert refused(lambda: end_delegation(company, office.actors["fa"], made)) == ["404"]
    end_delegation(company, li, made)
    office.start("zhang")
    assert office.waiting() == [("check", "li")]


def test_chosen_people(office_with: OpenOffice) -> None:
    office = office_with(one("{choose: {by: initiator, from: [{role: finance}], max: 1}}"))
    wanted = {"check": [office.actors["cai2"].person]}
    office.start("zhang", people=wanted)
    assert office.waiting() == [("check", "cai2")]
    both = {"check": [office.actors[name].person for name in ("cai1", "cai2")]}
    assert refused(lambda: office.start("zhang", people=both)) == ["A131"]
    assert refused(lambda: office.start("zhang", people={"check": [office.actors["fa"].person]})) == ["A131"]


def test_t33_the_former_handler_is_asked_again(office_with: OpenOffice) -> None:
    office = office_with("""
        - {fill: prepare, who: [{role: finance}]}
        - {approve: check, who: [{user: li}], return: [prepare]}
        - {approve: same, who: [{handler: prepare}]}
    """)
    office.start("zhang")
    office.submit("cai2")
    office.back("li", "prepare")
    assert office.waiting() == [("prepare", "cai2")]
    office.submit("cai2")
    office.approve("li")
    assert office.waiting() == [("same", "cai2")]


def test_roles_within_a_department(office_with: OpenOffice) -> None:
    office = office_with(one("{role: finance, within: unit}"))
    company = office.world.company
    other = records.save_record(company, SYSTEM, "people.department", None, {"name": "Other", "parent": 1}).id
    change_person(office, "cai2", department=other)
    office.start("zhang", unit={"id": other})
    assert office.waiting() == [("check", "cai2")]


def test_more_than_a_hundred_people_are_refused(office_with: OpenOffice) -> None:
    office = office_with(one("{role: finance}"), head=HEAD)
    for number in range(101):
        values = {"name": f"P{number}", "login": f"p{number}", "roles": ["finance"], "active": True}
        records.save_record(office.world.company, SYSTEM, "people.person", None, values)
    with pytest.raises(ProblemsFound) as found:
        office.start("zhang")
    assert [problem.code for problem in found.value.problems] == ["A125"]
