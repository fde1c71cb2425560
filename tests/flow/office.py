"""The office of the approval tests: seven people, one form, and whatever workflow a test writes for it.

zhang (sales, superior li) · li (head of sales, superior wang) · wang (manager, nobody above) · cai1, cai2 (finance) ·
fa (legal) · guan (workflow administrator).
"""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from engine.problems import Conflict, NotAllowed, NotVisible, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services import people, records
from engine.services.flow.commands import Decision, decide, start_workflow
from engine.storage.database import DatabaseAddress
from engine.storage.flows import StoredInstance, StoredTask, fetch_instance, fetch_log, fetch_tasks
from tests.worlds import World, build_world

FORM = """
    form: crm.contract
    label: {en: Contract, zh: 合同}
    title: "{name}"
    owner: seller
    fields:
      name: {type: text, required: true}
      seller: user
      unit: department
      amount: money
      margin: {type: percent, places: 4}
      status: {type: choice, choices: [draft, asked, valid, refused], default: draft}
      finance_note: text
      legal_note: text
      signed_on: date
      done_count: integer
      parent: {type: link, to: crm.contract, inverse: {name: parts}}
      terms: {type: lines, fields: {what: text, share: {type: percent, places: 4}, on: date}}
    access:
      sales: {see: own, create: true, change: own, delete: own}
      manager: {see: always, create: true, change: always, delete: always}
      finance: {see: always}
      legal: {see: always}
"""
APP = """
    app: crm
    label: CRM
    roles: {sales: Sales, manager: Manager, finance: Finance, legal: Legal, flow_admin: Workflows}
"""
HEAD = """
    workflow: crm.review
    label: {en: Review, zh: 审批}
    of: crm.contract
    admin: [{role: flow_admin}]
    start: {who: [{role: sales}, {role: manager}], edit: [name, unit, amount, margin, terms]}
"""
PEOPLE = {
    "guan": ("管", ["flow_admin"], None),
    "wang": ("王", ["manager"], None),
    "li": ("李", ["manager", "sales"], "wang"),
    "zhang": ("张", ["sales"], "li"),
    "cai1": ("财一", ["finance"], "wang"),
    "cai2": ("财二", ["finance"], "wang"),
    "fa": ("法", ["legal"], "wang"),
}


