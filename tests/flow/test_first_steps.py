"""An approval from its start to its end, with the record, the tasks and the log as they must stand in between."""

from __future__ import annotations

import pytest

from engine.problems import ProblemsFound
from engine.services import records
from engine.services.flow.inbox import InboxWanted, fetch_inbox
from engine.services.views_of_records import ListRequest
from tests.flow.conftest import OpenOffice
from tests.flow.office import HEAD, refused

REVIEW = """
- parallel: review
  branches:
    - name: business
      steps:
        - approve: head
          who: [{department_head: unit}]
          reject: {to: start}
          return: [start]
    - name: money
      steps:
        - approve: finance
          who: [{role: finance}]
          edit: [finance_note]
          require: [finance_note]
          return: [start]
- auto: valid
  effects: [{set: {status: valid, done_count: "=flow.round"}}]
"""
STARTED = HEAD.replace("edit: [name", "effects: [{set: {status: asked}}], edit: [name")


def test_t01_start_happy(office_with: OpenOffice) -> None:
    office = office_with(REVIEW, head=STARTED)
    office.start("zhang", unit={"id": 1}, amount="5")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2"), ("head", "li")]
    assert office.values()["status"] == "asked"
    assert office.values()["state"] == "running"
    assert office.log() == ["start"]


def test_t02_start_check_fails(office_with: OpenOffice) -> None:
    check = 'start: {check: {"SUM(terms.share) = 1": {en: The shares are not 100 %., zh: 比例合计必须是 100%}}, who'
    office = office_with(REVIEW, head=STARTED.replace("start: {who", check))
    wrong = [{"what": "first", "share": "0.4"}, {"what": "rest", "share": "0.5"}]
    start = lambda terms: office.start("zhang", unit={"id": 1}, terms=terms)  # noqa: E731
    with pytest.raises(ProblemsFound) as found:
        start(wrong)
    assert found.value.problems[0].message("zh") == "比例合计必须是 100%"
    company, wang = office.world.company, office.actors["wang"]
    assert records.list_records(company, wang, "crm.contract", ListRequest()).rows == ()
    assert fetch_inbox(company, office.actors["cai1"], InboxWanted("waiting")).rows == ()
    start([*wrong, {"what": "more", "share": "0.1"}])
    assert office.values()["status"] == "asked"
    assert office.waiting()


def test_t03_start_twice(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang", unit={"id": 1})
    assert refused(lambda: office.start("zhang", record=office.record)) == ["A107"]


def test_t04_start_not_allowed(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang", unit={"id": 1})
    assert refused(lambda: office.start("cai1")) == ["R102"]
    assert refused(lambda: office.start("guan")) == ["404"]


def test_t08_any_first_wins(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang", unit={"id": 1})
    assert refused(lambda: office.approve("cai1")) == ["A128"]
    office.approve("cai1", values={"finance_note": "fine"})
    assert [each.state for each in office.tasks() if each.step == "finance"] == ["done", "superseded"]
    office.approve("li")
    assert office.stored().state == "approved"
    assert (office.values()["status"], office.values()["state"], office.values()["finance_note"]) == (
        "valid",
        "approved",
        "fine",
    )


def test_t32_return_to_start(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang", unit={"id": 1})
    office.back("cai1")
    assert office.waiting() == [("start", "zhang")]
    office.submit("zhang", amount="7")
    assert office.waiting() == [("finance", "cai1"), ("finance", "cai2"), ("head", "li")]
    office.approve("cai2", values={"finance_note": "now"})
    office.approve("li")
    assert office.values()["done_count"] == 2


def test_t80_field_denied(office_with: OpenOffice) -> None:
    office = office_with(REVIEW)
    office.start("zhang", unit={"id": 1}, amount="5")
    assert refused(lambda: office.approve("cai1", values={"finance_note": "x", "amount": "9"})) == ["R101"]
    assert office.values()["finance_note"] is None
