"""Many people at one task at once, and deciders that are killed: what must hold however they meet.

`python -m tests.flow.storm --deciders 32 --trials 500 [--url postgresql://…]` and `… --kills 1000`; small counts of
both run with the tests.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from engine.problems import Conflict, NotAllowed, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import people, records
from engine.services.flow.commands import Decision, decide
from engine.services.site import OpenCompany, open_site
from engine.storage.database import DatabaseAddress
from engine.storage.flows import fetch_instance, fetch_tasks
from tests.flow.office import Office, open_office

ONE = """
- {approve: check, who: [{role: finance}], mode: any, opinion: {reject: optional}}
- {fill: next, who: [{user: wang}]}
"""
MOST_HEARD = 3  # decisions of one decider
K_OF_N = """
- {approve: check, who: [{role: finance}], mode: vote, pass: %d, opinion: {reject: optional}}
- {fill: next, who: [{user: wang}]}
"""


@dataclass
class Storm:
    """An office with so many people of finance, each with a connection of their own when they act."""

    office: Office
    deciders: list[str]

    def at_once(self, acts: Sequence[Callable[[], object]]) -> list[str]:
        """What each of these acts, begun at the same moment, ends with: "" or the code it is refused with."""
        gate = threading.Barrier(len(acts))

        def run(act: Callable[[], object]) -> str:
            gate.wait()
            try:
                act()
            except Conflict as conflict:
                return conflict.problem.code if conflict.problem.values.get("by", "-") else f"{conflict.problem.code}?"
            except NotAllowed as refused:
                return refused.problem.code
            except ProblemsFound as found:
                return found.problems[0].code
            return ""

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(run, acts))

    def decide_together(self, who: Sequence[str], kinds: Sequence[str] = ("approve",)) -> list[str]:
        """Everybody decides their task of the instance at once."""
        company, office = self.office.world.company, self.office
        tasks = {login: office.task(login).id for login in who}
        said = {login: Decision(kinds[number % len(kinds)]) for number, login in enumerate(who)}
        return self.at_once(
            [lambda login=login: decide(company, office.actors[login], tasks[login], said[login]) for login in who]
        )


def storm_in(office: Office, deciders: int) -> Storm:
    """The office with more people of finance than its two."""
    company = office.world.company
    for number in range(3, deciders + 1):
        values = {"name": f"财{number}", "login": f"cai{number}", "roles": ["finance"], "active": True}
        records.save_record(company, SYSTEM, "people.person", None, values)
        office.world.actors[f"cai{number}"] = people.person_actor(company, f"cai{number}")
    return Storm(office, [f"cai{number}" for number in range(1, deciders + 1)])


def one_of_many(storm: Storm, trials: int) -> Counter[str]:
    """Trials in which all decide one task at once: exactly one is heard, the others learn who it was."""
    ends: Counter[str] = Counter()
    for trial in range(trials):
        storm.office.start("zhang", name=f"Trial {trial}")
        found = storm.decide_together(storm.deciders, ("approve", "reject"))
        assert found.count("") == 1, found
        assert set(found) == {"", "A103"}, found
        tasks = [task for task in storm.office.tasks() if task.step == "check"]
        assert sorted(task.state for task in tasks) == ["done"] + ["superseded"] * (len(tasks) - 1)
        following = [task for task in storm.office.tasks() if task.step == "next"]
        assert len(following) == (storm.office.stored().state == "running")
        ends.update(found)
    return ends


def last_together(storm: Storm, needed: int, trials: int) -> None:
    """Trials in which the last approvals that are needed come at once: never stuck, never advanced twice."""
    for trial in range(trials):
        storm.office.start("zhang", name=f"Trial {trial}")
        first, last = storm.deciders[: needed - 2], storm.deciders[needed - 2 :]
        for login in first:
            storm.office.approve(login)
        found = storm.decide_together(last)
        assert found.count("") == 2, found
        assert [task.step for task in storm.office.tasks("pending")] == ["next"]


# --- killed in the middle -----------------------------------------------------------------------------------------

KILLABLE = """
import sys
from tests.flow.storm import fork_deciders
fork_deciders(sys.argv[1], sys.argv[2], sys.argv[3])
"""


def fork_deciders(folder: str, url: str, schema: str) -> None:
    """For every line of tasks a process of its own, forked here so that nothing is loaded again, until it is killed.

    Tells "pid N" first, then each task once it is decided, then "over" when the process is gone.
    """
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _tell(f"pid {os.getpid()}")
            _decide_all(reopen(Path(folder), url, schema), [int(each) for each in line.split()])
            os._exit(0)
        os.waitpid(pid, 0)
        _tell("over")


def _decide_all(company: OpenCompany, tasks: Sequence[int]) -> None:
    actor = people.person_actor(company, "cai1")
    _tell("ready")
    for task in tasks:
        decide(company, actor, task, Decision("approve", key=f"kill:{task}", values={"finance_note": f"note {task}"}))
        _tell(str(task))


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def reopen(folder: Path, url: str, schema: str) -> OpenCompany:
    """The office's company, opened anew."""
    site = open_site(folder)
    address = DatabaseAddress(url=url, schema=schema) if url else DatabaseAddress(file=folder / "data.db")
    site.address = lambda _company: address  # type: ignore[method-assign]
    return site.company("acme")