@dataclass
class Office:
    """A company with a workflow, played by name: `office.start("zhang", amount=5)`, `office.approve("cai1")`."""

    world: World
    record: int = 0
    instance: int = 0

    @property
    def actors(self) -> Mapping[str, Actor]:
        """Everybody by login."""
        return self.world.actors

    def start(
        self,
        who: str,
        workflow: str = "crm.review",
        *,
        key: str | None = None,
        people: Mapping[str, Sequence[int]] = MappingProxyType({}),
        **values: object,
    ) -> int:
        """Make a contract and start its approval."""
        values = {"name": "A contract", **values}
        if "record" in values:
            record = int(str(values.pop("record")))
            del values["name"]
        else:
            record = 0
        self.instance = start_workflow(
            self.world.company, self.actors[who], workflow, record or None, values, key=key, people=people
        )
        self.record = self.stored().record_id
        return self.instance

    def approve(self, who: str, step: str | None = None, **more: object) -> StoredInstance:
        """Approve the task that waits for somebody."""
        return self.say(who, "approve", step, **more)

    def reject(self, who: str, step: str | None = None, **more: object) -> StoredInstance:
        """Reject it."""
        return self.say(who, "reject", step, **{"opinion": "no", **more})

    def submit(self, who: str, step: str | None = None, **values: object) -> StoredInstance:
        """Hand in what a fill step (or the start task) asks."""
        return self.say(who, "submit", step, values=values)

    def back(self, who: str, to: str = "start", step: str | None = None, **more: object) -> StoredInstance:
        """Return it."""
        return self.say(who, "return", step, to=to, **{"opinion": "again", **more})

    def say(self, who: str, kind: str, step: str | None = None, **more: object) -> StoredInstance:
        """Any decision on the task that waits for somebody (at a step)."""
        task = self.task(who, step)
        return decide(self.world.company, self.actors[who], task.id, Decision(kind, **more))  # type: ignore[arg-type]

    def task(self, who: str, step: str | None = None) -> StoredTask:
        """The task that waits for somebody."""
        person = self.actors[who].person
        found = [each for each in self.tasks("pending") if each.assignee == person and step in (None, each.step)]
        assert found, f"nothing waits for {who}: {self.waiting()}"
        return found[0]

    def tasks(self, *states: str) -> list[StoredTask]:
        """The tasks of the instance, in these states when some are given."""
        with self.world.company.reading(SYSTEM) as work:
            found = fetch_tasks(work.uow, self.instance)
        return [each for each in found if not states or each.state in states]

    def person(self, who: str) -> int:
        """The id of somebody."""
        return self.actors[who].person

    def do(self, command: Callable[..., StoredInstance], who: str, *words: object, **more: object) -> StoredInstance:
        """A command on the instance: `office.do(revoke, "zhang")`."""
        return command(self.world.company, self.actors[who], self.instance, *words, **more)

    def do_at(self, command: Callable[..., StoredInstance], who: str, *words: object, **more: object) -> StoredInstance:
        """A command on the task that waits for somebody: `office.do_at(transfer, "cai1", office.person("cai2"))`."""
        task_id = more.pop("task", None) or self.task(who).id
        return command(self.world.company, self.actors[who], task_id, *words, **more)

    def waiting(self) -> list[tuple[str, str]]:
        """(step, login) of everything that waits, sorted."""
        logins = {actor.person: login for login, actor in self.actors.items()}
        return sorted((each.step, logins[each.assignee]) for each in self.tasks("pending"))

    def stored(self) -> StoredInstance:
        """The instance as it stands."""
        with self.world.company.reading(SYSTEM) as work:
            found = fetch_instance(work.uow, self.instance)
        assert found is not None
        return found

    def log(self) -> list[str]:
        """The actions in the log."""
        with self.world.company.reading(SYSTEM) as work:
            return [line.action for line in fetch_log(work.uow, self.instance)]

    def values(self, who: str = "wang") -> Mapping[str, object]:
        """The record as somebody reads it."""
        return records.fetch_record(self.world.company, self.actors[who], "crm.contract", self.record).values


def open_office(folder: Path, address: DatabaseAddress, steps: str, *, head: str = HEAD, **files: str) -> Office:
    """The office with a workflow of these steps (YAML of the list, and keys after it)."""
    workflow = textwrap.dedent(head) + "steps:\n" + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ") + "\n"
    named = {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
    world = build_world(
        folder,
        address,
        {
            "forms/crm/contract.yaml": FORM,
            "forms/crm/app.yaml": APP,
            "workflows/crm/review.yaml": workflow,
            **named,
        },
    )
    _add_people(world)
    return Office(world)


def _add_people(world: World) -> None:
    company = world.company
    unit = records.save_record(company, SYSTEM, "people.department", None, {"name": "Sales"}).id
    ids: dict[str, int] = {}
    for login, (name, roles, superior) in PEOPLE.items():
        values = {"name": name, "login": login, "roles": roles, "active": True}
        if login not in ("wang", "guan"):  # nobody stands above these two
            values["department"] = unit
        if superior is not None:
            values["superior"] = ids[superior]
        ids[login] = records.save_record(company, SYSTEM, "people.person", None, values).id or 0
    records.save_record(company, SYSTEM, "people.department", unit, {"head": ids["li"]})
    for login in ids:
        world.actors[login] = people.person_actor(company, login)


def refused(act: object) -> list[str]:
    """The codes with which something is refused."""
    try:
        act()  # type: ignore[operator]
    except ProblemsFound as found:
        return [problem.code for problem in found.problems]
    except (Conflict, NotAllowed) as found:
        return [found.problem.code]
    except NotVisible:
        return ["404"]
    return []


def refused_definition(steps: str) -> list[str]:
    """The codes with which a workflow of these steps is refused."""
    with tempfile.TemporaryDirectory() as folder, pytest.raises(ProblemsFound) as found:
        open_office(Path(folder), DatabaseAddress(file=Path(folder) / "data.db"), steps)
    return [problem.code for problem in found.value.problems]
