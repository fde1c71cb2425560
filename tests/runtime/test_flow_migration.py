"""Markings that come over to another definition: what follows, what is refused, and that nothing sticks afterwards."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from engine.catalog.workflows import Step, StepList, Workflow
from engine.problems import ProblemsFound
from engine.runtime.flow.machine import Machine
from engine.runtime.flow.marking import START, ListMark, Marking
from engine.runtime.flow.migrating import migrated
from engine.runtime.flow.positions import find_positions, legal_returns
from tests.runtime.test_flow_machine import GUARD, Play, World, listed, play, random_steps, review, step, workflow

SAME: Mapping[str, str] = MappingProxyType({})


def come_over(game: Play, *steps: Step, renamed: Mapping[str, str] = SAME) -> tuple[Play, str | None]:
    """The game on a workflow of other steps, and its result."""
    after = workflow(*steps, max_rounds=10_000)
    moved = migrated(game.machine.workflow, after, renamed, game.machine.marking)
    world = game.world
    world.open = {visit: renamed.get(name, name) for visit, name in world.open.items()}
    machine = Machine(after, Marking.from_json(moved.marking.to_json()), world)
    if moved.to_start:
        return Play(machine, world), machine.jump(START)
    return Play(machine, world), machine.pass_over(moved.left_out)


def refused(game: Play, *steps: Step, renamed: Mapping[str, str] = SAME) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        come_over(game, *steps, renamed=renamed)
    return [problem.code for problem in found.value.problems]


def test_steps_before_and_behind_may_come_and_go() -> None:
    game = play(step("one"), step("two"), step("three"))
    game.decide("one")
    visit = game.visit("two")
    game, _ = come_over(game, step("zero"), step("two"), step("more"))
    assert game.visit("two") == visit
    game.decide("two")
    assert game.waiting() == {"more"}
    assert game.decide("more") == "approved"


def test_a_renamed_step_keeps_its_visit_and_its_place_in_the_trail() -> None:
    game = play(step("one"), step("two"))
    game.decide("one")
    visit = game.visit("two")
    game, _ = come_over(game, step("first"), step("second"), renamed={"one": "first", "two": "second"})
    assert game.visit("second") == visit
    assert game.machine.marking.trail == ["first"]
    game.back("second", "first")
    assert game.waiting() == {"first"}


def test_two_steps_may_swap_their_names() -> None:
    game = play(step("one"), step("two"))
    game, _ = come_over(game, step("two"), step("one"), renamed={"one": "two", "two": "one"})
    assert game.waiting() == {"two"}
    game.decide("two")
    assert game.waiting() == {"one"}


def test_a_step_that_is_gone_is_refused_unless_it_is_said_where_it_goes() -> None:
    game = play(step("one"), step("two"))
    assert refused(game, step("two")) == ["A180"]
    game, _ = come_over(game, step("new"), step("two"), renamed={"one": "skip"})
    assert game.waiting() == {"new"}  # at the beginning of the list, where it stood


def test_a_step_that_is_left_out_goes_on_behind_the_one_before_it() -> None:
    game = play(step("one"), step("two"), step("three"))
    game.decide("one")
    game, result = come_over(game, step("one"), step("instead"), step("three"), renamed={"two": "skip"})
    assert result is None
    assert game.waiting() == {"instead"}


def test_leaving_out_the_last_step_ends_the_approval() -> None:
    game = play(step("one"), step("two"))
    game.decide("one")
    _, result = come_over(game, step("one"), renamed={"two": "skip"})
    assert result == "approved"


def test_back_to_the_start() -> None:
    game = play(review(), step("manager"))
    game, _ = come_over(game, step("manager"), renamed={"head": "start", "finance": "start"})
    assert game.waiting() == {START}
    assert game.machine.marking.round == 2
    game.decide(START)
    assert game.waiting() == {"manager"}


def test_the_start_task_stays_one() -> None:
    game = play(step("one"), step("two"))
    game.back("one", START)
    visit = game.visit(START)
    game, _ = come_over(game, step("other"))
    assert game.visit(START) == visit
    game.decide(START)
    assert game.waiting() == {"other"}


def test_an_end_that_could_not_be_carried_out_comes_over_without_a_step() -> None:
    game = play(step("one"))
    game.machine.stop()
    moved = migrated(game.machine.workflow, workflow(step("other")), {}, game.machine.marking)
    assert (moved.marking.root, moved.left_out) == (ListMark(0), ())


def test_another_kind_is_refused() -> None:
    assert refused(play(step("one")), step("one", "fill")) == ["A181"]


def test_t93_a_step_that_a_parallel_now_stands_around_is_refused() -> None:
    around = step("both", "parallel", lists=(listed("a", step("one")), listed("b", step("two"))))
    assert refused(play(step("one")), around) == ["A182"]
    game = play(around)
    game.decide("two")
    assert refused(game, step("one")) == ["A182"]


def test_a_branch_may_come_around_a_step_and_go_again() -> None:
    route = step("route", "branch", lists=(listed("big", step("one"), when=GUARD), listed("small", otherwise=True)))
    game, _ = come_over(play(step("one"), step("last")), route, step("last"))
    game = game.reopened()
    game.decide("one")
    assert game.waiting() == {"last"}
    game, _ = come_over(play(route, step("last")), step("one"), step("last"))
    game.decide("one")
    assert game.waiting() == {"last"}


def test_what_has_finished_in_a_parallel_stays_finished() -> None:
    game = play(review(), step("manager"))
    game.decide("head")
    more = (listed("business", step("head")), listed("money", step("count"), step("more")), listed("law", step("law")))
    game, _ = come_over(
        game, step("check", "parallel", lists=more), step("manager"), renamed={"review": "check", "finance": "count"}
    )
    assert game.waiting() == {"count"}
    game.decide("count")
    assert game.waiting() == {"more"}
    game.decide("more")
    assert game.waiting() == {"manager"}


def test_a_direct_return_still_comes_straight_back() -> None:
    game = play(step("one"), review())
    game.decide("one")
    game.back("finance", "one", "direct")
    business = (listed("business", step("boss")), listed("money", step("finance")))
    after = (step("one"), step("between"), step("review", "parallel", lists=business))
    game, _ = come_over(game, *after, renamed={"head": "boss"})
    game.decide("one")
    assert game.waiting() == {"boss", "finance"}


def test_a_direct_return_into_a_step_that_is_gone_walks_again() -> None:
    game = play(step("one"), step("two"))
    game.decide("one")
    game.back("two", START, "direct")
    moved = migrated(game.machine.workflow, workflow(step("one"), step("three")), {}, game.machine.marking)
    assert (moved.dropped, moved.marking.saved) == (1, {})


# --- at random ------------------------------------------------------------------------------------------------------


def edited(steps: tuple[Step, ...], chance: random.Random, renamed: dict[str, str]) -> Iterator[Step]:
    """The steps changed at random: others added, taken away, renamed, put into a branch."""
    for each in steps:
        if chance.random() < 0.15:
            yield step(f"added_{len(renamed)}_{each.name}")
        lists = tuple(edited_list(inner, chance, renamed) for inner in each.lists)
        name, fate = each.name, chance.random()
        if not lists and fate < 0.12:
            renamed[name] = chance.choice(["skip", "skip", "start"])
            continue
        if fate < 0.3:
            name = renamed[each.name] = f"new_{each.name}"
        kept = replace(each, name=name, lists=lists)
        if chance.random() < 0.1:
            taken = listed(f"around_{name}_a", kept, when=GUARD)
            yield step(f"around_{name}", "branch", lists=(taken, listed(f"around_{name}_b", otherwise=True)))
        else:
            yield kept


def edited_list(inner: StepList, chance: random.Random, renamed: dict[str, str]) -> StepList:
    return replace(inner, steps=tuple(edited(inner.steps, chance, renamed)))


@pytest.mark.parametrize("seed", range(20))
def test_random_changes_on_the_way_never_stick_and_never_double(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded game, no secret
    moved = 0
    for _ in range(40):
        definition = workflow(*random_steps(chance, 3, [0]), max_rounds=10_000)
        moved += run_at_random(definition, chance)
    assert moved >= 10


def run_at_random(definition: Workflow, chance: random.Random) -> int:
    """How often the instance came over to another definition before it ended."""
    world, moved = World(random=chance), 0
    game = Play(Machine(definition, Marking(ListMark(0)), world), world)
    result = game.machine.begin()
    for turn in range(400):
        if result is not None:
            assert world.open == {}
            return moved
        assert game.waiting(), "nobody is asked and the instance goes on"
        assert sorted(world.open.values()) == sorted(leaf.name for leaf in game.machine.marking.root.leaves())
        if turn < 40 and chance.random() < 0.15:
            renamed: dict[str, str] = {}
            steps = tuple(edited(game.machine.workflow.steps, chance, renamed))
            game, result = come_over(game, *steps, renamed=renamed)
            moved += 1
            continue
        game = game.reopened()
        name = chance.choice(sorted(world.open.values()))
        known = find_positions(game.machine.workflow)
        step_here = game.machine.workflow.step(name) if name != START else None
        targets = legal_returns(known, step_here, game.machine.marking.trail) if step_here is not None else []
        if targets and turn < 60 and chance.random() < 0.3:
            result = game.back(name, chance.choice(targets), chance.choice(["rerun", "direct"]))
        else:
            result = game.decide(name, "rejected" if turn < 60 and step_here and chance.random() < 0.1 else "approved")
    pytest.fail("the instance does not end")
