"""Rules of single fields, several stage sets, forms with one record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import boards, records
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world, codes

FILES = {
    **FORMS,
    "forms/crm/case.yaml": """\
        form: crm.case
        label: {en: Case}
        title: "{name}"
        owner: rep
        fields:
          name: {type: text, required: true}
          rep: user
          kind: {type: choice, choices: {small: {en: Small}, big: {en: Big}}, default: small, required: true}
          open: {type: boolean, default: true}
          budget: {type: money, access: {see: {sales: own, manager: always}, change: {sales: open, manager: always}}}
          step: stage
        views:
          board: {type: board, card: [name], group: step}
        access:
          sales: {see: always, create: true, change: always}
          manager: {see: always, create: true, change: always}
        """,
    "workflows/crm/small_steps.yaml": """\
        pipeline: crm.small_steps
        of: crm.case.step
        when: "kind = 'small'"
        stages: {begin: {label: {en: Begin}}, check: {label: {en: Check}, stands_for: test}}
        ends: {done: {label: {en: Done}, outcome: done}}
        """,
    "workflows/crm/big_steps.yaml": """\
        pipeline: crm.big_steps
        of: crm.case.step
        when: "kind = 'big'"
        stages: {plan: {label: {en: Plan}}, trial: {label: {en: Trial}, stands_for: test}}
        ends: {done: {label: {en: Done}, outcome: done}}
        """,
    "forms/crm/limits.yaml": """\
        form: crm.limits
        label: {en: Limits}
        title: "{name}"
        single: true
        fields: {name: text}
        access: {manager: {see: always, create: true, change: always, delete: always}}
        """,
}


@pytest.fixture
def office(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path / "office", database_address, FILES)
    yield built
    built.site.close()


def test_a_field_seen_only_on_some_records_is_absent_on_the_others(office: World) -> None:
    mine = office.save(office.li, "case", name="Mine", budget="5").id
    his = office.save(office.wang, "case", name="His", budget="7").id
    assert str(office.fetch(office.li, "case", mine).values["budget"]) == "5.00"
    seen = office.fetch(office.li, "case", his)
    assert "budget" not in seen.values
    assert seen.unseen == {"budget"}
    assert office.titles(office.li, "case", where="budget > 0") == ["Mine"]
    assert office.titles(office.wang, "case", where="budget > 0") == ["His", "Mine"]


def test_a_field_rule_holds_on_the_row_before_and_after(office: World) -> None:
    case = office.save(office.li, "case", name="C", budget="5").id
    assert str(office.save(office.li, "case", case, budget="6").values["budget"]) == "6.00"
    assert codes(lambda: office.save(office.li, "case", case, budget="7", open=False)) == [("R101", "budget")]
    office.save(office.li, "case", case, open=False)
    before = office.fingerprint()
    assert codes(lambda: office.save(office.li, "case", case, budget="7", open=True)) == [("R101", "budget")]
    assert codes(lambda: office.save(office.li, "case", case, budget="7")) == [("R101", "budget")]
    assert office.fingerprint() == before
    assert "budget" in office.fetch(office.li, "case", case).read_only


def test_each_kind_walks_through_its_own_stages_and_keeps_their_meaning(office: World) -> None:
    case = office.save(office.li, "case", name="C")
    assert case.values["step"] == "begin"
    office.save(office.li, "case", case.id, step="check")
    assert office.save(office.li, "case", case.id, kind="big").values["step"] == "trial"
    assert codes(lambda: office.save(office.li, "case", case.id, step="check")) == [("V131", "step")]
    assert office.save(office.li, "case", kind="big", name="D").values["step"] == "plan"


def test_a_board_shows_one_set_of_stages_at_a_time(office: World) -> None:
    office.save(office.li, "case", name="S")
    office.save(office.li, "case", name="B", kind="big")
    small = boards.fetch_board(office.company, office.li, "crm.case", "board", stage_set="crm.small_steps")
    assert {each.id for each in small.sets} == {"crm.small_steps", "crm.big_steps"}
    assert [(lane.stage.id, lane.count) for lane in small.lanes] == [("begin", 1), ("check", 0), ("done", 0)]
    big = boards.fetch_board(office.company, office.li, "crm.case", "board", stage_set="crm.big_steps")
    assert [(lane.stage.id, lane.count) for lane in big.lanes] == [("plan", 1), ("trial", 0), ("done", 0)]


def test_a_form_with_one_record_takes_no_second_one(office: World) -> None:
    first = office.save(office.wang, "limits", name="A").id or 0
    assert codes(lambda: office.save(office.wang, "limits", name="B")) == [("V137", "")]
    records.delete_record(office.company, office.wang, "crm.limits", first)
    assert office.save(office.wang, "limits", name="B").id
