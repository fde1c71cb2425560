"""A field hidden at my step is absent on every way to the record: also columns of lines, until my task is over."""

from __future__ import annotations

import io
from datetime import timedelta

from engine.services import exporting, records, search, timeline
from engine.services.flow.commands import draft_of_task, save_draft
from engine.services.saving import Given, prepare_batch
from engine.services.stale import net_changes
from engine.services.views_of_records import ListRequest
from tests.flow.conftest import OpenOffice
from tests.flow.office import FORM, HEAD, Office

HIDDEN = """
- approve: head
  who: [{user: li}]
  hide: [finance_note, terms.share]
- approve: last
  who: [{user: guan}]
"""
EXPORTED = FORM.replace(
    "{see: always, create: true, change: always", "{see: always, export: always, create: true, change: always"
)
TERMS = [{"what": "first", "share": "0.37"}, {"what": "rest", "share": "0.63"}]


def open_hidden(office_with: OpenOffice) -> Office:
    office = office_with(HIDDEN, forms__crm__contract=EXPORTED)
    office.start("zhang", finance_note="zqdear", terms=TERMS, amount="5")
    return office


def told(office: Office, who: str) -> str:
    """Everything that somebody is told of the record on all its surfaces."""
    company, actor, record = office.world.company, office.actors[who], office.record
    view = records.fetch_record(company, actor, "crm.contract", record)
    listed = records.list_records(company, actor, "crm.contract", ListRequest(fields=("name", "finance_note", "terms")))
    rows = [dict(row.values) for row in listed.rows]
    grouped = records.list_groups(company, actor, "crm.contract", "finance_note")
    preview = records.preview_record(company, actor, "crm.contract", record, {})
    found = timeline.fetch_timeline(company, actor, "crm.contract", record)
    shown = [view.values, rows, grouped, preview.values, found.entries]
    for kind in ("json", "csv"):
        stream = io.BytesIO()
        exporting.export_records(company, actor, "crm.contract", ListRequest(), kind, stream)
        shown.append(stream.getvalue().decode())
    return repr(shown)


def test_t81_hidden_not_leaked_on_any_surface(office_with: OpenOffice) -> None:
    office = open_hidden(office_with)
    open_text = told(office, "wang")
    assert "zqdear" in open_text
    assert "0.37" in open_text
    hidden = told(office, "li")
    assert "zqdear" not in hidden
    assert "0.37" not in hidden
    assert "first" in hidden
    office.approve("li")
    assert "zqdear" not in told(office, "li")
    office.approve("guan")
    assert "zqdear" in told(office, "li")
    assert "0.37" in told(office, "li")


def test_hidden_columns_are_not_found_by_asking_for_them(office_with: OpenOffice) -> None:
    office = open_hidden(office_with)
    company = office.world.company

    def found(who: str, where: str | None = None, text: str | None = None) -> int:
        request = ListRequest(where=where, search=text)
        return len(records.list_records(company, office.actors[who], "crm.contract", request).rows)

    for where in ("finance_note = 'zqdear'", "ANY(terms, share > 0.3)", "SUM(terms.share) > 0.5"):
        assert found("wang", where) == 1, where
        assert found("li", where) == 0, where
    assert found("li", text="zqdear") == 0
    assert found("li", text="contract") == 1
    assert search.search_everywhere(company, office.actors["li"], "zqdear") == ()


def test_a_hidden_field_is_not_read_through_a_link(office_with: OpenOffice) -> None:
    office = open_hidden(office_with)
    company, parent = office.world.company, office.record
    child = records.save_record(company, office.actors["li"], "crm.contract", None, {"name": "Part", "parent": parent})
    for who, count in (("li", 0), ("wang", 1)):
        request = ListRequest(where="parent.finance_note = 'zqdear'")
        assert len(records.list_records(company, office.actors[who], "crm.contract", request).rows) == count
    related = timeline.fetch_related(company, office.actors["li"], "crm.contract", parent, "parts", None)
    assert [row.title for row in related.rows] == ["Part"]
    assert child.id


def test_a_save_from_an_older_page_does_not_tell_hidden_changes(office_with: OpenOffice) -> None:
    office = open_hidden(office_with)
    company, li = office.world.company, office.actors["li"]
    with company.reading(li) as work:
        draft = prepare_batch(work, "crm.contract", [Given(office.record, {})], lock=False).drafts[0]
        changes = net_changes(work, draft, 0)
    assert "zqdear" not in repr(changes)
    assert "0.37" not in repr(changes)


def test_t83_a_draft_is_private_until_it_is_decided(office_with: OpenOffice) -> None:
    office = office_with("- {approve: head, who: [{user: li}], edit: [legal_note]}")
    office.start("zhang", legal_note="old")
    task = office.task("li")
    save_draft(office.world.company, office.actors["li"], task.id, {"legal_note": "zqdraft"})
    for who in ("li", "wang", "zhang"):
        assert (
            records.fetch_record(office.world.company, office.actors[who], "crm.contract", office.record).values[
                "legal_note"
            ]
            == "old"
        )
    assert draft_of_task(office.task("li")).values == {"legal_note": "zqdraft"}
    office.world.clock.now += timedelta(hours=1)
    office.approve("li", values={"legal_note": "new"})
    assert office.values()["legal_note"] == "new"


def test_an_approval_is_called_by_its_title_without_what_a_step_hides(office_with: OpenOffice) -> None:
    titled = HEAD.rstrip() + '\n    title: "{name} {finance_note} {amount} {unit.name}"\n'
    office = office_with(HIDDEN, head=titled)
    office.start("zhang", finance_note="zqdear", amount="5", unit={"id": 1})
    assert office.stored().title == "A contract 5.00 Sales"
