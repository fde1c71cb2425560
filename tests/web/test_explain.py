"""Computed values explain themselves to programs and on pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import people, setup
from engine.services.site import open_site
from engine.web.app import create_app
from tests.sites import write_site
from tests.web.conftest import Web

FILES = {
    "site.yaml": "site: test\nlanguages: [en, zh]\ndemo: true\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [work]\nlanguage: en\n",
    "forms/work/app.yaml": """
        app: work
        label: Work
        roles: {staff: Staff, boss: Boss}
        menu: [deal, part]
        """,
    "forms/work/deal.yaml": """
        form: work.deal
        label: Deal
        title: "{name}"
        owner: who
        fields:
          name: text
          who: user
          limit: {type: money, label: {en: Limit, zh: 额度}}
          cost: {type: money, access: {see: [boss]}}
          rows:
            type: lines
            fields:
              what: text
              quantity: {type: number, label: {en: Quantity, zh: 数量}}
              price: {type: money, label: {en: Price, zh: 单价}}
              amount: {type: money, label: Amount, formula: "ROUND(quantity * price, 2)"}
          used: {type: money, label: {en: Used, zh: 已用}, formula: "SUM(parts.amount)"}
          left: {type: money, label: {en: Left, zh: 剩余}, formula: "limit - used"}
          gain: {type: money, formula: "limit - cost"}
        page: {figures: [left, used]}
        views: {list: {columns: [name, left]}}
        access:
          staff: {see: own, create: true, change: own}
          boss: {see: always, create: true, change: always}
        """,
    "forms/work/part.yaml": """
        form: work.part
        label: {en: Part, zh: 部分}
        title: "{name}"
        owner: who
        fields:
          name: text
          who: user
          deal: {type: link, to: work.deal, inverse: {name: parts, label: {en: Parts, zh: 各部分}}}
          amount: {type: money, label: {en: Amount, zh: 金额}}
        access:
          staff: {see: own, create: true, change: own}
          boss: {see: always, create: true, change: always}
        """,
}
DEALS, PARTS = "/acme/api/v1/work/deal", "/acme/api/v1/work/part"


@pytest.fixture
def deals(tmp_path: Path) -> Iterator[Web]:
    """Ann's deal 1 with a part of hers and 22 parts of Bo's."""
    site = open_site(write_site(tmp_path, FILES))
    setup.apply_company(site, "acme")
    company = site.company("acme")
    for login, roles in (("ann", ["staff"]), ("bo", ["boss"]), ("ada", ["administrator", "boss"])):
        people.add_person(company, login=login, name=login.title(), roles=roles)
    web = Web(site, create_app(site))
    row = {"what": "Bolt", "quantity": "3", "price": "1.50"}
    ann, bo = web.program("ann"), web.program("bo")
    deal = ann.post(DEALS, json={"name": "One", "limit": "500", "rows": [row]}).json["id"]
    ann.post(PARTS, json={"name": "Mine", "deal": deal, "amount": "7"})
    for number in range(22):
        bo.post(PARTS, json={"name": f"Part {number}", "deal": deal, "amount": "10", "who": None})
    yield web
    site.close()


def test_a_program_reads_words_parts_and_records(deals: Web) -> None:
    found = deals.program("bo").get(f"{DEALS}/1/explain/left").json
    assert (found["words"], found["value"], found["result"], found["agrees"]) == (
        "Limit − Used",
        "273.00",
        "273.00",
        True,
    )
    assert [(part["words"], part["value"]) for part in found["part"]["parts"]] == [
        ("Limit", "500.00"),
        ("Used", "227.00"),
    ]
    assert found["part"]["parts"][1]["field"] == {"form": "work.deal", "id": 1, "field": "used"}
    assert "expression" not in found
    used = deals.program("bo").get(f"{DEALS}/1/explain/used").json["part"]
    assert (used["words"], used["kind"]) == ("sum of Amount over Parts", "rows")
    assert used["sources"]["rows"][0] == {
        "form": "work.part",
        "id": 1,
        "title": "Mine",
        "available": True,
        "value": "7.00",
        "text": "7.00",
    }
    assert (used["sources"]["seen"], used["sources"]["hidden"], used["sources"]["next"]) == (23, 0, 20)
    more = deals.program("bo").get(f"{DEALS}/1/explain/used", query_string={"sources": 0, "after": 20}).json
    assert ([row["title"] for row in more["rows"]], more["next"]) == (["Part 19", "Part 20", "Part 21"], None)


def test_records_of_others_are_counted_only(deals: Web) -> None:
    answer = deals.program("ann").get(f"{DEALS}/1/explain/used")
    sources = answer.json["part"]["sources"]
    assert [row["title"] for row in sources["rows"]] == ["Mine"]
    assert (sources["seen"], sources["hidden"]) == (1, 22)
    assert "10.00" not in answer.text
    assert "Part 1" not in answer.text


def test_a_cell_of_lines_has_an_address_of_its_own(deals: Web) -> None:
    ann = deals.program("ann")
    row = ann.get(f"{DEALS}/1").json["rows"][0]["id"]
    found = ann.get(f"{DEALS}/1/explain/rows/{row}/amount").json
    assert (found["field"], found["value"]) == ("rows.amount", "4.50")
    assert found["part"]["parts"][0]["words"] == "Quantity × Price"


def test_what_may_not_be_seen_is_as_good_as_not_there(deals: Web) -> None:
    ann, bo = deals.program("ann"), deals.program("bo")
    bo.post(DEALS, json={"name": "Two", "who": None})
    answers = [
        ann.get(f"{DEALS}/1/explain/{name}") for name in ("gain", "misspelt", "name", "rows", "id", "rows/77/amount")
    ]
    answers += [ann.get(f"{DEALS}/2/explain/left"), ann.get(f"{DEALS}/1/explain/used?sources=5")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert bo.get(f"{DEALS}/1/explain/gain").json["words"] == "Limit − Cost"
    assert deals.visitor().get(f"{DEALS}/1/explain/left").status_code == 401


def test_administrators_read_where_it_is_defined(deals: Web) -> None:
    found = deals.program("ada").get(f"{DEALS}/1/explain/left").json
    assert found["expression"] == "limit - used"
    assert found["at"].startswith("forms/work/deal.yaml:")


def test_the_page_offers_it_beside_every_computed_value(deals: Web) -> None:
    ann = deals.browser("ann")
    page = ann.get("/acme/work/deal/1").text
    for address in ("explain/left", "explain/used", "/amount"):
        assert address in page
    assert "explain/limit" not in page
    assert "explain/gain" not in page
    assert 'data-explain="/acme/work/deal/1/explain/left"' in ann.get("/acme/work/deal/1/menu").text


def test_the_panel_speaks_the_readers_language(deals: Web) -> None:
    ann = deals.browser("ann")
    fragment = {"HX-Request": "true"}
    assert "Limit − Used" in ann.get("/acme/work/deal/1/explain/left", headers=fragment).text
    ann.post("/acme/language", data={"language": "zh"})
    panel = ann.get("/acme/work/deal/1/explain/used", headers=fragment).text
    assert "各部分的金额之和" in panel
    assert "另有 22 条您无权查看" in panel
    assert "<html" not in panel
    assert "额度 − 已用" in ann.get("/acme/work/deal/1/explain/left?part", headers=fragment).text
    assert "<html" in ann.get("/acme/work/deal/1/explain/left").text
    assert ann.get("/acme/work/deal/1/explain/gain").status_code == 404


def test_the_panel_continues_a_long_list(deals: Web) -> None:
    bo = deals.browser("bo")
    panel = bo.get("/acme/work/deal/1/explain/used", headers={"HX-Request": "true"}).text
    assert "/acme/work/deal/1/explain/used/sources/0?after=20" in panel
    rest = bo.get("/acme/work/deal/1/explain/used/sources/0?after=20", headers={"HX-Request": "true"}).text
    assert "Part 21" in rest
    assert "after=" not in rest
