"""The form and the record as a browser meets them: saving, refusals beside their inputs, two people at one record."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.services import people, setup
from engine.services.site import open_site
from engine.web.app import create_app
from tests.sites import write_site
from tests.web.conftest import FILES, Web

ORDER = """
    form: work.order
    label: {en: Order, zh: 订单}
    title: "{name}"
    fields:
      name: {type: text, label: {en: Name, zh: 名称}, required: true}
      task: {type: link, to: work.task, label: Task, fill: {place: task.name}}
      place: text
      urgent: boolean
      reason: {type: text, label: Reason, visible: urgent, required: urgent}
      step: stage
      lines:
        type: lines
        label: Items
        fields:
          item: {type: text, label: Item, required: true}
          quantity: {type: number, label: Quantity, default: 1}
          price: {type: money, label: Price}
          amount: {type: money, label: Amount, formula: "ROUND(quantity * price, 2)"}
      total: {type: money, label: Total, formula: "SUM(lines.amount)"}
      papers: {type: file, many: true, label: Papers}
    actions:
      again: {label: Make task, creates: work.task, with: {name: "=name", amount: "=total"}}
      hurry: {label: Hurry, sets: {urgent: true, reason: asked}}
    access:
      staff: {see: always, create: true, change: always, delete: own}
      boss: {see: always, create: true, change: always, delete: always}
    """
STEPS = """
    pipeline: work.order_steps
    of: work.order.step
    stages:
      open: {label: Open, tasks: {call: {label: Call}}}
      sent: {label: Sent}
    ends:
      lost: {label: Lost, outcome: lost, requires: [place]}
    """
ORDERS = "/acme/work/order"
START = re.compile(r'name="_start" value="([^"]*)"')


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[Web]:
    """The site with orders: lines, a formula, a fill, a field that appears, stages, files."""
    files = {**FILES, "forms/work/order.yaml": ORDER, "workflows/work/order_steps.yaml": STEPS}
    site = open_site(write_site(tmp_path, files))
    setup.apply_company(site, "acme")
    for login, roles in (("ann", ["staff"]), ("bo", ["boss"])):
        people.add_person(site.company("acme"), login=login, name=login.title(), roles=roles)
    yield Web(site, create_app(site))
    site.close()


def start_of(page: str) -> str:
    return html.unescape(START.findall(page)[0])


def version_of(page: str) -> str:
    return re.findall(r'name="_version" value="(\d+)"', page)[0]


def create(client: FlaskClient, **given: str) -> int:
    answer = client.post(f"{ORDERS}/new", data={"name": "First", **given})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def save(client: FlaskClient, order: int, page: str, **given: str) -> Any:
    kept = {"_start": start_of(page), "_version": version_of(page)}
    return client.post(f"{ORDERS}/{order}/edit", data={**kept, **given})


def test_an_order_with_lines_is_made_and_shown_with_its_total(orders: Web) -> None:
    ann = orders.browser("ann")
    rows = {
        "lines-0-item": "Bolt",
        "lines-0-quantity": "3",
        "lines-0-price": "0.10",
        "lines-7-item": "Nut",
        "lines-7-quantity": "1",
        "lines-7-price": "1,019.99",
    }
    order = create(ann, **rows)
    page = ann.get(f"{ORDERS}/{order}").text
    assert "1,020.29" in page
    assert page.index("Bolt") < page.index("Nut")


def test_what_is_wrong_stands_beside_its_input_and_what_was_typed_stays(orders: Web) -> None:
    answer = orders.browser("ann").post(
        f"{ORDERS}/new", data={"place": "Depot", "lines-0-item": "", "lines-0-price": "cheap"}
    )
    assert answer.status_code == 422
    assert 'value="Depot"' in answer.text
    assert 'value="cheap"' in answer.text
    assert re.search(r'id="f-name-error" data-error>.*Name must not be empty', answer.text, re.DOTALL)
    assert re.search(r'id="f-lines-0-item-error" data-error>', answer.text)
    assert 'href="#f-lines-0-price"' in answer.text


def test_two_people_at_one_record_the_second_learns_and_can_save_over(orders: Web) -> None:
    ann, bo = orders.browser("ann"), orders.browser("bo")
    order = create(ann, place="Depot")
    mine = ann.get(f"{ORDERS}/{order}/edit").text
    assert save(bo, order, bo.get(f"{ORDERS}/{order}/edit").text, name="Theirs").status_code == 303
    late = save(ann, order, mine, name="First", place="Harbour")
    assert late.status_code == 409
    assert "Bo has saved this record" in late.text
    assert 'value="Harbour"' in late.text
    assert 'value="Theirs"' in late.text
    assert save(ann, order, late.text, name="Theirs", place="Harbour").status_code == 303
    page = ann.get(f"{ORDERS}/{order}").text
    assert "Harbour" in page
    assert "Theirs" in page


def test_sending_the_same_new_form_twice_makes_one_record(orders: Web) -> None:
    ann = orders.browser("ann")
    assert create(ann, _key="k1") == create(ann, _key="k1")


def test_the_preview_computes_and_says_what_appears_without_writing(orders: Web) -> None:
    ann = orders.browser("ann")
    told = ann.post(f"{ORDERS}/preview", data={"urgent": "true", "lines-0-item": "Bolt", "lines-0-price": "2.50"}).json
    assert told["texts"]["total"] == "2.50"
    assert "reason" not in told["hidden"]
    assert "reason" in told["required"]
    assert "name" in told["problems"]
    assert "reason" in ann.post(f"{ORDERS}/preview", data={"urgent": "false"}).json["hidden"]
    assert ann.get("/acme/api/v1/work/order").json["rows"] == []


def test_the_browser_gets_the_formulas_as_trees_and_never_as_text(orders: Web) -> None:
    page = orders.browser("ann").get(f"{ORDERS}/new").text
    told = re.findall(r'<script type="application/json" id="form-definition">(.*?)</script>', page, re.DOTALL)[0]
    definition = json.loads(told)
    assert definition["fields"]["lines"]["rows"]["amount"]["formula"][0] == "ROUND"
    assert definition["fields"]["total"]["formula"][3] == "SUM"
    assert "SUM(lines.amount)" not in page


def test_no_page_carries_an_inline_style_or_script(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann)
    for address in (f"{ORDERS}/new", f"{ORDERS}/{order}", f"{ORDERS}/{order}/edit"):
        page = ann.get(address).text
        assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*(src=|application/json))", page)


def test_an_address_fills_the_new_form(orders: Web) -> None:
    ann = orders.browser("ann")
    assert 'value="Here"' in ann.get(f"{ORDERS}/new?place=Here&nothing=1").text


def test_options_of_a_link_bring_what_they_fill(orders: Web) -> None:
    ann = orders.browser("ann")
    task = ann.post("/acme/api/v1/work/task", json={"name": "Paint"}).json["id"]
    options = ann.get(f"{ORDERS}/choices/task?q=pai").json["options"]
    assert [(each["value"], each["title"]) for each in options] == [(str(task), "Paint")]
    assert options[0]["fills"]["place"]["shown"] == "Paint"


def test_an_action_opens_a_form_with_its_values_and_writes_nothing(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann, **{"lines-0-item": "Bolt", "lines-0-price": "7"})
    opened = ann.post(f"{ORDERS}/{order}/actions/again")
    assert opened.headers["Location"] == f"/acme/work/task/new?from=work.order/{order}/again"
    page = ann.get(opened.headers["Location"]).text
    assert 'value="First"' in page
    assert 'value="7.00"' in page
    assert ann.get("/acme/api/v1/work/task").json["rows"] == []


def test_opening_an_address_never_runs_an_action_that_writes(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann)
    assert ann.get(f"/acme/work/task/new?from=work.order/{order}/hurry").status_code == 404
    assert ann.get(f"/acme/api/v1/work/order/{order}").json["urgent"] is False


def test_a_stage_asks_for_what_it_requires_and_then_moves(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann)
    dialog = f"{ORDERS}/{order}/stage/step/lost"
    assert 'name="move-place"' in ann.get(dialog).text
    assert ann.post(dialog, data={"move-place": ""}).status_code == 422
    assert ann.post(dialog, data={"move-place": "Depot"}).status_code == 303
    assert ann.get(f"/acme/api/v1/work/order/{order}").json["step"] == "lost"


def test_a_task_is_ticked_on_the_page(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann)
    assert "0 of 1" in ann.get(f"{ORDERS}/{order}").text
    ann.post(f"{ORDERS}/{order}/task", data={"field": "step", "task": "call", "done": ["false", "true"]})
    assert "1 of 1" in ann.get(f"{ORDERS}/{order}").text


def test_a_file_is_sent_first_and_then_belongs_to_the_record(orders: Web) -> None:
    ann = orders.browser("ann")
    sent = ann.post("/acme/files", data={"file": (io.BytesIO(b"hello"), "note.txt")}).json
    order = create(ann, papers=str(sent["id"]))
    page = ann.get(f"{ORDERS}/{order}").text
    assert "note.txt" in page
    got = ann.get(f"/acme/files/{sent['id']}")
    assert got.data == b"hello"
    assert "attachment" in got.headers["Content-Disposition"]
    got.close()


def test_a_comment_and_a_deletion(orders: Web) -> None:
    ann = orders.browser("ann")
    order = create(ann)
    ann.post(f"{ORDERS}/{order}/comment", data={"text": "Call back <b>today</b>"})
    assert "Call back &lt;b&gt;today&lt;/b&gt;" in ann.get(f"{ORDERS}/{order}").text
    bo = orders.browser("bo")
    assert bo.post(f"{ORDERS}/{order}/delete").status_code == 303
    assert ann.get(f"{ORDERS}/{order}").status_code == 404


def test_a_small_form_makes_a_record_for_a_link(orders: Web) -> None:
    ann = orders.browser("ann")
    assert 'name="quick-name"' in ann.get("/acme/work/task/quick?typed=Paint").text
    assert ann.post("/acme/work/task/quick", data={"quick-name": ""}).status_code == 422
    made = ann.post("/acme/work/task/quick", data={"quick-name": "Paint"}).json
    assert made["title"] == "Paint"


def test_a_field_without_right_is_neither_shown_nor_taken(orders: Web) -> None:
    ann = orders.browser("ann")
    task = ann.post("/acme/api/v1/work/task", json={"name": "Paint"}).json["id"]
    assert 'name="cost"' not in ann.get(f"/acme/work/task/{task}/edit").text
    assert 'name="cost"' in orders.browser("bo").get(f"/acme/work/task/{task}/edit").text
    assert ann.post(f"/acme/work/task/{task}/edit", data={"cost": "5", "name": "Paint"}).status_code == 422
