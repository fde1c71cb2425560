"""Numbers of boards: for programs, explained, as workbooks; and boards that readers put together themselves."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import FILES, Web, drop_company, open_web

METRICS = """
    metrics: work.tasks
    ready: {label: {en: Ready, zh: 完成率}, of: work.task, value: 'DIVIDE(COUNT(records[done]), COUNT(), NULL)', format: percent}
    worth: {label: Worth, of: work.task, value: SUM(amount), where: amount > 1, format: money}
    """
BOARD = """
    dashboard: work.overview
    label: {en: Overview, zh: 总览}
    home: [boss]
    filters:
      period: {field: due, default: all}
      kind: kind
    widgets:
      ready: {type: number, metric: tasks.ready}
      kinds: {type: bar, metric: [tasks.worth, tasks.ready], by: kind}
      months: {type: line, metric: tasks.worth, by: {due: month}}
      cross: {type: pivot, of: work.task, rows: kind, columns: done, value: COUNT()}
      costs: {type: number, of: work.task, value: SUM(cost)}
      tasks: {type: table, of: work.task, columns: [name, amount, due], order: name}
    layout: [[ready, costs], [kinds, months], [cross], [tasks]]
    """
LEADERS = "dashboard: work.leaders\nroles: [boss]\nwidgets: {all: {type: number, of: work.task, value: COUNT()}}\n"
TASK = FILES["forms/work/task.yaml"].replace("change: own, delete: own}", "change: own, delete: own, export: never}")
BOARDS = {
    **FILES,
    "forms/work/task.yaml": TASK,
    "dashboards/work/tasks.yaml": METRICS,
    "dashboards/work/overview.yaml": BOARD,
    "dashboards/work/leaders.yaml": LEADERS,
}
API = "/acme/api/v1/boards/"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    if url:
        drop_company(url)
    opened = open_boards(tmp_path_factory.mktemp("numbers"), url)
    yield opened
    opened.site.close()
    if url:
        drop_company(url)


def open_boards(folder: Path, url: str | None) -> Web:
    """A site with boards and tasks of ann and of bo."""
    opened = open_web(folder, url, BOARDS)
    for login, numbers in (("ann", range(6)), ("bo", range(6, 14))):
        program = opened.program(login)
        for at in numbers:
            values = {"name": f"t{at:02}", "amount": f"{at}.50", "due": f"2026-0{1 + at % 3}-10", "done": at % 3 == 0}
            values |= {"kind": "ab"[at % 2]} if at % 5 else {}
            assert program.post("/acme/api/v1/work/task", json=values).status_code == 201
    return opened


def found(program: FlaskClient, address: str, status: int = 200) -> dict[str, object]:
    answer = program.get(address)
    assert answer.status_code == status, answer.text
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


def test_boards_for_programs(web: Web) -> None:
    ann, bo = web.program("ann"), web.program("bo")
    assert [each["id"] for each in found(ann, API[:-1])["boards"]] == ["work.overview"]  # type: ignore[attr-defined]
    assert [each["id"] for each in found(bo, API[:-1])["boards"]] == ["work.leaders", "work.overview"]  # type: ignore[attr-defined]
    board = found(ann, f"{API}work/overview?f.kind=a&widget=ready&widget=costs")
    assert board["layout"] == [["ready", "costs"], ["kinds", "months"], ["cross"], ["tasks"]]
    assert [each["values"] for each in board["filters"]] == [["all"], ["a"]]  # type: ignore[attr-defined]
    assert {name: each["state"] for name, each in board["widgets"].items()} == {"ready": "ok", "costs": "hidden"}  # type: ignore[attr-defined]
    page = found(bo, f"{API}work/overview/widgets/tasks?limit=5")["records"]
    assert [row["name"] for row in page["rows"]] == ["t00", "t01", "t02", "t03", "t04"]  # type: ignore[index]
    assert found(bo, f"{API}work/overview/widgets/tasks?limit=100&after={page['next']}")["records"]["total"] == 14  # type: ignore[index]
    for address in ("work/leaders", "work/nothing", "my/1", "work/overview/widgets/nothing"):
        found(ann, f"{API}{address}", 404)
    found(ann, f"{API}work/overview?f.nothing=1", 422)
    paths = found(ann, "/acme/api/v1/openapi.json")["paths"]
    assert f"{API}work/overview" in paths  # type: ignore[operator]
    assert f"{API}work/leaders" not in paths  # type: ignore[operator]
    asked = [each["name"] for each in paths[f"{API}work/overview"]["get"]["parameters"]]  # type: ignore[index]
    assert asked == ["f.period", "f.kind", "pick", "drill", "widget"]


def test_every_number_is_explained_and_comes_out_again(web: Web) -> None:
    bo = web.program("bo")
    board = found(bo, f"{API}work/overview?f.kind=a&f.kind=b")
    for name, widget in board["widgets"].items():  # type: ignore[attr-defined]
        if widget["type"] == "table":
            continue
        for mark in [None, *widget["marks"]]:
            keys = "".join(f"&key={key['value']}" for key in mark["keys"]) if mark else ""
            why = found(bo, f"{API}work/overview/widgets/{name}/explain?f.kind=a&f.kind=b{keys}")
            shown = mark["values"] if mark else widget["totals"]
            assert [each["value"] for each in why["numbers"]] == shown, (name, keys)  # type: ignore[attr-defined]
            assert why["filters"] == ["Kind: Alpha, Beta"]
            listed = found(bo, f"/acme/api/v1/work/task?where={why['where'].replace('+', '%2B')}&total=exact")  # type: ignore[attr-defined]
            assert why["count"] == listed["total"], (name, keys)
            assert name != "cross" or not mark or Decimal(shown[0]) == why["count"]
    ready = found(bo, f"{API}work/overview/widgets/ready/explain")["numbers"][0]  # type: ignore[index]
    assert [part["value"] for part in ready["parts"]] == ["5", "14"]
    assert "Task" in ready["words"]
    assert "at" not in ready
    told = found(web.program("ada"), f"{API}work/overview/widgets/ready/explain")["numbers"][0]  # type: ignore[index]
    assert told["at"].startswith("dashboards/work/tasks.yaml:3")
    found(bo, f"{API}work/overview/widgets/ready/explain?key=a", 422)
    found(bo, f"{API}work/overview/widgets/months/explain?key=soon", 422)
    hidden = found(web.program("ann"), f"{API}work/overview/widgets/costs/explain")
    assert hidden["state"] == "hidden"
    assert (hidden["numbers"][0]["words"], hidden["numbers"][0]["value"]) == ("", None)  # type: ignore[index]


def test_pages_of_numbers(web: Web) -> None:
    bo, ann = web.browser("bo"), web.browser("ann")
    why = bo.get(
        "/acme/boards/work/overview/widgets/kinds/why?key=a&f.period=this_year", headers={"HX-Request": "true"}
    )
    assert why.status_code == 200
    assert "Kind: Alpha" in why.text
    assert "<!doctype" not in why.text
    assert "<!doctype" in bo.get("/acme/boards/work/overview/widgets/kinds/why").text
    hidden = ann.get("/acme/boards/work/overview/widgets/costs/why").text
    assert "Not available to you" in hidden
    assert ann.get("/acme/boards/work/leaders/widgets/all/why").status_code == 404
    printed = bo.get("/acme/boards/work/overview/print?f.kind=a").text
    assert "Kind: Alpha" in printed
    assert 'data-widget="kinds"' in printed


def test_widgets_and_boards_as_workbooks(web: Web) -> None:
    bo = web.browser("bo")
    one = bo.get("/acme/boards/work/overview/widgets/tasks/file?f.kind=a")
    assert one.status_code == 200
    assert "Overview" not in str(one.headers["Content-Disposition"])
    assert {"t02", "t04"} <= set(texts_of(one.data))
    assert "t01" not in texts_of(one.data)
    whole = bo.get("/acme/boards/work/overview/file")
    names = re.findall(r'<sheet name="([^"]+)"', part_of(whole.data, "xl/workbook.xml"))
    assert len(names) == 7
    assert {"Alpha", "Total", "2026-01", "No filter"} <= set(texts_of(whole.data))
    # who may not take the records away does not get their sums as a file either
    assert web.browser("ann").get("/acme/boards/work/overview/file").status_code == 403
    assert bo.get("/acme/boards/work/overview/widgets/nothing/file").status_code == 404


def part_of(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def texts_of(data: bytes) -> list[str]:
    return re.findall(r"<t[^>]*>([^<]*)</t>", part_of(data, "xl/sharedStrings.xml"))
