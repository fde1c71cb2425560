"""How long the checks of a workflow take: 5,000 steps built in memory, and whether the time grows with their number."""

from __future__ import annotations

import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.report import Figure
from engine.catalog.build import build_catalog
from engine.catalog.effect_scopes import FlowScope
from engine.catalog.effects import Effect, Who
from engine.catalog.notes import Compiler
from engine.catalog.workflow_checks import check_workflow
from engine.catalog.workflows import FieldRights, Policies, Start, Step, StepList, Workflow
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.problems import Location
from engine.source.layers import find_layers
from engine.source.resolve import lay_over
from engine.source.site_files import read_site

FILES = {
    "site.yaml": "site: bench\nlanguages: [en]\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [crm]\nlanguage: en\n",
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\nroles: {manager: Manager}\n",
    "forms/crm/task.yaml": """
        form: crm.task
        label: Task
        fields:
          amount: money
          kind: {type: choice, choices: [plain, urgent, large]}
          one: text
          two: text
          three: text
        access: {manager: always}
        """,
}
FORM = "crm.task"
STEPS, FEWER = 5_000, 1_000
MOST_SECONDS = 1.0
MOST_GROWTH = 2.0  # times what five times as many steps would take, if each took the same
ROUNDS = 5
_AT = Location("workflows/crm/review.yaml", 1, 1)
_WHO = (Who("role", _AT, name="manager"),)
_GUARDS = ("amount > 50000", "amount <= 50000 and amount > 1000", 'kind in ["urgent", "large"] and amount > 10')


class Maker:
    """Makes workflows of many steps of all kinds: sequences of branches, parallels, loops and effects."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made = self.lists = 0
        compiler = Compiler(world.notes, FlowScope(world, FORM))
        self.guards = [found for text in _GUARDS if (found := compiler.text(text, _AT, "boolean")) is not None]
        self.done = compiler.text('"done"', _AT)

    def workflow(self, count: int) -> Workflow:
        """A workflow of about so many steps."""
        self.made = 0
        steps: list[Step] = []
        while self.made < count:
            steps += self._group()
        return Workflow("crm.review", FORM, {"en": "Review"}, None, Start(), tuple(steps), _AT, admin=_WHO)

    def _group(self) -> list[Step]:
        """Somebody decides, one of three ways is taken, three look at it together; for some it begins again."""
        first = self._step("approve", returns=("start",))
        route = self._step("branch", lists=self._lists(edit=("one",), inner=True))
        together = self._step("parallel", lists=self._branches(), none="skip")
        effects: dict[str, tuple[Effect, ...]] = {}
        if self.done is not None:
            effects = {"enter": (Effect("set", _AT, values={"one": self.done}),)}
        mark = self._step("auto", effects=effects)
        back = self._step("goto", to=first.name)
        again = self._step("branch", lists=(self._list(self.guards[0], back), self._list(None)))
        last = self._step("fill", returns=(first.name,))
        return [first, route, together, mark, again, last]

    def _lists(self, *, edit: tuple[str, ...], inner: bool) -> tuple[StepList, ...]:
        cases = []
        for guard in self.guards:
            steps = [self._step("approve", edit=edit)]
            if inner:
                steps.append(self._step("branch", lists=self._lists(edit=edit, inner=False)))
            cases.append(self._list(guard, *steps))
        return (*cases, self._list(None))

    def _branches(self) -> tuple[StepList, ...]:
        return tuple(
            self._list(guard, self._step("approve", edit=(name,)))
            for guard, name in zip(self.guards, ("one", "two", "three"), strict=True)
        )

    def _list(self, when: Expression | None, *steps: Step) -> StepList:
        self.lists += 1
        return StepList(f"list{self.lists}", {"en": "List"}, when, steps, _AT, otherwise=when is None)

    def _step(self, kind: str, *, edit: tuple[str, ...] = (), returns: tuple[str, ...] = (), **more: object) -> Step:
        self.made += 1
        rights, policies = FieldRights(edit=edit), Policies(returns=returns)
        step = Step(f"s{self.made}", kind, {"en": "Step"}, _AT, who=_WHO, rights=rights, policies=policies)
        return replace(step, **more)  # type: ignore[arg-type]


def measure_checks() -> list[Figure]:
    """Seconds for 5,000 steps, and how the time grows."""
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(_world(Path(folder)))
    few, many = maker.workflow(FEWER), maker.workflow(STEPS)
    seconds, fewer = _seconds(maker.world, many), _seconds(maker.world, few)
    growth = seconds / (fewer * STEPS / FEWER)
    return [
        Figure("soundness check of 5,000 steps in memory", seconds, "s", MOST_SECONDS),
        Figure("against five times that of 1,000 steps", growth, "times", MOST_GROWTH),
    ]


def _seconds(world: World, workflow: Workflow) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        check_workflow(world, workflow)
        taken.append(time.perf_counter() - began)
        if world.notes.problems:
            raise AssertionError(world.notes.problems[0].message())
    return median(taken)


def _world(folder: Path) -> World:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    resolved = lay_over(read_site(find_layers(folder, folder / "none")), "acme")
    catalog = build_catalog(resolved)
    world = World(resolved)
    world.forms.update(catalog.forms)
    world.roles.update(catalog.roles)
    return world
