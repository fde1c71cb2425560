"""A field hidden at my step, and what is computed from it, on no page and in no answer of the site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import people
from engine.services.flow.commands import start_workflow
from tests.web.conftest import FILES, Web, open_web

TASK = FILES["forms/work/task.yaml"].replace(
    "stage: stage",
    "memo: text\n          echo: {type: text, formula: \"'said ' & memo\"}\n          stage: stage",
)
MORE = {
    "forms/work/task.yaml": TASK.replace(
        "done: {label", "memos: {columns: [name, memo, echo]}\n          done: {label"
    ),
    "forms/work/app.yaml": FILES["forms/work/app.yaml"].replace("boss: Boss", "boss: Boss, helper: Helper"),
    "workflows/work/check.yaml": """
        workflow: work.check
        label: {en: Check, zh: 审批}
        of: work.task
        admin: [{role: boss}]
        start: {who: [{role: staff}]}
        steps:
          - approve: look
            who: [{role: boss}]
            hide: [memo]
          - approve: last
            who: [{role: helper}]
        """,
}


@pytest.fixture
def hiding(tmp_path: Path) -> Iterator[Web]:
    opened = open_web(tmp_path, files={**FILES, **MORE})
    people.add_person(opened.site.company("acme"), login="cy", name="Cy", roles=["helper"])
    yield opened
    opened.site.close()


def pages(number: int) -> tuple[str, ...]:
    return (
        f"work/task/{number}",
        f"work/task/{number}/edit",
        "work/task?view=memos",
        "work/task?view=memos&sort=-echo",
        "work/task?search=zqsecret&view=memos",
        "work/task?view=board",
        f"work/task/{number}/stage/stage/over",
        "inbox",
        "inbox/1",
        "approvals/1",
        "notifications",
        "search?q=Dig",
    )


def answers(number: int) -> tuple[str, ...]:
    return (
        f"work/task/{number}",
        "work/task?fields=name,memo,echo",
        f"work/task/{number}/explain/echo",
        "tasks",
        "tasks/1",
        "approvals/1",
        "approvals/1/log",
    )


def everything(web: Web, who: str, number: int) -> dict[str, str]:
    """What somebody is told, by address."""
    browser, program = web.browser(who), web.program(who)
    told = {path: browser.get(f"/acme/{path}", follow_redirects=True).text for path in pages(number)}
    return {**told, **{f"api {path}": program.get(f"/acme/api/v1/{path}").text for path in answers(number)}}


def test_t81_no_page_and_no_answer_tells_what_a_step_hides(hiding: Web) -> None:
    values = {"name": "Dig", "memo": "zqsecret"}
    number = int(hiding.program("ann").post("/acme/api/v1/work/task", json=values).json["id"])
    company = hiding.site.company("acme")
    start_workflow(company, people.person_actor(company, "ann"), "work.check", number, {})
    mine = everything(hiding, "ann", number)
    assert "zqsecret" in mine[f"work/task/{number}"]
    assert "said zqsecret" in mine[f"api work/task/{number}"]
    theirs = everything(hiding, "bo", number)
    assert "Dig" in theirs[f"work/task/{number}"]
    silent = {path for path, text in theirs.items() if "Dig" not in text}
    assert silent == {
        f"api work/task/{number}/explain/echo",
        f"work/task/{number}/stage/stage/over",
        "work/task?search=zqsecret&view=memos",
        "api approvals/1/log",
    }
    found = {path for path, text in theirs.items() if "zqsecret" in text.replace("search=zqsecret", "")}
    assert found - {"work/task?search=zqsecret&view=memos"} == set()
    assert "said zqsecret" not in theirs["work/task?search=zqsecret&view=memos"]
