"""Random workflows, written as YAML and read by the loader; those that it accepts are played at random.

What the checks accept must never stick, never double a task, never go round by itself, and come to its end.
`python -m tests.flow.random_definitions --cases 1000 --runs 60` prints what was found; a small number runs with the
tests.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.catalog.build import build_catalog
from engine.catalog.workflows import Step, Workflow
from engine.problems import ProblemsFound
from engine.runtime.flow.machine import Machine
from engine.runtime.flow.marking import START, ListMark, Marking
from tests.runtime.test_flow_machine import Play, targets_of
from tests.runtime.test_flow_machine import World as Surroundings
from tests.sites import resolve_site, write_site

FORM = """
    form: crm.task
    label: Task
    fields:
      name: text
      amount: money
      kind: {type: choice, choices: [plain, urgent, large]}
      note: text
      parent: {type: link, to: crm.task}
    access: {manager: always}
"""
HEAD = """workflow: crm.{name}
of: crm.task
state: false
admin: [{{role: manager}}]
when: name = "{name}"
max_rounds: 100
start: {{who: [{{role: sales}}], edit: [name, amount]}}
steps:
"""
GUARDS = (
    "amount > 100",
    "amount <= 100",
    "amount > 5000",
    'kind = "plain"',
    'kind in ["urgent", "large"]',
    "note <> name",
)
DEEPEST = 3
REFUSED = ("approve", "wait", "call")
BLOCKS = ("branch", "parallel")
OTHER = """
    workflow: crm.other
    of: crm.task
    state: false
    admin: [{role: manager}]
    when: name = "other"
    start: {who: [{role: sales}]}
    steps: [{approve: check, who: [{role: manager}]}]
