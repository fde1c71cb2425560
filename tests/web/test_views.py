"""Trees and calendars as pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import people, setup
from engine.services.site import open_site
from engine.web.app import create_app
from tests.sites import write_site
from tests.web.conftest import FILES, Web

SITE = {
    **FILES,
    "forms/work/part.yaml": """
        form: work.part
        label: {en: Part, zh: 部件}
        title: "{name}"
        owner: who
        search: [name]
        fields:
          name: {type: text, required: true}
          kind: {type: choice, choices: {a: {label: Alpha, color: red}, b: Beta}}
          due: date
          who: {type: user, default: "=me"}
          parent: {type: link, to: work.part, tree: true}
        views:
          parts: {type: tree, label: {en: Parts, zh: 部件树}, columns: [name, kind]}
          month: {type: calendar, label: {en: Month, zh: 月历}, card: [kind, who]}
        access:
          staff: {see: own, create: true, change: own}
          boss: {see: always, create: true, change: always}
        """,
}
PARTS = "/acme/work/part"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    site = open_site(write_site(tmp_path, SITE))
    setup.apply_company(site, "acme")
    for login, roles in (("ann", ["staff"]), ("bo", ["boss"])):
        people.add_person(site.company("acme"), login=login, name=login.title(), roles=roles)
    yield Web(site, create_app(site))
    site.close()


def add(web: Web, login: str, **values: object) -> int:
    return int(web.browser(login).post("/acme/api/v1/work/part", json=values).json["id"])


def test_a_tree_shows_its_top_and_a_branch_when_it_is_opened(web: Web) -> None:
    wheel = add(web, "bo", name="Wheel", kind="a")
    add(web, "bo", name="Spoke", parent=wheel)
    client = web.browser("bo")
    page = client.get(f"{PARTS}?view=parts").text
    assert 'role="tree"' in page
    assert "Wheel" in page
    assert "Spoke" not in page
    assert "Alpha" in page
    branch = client.get(f"{PARTS}/{wheel}/tree?view=parts&level=2").text
    assert "Spoke" in branch
    assert 'aria-level="2"' in branch


def test_a_search_in_a_tree_shows_what_stands_above(web: Web) -> None:
    wheel = add(web, "bo", name="Wheel")
    add(web, "bo", name="Spoke", parent=wheel)
    page = web.browser("bo").get(f"{PARTS}?view=parts&search=spoke").text
    assert page.index("Wheel") < page.index("Spoke")
    assert 'aria-expanded="true"' in page


def test_a_refused_filter_of_a_tree_or_calendar_says_why(web: Web) -> None:
    for view in ("parts", "month"):
        answer = web.browser("bo").get(f"{PARTS}?view={view}&where=nothing%3D1")
        assert answer.status_code == 422
        assert "nothing" in answer.text


def test_the_page_of_a_record_shows_its_place_in_the_tree(web: Web) -> None:
    wheel = add(web, "bo", name="Wheel")
    hub = add(web, "ann", name="Hub")
    web.browser("bo").patch(f"/acme/api/v1/work/part/{hub}", json={"parent": wheel}, headers={"If-Match": "1"})
    add(web, "bo", name="Bolt", parent=hub)
    shown = web.browser("bo").get(f"{PARTS}/{hub}").text
    place = shown[shown.index('class="e-place"') :]
    assert place.index("Wheel") < place.index("Hub") < place.index("Bolt")
    hidden = web.browser("ann").get(f"{PARTS}/{hub}").text
    assert "Wheel" not in hidden[hidden.index('class="e-place"') :].split("</ul>")[0]


def test_a_calendar_shows_a_month_and_leads_on(web: Web) -> None:
    add(web, "bo", name="Deliver", kind="a", due="2026-03-05")
    add(web, "ann", name="Collect", due="2026-03-31")
    client = web.browser("bo")
    page = client.get(f"{PARTS}?view=month&month=2026-03").text
    assert "Deliver" in page
    assert "Collect" in page
    assert "March 2026" in page
    assert "month=2026-02" in page
    assert "month=2026-04" in page
    assert f"{PARTS}/new?due=2026-03-05" in page
    assert 'value="2026-03-05"' in client.get(f"{PARTS}/new?due=2026-03-05").text
    assert "Deliver" not in web.browser("ann").get(f"{PARTS}?view=month&month=2026-03").text
    assert client.get(f"{PARTS}?view=month").status_code == 200
    for wrong in ("2026-13", "x", "0001-01"):
        assert client.get(f"{PARTS}?view=month&month={wrong}").status_code == 400


def test_a_day_with_many_records_leads_to_all_of_them(web: Web) -> None:
    for number in range(6):
        add(web, "bo", name=f"Visit {number}", due="2026-03-05")
    client = web.browser("bo")
    page = client.get(f"{PARTS}?view=month&month=2026-03").text
    assert "3 more" in page
    listed = client.get(f"{PARTS}?where=due+%3D+DATE(2026,+3,+5)").text
    assert listed.count("Visit ") >= 6
