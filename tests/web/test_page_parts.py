"""Sections and tabs with `when`: on the page of a record, on its form, and while somebody types."""

from __future__ import annotations

import json
from pathlib import Path

from engine.services import people, setup
from engine.services.site import open_site
from engine.web.app import create_app
from tests.sites import write_site
from tests.web.conftest import FILES, Web

TRIP = """
    form: work.trip
    label: Trip
    title: "{name}"
    fields:
      name: {type: text, label: Name}
      abroad: boolean
      visa: {type: text, label: Visa number}
      papers: {type: text, label: Papers wanted, required: abroad}
      task: {type: link, to: work.task, label: Task, inverse: {name: trips, label: Trips}}
    page:
      sections:
        main: {label: Main, fields: [name, abroad, task]}
        borders: {label: Borders, when: abroad, fields: [visa, papers]}
        linked: {label: Linked, when: task.done, fields: [visa]}
      tabs:
        files: {when: abroad}
    access: {staff: {see: always, create: true, change: always}}
    """
TASK_TABS = """
        page:
          tabs:
            trips: {label: Trips, when: done}
        access:
          staff:"""


def open_trips(root: Path) -> Web:
    task = FILES["forms/work/task.yaml"].replace("\n        access:\n          staff:", TASK_TABS)
    site = open_site(write_site(root, {**FILES, "forms/work/trip.yaml": TRIP, "forms/work/task.yaml": task}))
    setup.apply_company(site, "acme")
    people.add_person(site.company("acme"), login="ann", name="Ann", roles=["staff"])
    return Web(site, create_app(site))


def test_a_section_is_shown_while_its_condition_holds(tmp_path: Path) -> None:
    web = open_trips(tmp_path)
    ann = web.browser("ann")
    ann.post("/acme/work/trip/new", data={"name": "Rome", "abroad": "false", "visa": "V1"})
    assert "Borders" not in ann.get("/acme/work/trip/1").text
    assert "data-attach" not in ann.get("/acme/work/trip/1").text
    assert 'data-section="sections/borders" hidden' in ann.get("/acme/work/trip/1/edit").text
    ann.post("/acme/work/trip/1/edit", data={"abroad": "true", "papers": "none"})
    assert "Borders" in ann.get("/acme/work/trip/1").text
    assert "data-attach" in ann.get("/acme/work/trip/1").text
    assert 'data-section="sections/borders">' in ann.get("/acme/work/trip/1/edit").text
    web.site.close()


def test_conditions_that_need_the_server_are_answered_while_typing(tmp_path: Path) -> None:
    web = open_trips(tmp_path)
    ann = web.browser("ann")
    ann.post("/acme/work/task/new", data={"name": "Plan", "done": "true"})
    page = ann.get("/acme/work/trip/new").text
    told = json.loads(page.split('id="form-definition">')[1].split("</script>")[0])
    assert told["sections"]["sections/linked"] == "server"
    assert told["sections"]["sections/borders"] != "server"
    answer = ann.post("/acme/work/trip/preview", data={"name": "Rome", "task": "1"}).get_json()
    assert answer["away"] == ["sections/borders", "tabs/files"]
    web.site.close()


def test_a_section_with_something_wrong_in_it_is_shown(tmp_path: Path) -> None:
    web = open_trips(tmp_path)
    refused = web.browser("ann").post("/acme/work/trip/new", data={"name": "Rome", "abroad": "true"})
    assert refused.status_code == 422
    assert 'data-section="sections/borders">' in refused.text
    web.site.close()


def test_a_tab_of_related_records_may_say_when(tmp_path: Path) -> None:
    web = open_trips(tmp_path)
    ann = web.browser("ann")
    ann.post("/acme/work/task/new", data={"name": "Plan", "done": "false"})
    assert 'id="tab-trips"' not in ann.get("/acme/work/task/1").text
    ann.post("/acme/work/task/1/edit", data={"done": "true"})
    assert 'id="tab-trips"' in ann.get("/acme/work/task/1").text
    web.site.close()


def test_words_are_joined_as_the_language_joins_them(tmp_path: Path) -> None:
    web = open_trips(tmp_path)
    ann = web.browser("ann")
    listed = "/acme/work/task?where=kind+in+['a',+'b']"
    assert "Alpha, Beta" in ann.get(listed).text
    ann.post("/acme/language", data={"language": "zh"})
    assert "Alpha、Beta" in ann.get(listed).text
    web.site.close()
