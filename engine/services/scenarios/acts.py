"""What people do in scenarios: `li approves q1: {opinion: fine}`, carried out with li's own rights."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.catalog.forms import Form
from engine.problems import Location, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services import records
from engine.services.actions import run_action
from engine.services.files import store_file
from engine.services.flow import commands
from engine.services.flow.commands import Decision
from engine.services.scenarios.flow_acts import FLOW_ACTS
from engine.services.scenarios.names import Names
from engine.services.site import OpenCompany
from engine.source.tree import Item, plain
from engine.storage.flows import StoredTask, fetch_instance, fetch_instances, fetch_tasks
from engine.values import empty

OPTIONS = frozenset({"as", "opinion", "resume", "workflow", "people", "text", "signature", "mode", "days"})
DECISIONS = {"approves": "approve", "rejects": "reject", "abstains": "abstain", "returns": "return"}
PNG = "image/png"
LINKING = ("to", "at", "on", "from", "before", "after", "with")


@dataclass(frozen=True, slots=True)
class Act:
    """PERSON VERB WHAT, with `to`, `at`, `on` and their like behind it; `more` are options and values."""

    person: str
    verb: str
    what: str
    at: Location
    where: Mapping[str, str] = field(default_factory=empty)
    more: Mapping[str, Item] = field(default_factory=empty)

    def option(self, name: str) -> str | None:
        """An option as text."""
        return self.more[name].text if name in self.more else None

    @property
    def cells(self) -> Mapping[str, Item]:
        """The values of fields."""
        return {name: item for name, item in self.more.items() if name not in OPTIONS}


@dataclass
class Playing:
    """The company at play and its names."""

    company: OpenCompany
    names: Names

    def do(self, act: Act) -> None:
        """Carry it out; ProblemsFound, NotAllowed, Conflict, NotVisible when it is refused."""
        actor = self.names.actor(act.person, act.at)
        self.names.uploader = actor
        DOING[act.verb](self, actor, act)

    def create(self, actor: Actor, act: Act) -> None:
        """A new record."""
        values = self.names.wire(self._form(act), act.cells)
        made = records.save_record(self.company, actor, act.what, None, values)
        self._name(act, act.what, made.id or 0)

    def change(self, actor: Actor, act: Act) -> None:
        """Other values."""
        form, record = self.names.record(act.what, act.at)
        values = self.names.wire(self.company.catalog.forms[form], act.cells, record)
        records.save_record(self.company, actor, form, record, values)

    def delete(self, actor: Actor, act: Act) -> None:
        """Into the recycle bin."""
        records.delete_record(self.company, actor, *self.names.record(act.what, act.at))

    def move(self, actor: Actor, act: Act) -> None:
        """To another stage."""
        form, record = self.names.record(act.what, act.at)
        stage = next(each.id for each in self.company.catalog.forms[form].fields.values() if each.type == "stage")
        records.save_record(self.company, actor, form, record, {stage: act.where.get("to", "")})

    def submit(self, actor: Actor, act: Act) -> None:
        """A new record with its approval begun; or what a task asks for."""
        if "." not in act.what or act.what in self.names.records:
            self.decide(actor, act)
            return
        values = self.names.wire(self._form(act), act.cells)
        instance = self._start(actor, act, act.what, None, values)
        form, record = self._record_of(instance)
        self._name(act, form, record)

    def start(self, actor: Actor, act: Act) -> None:
        """The approval of a record that is there; `starts crm.flow on c1`, `starts c1`."""
        form, record = self.names.record(act.where.get("on", act.what), act.at)
        values = self.names.wire(self.company.catalog.forms[form], act.cells, record)
        self._start(actor, act, form, record, values)

    def decide(self, actor: Actor, act: Act) -> None:
        """Approve, reject, abstain, return, submit."""
        form, record = self.names.record(act.what, act.at)
        task = self.task_of(act, actor.person)
        values = self.names.wire(self.company.catalog.forms[form], act.cells, record)
        to = act.where.get("to") if act.verb == "returns" else None
        kind = DECISIONS.get(act.verb, "submit")
        resume, opinion = act.option("resume"), act.option("opinion")
        people, signature = self._chosen(act), self._signature(actor, act)
        decision = Decision(kind, None, None, opinion, values, to, resume, signature, people=people)
        commands.decide(self.company, actor, task.id, decision)

    def press(self, actor: Actor, act: Act) -> None:
        """An action of the page: `runs to_pool on c1`."""
        form, record = self.names.record(act.where.get("on", ""), act.at)
        action = self.company.catalog.forms[form].actions.get(act.what)
        asked: dict[str, object] = {}
        for name, item in act.cells.items():
            definition = action.asks.get(name) if action is not None else None
            asked[name] = plain(item) if definition is None else self.names.one(definition, item)
        run_action(self.company, actor, form, record, act.what, asked)

    def instance(self, name: str, at: Location) -> int:
        """The latest approval of a record; NotVisible when there was none."""
        form, record = self.names.record(name, at)
        with self.company.reading(SYSTEM) as work:
            found = fetch_instances(work.uow, form, record)
        if not found:
            raise NotVisible(name)
        return max(each.id for each in found)

    def tasks(self, form: str, record: int) -> list[StoredTask]:
        """What waits for somebody at the record."""
        with self.company.reading(SYSTEM) as work:
            running = [each.id for each in fetch_instances(work.uow, form, record) if each.state == "running"]
            return [task for each in running for task in fetch_tasks(work.uow, each) if task.state == "pending"]

    def task_of(self, act: Act, person: int | None, record: str | None = None) -> StoredTask:
        """What waits for a person at the record, at the step that is named; E106 when nothing does."""
        step, name = act.where.get("at"), record or act.what
        for task in self.tasks(*self.names.record(name, act.at)):
            if person in (None, task.assignee) and step in (None, task.step):
                return task
        raise ProblemsFound([Problem("E106", {"name": name, "person": act.person}, act.at)])

    def _start(self, actor: Actor, act: Act, form: str, record: int | None, values: Mapping[str, object]) -> int:
        known = self.company.catalog.workflows
        flows = [each.id for each in known.values() if each.form == form]
        named = act.option("workflow") or (act.what if act.what in known else None) or next(iter(flows), "")
        return commands.start_workflow(self.company, actor, named, record, values, people=self._chosen(act))

    def _chosen(self, act: Act) -> Mapping[str, list[int]]:
        if "people" not in act.more:
            return {}
        steps = act.more["people"].map
        return {
            step: [self.names.person(each.text, each.at) for each in item.list or (item,)]
            for step, item in steps.items()
        }

    def _signature(self, actor: Actor, act: Act) -> int | None:
        if "signature" not in act.more:
            return None
        return store_file(self.company, actor, act.more["signature"].text, io.BytesIO(actor.name.encode()), PNG).id

    def _record_of(self, instance: int) -> tuple[str, int]:
        with self.company.reading(SYSTEM) as work:
            found = fetch_instance(work.uow, instance)
        return (found.form, found.record_id) if found is not None else ("", 0)

    def _form(self, act: Act) -> Form:
        if act.what not in self.company.catalog.forms:
            raise ProblemsFound([Problem("E101", {"name": act.what}, act.at)])
        return self.company.catalog.forms[act.what]

    def _name(self, act: Act, form: str, record: int) -> None:
        name = act.option("as")
        if name is not None:
            self.names.records[name] = (form, record)


DOING: Mapping[str, Callable[[Playing, Actor, Act], None]] = MappingProxyType(
    {
        "creates": Playing.create,
        "changes": Playing.change,
        "deletes": Playing.delete,
        "moves": Playing.move,
        "submits": Playing.submit,
        "starts": Playing.start,
        **dict.fromkeys(DECISIONS, Playing.decide),
        "runs": Playing.press,
        **FLOW_ACTS,
    }
)


def read_act(words: str, at: Location, more: Mapping[str, Item]) -> Act:
    """`li returns q1 to start`; E102 when it is no such sentence."""
    parts = words.replace(" takes back ", " takes_back ").split()
    first, pairs = parts[:3], parts[3:]
    known = dict(zip(pairs[::2], pairs[1::2], strict=False))
    if len(first) != 3 or first[1] not in DOING or len(pairs) % 2 or not known.keys() <= set(LINKING):
        raise ProblemsFound([Problem("E102", {"text": words, "verbs": ", ".join(DOING)}, at)])
    return Act(first[0], first[1], first[2], at, known, more)
