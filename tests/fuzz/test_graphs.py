"""Under eight writers at once, what saves compute on the way equals what is computed from nothing; and nothing is lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.expressions import Moment
from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.verifying import verify
from engine.storage.database import DatabaseAddress
from tests.fuzz.graphs import GraphMaker
from tests.fuzz.recomputing import find_differences, read_company
from tests.fuzz.writing import write_at_once
from tests.worlds import World, build_world

GRAPHS = int(os.environ.get("WEFT_FORMULA_GRAPHS", "2"))


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_incremental_equals_full(tmp_path: Path, database_address: DatabaseAddress, seed: int) -> None:
    graph = GraphMaker(seed)
    world = build_world(tmp_path / "site", database_address, graph.files())
    try:
        written = write_at_once(world.company, graph.forms, seed)
        assert written.accidents == []
        moment = Moment(world.clock(), ZoneInfo(world.company.catalog.company.time_zone))
        stored = read_company(world.company, moment)
        lost = [
            (form, each)
            for form, ids in written.ids.items()
            for each in ids
            if each not in stored.records[f"crm.{form}"]
        ]
        assert lost == []
        assert written.done > written.refused
        assert written.gave_way == 0
        assert find_differences(stored) == []
    finally:
        world.site.close()


ACCOUNTS = {
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\n",
    "forms/crm/deal.yaml": """\
        form: crm.deal
        label: Deal
        title: "{name}"
        fields:
          name: text
          paid: {type: money, formula: "SUM(payments.amount)"}
          share: {type: money, formula: "ROUND(paid / 3, 2)"}
        """,
    "forms/crm/payment.yaml": """\
        form: crm.payment
        label: Payment
        title: "{amount}"
        fields:
          deal: {type: link, to: crm.deal, inverse: {name: payments, label: Payments}}
          amount: money
        """,
}


def test_two_inserts_at_once_are_both_in_the_sum(tmp_path: Path, database_address: DatabaseAddress) -> None:
    """The race in which a sum of 300 is stored as 100 or 200: two rows of one owner, committed by turns."""
    world = build_world(tmp_path / "site", database_address, ACCOUNTS)
    try:
        for _ in range(10):
            deal = world.save(SYSTEM, "deal", name="d").id
            _together(lambda amount, to=deal: world.save(SYSTEM, "payment", deal=to, amount=amount), ["100", "200"])
            view = world.fetch(SYSTEM, "deal", deal)
            assert (view.values["paid"], view.values["share"]) == (Decimal("300.00"), Decimal("100.00"))
    finally:
        world.site.close()


def test_a_row_that_moves_while_another_comes_is_counted_once(
    tmp_path: Path, database_address: DatabaseAddress
) -> None:
    """Both owners are locked before their rows are read: the old one's sum falls, the new one's rises."""
    world = build_world(tmp_path / "site", database_address, ACCOUNTS)
    try:
        for _ in range(5):
            one, other = (world.save(SYSTEM, "deal", name=name).id for name in "ab")
            moving = [world.save(SYSTEM, "payment", deal=owner, amount="100").id for owner in (one, other)]
            acts = [(moving[0], other), (moving[1], one), (None, one), (None, other)]
            _together(lambda act: world.save(SYSTEM, "payment", act[0], deal=act[1], amount="100"), acts)
            assert [world.fetch(SYSTEM, "deal", each).values["paid"] for each in (one, other)] == [
                Decimal(200),
                Decimal(200),
            ]
        assert paid(world) == 5 * 400
    finally:
        world.site.close()


TREE = {
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\n",
    "forms/crm/part.yaml": """\
        form: crm.part
        label: Part
        title: "{name}"
        fields:
          name: text
          n: money
          over: {type: link, to: crm.part, tree: true, on_delete: clear}
          total: {type: money, formula: "SUM(below.n)"}
          reach: {type: integer, formula: "COUNT(above)"}
        """,
}


def test_what_changes_below_a_part_that_moves_reaches_its_new_place(
    tmp_path: Path, database_address: DatabaseAddress
) -> None:
    world = build_world(tmp_path / "site", database_address, TREE)
    try:

        def part(name: str, over: int | None = None) -> int:
            return world.save(SYSTEM, "part", name=name, over=over, n="1").id or 0

        for number in range(12):
            left, right = part("left"), part("right")
            branch = part("branch", left)
            leaf = part("leaf", part("twig", branch))
            acts: list[tuple[int | None, dict[str, object]]] = [
                (branch, {"over": right}),
                (leaf, {"n": "7"}),
                (None, {"name": "new", "over": leaf, "n": "20"}),
            ]
            acts = [*acts[number % 3 :], *acts[: number % 3]]
            _together(lambda act: world.save(SYSTEM, "part", act[0], **act[1]), acts)
            assert verify(world.company).wrong == []
            assert world.fetch(SYSTEM, "part", left).values["total"] == Decimal(1)
            assert world.fetch(SYSTEM, "part", right).values["total"] == Decimal(1 + 1 + 1 + 7 + 20)
    finally:
        world.site.close()


def test_two_moves_at_once_close_no_circle(tmp_path: Path, database_address: DatabaseAddress) -> None:
    world = build_world(tmp_path / "site", database_address, TREE)
    try:
        for _ in range(8):
            one, other = (world.save(SYSTEM, "part", name=name, n="1").id or 0 for name in "ab")
            codes: list[str] = []

            def move(pair: tuple[int, int], told: list[str] = codes) -> None:
                try:
                    world.save(SYSTEM, "part", pair[0], over=pair[1])
                except ProblemsFound as refused:
                    told += [problem.code for problem in refused.problems]

            _together(move, [(one, other), (other, one)])
            assert codes == ["V125"]
            assert verify(world.company).wrong == []
    finally:
        world.site.close()


def paid(world: World) -> Decimal:
    """The sum of all payments."""
    groups = records.list_groups(world.company, SYSTEM, "crm.payment", "deal", ["amount"])
    return sum((Decimal(str(group["sums"]["amount"])) for group in groups), Decimal(0))  # type: ignore[index]


def _together(act: Callable[[Any], object], arguments: Sequence[object]) -> None:
    start, failed = threading.Barrier(len(arguments)), list[BaseException]()

    def run(argument: object) -> None:
        start.wait()
        try:
            act(argument)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=run, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
