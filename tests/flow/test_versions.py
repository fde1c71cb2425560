"""Definitions that change while approvals run: these stay with theirs, come over when told to, and are not cut off."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import setup
from engine.services.definitions import read_definitions
from engine.services.flow.commands import transfer
from engine.services.flow.migrating import Migration, migrate
from engine.services.flow.stories import fetch_story
from engine.services.jobs import build_worker
from engine.storage.flow_timers import ARMED, fetch_timers
from engine.storage.flow_versions import fetch_versions
from tests.flow.conftest import OpenOffice
from tests.flow.office import FORM, HEAD, Office, refused
from tests.worlds import World

TWO = """
- {approve: check, who: [{role: finance}], mode: all, edit: [finance_note]}
- {fill: sign, who: [{user: li}]}
"""
KEPT = ("id", "assignee", "principal", "due_at", "created_at", "draft", "visit")


def write(world: World, name: str, text: str) -> None:
    """Put a file of the site and read the site again."""
    (world.site.root / name).write_text(textwrap.dedent(text), encoding="utf-8")
    world.site.files = read_definitions(world.site.root)


def publish(office: Office, steps: str, *, more: str = "", form: str = FORM, head: str = HEAD) -> None:
    """Another definition of the workflow (and its form) is applied."""
    written = textwrap.dedent(head) + "steps:\n" + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ")
    write(office.world, "forms/crm/contract.yaml", form)
    write(office.world, "workflows/crm/review.yaml", f"{written}\n{textwrap.dedent(more)}")
    setup.apply_company(office.world.site, "acme")
    office.world.company = office.world.site.company("acme")


def versions(office: Office) -> list[tuple[int, int]]:
    """(number, running) of the workflow's versions."""
    with office.world.company.reading(SYSTEM) as work:
        found = fetch_versions(work.uow.connection, work.uow.database.tables.flow, "crm.review")
    return [(each.number, each.running) for each in found]


def asked(office: Office, *, apply: bool = False, numbers: tuple[int, ...] = ()) -> Migration:
    return migrate(office.world.company, "crm.review", apply=apply, versions=numbers)


def codes(found: Migration) -> list[str]:
    return [problem.code for row in found.refused for problem in row.problems]


def kept(office: Office) -> list[Mapping[str, object]]:
    return [{name: getattr(task, name) for name in KEPT} for task in office.tasks("pending")]


