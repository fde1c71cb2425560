"""Trees and calendars as their readers see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from engine.runtime.actors import SYSTEM, Actor
from engine.services import people, records
from engine.services.calendars import fetch_days
from engine.services.trees import fetch_branch, fetch_place, fetch_tree
from engine.services.views_of_pages import Branch
from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world

FILES: Mapping[str, str] = {
    "forms/crm/firm.yaml": """\
        form: crm.firm
        title: "{name}"
        owner: rep
        search: [name]
        fields:
          name: {type: text, required: true}
          rep: user
          seen_on: date
          parent: {type: link, to: crm.firm, tree: true, on_delete: clear}
        views:
          groups: {type: tree, columns: [name, rep]}
          days: {type: calendar, card: [rep]}
        access:
          sales: {see: own}
          manager: {see: always}
        """,
}


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    """The group of `Steel` with `Steel North` and below it `Mill`; `Paper` beside it. Li owns Mill and Paper."""
    built = build_world(tmp_path / "site", database_address, FILES)
    for login, role in (("li", "sales"), ("wang", "manager")):
        people.add_person(built.company, login=login, name=login.title(), roles=[role])
        built.actors[login] = people.person_actor(built.company, login)
    li, wang = built.li.person, built.wang.person
    steel = add(built, name="Steel", rep=wang)
    north = add(built, name="Steel North", rep=wang, parent=steel)
    add(built, name="Mill", rep=li, parent=north, seen_on="2026-03-05")
    add(built, name="Paper", rep=li, seen_on="2026-03-05")
    add(built, name="Ink", rep=wang, seen_on="2026-04-01")
    yield built
    built.site.close()


def add(world: World, **values: object) -> int:
    return records.save_record(world.company, SYSTEM, "crm.firm", None, values).id or 0


def words(branches: tuple[Branch, ...]) -> list[object]:
    """Titles with the number directly below, and what is at hand there."""
    return [(each.record.title, each.count, *([words(each.below)] if each.below else [])) for each in branches]


def top(world: World, actor: Actor, **asked: str) -> list[object]:
    return words(fetch_tree(world.company, actor, "crm.firm", "groups", **asked).branches)


def test_the_top_of_a_tree_counts_what_is_directly_below(world: World) -> None:
    tree = fetch_tree(world.company, world.wang, "crm.firm", "groups")
    assert words(tree.branches) == [("Ink", 0), ("Paper", 0), ("Steel", 1)]
    assert (tree.count, tree.exact) == (5, True)
    steel = tree.branches[2].record.id or 0
    below = fetch_branch(world.company, world.wang, "crm.firm", "groups", steel)
    assert words(below.branches) == [("Steel North", 1)]


def test_a_record_below_one_that_the_reader_may_not_see_stands_at_the_top(world: World) -> None:
    assert top(world, world.li) == [("Mill", 0), ("Paper", 0)]


def test_a_record_below_a_deleted_one_stands_at_the_top(world: World) -> None:
    steel = next(each.record for each in fetch_tree(world.company, world.wang, "crm.firm", "groups").branches[2:])
    records.delete_record(world.company, SYSTEM, "crm.firm", steel.id or 0)
    assert top(world, world.wang) == [("Ink", 0), ("Paper", 0), ("Steel North", 1)]


def test_what_is_searched_is_shown_below_what_stands_above_it(world: World) -> None:
    found = [("Steel", 1, [("Steel North", 1, [("Mill", 0)])])]
    assert top(world, world.wang, search="mill") == found
    assert top(world, world.wang, where="name = 'Mill'") == found
    assert top(world, world.li, search="mill") == [("Mill", 0)]


def test_the_place_of_a_record_ends_at_what_the_reader_may_not_see(world: World) -> None:
    mill = fetch_tree(world.company, world.li, "crm.firm", "groups").branches[0].record.id or 0
    place = fetch_place(world.company, world.wang, "crm.firm", mill)
    assert place is not None
    assert [title for _, title in place.above] == ["Steel", "Steel North"]
    hidden = fetch_place(world.company, world.li, "crm.firm", mill)
    assert hidden is not None
    assert hidden.above == ()
    north = fetch_place(world.company, world.wang, "crm.firm", place.above[1][0])
    assert north is not None
    assert [each.title for each in north.below] == ["Mill"]


def test_a_calendar_holds_the_records_of_its_days_that_the_reader_sees(world: World) -> None:
    def days(actor: Actor) -> dict[date, list[str]]:
        month = fetch_days(world.company, actor, "crm.firm", "days", date(2026, 3, 1), date(2026, 3, 31))
        return {day: [each.title for each in found] for day, found in month.days.items()}

    assert days(world.wang) == days(world.li) == {date(2026, 3, 5): ["Mill", "Paper"]}
    assert fetch_days(world.company, world.li, "crm.firm", "days", date(2026, 4, 1), date(2026, 4, 30)).count == 0
