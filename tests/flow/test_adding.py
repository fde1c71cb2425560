"""Handing tasks on, claiming them, and adding signers before, after and beside their handlers."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.services.flow.commands import (
    Decision,
    actions_of,
    add_signer,
    claim,
    reassign,
    release,
    remove_signer,
    transfer,
)
from engine.services.flow.running import load_running
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

ALLOW = "allow: [transfer, addsign_before, addsign_after, addsign_with, return, save]"


def one(more: str, who: str = "[{role: finance}]") -> str:
    return f"- {{approve: check, who: {who}, return: [start], {ALLOW}, {more}}}\n- {{fill: next, who: [{{user: wang}}]}}"


def states(office: Office) -> list[tuple[str, str]]:
    logins = {actor.person: login for login, actor in office.actors.items()}
    return [(logins[task.assignee], task.state) for task in office.tasks()]


def offered(office: Office, who: str) -> tuple[str, ...]:
    company = office.world.company
    task = office.task(who)
    with company.writing(office.actors[who], "approval") as work:
        running = load_running(work, company.same_work(work, SYSTEM), company.flows, office.instance)
        return actions_of(running, task)


def test_t67_transfer_dup(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    assert refused(lambda: office.do_at(transfer, "cai1", office.person("cai2"))) == ["A116"]
    office.do_at(transfer, "cai1", office.person("fa"), opinion="yours")
    assert office.waiting() == [("check", "cai2"), ("check", "fa")]
    assert refused(lambda: office.do_at(transfer, "cai2", office.person("fa"))) == ["A116"]
    office.approve("fa")
    office.approve("cai2")
    assert office.waiting() == [("next", "wang")]


def test_t68_transfer_self(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    assert refused(lambda: office.do_at(transfer, "cai1", office.person("cai1"))) == ["A115"]


def test_tasks_are_handed_only_to_who_may_have_them(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any") + "\n- {approve: last, who: [{user: fa}], allow: []}")
    office.start("zhang")
    task = office.task("cai1")
    assert refused(lambda: office.do_at(transfer, "cai1", office.person("zhang"))) == ["A150"]
    assert refused(lambda: office.do_at(transfer, "cai1", 4711)) == ["R114"]
    assert refused(lambda: office.do_at(transfer, "fa", office.person("li"), task=task.id)) == ["A104"]
    office.do_at(transfer, "cai1", office.person("fa"))
    assert refused(lambda: office.do_at(transfer, "cai1", office.person("li"), task=task.id)) == ["A103"]
    office.approve("cai2")
    office.submit("wang")
    assert refused(lambda: office.do_at(transfer, "fa", office.person("li"))) == ["A126"]


def test_a_task_handed_on_keeps_its_place_in_the_sequence(office_with: OpenOffice) -> None:
    office = office_with(one("mode: sequence"))
    office.start("zhang")
    office.do_at(transfer, "cai1", office.person("fa"))
    assert office.waiting() == [("check", "fa")]
    office.approve("fa")
    assert office.waiting() == [("check", "cai2")]


def test_t69_addsign_before(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any", "[{user: cai1}]"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "before", opinion="legal?")
    assert states(office) == [("cai1", "waiting"), ("fa", "pending")]
    mine = office.tasks("waiting")[0]
    assert refused(lambda: office.do_at(transfer, "cai1", office.person("li"), task=mine.id)) == ["A136"]
    office.reject("fa", opinion="rather not")
    assert office.waiting() == [("check", "cai1")]
    assert [task.opinion for task in office.tasks("done")] == ["rather not"]
    office.approve("cai1")
    assert office.waiting() == [("next", "wang")]


def test_several_are_asked_before_one_by_one_or_any_of_them(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any", "[{user: cai1}]"))
    both = [office.person("fa"), office.person("cai2")]
    office.start("zhang")
    office.do_at(add_signer, "cai1", both, "before", mode="sequence")
    assert office.waiting() == [("check", "fa")]
    office.approve("fa")
    assert office.waiting() == [("check", "cai2")]
    office.approve("cai2")
    assert office.waiting() == [("check", "cai1")]
    office.start("zhang")
    office.do_at(add_signer, "cai1", both, "before", mode="any")
    office.approve("cai2")
    assert states(office) == [("cai1", "pending"), ("fa", "superseded"), ("cai2", "done")]


def test_t70_addsign_after(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "after", opinion="fine with me")
    assert office.waiting() == [("check", "fa")]
    assert ("cai2", "superseded") in states(office)
    office.approve("fa")
    assert office.waiting() == [("next", "wang")]
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "after", decision=Decision("approve"))
    office.reject("fa")
    assert office.stored().state == "rejected"


def test_t71_addsign_with_all(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "with")
    office.approve("cai1")
    office.approve("cai2")
    assert office.waiting() == [("check", "fa")]
    office.approve("fa")
    assert office.waiting() == [("next", "wang")]


def test_added_beside_somebody_in_a_sequence_is_next(office_with: OpenOffice) -> None:
    office = office_with(one("mode: sequence"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "with")
    assert office.waiting() == [("check", "cai1")]
    office.approve("cai1")
    assert office.waiting() == [("check", "fa")]
    office.approve("fa")
    assert office.waiting() == [("check", "cai2")]


def test_asked_before_somebody_in_a_sequence_holds_it_up(office_with: OpenOffice) -> None:
    office = office_with(one("mode: sequence"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    assert office.waiting() == [("check", "fa")]
    office.approve("fa")
    assert office.waiting() == [("check", "cai1")]
    office.approve("cai1")
    assert office.waiting() == [("check", "cai2")]


def test_t72_addsign_nested(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    assert refused(lambda: office.do_at(add_signer, "fa", [office.person("li")], "with")) == ["A117"]
    office.do_at(add_signer, "cai2", [office.person("li")], "with")
    assert refused(lambda: office.do_at(add_signer, "li", [office.person("wang")], "before")) == ["A117"]
    assert refused(lambda: office.do_at(add_signer, "cai2", [office.person("wang")], "before")) == ["A153"]


def test_t73_addsign_then_return(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    office.back("cai2")
    assert sorted(states(office))[:3] == [("cai1", "cancelled"), ("cai2", "done"), ("fa", "cancelled")]
    assert office.waiting() == [("start", "zhang")]


def test_who_was_added_is_taken_away_by_who_added_him(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa"), office.person("li")], "with")
    added = {name: office.task(name).id for name in ("fa", "li")}
    assert refused(lambda: office.do_at(remove_signer, "cai2", task=added["fa"])) == ["A104"]
    office.do_at(remove_signer, "cai1", task=added["fa"])
    assert refused(lambda: office.do_at(remove_signer, "cai1", task=added["fa"])) == ["A103"]
    office.approve("cai1")
    office.approve("cai2")
    office.do_at(remove_signer, "cai1", task=added["li"])
    assert office.waiting() == [("next", "wang")]


def test_the_last_signer_stays(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all"))
    office.start("zhang")
    first, last = office.task("cai1").id, office.task("cai2").id
    assert refused(lambda: office.do_at(remove_signer, "cai2", task=first)) == ["A104"]
    office.do_at(remove_signer, "guan", task=first)
    assert refused(lambda: office.do_at(remove_signer, "guan", task=last)) == ["A118"]


def test_taking_away_the_one_asked_first_gives_the_task_back(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any", "[{user: cai1}]"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    office.do_at(remove_signer, "cai1", task=office.task("fa").id)
    assert office.waiting() == [("check", "cai1")]


def test_who_was_asked_first_answers_to_who_has_the_task_now(office_with: OpenOffice) -> None:
    office = office_with(one("mode: any", "[{user: cai1}]"))
    office.start("zhang")
    office.do_at(add_signer, "cai1", [office.person("fa"), office.person("cai2")], "before", mode="any")
    office.do_at(reassign, "guan", office.person("li"), task=office.tasks("waiting")[0].id)
    office.approve("fa")
    assert office.waiting() == [("check", "li")]


def test_one_of_several_claims_what_is_to_be_filled_in(office_with: OpenOffice) -> None:
    office = office_with("- {fill: prepare, who: [{role: finance}], edit: [amount]}\n- {fill: next, who: [{user: wang}]}")
    office.start("zhang")
    theirs = office.task("cai2").id
    assert "claim" in offered(office, "cai1")
    office.do_at(claim, "cai1")
    assert office.waiting() == [("prepare", "cai1")]
    assert "release" in offered(office, "cai1")
    assert refused(lambda: office.do_at(claim, "cai2", task=theirs)) == ["A152"]
    assert refused(lambda: office.do_at(claim, "cai1")) == ["A126"]
    office.do_at(release, "cai1")
    assert office.waiting() == [("prepare", "cai1"), ("prepare", "cai2")]
    assert refused(lambda: office.do_at(release, "cai1")) == ["A126"]
    office.do_at(claim, "cai2")
    office.submit("cai2", amount="7")
    assert office.waiting() == [("next", "wang")]
    assert [task.state for task in office.tasks() if task.step == "prepare"] == ["superseded", "done"]


def test_the_page_offers_what_the_step_allows(office_with: OpenOffice) -> None:
    office = office_with(one("mode: all, abstain: true"))
    office.start("zhang")
    assert offered(office, "cai1") == (
        "approve", "reject", "abstain", "return", "save", "transfer",
        "addsign_before", "addsign_after", "addsign_with",
    )  # fmt: skip
    office.do_at(add_signer, "cai1", [office.person("fa")], "before")
    assert offered(office, "fa") == ("approve", "reject", "save")
