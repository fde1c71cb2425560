"""Numbers of boards that are still right are not computed again; after a commit nobody is told earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Lock

import pytest

from engine.runtime.actors import SYSTEM, Actor
from engine.services import people, records, timeline
from engine.services.answers import Answers
from engine.services.dashboards import remembering
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, WidgetData
from engine.services.dashboards.widgets import fetch_widget
from engine.services.site import open_site
from engine.storage.database import DatabaseAddress
from tests.statements import count_statements
from tests.worlds import FORMS, World, build_world

BOARD = {
    "forms/crm/deal.yaml": FORMS["forms/crm/deal.yaml"].replace("why: text", "why: text\n          met: datetime"),
    "workflows/crm/deal_stages.yaml": FORMS["workflows/crm/deal_stages.yaml"].replace(
        ", tasks: {talk: {label: {en: Talk}}}", ""
    ),
    "dashboards/crm/overview.yaml": """\
        dashboard: crm.overview
        filters:
          department: {field: {crm.account: rep.department}}
        widgets:
          sum: {type: number, of: crm.deal, value: SUM(amount)}
          accounts: {type: bar, of: crm.deal, by: account, value: COUNT()}
          people: {type: ranking, of: crm.account, by: rep, value: COUNT()}
          ordered: {type: number, of: crm.account, value: SUM(ordered)}
          limits: {type: number, of: crm.account, value: SUM(limit)}
          totals: {type: number, of: crm.order, value: SUM(total)}
          stages: {type: funnel, of: crm.deal, by: stage, value: COUNT()}
          met: {type: number, of: crm.deal, value: COUNT(), where: met <= NOW()}
          table: {type: table, of: crm.account, columns: [name, region, rep], order: name}
        """,
}
ROW = {"what": "w", "quantity": "2", "price": "10"}


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    found = build_world(tmp_path / "site", database_address, {**FORMS, **BOARD})
    yield found
    found.site.close()


def told(world: World, actor: Actor, **filters: str) -> dict[str, object]:
    """What the board says, from memory where it can."""
    state = BoardState({name: (value,) for name, value in filters.items()})
    found = fetch_widgets(world.company, actor, "crm.overview", None, state, "en")
    return {each.widget.name: widget_to_wire(each, "en") for each in found}


def computed(world: World, actor: Actor, **filters: str) -> dict[str, object]:
    """What it says when nothing is remembered."""
    state = world.company.state
    world.company.state = replace(state, answers=Answers())
    try:
        return told(world, actor, **filters)
    finally:
        world.company.state = state


def acts(world: World) -> Iterator[Callable[[], object]]:
    """One act after the other, each of which changes what somebody is told."""
    company, wang, li = world.company, world.wang, world.li
    account = world.save(wang, "account", name="Ada", rep=li.person, region="N", limit="100").id or 0
    other = world.save(wang, "account", name="Bob", rep=world.qi.person).id or 0
    deal = world.save(wang, "deal", name="d", amount="5", rep=li.person, account=account, met="2026-03-02T08:00:00Z").id
    order = world.save(wang, "order", account=account, rep=li.person).id
    yield lambda: world.save(wang, "deal", deal, amount="7")
    yield lambda: world.save(wang, "order", order, lines=[ROW])  # the account follows, though nobody saves it
    yield lambda: world.save(wang, "account", account, name="Adam")
    yield lambda: world.save(wang, "account", account, limit="250")
    yield lambda: records.bulk_change(company, wang, "crm.account", [account, other], {"region": "S"})
    yield lambda: records.move_record(company, wang, "crm.deal", deal or 0, "stage", "offer")
    yield lambda: timeline.add_collaborator(company, wang, "crm.account", other, li.person)
    yield lambda: timeline.remove_collaborator(company, wang, "crm.account", other, li.person)
    yield lambda: world.save(wang, "account", other, rep=li.person)
    yield lambda: records.delete_record(company, wang, "crm.deal", deal or 0)
    yield lambda: records.restore_record(company, wang, "crm.deal", deal or 0)
    yield lambda: records.save_record(company, SYSTEM, "people.person", li.person, {"name": "Lili"})
    yield lambda: records.save_record(company, SYSTEM, "people.person", li.person, {"superior": None})
    yield lambda: records.save_record(company, SYSTEM, "people.person", li.person, {"department": 2})


def test_after_every_act_everybody_is_told_what_is_true_now(world: World) -> None:
    readers = ("wang", "li", "mo")
    changed = 0
    before = {login: told(world, world.actors[login], department="1") for login in readers}
    for act in acts(world):
        act()
        for login in readers:
            reader = people.person_actor(world.company, login)
            now = told(world, reader, department="1")
            assert now == computed(world, reader, department="1")
            with count_statements(world.company.database.engine) as seen:
                assert told(world, reader, department="1") == now
            assert [each for each in seen if "crm_account" in each] == []
            changed += now != before[login]
            before[login] = now
    assert changed > 14


def test_a_manager_s_numbers_are_told_to_nobody_else(world: World) -> None:
    world.save(world.wang, "account", name="Ada", rep=world.qi.person, limit="10")
    manager, seller = told(world, world.wang), told(world, world.li)
    assert manager["limits"]["state"] == "ok"  # type: ignore[index]
    assert seller["limits"]["state"] == "hidden"  # type: ignore[index]
    assert seller["people"]["marks"] == []  # type: ignore[index]
    assert told(world, replace(world.wang, roles=frozenset({"sales"}))) != manager


def test_what_reads_the_clock_is_true_of_now(world: World) -> None:
    world.save(world.wang, "deal", name="d", met=(world.clock.now + timedelta(minutes=5)).isoformat())
    assert told(world, world.wang)["met"]["totals"] == ["0"]  # type: ignore[index]
    world.clock.forward(minutes=6)
    assert told(world, world.wang)["met"]["totals"] == ["1"]  # type: ignore[index]


def test_what_another_process_saves_is_told(world: World) -> None:
    other = open_site(world.site.root, clock=world.clock)
    other.address = world.site.address  # type: ignore[method-assign]
    try:
        for at in range(3):
            assert told(world, world.wang)["totals"] is not None
            records.save_record(other.company("acme"), SYSTEM, "crm.deal", None, {"name": f"{at}", "amount": "1"})
            assert told(world, world.wang)["sum"]["totals"] == [f"{at + 1}"]  # type: ignore[index]
    finally:
        other.close()


def test_many_save_while_many_ask_and_nobody_is_told_less_than_was_saved(world: World) -> None:
    saved: list[int] = []
    lock = Lock()

    def save(number: int) -> None:
        for at in range(12):
            world.save(world.wang, "deal", name=f"{number}-{at}", amount="1")
            with lock:
                saved.append(1)

    def ask(_: int) -> None:
        for _ in range(20):
            at_least = len(saved)
            total = fetch_widgets(world.company, world.wang, "crm.overview", ["sum"], BoardState(), "en")[0].totals[0]
            assert (total or 0) >= at_least

    with ThreadPoolExecutor(6) as pool:
        work = [pool.submit(save, at) for at in range(4)] + [pool.submit(ask, at) for at in range(2)]
        for each in work:
            each.result()
    assert told(world, world.wang)["sum"]["totals"] == ["48"]  # type: ignore[index]


def test_at_most_two_are_computed_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, Lock()

    def counted(asker: remembering.Asker, widget: remembering.Widget) -> WidgetData:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        found = fetch_widget(asker, widget)
        with lock:
            running -= 1
        return found

    monkeypatch.setattr(remembering, "fetch_widget", counted)
    names = ("sum", "accounts", "people", "ordered", "totals", "stages")

    def ask(name: str) -> str:
        return fetch_widgets(world.company, world.wang, "crm.overview", [name], BoardState(), "en")[0].state

    with ThreadPoolExecutor(6) as pool:
        assert "error" not in set(pool.map(ask, names))
    assert 1 <= most <= 2
