"""What addresses of boards may carry: foreign ids, marks of nothing, days beyond the calendar. Each has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError

from engine.services import records
from engine.services.dashboards import remembering
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.views import BoardState, WidgetData
from engine.services.dashboards.widgets import fetch_widget
from engine.services.people import person_actor
from engine.storage.database import DatabaseAddress
from tests.web.conftest import FILES, Web, drop_company, open_web

BOARD = """
    dashboard: work.overview
    filters:
      period: {field: due, default: all}
      who: who
      office: {field: who.department}
      parent: parent
      amount: amount
      name: name
      done: done
    widgets:
      count: {type: number, of: work.task, value: COUNT(), compare: previous_period}
      days: {type: line, of: work.task, by: {due: month}, value: SUM(amount), drill: [kind]}
      kinds: {type: bar, of: work.task, by: kind, value: COUNT()}
      parents: {type: bar, of: work.task, by: parent, value: COUNT()}
      costs: {type: number, of: work.task, value: SUM(cost)}
      tasks: {type: table, of: work.task, columns: [name, due], order: name}
    """
# (what the address carries, what a widget says to it)
FINE = (
    "",
    "f.who=999999",
    "f.office=999999",
    "f.parent=999999",
    "f.who=&f.who=me",
    "f.amount=1.50",
    "f.period=1900-01-01..2999-12-31",
    "f.period=..2020-01-01",
    "f.done=perhaps",
    "pick=parents~parent~999999",
    "pick=days~due:month~9999-12-01",
    "pick=kinds~kind~nothing",
    "pick=kinds~kind~%27%20or%20true",
    "drill=days~99",
    "drill=nothing~1",
    "drill=days~many",
    "limit=-5",
    "limit=x",
    "f.name=%27%22%5C%0A%E6%98%9F",
    "f.name=" + "x" * 2000,
)
REFUSED = (
    "f.nothing=1",
    "f.=1",
    "f.who=-1",
    "f.who=99999999999999999999",
    "f.who=%D9%A1",
    "f.amount=1E%2B999999",
    "f.amount=NaN",
    "f.period=soon",
    "f.period=9999-01-01..9999-12-31",
    "f.period=0001-01-01..",
    "f.period=2026-02-30..",
    "pick=nothing~kind~a",
    "pick=kinds~stage~a",
    "pick=kinds",
    "pick=parents~parent~1E5",
    "pick=parents~parent~99999999999999999999",
    "pick=days~due:month~0001-01-01",
    "pick=days~due:month~never",
)


@pytest.fixture
def web(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[Web]:
    if database_address.url:
        drop_company(database_address.url)
    opened = open_web(tmp_path, database_address.url, {**FILES, "dashboards/work/overview.yaml": BOARD})
    company = opened.site.company("acme")
    for number, due in enumerate(("2026-01-05", "9999-12-31", "1900-01-01", None)):
        values = {"name": f"T{number}", "amount": "5", "due": due, "kind": "a"}
        records.save_record(company, person_actor(company, "ann"), "work.task", None, values)
    yield opened
    opened.site.close()
    if database_address.url:
        drop_company(database_address.url)


def test_every_address_of_a_board_has_an_answer(web: Web) -> None:
    ann = web.browser("ann")
    for query in (*FINE, *REFUSED):
        page = ann.get(f"/acme/boards/work/overview?{query}")
        assert page.status_code == (422 if query in REFUSED else 200), query
        for name in ("count", "days", "parents", "tasks"):
            widget = ann.get(f"/acme/boards/work/overview/widgets/{name}?{query}")
            assert widget.status_code in (200, 404), (name, query)
            if query in FINE:
                assert widget.status_code == 200, (name, query)
    for path in ("nothing", "overview/widgets/nothing", quote("o'; --"), "overview/widgets/" + quote("\u661f\x00")):
        assert ann.get(f"/acme/boards/work/{path}").status_code == 404, path
    assert ann.get("/acme/boards/work/overview/widgets/tasks?after=garbage").status_code == 200


def test_what_is_hidden_or_fails_changes_no_other_widget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = open_web(tmp_path, None, {**FILES, "dashboards/work/overview.yaml": BOARD})
    company = web.site.company("acme")
    records.save_record(company, person_actor(company, "ann"), "work.task", None, {"name": "T", "due": "2026-01-05"})
    usual = {"count": "ok", "days": "ok", "kinds": "ok", "parents": "ok", "costs": "ok", "tasks": "ok"}

    def states(login: str) -> dict[str, str]:
        found = fetch_widgets(company, person_actor(company, login), "work.overview", None, BoardState(), "en")
        return {each.widget.name: each.state for each in found}

    def give_up(asker: remembering.Asker, widget: remembering.Widget) -> WidgetData:
        if widget.name == "days":
            raise OperationalError("SELECT", {}, TimeOut())
        return fetch_widget(asker, widget)

    with monkeypatch.context() as patched:
        patched.setattr(remembering, "fetch_widget", give_up)
        assert states("bo") == {**usual, "days": "error"}
    assert states("bo") == usual  # a failure is not remembered
    assert states("ann") == {**usual, "costs": "hidden"}
    web.site.close()


class TimeOut(Exception):
    """What PostgreSQL says when a statement runs out of time."""

    sqlstate = "57014"
