"""Several people at the same moment: threads with connections of their own, on both databases."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services.flow.commands import Decision, decide, start_workflow
from engine.services.jobs import build_worker
from engine.storage.database import DatabaseAddress
from engine.storage.flow_timers import fetch_timers
from tests.flow.conftest import OpenOffice
from tests.flow.storm import K_OF_N, KILLED, MOST_HEARD, ONE, Storm, killed, last_together, one_of_many, storm_in

TRIALS, DECIDERS, KILLS = 6, 12, 6
PAIR = """
- parallel: both
  branches:
    - {name: one, steps: [{approve: first, who: [{user: li}], return: [start]}]}
    - {name: two, steps: [{approve: second, who: [{user: cai1}], return: [start]}]}
- {fill: next, who: [{user: wang}]}
"""


def test_t22_any_race(office_with: OpenOffice) -> None:
    ends = one_of_many(storm_in(office_with(ONE), DECIDERS), TRIALS)
    assert ends[""] == TRIALS


def test_t21_last_two_signers(office_with: OpenOffice) -> None:
    last_together(storm_in(office_with(K_OF_N % 5), 5), 5, TRIALS)


def test_t23_double_click(office_with: OpenOffice) -> None:
    office = office_with(PAIR)
    storm = Storm(office, [])
    company = office.world.company
    for _ in range(TRIALS):
        office.start("zhang")
        task = office.task("li").id
        answers: list[object] = []

        def click(task: int = task, answers: list[object] = answers) -> None:
            answers.append(decide(company, office.actors["li"], task, Decision("approve", key=f"click {task}")))

        assert storm.at_once([click] * 4) == [""] * 4
        assert answers == answers[:1] * 4
        assert office.log().count("approve") == 1


def test_t28_timer_and_user_at_the_same_time(office_with: OpenOffice) -> None:
    """One decision only, whoever comes first; the other finds that it is done."""
    office = office_with("""
        - approve: check
          who: [{user: cai1}]
          due: {after: 1 hour}
          escalate: [{at: 0, do: approve}]
    """)
    storm = Storm(office, [])
    company = office.world.company
    for _ in range(TRIALS):
        office.start("zhang")
        task = office.task("cai1").id
        office.world.clock.forward(hours=1)

        def by_hand(task: int = task) -> None:
            decide(company, office.actors["cai1"], task, Decision("reject", opinion="no"))

        def by_time() -> None:
            build_worker(office.world.site, only="acme").run_due()

        codes = storm.at_once([by_hand, by_time])
        state = office.stored().state
        assert codes in ([["", ""]] if state == "rejected" else [["A103", ""]])
        assert office.log().count("approve") + office.log().count("reject") == 1
        with company.reading(SYSTEM) as work:
            timers = [timer.state for timer in fetch_timers(work.uow, office.instance)]
        assert timers == (["cancelled"] if state == "rejected" else ["fired"])


def test_t07_start_idempotent_when_both_clicks_come_at_once(office_with: OpenOffice) -> None:
    office = office_with(PAIR)
    storm = Storm(office, [])
    company, zhang = office.world.company, office.actors["zhang"]
    ids: list[int] = []

    def click() -> None:
        ids.append(start_workflow(company, zhang, "crm.review", None, {"name": "Once"}, key="once"))

    assert storm.at_once([click] * 4) == [""] * 4
    assert len(set(ids)) == 1


def test_t03_two_starts_on_one_record_at_once(office_with: OpenOffice) -> None:
    office = office_with(PAIR)
    storm = Storm(office, [])
    company, zhang = office.world.company, office.actors["zhang"]
    for number in range(TRIALS):
        record = office.world.save(zhang, "contract", name=f"C{number}").id
        found = storm.at_once([lambda record=record: start_workflow(company, zhang, "crm.review", record)] * 3)
        assert sorted(found) == ["", "A107", "A107"]


def test_t27_approve_vs_return(office_with: OpenOffice) -> None:
    office = office_with(PAIR)
    storm = Storm(office, [])
    company = office.world.company
    for _ in range(TRIALS):
        office.start("zhang")
        tasks = {login: office.task(login).id for login in ("li", "cai1")}
        back = Decision("return", to="start", opinion="again")
        found = storm.at_once(
            [
                lambda: decide(company, office.actors["li"], tasks["li"], back),  # noqa: B023
                lambda: decide(company, office.actors["cai1"], tasks["cai1"], Decision("approve")),  # noqa: B023
            ]
        )
        assert found[0] == ""
        assert found[1] in ("", "A103")
        assert office.waiting() == [("start", "zhang")]
        state = {task.step: task.state for task in office.tasks()}["second"]
        assert state == ("done" if found[1] == "" else "cancelled")


PARENT = """
overlay: crm.contract
fields:
  done_total: {type: money, formula: "SUM(parts.amount)", discloses: true}
"""


def test_t29_deadlock_free(office_with: OpenOffice) -> None:
    office = office_with(
        "- {approve: check, who: [{user: li}, {user: cai1}], edit: [amount]}",
        forms__companies__acme__crm__contract=PARENT,
    )
    storm = Storm(office, [])
    company, zhang = office.world.company, office.actors["zhang"]
    for number in range(TRIALS):
        above = office.world.save(zhang, "contract", name=f"Whole {number}").id
        tasks = []
        for part in range(2):
            office.start("zhang", name=f"Part {part}", parent={"id": above})
            tasks.append(office.task("li").id)
        found = storm.at_once(
            [
                lambda each=each: decide(company, office.actors["li"], each, Decision("approve", values={"amount": "4"}))
                for each in tasks
            ]
        )
        assert found == ["", ""]
        assert str(office.world.fetch(office.actors["wang"], "contract", above).values["done_total"]) == "8.00"


def test_t30_crash_before_commit(office_with: OpenOffice, tmp_path: Path, database_address: DatabaseAddress) -> None:
    ends = killed(office_with(KILLED), tmp_path, database_address, KILLS)
    assert sum(ends.values()) == KILLS * MOST_HEARD
