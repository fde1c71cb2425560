"""What handlers see, and what nobody may change while an approval runs."""

from __future__ import annotations

from engine.problems import NotVisible
from engine.services import records
from engine.services.views_of_records import ListRequest
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office, refused

HIDDEN = """
- approve: head
  who: [{user: li}]
  hide: [finance_note]
- approve: outsider
  who: [{user: guan}]
  hide: [legal_note]
"""


def sees(office: Office, who: str) -> dict[str, object] | None:
    try:
        view = records.fetch_record(office.world.company, office.actors[who], "crm.contract", office.record)
    except NotVisible:
        return None
    return {name: value for name, value in view.values.items() if name not in view.unseen}


def listed(office: Office, who: str, where: str | None = None) -> list[str]:
    request = ListRequest(where=where)
    page = records.list_records(office.world.company, office.actors[who], "crm.contract", request)
    return [row.title for row in page.rows]


def test_t81_hidden_not_leaked(office_with: OpenOffice) -> None:
    office = office_with(HIDDEN)
    office.start("zhang", finance_note="dear", legal_note="law")
    shown = sees(office, "li") or {}
    assert "finance_note" not in shown
    assert shown["legal_note"] == "law"
    assert listed(office, "li", "finance_note = 'dear'") == []
    assert listed(office, "wang", "finance_note = 'dear'") == ["A contract"]
    office.approve("li")
    assert "finance_note" not in (sees(office, "li") or {})
    office.approve("guan")
    assert (sees(office, "li") or {})["finance_note"] == "dear"


def test_who_handles_a_record_sees_it_without_any_right_on_its_form(office_with: OpenOffice) -> None:
    office = office_with(HIDDEN)
    office.start("zhang", legal_note="law", finance_note="dear")
    assert sees(office, "guan") is None
    office.approve("li")
    shown = sees(office, "guan") or {}
    assert shown["finance_note"] == "dear"
    assert "legal_note" not in shown
    assert listed(office, "guan") == ["A contract"]
    office.start("zhang", name="Another")
    assert listed(office, "guan") == ["A contract"]
    assert (
        refused(lambda: records.save_record(office.world.company, office.actors["guan"], "crm.contract", 1, {})) != []
    )


def test_a_running_record_is_changed_only_through_its_tasks(office_with: OpenOffice) -> None:
    office = office_with(HIDDEN)
    office.start("zhang", amount="5")
    company, zhang = office.world.company, office.actors["zhang"]

    def change() -> object:
        return records.save_record(company, zhang, "crm.contract", office.record, {"amount": "6"})

    assert refused(change) == ["A106"]
    assert refused(lambda: records.delete_record(company, zhang, "crm.contract", office.record)) == ["A106"]
    assert records.fetch_record(company, zhang, "crm.contract", office.record).read_only >= {"amount", "name"}
    office.reject("li")
    change()
    assert office.values()["amount"] is not None


def test_t82_require_server_side(office_with: OpenOffice) -> None:
    office = office_with("- {approve: head, who: [{user: li}], edit: [status], require: [status]}")
    office.start("zhang", status=None)
    assert refused(lambda: office.approve("li")) == ["A128"]
    office.approve("li", values={"status": "valid"})
    assert office.stored().state == "approved"
