"""The token game alone: random workflows, random decisions, returns and jumps; and the cases that are easily got wrong."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.catalog.workflows import ANY, Policies, Start, Step, StepList, Workflow
from engine.expressions import compile_literal
from engine.expressions.nodes import Expression, Type
from engine.problems import Location, ProblemsFound
from engine.runtime.flow.machine import Machine
from engine.runtime.flow.marking import START, ListMark, Marking
from engine.runtime.flow.positions import find_positions, legal_returns

AT = Location("flow.yaml", 1, 1)
GUARD = compile_literal(value=True, type_=Type("boolean"))


def step(name: str, kind: str = "approve", **more: Any) -> Step:
    return Step(name, kind, {"en": name}, AT, policies=more.pop("policies", Policies(returns=ANY)), **more)


def listed(name: str, *steps: Step, when: Expression | None = None, otherwise: bool = False) -> StepList:
    return StepList(name, {"en": name}, when, steps, AT, otherwise)


def workflow(*steps: Step, **more: Any) -> Workflow:
    return Workflow("a.flow", "a.form", {"en": "Flow"}, None, Start(), steps, AT, **more)


@dataclass
class World:
    """Surroundings that keep a list of what is open, and answer conditions as told (or at random)."""

    random: random.Random | None = None
    answer: bool = True
    open: dict[int, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_once: dict[str, str] = field(default_factory=dict)
    halts: set[str] = field(default_factory=set)
    machine: Machine | None = None

    def holds(self, condition: Expression) -> bool:
        return self.random.random() < 0.5 if self.random is not None else self.answer

    def open_step(self, step: Step, visit: int) -> str | None:
        if self.random is not None and self.random.random() < 0.1:
            return "approved"
        if step.name in self.at_once:
            return self.at_once[step.name]
        assert visit not in self.open
        assert step.name not in self.open.values(), f"{step.name} is open twice"
        self.open[visit] = step.name
        return None

    def reopen_step(self, step: Step, visit: int, people: Any) -> str | None:
        self.notes.append(f"again {step.name} {people}")
        self.open[visit] = step.name
        return None

    def open_start(self, visit: int) -> None:
        self.open[visit] = START

    def pass_step(self, step: Step) -> bool:
        self.passed.append(step.name)
        return self._halts(step)

    def leave_step(self, step: Step, outcome: str) -> bool:
        if self._halts(step):
            return True
        self._forget(step)
        return False

    def _halts(self, step: Step) -> bool:
        if step.name not in self.halts and (self.random is None or self.random.random() >= 0.05):
            return False
        if self.machine is not None:
            leaves = self.machine.marking.root.leaves()
            self.open[next(leaf.visit for leaf in leaves if leaf.name == step.name)] = step.name
        return True

    def _forget(self, step: Step) -> None:
        self.open = {visit: name for visit, name in self.open.items() if name != step.name}

    def close(self, visits: Iterable[int]) -> None:
        for visit in visits:
            self.open.pop(visit, None)

    def people_of(self, visits: Iterable[int]) -> dict[str, Any]:
        return {str(visit): self.open[visit] for visit in visits if visit in self.open}

    def note(self, what: str, step: str) -> None:
        self.notes.append(what)


@dataclass
class Play:
    """An instance being played by name."""

    machine: Machine
    world: World

    def __post_init__(self) -> None:
        self.world.machine = self.machine

    def visit(self, name: str) -> int:
        return next(visit for visit, each in self.world.open.items() if each == name)

    def decide(self, name: str, outcome: str = "approved") -> str | None:
        visit = self.visit(name)
        if name == START:
            del self.world.open[visit]
        return self.machine.complete(visit, outcome)

    def back(self, name: str, target: str, resume: str = "rerun") -> str | None:
        return self.machine.go_back(self.visit(name), target, resume)

    def waiting(self) -> set[str]:
        assert sorted(self.world.open) == sorted(leaf.visit for leaf in self.machine.marking.root.leaves())
        return set(self.world.open.values())

    def reopened(self) -> Play:
        """The same instance after its marking has been stored and read again."""
        marking = Marking.from_json(self.machine.marking.to_json())
        return Play(Machine(self.machine.workflow, marking, self.world), self.world)


def play(*steps: Step, world: World | None = None, **more: Any) -> Play:
    world = world or World()
    machine = Machine(workflow(*steps, **more), Marking(ListMark(0)), world)
    game = Play(machine, world)
    assert machine.begin() is None
    return game


def review() -> Step:
    """Two people at once: business and finance."""
    return step(
        "review",
        "parallel",
        lists=(listed("business", step("head")), listed("money", step("finance"))),
    )


def test_steps_follow_one_another_to_the_end() -> None:
    game = play(step("one"), step("tell", "cc"), step("two"))
    assert game.waiting() == {"one"}
    assert game.decide("one") is None
    assert game.waiting() == {"two"}
    assert game.world.passed == ["tell"]
    assert game.decide("two") == "approved"
    assert game.world.open == {}


def test_t34_return_into_a_finished_parallel_opens_only_that_branch() -> None:
    game = play(review(), step("manager"))
    game.decide("head")
    game.decide("finance")
    assert game.back("manager", "finance") is None
    assert game.waiting() == {"finance"}
    game.decide("finance")
    assert game.waiting() == {"manager"}
    marking = game.machine.marking
    assert marking.trail == ["head", "finance"]


def test_t35_return_cancels_what_else_goes_on() -> None:
    game = play(review())
    game.back("head", START)
    assert game.waiting() == {START}
    assert game.decide(START) is None
    assert game.waiting() == {"head", "finance"}


def test_t38_a_direct_return_comes_straight_back() -> None:
    game = play(step("one"), step("two"))
    game.decide("one")
    game.back("two", START, "direct")
    game = game.reopened()
    game.decide(START)
    assert game.waiting() == {"two"}


def test_t39_a_direct_return_restores_its_neighbours() -> None:
    game = play(review())
    game.back("finance", START, "direct")
    game = game.reopened()
    game.decide(START)
    assert game.waiting() == {"head", "finance"}
    assert [note.split()[0] for note in game.world.notes] == ["again", "again"]


def test_t40_a_changed_condition_makes_a_direct_return_walk_again() -> None:
    route = step("route", "branch", lists=(listed("big", step("manager"), when=GUARD), listed("small", otherwise=True)))
    game = play(step("one"), route)
    game.decide("one")
    game.back("manager", START, "direct")
    game.world.answer = False
    game.decide(START)
    assert "guard_drift" in game.world.notes
    assert game.waiting() == {"one"}
    assert game.decide("one") == "approved"


def test_t42_too_many_rounds_are_refused() -> None:
    game = play(step("one"), step("two"), max_rounds=3)
    for _ in range(2):
        game.decide("one")
        game.back("two", START)
        game.decide(START)
    game.decide("one")
    with pytest.raises(ProblemsFound):
        game.back("two", START)


def test_t77_the_first_branch_of_any_ends_the_others() -> None:
    race = step("race", "parallel", join="any", lists=(listed("a", step("one")), listed("b", step("two"))))
    game = play(race, step("three"))
    game.decide("two")
    assert game.waiting() == {"three"}


def test_t79_an_end_inside_a_parallel_ends_all() -> None:
    inner = listed("a", step("one"), step("stop", "end", result="rejected"))
    game = play(step("both", "parallel", lists=(inner, listed("b", step("two")))))
    assert game.decide("one") == "rejected"
    assert game.world.open == {}


def test_t75_a_parallel_without_open_branch_is_passed() -> None:
    both = step("both", "parallel", none="skip", lists=(listed("a", step("one"), when=GUARD),))
    game = play(step("first"), both, step("last"), world=World(answer=False))
    game.decide("first")
    assert game.waiting() == {"last"}


def test_t46_a_rejection_that_ends_closes_everything() -> None:
    game = play(review())
    assert game.decide("head", "rejected") == "rejected"
    assert game.world.open == {}


def test_a_rejection_inside_a_parallel_that_is_being_opened_leaves_nothing_behind() -> None:
    both = step(
        "both",
        "parallel",
        lists=(listed("a", step("one", reject_to=START)), listed("b", step("two"))),
    )
    world = World(at_once={"one": "rejected"})
    game = play(step("first"), both, world=world)
    game.decide("first")
    assert game.waiting() == {START}


def test_t85_a_step_that_halts_stays_where_it_is() -> None:
    """Whether it is entered or left; what stands beside it goes on, and it goes on itself once it may."""
    both = step("both", "parallel", lists=(listed("a", step("mark", "auto")), listed("b", step("two"))))
    game = play(step("one"), both, step("last"), world=World(halts={"mark", "one"}))
    assert (game.decide("one"), game.waiting()) == (None, {"one"})
    game.world.halts.remove("one")
    game.decide("one")
    assert game.waiting() == {"mark", "two"}
    game.decide("two")
    game = game.reopened()
    game.world.halts.clear()
    game.decide("mark")
    assert game.waiting() == {"last"}


def test_t45_nobody_returns_past_what_cannot_be_done_again() -> None:
    """Not past a call that was passed; past one in a case that was not taken, and past a repeatable one, he may."""
    route = step("route", "branch", lists=(listed("a", step("other", "call"), when=GUARD), listed("b", otherwise=True)))
    world = World(answer=False)
    game = play(step("one"), step("ask", "call", repeatable=True), step("two"), route, step("three"), world=world)
    for name in ("one", "ask", "two"):
        game.decide(name)
    assert targets_of(game, "three") == [START, "one", "two"]
    game.back("three", "two")
    game.world.answer = True
    game.decide("two")
    game.decide("other")
    assert targets_of(game, "three") == []


def test_a_refused_call_goes_back_to_the_people_before_it() -> None:
    game = play(step("one"), step("ask", "call", on_reject="return"), step("two"))
    game.decide("one")
    assert game.decide("ask", "rejected") is None
    assert game.waiting() == {"one"}
    assert play(step("ask", "call", on_reject="return")).decide("ask", "rejected") is None


def test_a_sibling_branch_and_the_other_case_are_no_targets() -> None:
    positions = find_positions(workflow(review(), step("manager")))
    assert positions.common("finance", "head") is None
    assert positions.common("manager", "head") is None
    assert positions.common("head", "manager") == 0
    assert legal_returns(positions, positions.workflow.step("manager"), ["head"]) == [START, "head"]


def random_steps(chance: random.Random, depth: int, names: list[int]) -> tuple[Step, ...]:
    return tuple(random_step(chance, depth, names) for _ in range(chance.randint(1, 3)))


def random_step(chance: random.Random, depth: int, names: list[int]) -> Step:
    names[0] += 1
    name = f"s{names[0]}"
    kinds = ["approve", "approve", "fill", "cc", "auto", "wait", "call", "branch", "parallel"]
    kind = chance.choice(kinds if depth else kinds[:7])
    if kind == "branch":
        lists = [listed(f"{name}_{at}", *random_steps(chance, depth - 1, names), when=GUARD) for at in range(2)]
        return step(name, kind, lists=(*lists, listed(f"{name}_else", otherwise=True)))
    if kind == "parallel":
        guards = [GUARD if chance.random() < 0.4 else None for _ in range(chance.randint(2, 3))]
        lists = [
            listed(f"{name}_{at}", *random_steps(chance, depth - 1, names), when=guard)
            for at, guard in enumerate(guards)
        ]
        join, count = chance.choice([("all", 0), ("any", 0), ("some", 2)])
        return step(name, kind, lists=tuple(lists), join=join, join_count=count, none="skip")
    more = {"on_reject": chance.choice(["reject", "return"]), "repeatable": chance.random() < 0.5}
    return step(name, kind, reject_to=chance.choice(["end", START]), **(more if kind == "call" else {}))


@pytest.mark.parametrize("seed", range(40))
def test_t114_random_workflows_never_stick_and_never_double(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded game, no secret
    for _ in range(25):
        definition = workflow(*random_steps(chance, 3, [0]), max_rounds=10_000)
        for _ in range(4):
            run_at_random(definition, chance)


def targets_of(game: Play, name: str) -> list[str]:
    """Where one may return to from a step."""
    machine, current = game.machine, game.machine.workflow.step(name)
    if not current.is_human:
        return []
    trail = [each for each in machine.marking.trail if machine.workflow.step(each).is_human]
    legal = legal_returns(machine.positions, current, trail)
    return [each for each in legal if not machine.passes_final(name, each)]


def run_at_random(definition: Workflow, chance: random.Random) -> None:
    world = World(random=chance)
    game = Play(Machine(definition, Marking(ListMark(0)), world), world)
    result = game.machine.begin()
    for turn in range(400):
        if result is not None:
            assert world.open == {}
            return
        assert game.waiting(), "nobody is asked and the instance goes on"
        game = game.reopened()
        name = chance.choice(sorted(world.open.values()))
        targets = [] if name == START else targets_of(game, name)
        if targets and turn < 60 and chance.random() < 0.3:
            result = game.back(name, chance.choice(targets), chance.choice(["rerun", "direct"]))
        else:
            rejects = turn < 60 and name != START and chance.random() < 0.1
            result = game.decide(name, "rejected" if rejects else "approved")
    pytest.fail("the instance does not end")
