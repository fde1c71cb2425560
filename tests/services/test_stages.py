"""How records walk through their stages, and why not."""

from __future__ import annotations

from decimal import Decimal

from engine.services import actions, boards, records
from engine.services.views_of_records import RecordView
from tests.worlds import World, codes


def move(world: World, deal: int | None, stage: str, who: str = "li") -> RecordView:
    return records.move_record(world.company, world.actors[who], "crm.deal", deal or 0, "stage", stage)


def talk(world: World, deal: int | None, *, done: bool = True) -> RecordView:
    return records.tick_task(world.company, world.li, "crm.deal", deal or 0, "stage", "talk", done=done)


def test_a_new_record_stands_in_the_first_stage_and_formulas_know_its_probability(world: World) -> None:
    deal = world.save(world.li, "deal", name="D", amount="200")
    assert deal.values["stage"] == "need"
    assert deal.values["weighted"] == Decimal("20.00")


def test_moving_forward_asks_for_tasks_and_for_what_the_next_stage_requires(world: World) -> None:
    deal = world.save(world.li, "deal", name="D").id
    assert codes(lambda: move(world, deal, "offer")) == [("V127", "amount"), ("V129", "stage")]
    talk(world, deal)
    world.save(world.li, "deal", deal, amount="100")
    moved = move(world, deal, "offer")
    assert moved.values["stage"] == "offer"
    assert moved.values["weighted"] == Decimal("50.00")


def test_stages_are_walked_one_by_one_and_ends_are_reached_from_anywhere(world: World) -> None:
    deal = world.save(world.li, "deal", name="D", amount="100", why="x").id
    talk(world, deal)
    assert codes(lambda: move(world, deal, "close")) == [("V128", "stage")]
    assert move(world, deal, "lost").values["stage"] == "lost"


def test_an_end_is_left_only_by_the_roles_that_may_reopen(world: World) -> None:
    deal = world.save(world.li, "deal", name="D", why="x").id
    move(world, deal, "lost")
    assert codes(lambda: move(world, deal, "need")) == [("V133", "stage")]
    assert codes(lambda: move(world, deal, "offer", "wang")) == [("V127", "amount"), ("V128", "stage")]
    assert move(world, deal, "need", "wang").values["stage"] == "need"


def test_a_stage_may_not_lose_what_it_requires(world: World) -> None:
    deal = world.save(world.li, "deal", name="D", amount="100").id
    talk(world, deal)
    move(world, deal, "offer")
    assert codes(lambda: world.save(world.li, "deal", deal, amount=None)) == [("V127", "amount")]


def test_the_page_of_a_record_tells_its_tasks_and_where_it_could_go(world: World) -> None:
    deal = world.save(world.li, "deal", name="D").id
    state = world.fetch(world.li, "deal", deal).stages["stage"]
    assert state.stage is not None
    assert (state.stage.id, state.entered) == ("need", world.clock.now)
    assert [(task.task.id, task.done) for task in state.tasks] == [("talk", False)]
    assert [(each.stage.id, each.allowed) for each in state.moves] == [
        ("offer", False),
        ("won", False),
        ("lost", False),
    ]
    talk(world, deal)
    assert [task.done for task in world.fetch(world.li, "deal", deal).stages["stage"].tasks] == [True]
    talk(world, deal, done=False)
    assert [task.done for task in world.fetch(world.li, "deal", deal).stages["stage"].tasks] == [False]


def test_a_board_shows_each_stage_with_its_count_its_sum_and_its_cards(world: World) -> None:
    for name, amount in (("A", "10"), ("B", "20"), ("C", "30")):
        world.save(world.li, "deal", name=name, amount=amount)
    world.save(world.qi, "deal", name="Hidden", amount="99")
    board = boards.fetch_board(world.company, world.li, "crm.deal", "board", per_lane=2)
    assert [(lane.stage.id, lane.count, lane.total) for lane in board.lanes][:2] == [
        ("need", 3, Decimal("60.00")),
        ("offer", 0, 0),
    ]
    assert len(board.lanes[0].cards) == 2
    more = boards.fetch_board(
        world.company, world.li, "crm.deal", "board", per_lane=2, lane="need", after=board.lanes[0].more
    )
    assert len(more.lanes[0].cards) == 1


def test_an_action_is_offered_by_its_condition_and_opens_a_filled_form(world: World) -> None:
    account = world.save(world.li, "account", name="A", region="N").id
    deal = world.save(world.li, "deal", name="D", amount="100", account=account)
    offers = {each.action.id: each.enabled for each in actions.list_actions(world.company, world.li, deal)}
    assert offers == {"to_order": False, "lose": True, "copy": True}
    run = lambda: actions.run_action(world.company, world.li, "crm.deal", deal.id or 0, "to_order")  # noqa: E731
    assert codes(run) == [("R105", "")]
    talk(world, deal.id)
    move(world, deal.id, "won")
    assert run().opens == ("crm.order", {"account": account})
    opened = records.new_record(world.company, world.li, *run().opens)
    assert opened.values["region"] == "N"


def test_an_action_that_sets_asks_first_and_saves_with_all_gates(world: World) -> None:
    deal = world.save(world.li, "deal", name="D").id or 0

    def lose(**asked: object) -> object:
        return actions.run_action(world.company, world.li, "crm.deal", deal, "lose", asked)

    assert codes(lose) == [("V101", "asked/why")]
    lose(why="Too dear")
    seen = world.fetch(world.li, "deal", deal).values
    assert (seen["stage"], seen["why"]) == ("lost", "Too dear")
    assert codes(lambda: actions.run_action(world.company, world.qi, "crm.deal", deal, "lose")) == [
        ("404", "not visible")
    ]


def test_a_duplicate_takes_along_what_is_the_same_but_not_the_stage(world: World) -> None:
    deal = world.save(world.li, "deal", name="D", amount="5", why="x").id or 0
    move(world, deal, "lost")
    opened = actions.run_action(world.company, world.li, "crm.deal", deal, "copy").opens
    assert opened == ("crm.deal", {"name": "D", "rep": world.li.person, "amount": "5.00", "why": "x"})
