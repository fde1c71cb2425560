"""What is computed from a field that a step hides is as hidden as the field: on every way to the record."""

from __future__ import annotations

import io

import pytest

from engine.problems import NotVisible
from engine.services import choices, explaining, exporting, notices, records, search, setup
from engine.services.views_of_records import ListRequest
from tests.flow.conftest import OpenOffice
from tests.flow.office import FORM, Office
from tests.services.test_backfill import change

DERIVED = FORM.replace(
    "terms: {type: lines, fields: {what: text, share: {type: percent, places: 4}, on: date}}",
    """terms:
        type: lines
        fields:
          what: text
          share: {type: percent, places: 4}
          on: date
          part: {type: money, formula: "amount2 * share"}
      amount2: money
      echo: {type: text, formula: "'echo ' & finance_note"}
      echoed: {type: text, formula: "'again ' & echo", compute: read}
      shares: {type: percent, places: 4, formula: "SUM(terms.share)"}
      longest: {type: integer, formula: "LEN(finance_note)", discloses: true}
      parts_note: {type: integer, formula: "COUNT(parts[finance_note = 'zqdear'])"}
      near: {type: text, formula: "parent.finance_note"}""",
).replace("{see: always, create: true, change: always", "{see: always, export: always, create: true, change: always")
TITLED = DERIVED.replace('title: "{name}"', 'title: "{name} {finance_note}"')
FOLDER = """
    form: crm.folder
    label: Folder
    title: "{name}"
    fields:
      name: {type: text, required: true}
      contract: {type: link, to: crm.contract, inverse: {name: folders}, fill: {copied: contract.finance_note}}
      copied: text
      told: {type: text, formula: "contract.finance_note"}
    access:
      manager: {see: always, create: true, change: always}
"""
STEPS = """
- approve: head
  who: [{user: li}]
  hide: [finance_note, terms.share]
- approve: last
  who: [{user: guan}]
"""
TERMS = [{"what": "first", "share": "0.37"}, {"what": "rest", "share": "0.25"}]
DERIVED_NAMES = ("echo", "echoed", "shares", "parts_note", "near")


def open_derived(office_with: OpenOffice) -> Office:
    office = office_with(STEPS, forms__crm__contract=TITLED, forms__crm__folder=FOLDER)
    company, wang = office.world.company, office.actors["wang"]
    zhang, whole = office.actors["zhang"], {"name": "Whole", "finance_note": "zqdear"}
    parent = records.save_record(company, zhang, "crm.contract", None, whole)
    office.start("zhang", finance_note="zqdear", terms=TERMS, amount2="1000", parent={"id": parent.id})
    records.save_record(company, wang, "crm.folder", None, {"name": "File", "contract": {"id": office.record}})
    return office


def every_text(office: Office, who: str) -> str:
    """Everything that somebody is told on pages, lists, exports, pickers, by search and of records that lead there."""
    company, actor, record = office.world.company, office.actors[who], office.record
    names = ("name", "terms", *DERIVED_NAMES)
    view = records.fetch_record(company, actor, "crm.contract", record)
    listed = records.list_records(company, actor, "crm.contract", ListRequest(fields=names, where=f"id = {record}"))
    folders = records.list_records(company, actor, "crm.folder", ListRequest(fields=("name", "contract", "told")))
    shown: list[object] = [view.title, view.values, [(row.title, row.values, row.titles) for row in listed.rows]]
    shown += [(row.values, row.titles) for row in folders.rows]
    shown.append(records.preview_record(company, actor, "crm.contract", record, {}).values)
    shown.append(choices.find_choices(company, actor, "crm.folder", "contract", "contract"))
    stream = io.BytesIO()
    exporting.export_records(company, actor, "crm.contract", ListRequest(where=f"id = {record}"), "json", stream)
    shown.append(stream.getvalue().decode())
    hits = [hit for _, found in search.search_everywhere(company, actor, "contract") for hit in found]
    shown.append([(hit.title, hit.context) for hit in hits])
    return repr(shown)


