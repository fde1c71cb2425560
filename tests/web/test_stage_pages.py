"""The stage bar of a record: what is asked for, how long it has stood where, what an approval guards; and the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.services import people
from engine.services.site import now_utc
from tests.web.conftest import FILES, Web, open_web

MORE = {
    "workflows/work/task_stages.yaml": """
        pipeline: work.task_stages
        of: work.task.stage
        stages:
          open: {label: {en: Open, zh: 未开始}, stale_after: 5 days, guidance: {en: Begin soon, zh: 尽快开始},
                 tasks: {plan: {label: {en: Plan, zh: 计划}, help: {en: Write it down, zh: 写下来}, required: false}}}
          half: {label: {en: Half done, zh: 进行中}, workflow: check}
          near: {label: {en: Nearly, zh: 快完成}}
        ends:
          over: {label: {en: Over, zh: 结束}, outcome: done}
        """,
    "forms/work/app.yaml": FILES["forms/work/app.yaml"].replace("boss: Boss", "boss: Boss, helper: Helper"),
    "workflows/work/check.yaml": """
        workflow: work.check
        label: {en: Go on, zh: 继续审批}
        of: work.task
        admin: [{role: boss}]
        start: {who: [{role: staff}]}
        steps: [{approve: see, who: [{role: boss}, {role: helper}]}]
        """,
}


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Web]:
    opened = open_web(tmp_path, files={**FILES, **MORE})
    yield opened
    opened.site.close()


def make(web: Web) -> int:
    made = web.program("ann").post("/acme/api/v1/work/task", json={"name": "Dig"})
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def test_the_dialog_says_that_a_stage_is_guarded_and_the_bar_shows_the_wish(gated: Web) -> None:
    number, ann = make(gated), gated.browser("ann")
    dialog = ann.get(f"/acme/work/task/{number}/stage/stage/half").text
    assert "needs the approval “Go on”" in dialog
    assert "Submit for approval" in dialog
    sent = ann.post(f"/acme/work/task/{number}/stage/stage/half", data={"version": "1"})
    assert sent.status_code in (204, 303), sent.text
    page = ann.get(f"/acme/work/task/{number}").text
    assert "Goes to “Half done” once “Go on” has passed." in page
    assert f"/acme/work/task/{number}/stage/stage/over" not in page


def test_the_api_and_the_board_say_that_the_record_stays(gated: Web) -> None:
    number, program = make(gated), gated.program("ann")
    moved = program.post(f"/acme/api/v1/work/task/{number}/move", json={"field": "stage", "stage": "half"})
    assert (moved.status_code, moved.json["stage"]) == (202, "open")
    other, ann = make(gated), gated.browser("ann")
    card = ann.post(
        f"/acme/work/task/{other}/move",
        data={"field": "stage", "stage": "half", "before": "open"},
        headers={"Accept": "application/json"},
    )
    assert (card.status_code, card.json["stays"]) == (202, True)
    assert "once the approval has passed" in card.json["text"]


def test_who_only_handles_a_record_has_no_menu_entry_but_sees_the_record(gated: Web) -> None:
    company = gated.site.company("acme")
    number = make(gated)
    cy = people.add_person(company, login="cy", name="Cy", roles=["helper"])
    browser = gated.browser("cy")
    assert browser.get(f"/acme/work/task/{number}").status_code == 404
    gated.program("ann").post(f"/acme/api/v1/work/task/{number}/move", json={"field": "stage", "stage": "half"})
    home = gated.browser("cy").get("/acme/").text
    assert 'href="/acme/work/task"' not in home
    assert cy
    seen = browser.get(f"/acme/work/task/{number}")
    assert seen.status_code == 200
    assert "Dig" in seen.text
    assert "data-load-dialog" not in seen.text.split('class="e-stages"')[1].split("</section>")[0]
    listed = browser.get("/acme/api/v1/work/task").json
    assert [each["id"] for each in listed["rows"]] == [number]
    assert browser.get("/acme/work/task/new").status_code in (403, 404)


def test_an_idle_record_says_so_with_its_days(gated: Web) -> None:
    number, ann = make(gated), gated.browser("ann")
    assert "Idle for" not in ann.get(f"/acme/work/task/{number}").text
    gated.site.company("acme").clock = lambda: now_utc() + timedelta(days=7)
    page = gated.browser("ann").get(f"/acme/work/task/{number}").text
    assert "Idle for 7 days" in page
    assert "Usually it takes no longer than 5 days." in page
    assert "<small>7 d</small>" in page
    assert "Begin soon" in page
    assert "Write it down" in page


def test_idle_records_are_found_by_a_filter_that_keeps_the_others(gated: Web) -> None:
    make(gated)
    ann = gated.browser("ann")
    assert 'href="/acme/work/task?where=stage.stale"' in ann.get("/acme/work/task").text
    assert "Dig" not in ann.get("/acme/work/task?where=stage.stale").text
    gated.site.company("acme").clock = lambda: now_utc() + timedelta(days=7)
    ann = gated.browser("ann")
    both = ann.get("/acme/work/task/filter?where=stage.stale&field=name&test=contains&value=Dig")
    assert both.headers["Location"].endswith("?where=CONTAINS(name,+'Dig')+and+stage.stale")
    found = ann.get("/acme/work/task?where=CONTAINS(name,+'Dig')+and+stage.stale").text
    assert "Dig</" in found
    assert "where=CONTAINS(name,+'Dig')\"" in found.replace("&#39;", "'").replace("%27", "'").replace("%28", "(")
    assert 'name="where" value="stage.stale"' in found
    built = ann.get("/acme/work/task/filter?where=stage.stale&builder=1").headers["Location"]
    assert built.endswith("?where=stage.stale")
