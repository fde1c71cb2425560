"""Boards that a reader made: built like the defined ones; what does not fit the definitions any more is left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from engine.catalog.build_dashboards import build_board
from engine.catalog.catalog import Catalog
from engine.catalog.dashboards import Dashboard
from engine.catalog.world import World
from engine.problems import Location, Problem, ProblemsFound
from engine.source.reader import read_item
from engine.source.resolved import Definition, Resolved
from engine.source.tree import Item

Written = Mapping[str, object]  # a board as its file would write it
PREFIX = "my."
_FILE = "my board"


def own_id(number: int) -> str:
    """The id of somebody's own board; no defined board is called so, for a name never begins with a digit."""
    return f"{PREFIX}{number}"


def stamp_of(written: Written) -> str:
    """A name for this state of a board."""
    return hashlib.sha256(json.dumps(written, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def build_own_board(catalog: Catalog, number: int, written: Written) -> Dashboard:
    """The board without the widgets and filters that cannot be built; `written` names forms and metrics in full."""
    fitting = written if not _problems(catalog, written) else _fitting(catalog, written)
    board, problems = _build(catalog, fitting)
    if problems:
        raise ProblemsFound(problems)
    return replace(board, id=own_id(number), stamp=stamp_of(written), roles=frozenset(), home=frozenset())


def check_own_board(catalog: Catalog, written: Written) -> None:
    """Raises ProblemsFound when something in it cannot be built."""
    problems = _problems(catalog, written)
    if problems:
        raise ProblemsFound(problems)


def _build(catalog: Catalog, written: Written) -> tuple[Dashboard, tuple[Problem, ...]]:
    item = read_item(json.dumps(written, ensure_ascii=False).encode(), _FILE)
    nowhere = Item({}, Location(_FILE, 1, 1))
    world = World(Resolved(Definition("company", catalog.company.id, nowhere), Definition("site", "site", nowhere)))
    world.roles.update(catalog.roles)
    world.forms.update(catalog.forms)
    world.stage_sets.update(catalog.stage_sets)
    board = build_board(world, catalog.metrics, Definition("dashboard", str(written["dashboard"]), item))
    return board, tuple(each for each in world.notes.problems if not each.warning)


def _problems(catalog: Catalog, written: Written) -> tuple[Problem, ...]:
    return _build(catalog, written)[1]


def _fitting(catalog: Catalog, written: Written) -> Written:
    """The board with those widgets and filters that can be built, each tried alone."""
    widgets, filters = _map(written.get("widgets")), _map(written.get("filters"))
    bare = {
        key: value for key, value in written.items() if key not in ("widgets", "filters", "layout", "roles", "home")
    }
    every = {name: _map(each) for name, each in widgets.items()}
    good = {
        name: each
        for name, each in every.items()
        if not _problems(catalog, {**bare, "widgets": _uncompared({name: each})})
    }
    kept = {
        name: each
        for name, each in filters.items()
        if not _problems(catalog, {**bare, "widgets": _uncompared(good), "filters": {name: each}})
    }
    rows = written.get("layout")
    layout = [[name for name in row if name in good] for row in rows] if isinstance(rows, list) else [list(good)]
    found = {**bare, "widgets": good, "filters": kept, "layout": [row for row in layout if row]}
    return found if not _problems(catalog, found) else {**found, "widgets": _uncompared(good)}


def _uncompared(widgets: Mapping[str, Written]) -> dict[str, dict[str, object]]:
    """The widgets without their comparisons, which need a filter of the board."""
    return {name: {key: value for key, value in each.items() if key != "compare"} for name, each in widgets.items()}


def _map(value: object) -> Written:
    return value if isinstance(value, Mapping) else {}
