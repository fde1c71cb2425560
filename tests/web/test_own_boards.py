"""Boards that readers make: of another board or of nothing, for themselves alone, of what they may see alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from engine.catalog.own_boards import build_own_board
from engine.services.definitions import check_site
from tests.web.conftest import Web
from tests.web.test_board_numbers import API, found, open_boards


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    opened = open_boards(tmp_path_factory.mktemp("own"), None)
    yield opened
    opened.site.close()


def made(browser: FlaskClient, address: str, **values: object) -> str:
    """The address at which the board that was made is changed."""
    return str(browser.post(f"/acme/boards/{address}", data=values).headers["Location"])


def do(browser: FlaskClient, edit: str, act: str, status: int = 303, **values: object) -> str:
    answer = browser.post(edit, data={"act": act, **values})
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_reader_copies_a_board_and_changes_it(web: Web) -> None:
    browser, program = web.browser("ann"), web.program("ann")
    edit = made(browser, "work/overview/copy")
    assert edit == "/acme/boards/my/1/edit"
    before, after = found(program, f"{API}work/overview"), found(program, f"{API}my/1")
    assert after["label"] == "Overview (mine)"
    assert after["widgets"] == before["widgets"]
    do(browser, edit, "add", form="work.task", type="column", number="sum:amount", by="kind", split="done", label="Sum")
    do(browser, edit, "add", form="work.task", type="number", number="metric:work.tasks.ready")
    do(browser, edit, "move", 400)
    do(browser, edit, "up", widget="w1")
    do(browser, edit, "size", widget="w1", span="12")
    do(browser, edit, "label", widget="w1", label="<b>Sums</b>")
    do(browser, edit, "remove", widget="months")
    do(browser, edit, "rename", name="Mine")
    board = found(program, f"{API}my/1")
    assert board["label"] == "Mine"
    assert board["layout"] == [["ready", "costs", "kinds"], ["cross"], ["w1"], ["tasks"], ["w2"]]
    assert board["widgets"]["w1"]["label"] == "<b>Sums</b>"  # type: ignore[index]
    assert board["widgets"]["w2"]["totals"] == board["widgets"]["ready"]["totals"]  # type: ignore[index]
    assert "&lt;b&gt;Sums" in browser.get("/acme/boards/my/1").text
    assert "&lt;b&gt;Sums" in browser.get(edit).text
    offered = browser.get(f"{edit}?form=work.task").text
    assert 'value="sum:amount"' in offered
    assert 'value="sum:cost"' not in offered
    assert made(browser, "my/1/copy") == "/acme/boards/my/2/edit"
    do(browser, edit, "drop")
    found(program, f"{API}my/1", 404)


def test_own_boards_are_their_makers_alone(web: Web) -> None:
    browser = web.browser("ben")
    edit = made(browser, "new", name="Tasks")
    for other in ("bo", "ada"):
        found(web.program(other), f"{API}my/1", 404)
        assert web.browser(other).get(edit).status_code == 404
        assert web.browser(other).post(edit, data={"act": "drop"}).status_code == 404
    do(browser, edit, "add", 422, form="work.task", type="number", number="sum:cost")
    do(browser, edit, "add", 422, form="work.task", type="bar", number="count", by="cost")
    do(browser, edit, "add", 422, form="work.task", type="bar", number="count", by="nothing")
    do(browser, edit, "add", 422, form="work.task", type="bar", number="count")
    do(browser, edit, "add", 404, form="work.plan", type="number")
    do(browser, edit, "size", 404, widget="nothing", span="3")
    assert browser.post("/acme/boards/work/leaders/copy").status_code == 404
    assert browser.post(edit, data={"act": "drop"}, headers={"X-CSRF-Token": ""}).status_code in (400, 403)


def test_what_does_not_fit_the_definitions_any_more_is_left_out(web: Web) -> None:
    catalog = web.site.company("acme").catalog
    widgets = {
        "good": {"type": "number", "of": "work.task", "value": "COUNT()", "compare": "previous_period"},
        "gone": {"type": "bar", "of": "work.task", "value": "COUNT()", "by": "colour"},
        "lost": {"type": "number", "metric": "work.tasks.never"},
    }
    filters = {"period": {"field": {"work.task": "started"}}, "kind": {"field": "kind"}}
    written = {"dashboard": "work.own", "widgets": widgets, "filters": filters, "layout": [["gone", "good"], ["lost"]]}
    board = build_own_board(catalog, 3, written)
    assert (board.id, tuple(board.widgets), tuple(board.filters), board.layout) == (
        "my.3",
        ("good",),
        ("kind",),
        (("good",),),
    )


def test_the_first_page_is_the_board_of_a_role_or_the_chosen_one(web: Web) -> None:
    bo, ben = web.browser("bo"), web.browser("ben")
    assert 'data-widget="kinds"' in bo.get("/acme/").text
    assert "data-widget" not in ben.get("/acme/").text
    edit = made(ben, "new", name="Tasks")
    do(ben, edit, "add", form="work.task", type="number")
    number = edit.split("/")[-2]
    ben.post("/acme/boards/home", data={"board": f"my.{number}"})
    assert 'data-widget="w1"' in ben.get("/acme/").text
    do(ben, edit, "drop")
    assert "data-widget" not in ben.get("/acme/").text
    bo.post("/acme/boards/home", data={"board": ""})
    assert "data-widget" not in bo.get("/acme/").text
    assert ben.post("/acme/boards/home", data={"board": "work.leaders"}).status_code == 404


def test_an_administrator_publishes_a_board_for_roles(web: Web) -> None:
    ada, ann = web.browser("ada"), web.browser("ann")
    edit = made(ada, "work/overview/copy")
    address = edit.replace("/edit", "/publish")
    assert ada.post(address, data={"name": "overview", "roles": "staff"}).status_code == 422
    assert ada.post(address, data={"name": "../out", "roles": "staff"}).status_code == 422
    own = made(ann, "work/overview/copy").replace("/edit", "/publish")
    assert ann.post(own, data={"name": "mine", "roles": "staff"}).status_code == 403
    file = ada.post(address, data={"name": "team", "roles": "staff", "home": "1"})
    path = file.text.split("\n")[0].removeprefix("# ")
    assert path == "dashboards/companies/acme/work/team.yaml"
    target = web.site.root / path
    target.parent.mkdir(parents=True)
    target.write_text(file.text, encoding="utf-8")
    assert not check_site(web.site.root)
    assert "roles:\n- staff\nhome:\n- staff" in file.text