def killed(office: Office, folder: Path, address: DatabaseAddress, kills: int, seed: int = 1) -> Counter[str]:
    """Kill the decider so often, each time at another moment; how many decisions were acknowledged, kept and undone.

    Afterwards every decision that was told as done stands, and every other is whole or not there; sent again with its
    key it is done once.
    """
    rng = random.Random(seed)  # noqa: S311 - moments, not secrets
    ends: Counter[str] = Counter()
    words = [sys.executable, "-c", KILLABLE, str(folder), address.url or "", address.schema]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as deciders:
        for kill in range(kills):
            tasks = _tasks_of(office, [office.start("zhang", name=f"Kill {kill} {at}") for at in range(MOST_HEARD)])
            told = _run_and_kill(deciders, list(tasks), heard=kill % MOST_HEARD, after=rng.uniform(0.0, 0.04))
            for task, instance in tasks.items():
                decided = _is_whole(office, instance, task in told, task)
                ends["acknowledged" if task in told else "kept" if decided else "undone"] += 1
        assert deciders.stdin is not None
        deciders.stdin.close()
    return ends


def _tasks_of(office: Office, instances: Sequence[int]) -> dict[int, int]:
    """The task that waits in each of these instances: instance by task."""
    found = {}
    for instance in instances:
        office.instance = instance
        found[office.task("cai1").id] = instance
    return found


def _run_and_kill(deciders: subprocess.Popen[str], tasks: list[int], heard: int, after: float) -> set[int]:
    """Kill the next decider a moment after it has told so many decisions; those that it has told."""
    assert deciders.stdin is not None
    assert deciders.stdout is not None
    deciders.stdin.write(" ".join(map(str, tasks)) + "\n")
    deciders.stdin.flush()
    pid = int(deciders.stdout.readline().split()[1])
    lines: list[str] = []
    while "over" not in lines:
        if len(lines) == 1 + heard:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        line = deciders.stdout.readline()
        assert line, "the process that forks deciders has ended"
        lines.append(line.strip())
    return {int(line) for line in lines if line.isdigit()}


def _is_whole(office: Office, instance: int, told: bool, task_id: int) -> bool:  # noqa: FBT001
    office.instance = instance
    company = office.world.company
    with company.reading(SYSTEM) as work:
        stored = fetch_instance(work.uow, instance)
        tasks = fetch_tasks(work.uow, instance)
    assert stored is not None
    office.record = stored.record_id
    decided = any(task.id == task_id and task.state == "done" for task in tasks)
    assert decided or not told, "a decision that was acknowledged is lost"
    note = office.values()["finance_note"]
    follows = [task.step for task in tasks if task.state == "pending"]
    assert (note, follows) == ((f"note {task_id}", ["next"]) if decided else (None, ["check"])), "half a decision"
    again = Decision("approve", key=f"kill:{task_id}", values={"finance_note": f"note {task_id}"})
    decide(company, office.actors["cai1"], task_id, again)
    assert office.log().count("approve") == 1
    return decided


KILLED = """
- {approve: check, who: [{user: cai1}], edit: [finance_note]}
- {fill: next, who: [{user: wang}]}
"""


def addresses(url: str | None, folder: Path) -> Iterator[DatabaseAddress]:
    """The database asked for."""
    if url:
        yield DatabaseAddress(url=url, schema=f"storm_{os.getpid()}")
    else:
        yield DatabaseAddress(file=folder / "data.db")


def main() -> None:
    """The long runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deciders", type=int, default=32)
    parser.add_argument("--trials", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = next(addresses(asked.url, folder))
        if asked.trials:
            print(dict(one_of_many(storm_in(open_office(folder, address, ONE), asked.deciders), asked.trials)))  # noqa: T201
        if asked.kills:
            start = time.monotonic()
            ends = killed(open_office(folder, address, KILLED), folder, address, asked.kills)
            print(f"{asked.kills} kills in {time.monotonic() - start:.0f} s:", dict(ends))  # noqa: T201


if __name__ == "__main__":
    main()