def test_t91_pinned(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    first = office.start("zhang")
    publish(office, "- {approve: other, who: [{user: li}]}")
    second = office.start("zhang")
    assert office.waiting() == [("other", "li")]
    office.instance = first
    for login in ("cai1", "cai2"):
        office.approve(login)
    assert office.waiting() == [("sign", "li")]
    assert office.submit("li").state == "approved"
    office.instance = second
    assert office.approve("li").state == "approved"


def test_t95_publish_same(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    office.start("zhang")
    before = office.world.company.state.revision
    publish(office, TWO)
    assert office.world.company.state.revision == before
    office.start("zhang")
    publish(office, "- {approve: other, who: [{user: li}]}")
    publish(office, TWO)  # as it was: no version of its own
    office.start("zhang")
    assert versions(office) == [(1, 3)]
    assert asked(office).rows == ()


RENAMED = """
- {approve: look, label: {en: Look}, who: [{role: finance}], mode: all, edit: [finance_note], require: [finance_note], due: {after: 2 days}}
- {fill: more, who: [{user: wang}]}
- {fill: sign, who: [{user: li}]}
"""


def test_t92_migrate_ok(office_with: OpenOffice) -> None:
    office = office_with(TWO.replace("mode: all,", "mode: all, due: {after: 2 days},"))
    office.start("zhang")
    office.approve("cai1")
    office.do_at(transfer, "cai2", office.person("fa"))
    before, stored = kept(office), office.stored()
    publish(office, RENAMED, more="migrate: {map: {check: look}}")
    told = asked(office)
    assert [(row.version, row.stood[0]["en"], row.stands[0]["en"]) for row in told.rows] == [(1, "Check", "Look")]
    assert (told.to, told.refused, office.stored()) == (2, (), stored)  # nothing has happened yet
    assert asked(office, apply=True).refused == ()
    assert (versions(office), kept(office)) == ([(1, 0), (2, 1)], before)
    assert office.waiting() == [("look", "fa")]
    assert asked(office, apply=True).rows == ()  # once
    assert refused(lambda: office.approve("fa")) == ["A128"]  # what the new definition asks counts from now on
    office.approve("fa", values={"finance_note": "seen"})
    assert office.waiting() == [("more", "wang")]  # both votes count: the one given before as well
    office.submit("wang")
    assert office.submit("li").state == "approved"
    assert office.log().count("migrate") == 1
    story = fetch_story(office.world.company, office.actors["wang"], office.instance)
    assert story.workflow.step("look").label["en"] == "Look"


WRAPPED = """
- parallel: both
  branches:
    - {name: money, steps: [{approve: check, who: [{role: finance}], mode: all, edit: [finance_note]}]}
    - {name: law, steps: [{approve: law, who: [{role: legal}]}]}
- {fill: sign, who: [{user: li}]}
"""


def test_t93_migrate_refused_parallel(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    first = office.start("zhang")
    publish(office, WRAPPED)
    told = asked(office)
    assert codes(told) == ["A182"]
    assert "same parallels" in told.refused[0].problems[0].message()
    stored = office.stored()
    assert codes(asked(office, apply=True)) == ["A182"]
    assert (office.stored(), office.instance) == (stored, first)
    for login in ("cai1", "cai2"):  # it goes on as it began, and comes over where the ways meet again
        office.approve(login)
    assert codes(asked(office, apply=True)) == []
    assert versions(office) == [(1, 0), (2, 1)]
    assert office.submit("li").state == "approved"


def test_a_step_that_is_left_out_or_begun_again(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    first, second = office.start("zhang"), office.start("zhang", name="Other")
    for login in ("cai1", "cai2"):
        office.approve(login)
    publish(office, "- {fill: seal, who: [{user: wang}]}", more="migrate: {map: {check: start, sign: skip}}")
    assert [len(row.problems) for row in asked(office, apply=True).rows] == [0, 0]
    assert office.waiting() == [("seal", "wang")]
    assert {task.state for task in office.tasks() if task.step == "sign"} == {"cancelled"}
    assert office.submit("wang").state == "approved"
    assert office.instance == second
    office.instance = first
    assert office.waiting() == [("start", "zhang")]
    office.submit("zhang")
    assert office.waiting() == [("seal", "wang")]


def test_leaving_out_the_last_step_ends_the_approval_with_its_effects(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    office.start("zhang")
    for login in ("cai1", "cai2"):
        office.approve(login)
    ends = "migrate: {map: {sign: skip}}\noutcomes: {approved: {effects: [{set: {status: valid}}]}}\n"
    publish(office, TWO.strip().splitlines()[0], more=ends)
    assert [row.ended for row in asked(office).rows] == ["approved"]
    assert office.stored().state == "running"
    asked(office, apply=True)
    assert office.stored().state == "approved"
    assert (office.values()["status"], office.values()["state"]) == ("valid", "approved")


def test_only_some_versions_come_over(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    office.start("zhang")
    publish(office, TWO + "- {cc: tell, who: [{user: wang}]}\n")
    office.start("zhang")
    publish(office, TWO + "- {cc: tell, who: [{user: fa}]}\n")
    assert [row.version for row in asked(office).rows] == [1, 2]
    asked(office, apply=True, numbers=(2,))
    assert versions(office) == [(1, 1), (2, 0), (3, 1)]


TIMED = """
- approve: check
  who: [{user: cai1}]
  due: {after: 2 days}
  escalate: [{at: 0 days, do: remind}%s]
"""


def test_timers_follow_the_new_definition_and_the_old_due_time(office_with: OpenOffice) -> None:
    office = office_with(TIMED % "")
    office.start("zhang")
    due = office.task("cai1").due_at
    later = ", {at: 1 day, do: transfer, to: [{user: cai2}]}, {at: -40 hours, do: remind}"
    office.world.clock.forward(days=1)
    publish(office, (TIMED % later).replace("2 days", "9 days"))
    asked(office, apply=True)
    assert office.task("cai1").due_at == due
    with office.world.company.reading(SYSTEM) as work:
        armed = [each.action["timer"] for each in fetch_timers(work.uow, office.instance) if each.state == ARMED]
    assert armed == [0, 1]  # what should have happened before does not happen now
    office.world.clock.forward(days=2, hours=1)
    build_worker(office.world.site, "acme").run_due()
    assert office.waiting() == [("check", "cai2")]


WITHOUT_NOTE = FORM.replace("      finance_note: text\n", "")


def test_t94_drop_field_in_use(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    first = office.start("zhang")
    plain = "- {approve: check, who: [{role: finance}], mode: all}\n- {fill: sign, who: [{user: li}]}"
    with pytest.raises(ProblemsFound) as found:
        publish(office, plain, form=WITHOUT_NOTE)
    planned = setup.plan_company(office.world.site, "acme").refused
    assert [problem.code for problem in (*found.value.problems, *planned)] == ["T105", "T105"]
    values = planned[0].values
    assert (values["workflow"], values["version"], values["count"]) == ("crm.review", 1, 1)
    assert "'Check'" in planned[0].message()
    assert "finance_note" in planned[0].message()
    publish(office, plain)  # first the workflow alone, then those that run, then the field
    asked(office, apply=True)
    publish(office, plain, form=WITHOUT_NOTE)
    office.instance = first
    for login in ("cai1", "cai2"):
        office.approve(login)
    assert office.submit("li").state == "approved"


def test_an_approval_that_has_ended_is_told_although_its_fields_are_gone(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    office.start("zhang")
    for login in ("cai1", "cai2"):
        office.approve(login)
    office.submit("li")
    publish(office, "- {approve: other, who: [{user: li}]}", form=WITHOUT_NOTE)
    story = fetch_story(office.world.company, office.actors["wang"], office.instance)
    assert (story.instance.state, story.workflow.step("check").label["en"]) == ("approved", "Check")


def test_a_workflow_that_is_taken_out_ends_what_it_has_begun(office_with: OpenOffice) -> None:
    office = office_with(TWO)
    office.start("zhang")
    (office.world.site.root / "workflows/crm/review.yaml").unlink()
    write(office.world, "forms/crm/contract.yaml", FORM)
    setup.apply_company(office.world.site, "acme")
    office.world.company = office.world.site.company("acme")
    for login in ("cai1", "cai2"):
        office.approve(login)
    assert office.submit("li").state == "approved"
    assert refused(lambda: office.start("zhang")) == ["404"]


def test_weft_migrate_says_what_would_happen_and_does_it_when_told(
    office_with: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_with(TWO)
    office.start("zhang")
    publish(office, RENAMED)
    monkeypatch.setattr("engine.cli_migrate.open_site", lambda _root: office.world.site)
    words = ["migrate", "crm.review", "--site", str(office.world.site.root)]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 1
    assert "version 1 → 2: 0 can come over, 1 cannot" in answer.output
    assert "A180" in answer.output
    assert "migrate: {map: {check: another step, start or skip}}" in answer.output
    publish(office, RENAMED, more="migrate: {map: {check: look}}")
    answer = CliRunner().invoke(main, words)
    assert (answer.exit_code, "nothing has been changed; --apply does it" in answer.output) == (0, True)
    assert "Check → Look" in answer.output
    assert office.waiting() == [("check", "cai1"), ("check", "cai2")]
    answer = CliRunner().invoke(main, [*words, "--apply"])
    assert (answer.exit_code, "version 1 → 2: 1 came over" in answer.output) == (0, True)
    assert office.waiting() == [("look", "cai1"), ("look", "cai2")]
    assert CliRunner().invoke(main, ["migrate", "crm.nothing", *words[2:]]).exit_code == 1