"""
MOST_TURNS = 5000
CALM_AFTER = 80  # then nobody refuses or returns any more


@dataclass
class Writer:
    """Writes the steps of one workflow; most of what it writes is sound, some is not."""

    chance: random.Random
    lines: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def steps(self, indent: int, depth: int, before: Sequence[str]) -> None:
        """A list of steps; `before`: the human steps of this and the lists around it that one may go back to."""
        open_to_goto = list(before)
        for _ in range(self.chance.randint(1, 3)):
            kinds = ["approve", "approve", "fill", "cc", "auto", "wait", "call", *(BLOCKS * 2 if depth else ())]
            name = self._step(self.chance.choice(kinds), indent, depth, open_to_goto)
            open_to_goto += [name] if name else []
        if depth < DEEPEST and self.chance.random() < 0.12:
            self._last(indent, open_to_goto)

    def _step(self, kind: str, indent: int, depth: int, before: Sequence[str]) -> str:
        name = f"s{len(self.names) + 1}"
        self.names.append(name)
        if kind in BLOCKS:
            self._block(kind, name, indent, depth, before)
            return ""
        more = self._human(before) if kind in ("approve", "fill") else self._other(kind)
        if kind == "approve" and self.chance.random() < 0.5:
            more += f", reject: {{to: {self._target(before)}}}"
        self._write(indent, f"- {{{kind}: {name}, {more}}}")
        return name if kind in ("approve", "fill") else ""

    def _human(self, before: Sequence[str]) -> str:
        written = ["who: [{role: manager}]"]
        if self.chance.random() < 0.7:
            written.append("return: any")
        elif self.chance.random() < 0.5:
            written.append(f"return: [{', '.join(dict.fromkeys(['start', self._target(before)]))}]")
        if self.chance.random() < 0.15:
            written.append(f"empty: {self.chance.choice(['skip', 'reject', 'admin'])}")
        return ", ".join(written)

    def _other(self, kind: str) -> str:
        if kind == "auto":
            return "effects: [{notify: {to: [initiator], text: Done}}]"
        if kind == "wait":
            return "until: {after: 2 days}"
        if kind == "call":
            refused = self.chance.choice(["continue", "reject", "return"])
            again = self.chance.choice(["true", "false"])
            return f"workflow: crm.other, for: parent, reject: {refused}, repeatable: {again}"
        return "who: [{role: manager}]"

    def _target(self, before: Sequence[str]) -> str:
        if self.chance.random() < 0.03:
            return self.chance.choice(self.names)
        return self.chance.choice([*before, "start", "start"])

    def _block(self, kind: str, name: str, indent: int, depth: int, before: Sequence[str]) -> None:
        self._write(indent, f"- {kind}: {name}")
        guards = self.chance.sample(GUARDS, self.chance.randint(2, 3))
        if kind == "parallel":
            join = self.chance.choice(["all", "all", "any", "{n: 2}"])
            self._write(indent, f"  join: {join}")
            self._write(indent, "  none: skip")
        self._write(indent, f"  {'cases' if kind == 'branch' else 'branches'}:")
        for at, guard in enumerate(guards):
            when = [f"when: '{guard}'"] if kind == "branch" or self.chance.random() < 0.4 else []
            self._list(indent + 2, [f"name: {name}_{at}", *when], depth, before)
        if kind == "branch" and self.chance.random() < 0.97:
            if self.chance.random() < 0.5:
                self._write(indent + 2, "- {else: true, steps: []}")
            else:
                self._list(indent + 2, ["else: true"], depth, before)

    def _list(self, indent: int, head: Sequence[str], depth: int, before: Sequence[str]) -> None:
        for at, line in enumerate(head):
            self._write(indent, f"{' ' if at else '-'} {line}")
        self._write(indent, "  steps:")
        self.steps(indent + 4, depth - 1, before)

    def _last(self, indent: int, before: Sequence[str]) -> None:
        """An end, or a way back."""
        if before and self.chance.random() < 0.6:
            self._write(indent, f"- goto: {self.chance.choice(list(before))}")
            return
        name = f"s{len(self.names) + 1}"
        self.names.append(name)
        self._write(indent, f"- {{end: {name}, result: {self.chance.choice(['approved', 'rejected'])}}}")

    def _write(self, indent: int, line: str) -> None:
        self.lines.append(" " * indent + line)


def random_yaml(seed: int, name: str) -> str:
    """The text of a workflow file."""
    writer = Writer(random.Random(seed))  # noqa: S311 - a seeded game, no secret
    writer.steps(2, DEEPEST, [])
    return HEAD.format(name=name) + "\n".join(writer.lines) + "\n"


@dataclass
class Sorted:
    """What the loader made of the files: the workflows that it accepts, and how often it gave which code."""

    workflows: Mapping[str, Workflow]
    codes: Counter[str]


def read_all(seeds: Sequence[int]) -> Sorted:
    """The workflows of these seeds, through the loader, all in one site."""
    texts = {f"w{seed}": random_yaml(seed, f"w{seed}") for seed in seeds}
    codes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        root = write_site(Path(folder), {"forms/crm/task.yaml": FORM, "workflows/crm/other.yaml": OTHER})
        for name, text in texts.items():
            (root / f"workflows/crm/{name}.yaml").write_text(text, encoding="utf-8")
        while True:
            try:
                return Sorted(build_catalog(resolve_site(root)).workflows, codes)
            except ProblemsFound as found:
                problems = found.problems
            for problem in problems:
                assert problem.at is not None
                codes[problem.code] += 1
                if not problem.warning:
                    (root / problem.at.file).unlink(missing_ok=True)


class Odd(Surroundings):
    """Surroundings in which a step finds nobody where its definition says what happens then."""

    def open_step(self, step: Step, visit: int) -> str | None:
        """Now and then decided at once, as `empty` says."""
        assert self.random is not None
        at_once = {"skip": "approved", "reject": "rejected"}.get(step.policies.when_empty)
        if at_once is not None and self.random.random() < 0.5:
            return at_once
        assert visit not in self.open
        assert step.name not in self.open.values(), f"{step.name} is open twice"
        self.open[visit] = step.name
        return None

    def reopen_step(self, step: Step, visit: int, people: Any) -> str | None:
        """Open again, for the same people."""
        assert step.name not in self.open.values(), f"{step.name} is open twice"
        self.open[visit] = step.name
        return None


def play(workflow: Workflow, chance: random.Random) -> int:
    """One run to its end; how many decisions it took. AssertionError when it sticks, doubles a task or never ends."""
    world = Odd(random=chance)
    game = Play(Machine(workflow, Marking(ListMark(0)), world), world)
    result = game.machine.begin()
    steps = {step.name: step for step in workflow.all_steps()}
    for turn in range(MOST_TURNS):
        if result is not None:
            assert world.open == {}, f"{workflow.id} ended with open tasks"
            return turn
        assert game.waiting(), f"{workflow.id} goes on and asks nobody"
        game = game.reopened()
        name = chance.choice(sorted(world.open.values()))
        targets = targets_of(game, name) if name != START else []
        if targets and turn < CALM_AFTER and chance.random() < 0.3:
            result = game.back(name, chance.choice(targets), chance.choice(["rerun", "direct"]))
        else:
            refuses = turn < CALM_AFTER and name != START and steps[name].kind in REFUSED and chance.random() < 0.1
            result = game.decide(name, "rejected" if refuses else "approved")
    raise AssertionError(f"{workflow.id} does not end")


def in_parts(cases: int, size: int = 250) -> Iterator[range]:
    """Seeds in parts that one site holds."""
    for start in range(0, cases, size):
        yield range(start, min(start + size, cases))


def main() -> None:
    """Plays as many workflows as are asked for, and says what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=60)
    asked = parser.parse_args()
    began, accepted, runs, decisions = time.monotonic(), 0, 0, 0
    codes: Counter[str] = Counter()
    for part in in_parts(asked.cases):
        found = read_all(part)
        codes += found.codes
        accepted += len(found.workflows)
        for workflow in found.workflows.values():
            chance = random.Random(workflow.id)  # noqa: S311 - a seeded game, no secret
            for _ in range(asked.runs):
                decisions += play(workflow, chance)
                runs += 1
    refused = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    say = sys.stdout.write
    say(f"{asked.cases} workflows written, {accepted} accepted (problems of the others: {refused})\n")
    say(f"{runs} runs with {decisions} decisions in {time.monotonic() - began:.0f} s: none stuck, no task twice\n")


if __name__ == "__main__":
    main()
