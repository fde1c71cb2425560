"""Records of several kinds, each with stages of its own, on forms, pages, boards and in plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import setup
from engine.services.site import open_site
from tests.web.conftest import FILES, Web, open_web

SETS = {
    "workflows/work/task_stages.yaml": """
        pipeline: work.task_stages
        of: work.task.stage
        when: "kind = 'a'"
        label: {en: Alpha way, zh: 甲类}
        stages:
          open: {label: {en: Open, zh: 未开始}}
          half: {label: {en: Half done, zh: 进行中}}
        ends:
          over: {label: {en: Over, zh: 结束}, outcome: done}
        """,
    "workflows/work/task_stages_beta.yaml": """
        pipeline: work.task_stages_beta
        of: work.task.stage
        label: {en: Beta way, zh: 乙类}
        stages:
          fresh: {label: {en: Fresh, zh: 新建}, stands_for: open}
          ready: {label: {en: Ready, zh: 就绪}, tasks: {look: {label: {en: Look, zh: 检查}}}}
        ends:
          gone: {label: {en: Gone, zh: 作废}, outcome: void}
        moves: {reopen: {from: [gone], to: fresh, who: [{role: boss}]}}
        """,
}


@pytest.fixture
def sets(tmp_path: Path) -> Iterator[Web]:
    opened = open_web(tmp_path, files={**FILES, **SETS})
    yield opened
    opened.site.close()


def make(web: Web, **values: str) -> tuple[int, str]:
    made = web.program("ann").post("/acme/api/v1/work/task", json=values)
    assert made.status_code == 201, made.text
    return int(made.json["id"]), made.json["stage"]


def test_each_kind_of_record_walks_its_own_stages(sets: Web) -> None:
    first, stage = make(sets, name="First", kind="a")
    second, other = make(sets, name="Second", kind="b")
    assert (stage, other) == ("open", "fresh")
    ann = sets.browser("ann")
    pages = {each: ann.get(f"/acme/work/task/{each}").text.split('class="e-stages"')[1] for each in (first, second)}
    assert "Half done" in pages[first]
    assert "Ready" not in pages[first].split("</section>")[0]
    assert "Ready" in pages[second]
    boards = {
        name: ann.get(f"/acme/work/task?view=board&set=work.{name}").text
        for name in ("task_stages", "task_stages_beta")
    }
    assert ("Alpha way" in boards["task_stages"], "Beta way" in boards["task_stages"]) == (True, True)
    assert ("First" in boards["task_stages"], "Second" in boards["task_stages"]) == (True, False)
    assert ("First" in boards["task_stages_beta"], "Second" in boards["task_stages_beta"]) == (False, True)
    filtered = ann.get("/acme/work/task/filter?view=board&set=work.task_stages_beta&field=kind&test=any&value=b")
    assert "set=work.task_stages_beta" in filtered.headers["Location"]
    changed = sets.program("ann").patch(f"/acme/api/v1/work/task/{first}", json={"kind": "b", "version": 1})
    assert (changed.status_code, changed.json["stage"]) == (200, "fresh")


def test_who_may_takes_a_record_back_from_its_end_on_its_page(sets: Web) -> None:
    number, _ = make(sets, name="Second", kind="b")
    ann, bo = sets.browser("ann"), sets.browser("bo")
    ann.post(f"/acme/work/task/{number}/stage/stage/gone", data={"version": "1"})
    assert "Reopen as" not in ann.get(f"/acme/work/task/{number}").text
    assert "Reopen as “Fresh”" in bo.get(f"/acme/work/task/{number}").text
    bo.post(f"/acme/work/task/{number}/stage/stage/fresh", data={"version": "2"})
    page = ann.get(f"/acme/work/task/{number}").text
    assert 'aria-current="step"' in page.split('class="e-stages"')[1].split("Fresh")[0]
    told = ann.get(f"/acme/work/task/{number}").text
    assert told.count("Gone") >= 2


def test_a_plan_insists_on_where_records_of_a_removed_stage_go(sets: Web, tmp_path: Path) -> None:
    make(sets, name="Second", kind="b")
    file = tmp_path / "workflows/work/task_stages_beta.yaml"
    text = file.read_text(encoding="utf-8").replace("fresh:", "started:").replace("to: fresh", "to: started")
    file.write_text(text, encoding="utf-8")
    assert [each.code for each in setup.plan_company(open_site(tmp_path), "acme").refused] == ["T104"]
    file.write_text(text.replace("moves:", "moved: {fresh: started}\nmoves:"), encoding="utf-8")
    plan = setup.plan_company(open_site(tmp_path), "acme")
    assert plan.refused == ()
    assert [each.words["zh"] for each in plan.steps if each.kind == "moved"] == [
        "移动 1 条记录，work.task.stage: fresh → started"
    ]
