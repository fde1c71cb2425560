"""Boards tell a reader nothing about what the reader may not see: they stay as they are when all of that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.runtime.actors import Actor
from engine.services import people
from engine.services.answers import Answers
from engine.services.dashboards.boards import fetch_widgets, list_boards
from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, Pick, WidgetData
from engine.services.site import OpenCompany
from tests.disturbing import disturb, visible_ids
from tests.templates_pack.conftest import prepared

COMPANIES = ("instrument_maker",)  # the others take minutes: name them here when rules or boards change
READERS = 2


@pytest.mark.parametrize("company_id", COMPANIES)
def test_no_widget_depends_on_what_its_reader_may_not_see(
    company_id: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for company in prepared(company_id, tmp_path_factory):
        for actor in readers(company):
            before = told(company, actor)
            assert disturb(company, actor) > 0
            after = told(company, actor)
            assert before.keys() == after.keys()
            assert [key for key, text in before.items() if after[key] != text] == [], actor.login


def readers(company: OpenCompany) -> list[Actor]:
    """Those who open boards and see least of the records, each with other roles."""
    found: dict[frozenset[str], Actor] = {}
    for login, _, _, active in people.list_people(company):
        actor = people.person_actor(company, login)
        if active and actor.roles and not actor.is_administrator and list_boards(company, actor):
            found.setdefault(actor.roles, actor)
    seen = {actor: sum(map(len, visible_ids(company, actor).values())) for actor in found.values()}
    return sorted(seen, key=lambda each: (seen[each], each.login))[:READERS]


def told(company: OpenCompany, actor: Actor) -> dict[tuple[str, str, str], str]:
    """Every widget of every board: as it is opened, and with a mark of another one clicked."""
    company.state = replace(company.state, answers=Answers())
    found = {}
    for board in list_boards(company, actor):
        opened = fetch_widgets(company, actor, board.id, None, BoardState(), "en")
        found.update(texts(board.id, "", opened))
        for state in clicks(opened):
            pick = state.picks[0]
            words = f"{pick.widget}~{pick.dimension}~{pick.value}"
            found.update(texts(board.id, words, fetch_widgets(company, actor, board.id, None, state, "en")))
    return found


def clicks(opened: tuple[WidgetData, ...]) -> Iterator[BoardState]:
    """A click on the first mark of the first widget that has marks."""
    marked = [each for each in opened if each.marks and each.rows and not each.marks[0].others]
    for data in marked[:1]:
        yield BoardState(picks=(Pick(data.widget.name, data.rows[0].name, data.marks[0].keys[0].word),))


def texts(board: str, click: str, found: tuple[WidgetData, ...]) -> dict[tuple[str, str, str], str]:
    return {(board, click, each.widget.name): json.dumps(widget_to_wire(each, "en"), default=str) for each in found}