def test_t81_what_is_computed_from_a_hidden_field_is_hidden_with_it(office_with: OpenOffice) -> None:
    office = open_derived(office_with)
    company = office.world.company
    for secret in ("zqdear", "0.62", "370.00", "echo"):
        assert secret in every_text(office, "wang"), secret
    told = every_text(office, "li")
    for secret in ("zqdear", "0.62", "0.37", "370.00"):
        assert secret not in told, secret
    seen = records.fetch_record(company, office.actors["li"], "crm.contract", office.record)
    assert not {*DERIVED_NAMES} & seen.values.keys()
    assert seen.values["longest"] == 6
    office.approve("li")
    office.approve("guan")
    assert "zqdear" in every_text(office, "li")
    assert "370.00" in every_text(office, "li")


def test_t81_no_question_tells_what_a_computed_field_holds(office_with: OpenOffice) -> None:
    office = open_derived(office_with)
    company, record = office.world.company, office.record

    def found(who: str, form: str, **words: object) -> int:
        request = ListRequest(**words)  # type: ignore[arg-type]
        return len(records.list_records(company, office.actors[who], form, request).rows)

    asked = ("echo = 'echo zqdear'", "LEN(echoed) > 6", "shares > 0.6", "ANY(terms, part = 370)", "near = 'zqdear'")
    for where in (*(f"id = {record} and {each}" for each in asked), "COUNT(folders[told = 'zqdear']) > 0"):
        assert found("wang", "crm.contract", where=where) == 1, where
        assert found("li", "crm.contract", where=where) == 0, where
    assert found("li", "crm.folder", where="contract.echo = 'echo zqdear'") == 0
    assert found("li", "crm.contract", search="echo") == found("wang", "crm.contract", search="echo") == 0
    for who, count in (("wang", 2), ("li", 1)):  # the other one is in no approval
        groups = records.list_groups(company, office.actors[who], "crm.contract", "echo")
        assert sum(each["count"] for each in groups if each["value"] == "echo zqdear") == count
    sums = records.list_groups(company, office.actors["li"], "crm.contract", "name", ("shares",))
    assert "0.62" not in repr(sums)


def test_t81_what_a_formula_discloses_explains_itself_without_the_hidden_part(office_with: OpenOffice) -> None:
    office = open_derived(office_with)
    company, record = office.world.company, office.record
    told = explaining.explain(company, office.actors["li"], "crm.contract", record, "longest", None, "en")
    assert "zqdear" not in repr(told)
    for key in ("echo", "near", "shares"):
        with pytest.raises(NotVisible):
            explaining.explain(company, office.actors["li"], "crm.contract", record, key, None, "en")


def test_a_hidden_value_is_not_copied_to_where_its_reader_sees_it(office_with: OpenOffice) -> None:
    office = open_derived(office_with)
    company, chosen = office.world.company, {"name": "Copy", "contract": {"id": office.record}}
    made = {who: records.save_record(company, office.actors[who], "crm.folder", None, chosen) for who in ("li", "wang")}
    assert {who: each.values["copied"] for who, each in made.items()} == {"li": None, "wang": "zqdear"}


def test_the_words_kept_for_searching_follow_when_a_step_begins_to_hide_them(office_with: OpenOffice) -> None:
    office = office_with("- {approve: head, who: [{user: li}]}", forms__crm__contract=TITLED)
    office.start("zhang", finance_note="zqdear")

    def finds(who: str) -> int:
        request = ListRequest(search="zqdear")
        return len(records.list_records(office.world.company, office.actors[who], "crm.contract", request).rows)

    assert (finds("li"), finds("wang")) == (1, 1)
    change(office.world, "workflows/crm/review.yaml", "who: [{user: li}]}", "who: [{user: li}], hide: [finance_note]}")
    setup.apply_company(office.world.site, "acme")
    office.world.company = office.world.site.company("acme")
    assert (finds("li"), finds("wang")) == (0, 0)


def test_a_notice_tells_nobody_what_is_computed_from_a_field_hidden_from_him(office_with: OpenOffice) -> None:
    told = "\n- auto: tell\n  effects: [{notify: {to: [{user: li}, {user: wang}], text: 'Now {name} {echo}'}}]\n"
    steps = STEPS.replace("- approve: last", told.strip("\n") + "\n- approve: last")
    office = office_with(steps, forms__crm__contract=DERIVED)
    office.start("zhang", finance_note="zqdear")
    office.approve("li")
    texts = {
        who: repr([each.text for each in notices.list_notifications(office.world.company, office.actors[who])])
        for who in ("li", "wang")
    }
    assert "Now A contract echo zqdear" in texts["wang"]
    assert "Now A contract" in texts["li"]
    assert "zqdear" not in texts["li"]
