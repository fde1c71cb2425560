"""Whatever a formula says, its explanation computes the value that is shown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from engine.expressions import sql_supported
from engine.problems import ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.explaining import explain
from engine.services.views_of_explaining import PartView
from engine.storage.database import DatabaseAddress
from tests.fuzz.ground import FILES, Ground, build_ground, wire
from tests.fuzz.growing import Grower
from tests.worlds import World, build_world

FORMULAS = 30
TYPES = {
    "number": "type: number, places: 4",
    "text": "type: text",
    "boolean": "type: boolean",
    "date": "type: date",
}
PEOPLE = """\
    app: crm
    label: CRM
    roles: {manager: Manager}
    """


def grown_formulas(ground: Ground, seed: int) -> Iterator[tuple[str, str]]:
    """(kind, text) of random formulas that nothing is wrong with."""
    grower = Grower(Random(seed))  # noqa: S311
    while True:
        kind = grower.chance.choice(list(TYPES))
        text = str(grower.piece(kind, grower.chance.randint(2, 4)))
        try:
            found = ground.compile(text)
        except ProblemsFound:
            continue
        in_sql = all(sql_supported(found, dialect) for dialect in ("sqlite", "postgresql"))
        if "visits" in text and ("this." in text or not in_sql):
            continue  # records of other forms are summed up by the database
        if found.type.kind == kind and not found.volatile and found.references and len(text) < 300:
            yield kind, text


def with_formulas(ground: Ground, seed: int) -> Mapping[str, str]:
    """The ground's forms, with random formulas."""
    grown = grown_formulas(ground, seed)
    lines = []
    for at in range(FORMULAS):
        kind, text = next(grown)
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  f{at}: {{{TYPES[kind]}, formula: "{quoted}"}}')
    files = {name: textwrap.dedent(text) for name, text in FILES.items()}
    thing = files["forms/crm/thing.yaml"].rstrip() + "\n" + "\n".join(lines) + "\n"
    return {**files, "forms/crm/thing.yaml": thing, "forms/crm/app.yaml": textwrap.dedent(PEOPLE)}


def small(value: object) -> object:
    """The value in wire form; large numbers, whose products no column can keep, are others."""
    large = isinstance(value, (Decimal, int)) and not isinstance(value, bool) and abs(value) > 10_000
    return "7" if large else wire(value)


def fill(world: World, ground: Ground) -> list[int]:
    """The ground's records, saved; those that a column cannot keep are left out."""
    for place in ground.places:
        world.save(SYSTEM, "place", **{name: wire(value) for name, value in place.items() if name != "up"})
    saved: list[int] = []
    for thing in ground.things:
        values = {name: small(value) for name, value in thing.items() if name not in ("who", "lines")}
        rows = [{name: small(value) for name, value in row.items()} for row in thing["lines"]]
        try:
            saved.append(world.save(SYSTEM, "thing", **values, lines=rows).id or 0)
        except ProblemsFound:
            continue  # a number left the width of its column
    for visit in ground.visits:
        if visit["thing"] in saved:
            world.save(SYSTEM, "visit", **{name: small(value) for name, value in visit.items()})
    return saved


def parts(part: PartView) -> Iterator[PartView]:
    yield part
    for each in part.parts:
        yield from parts(each)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_explanation_computes_what_is_shown(tmp_path: Path, database_address: DatabaseAddress, seed: int) -> None:
    ground = build_ground(seed, things=6)
    world = build_world(tmp_path / "site", database_address, with_formulas(ground, seed))
    form = world.company.catalog.forms["crm.thing"]
    asked = 0
    for thing in fill(world, ground):
        shown = records.fetch_record(world.company, SYSTEM, "crm.thing", thing)
        for at in range(FORMULAS):
            key = f"f{at}"
            if key not in shown.values:
                continue  # not to be said in the database's language, so lists leave it out
            for language in ("en", "zh"):
                found = explain(world.company, SYSTEM, "crm.thing", thing, key, None, language)
                asked += 1
                formula = form.fields[key].formula
                assert found.agrees, (formula and formula.text, found.value, found.result)
                assert all(part.words and part.available for part in parts(found.part))
    assert asked > FORMULAS
    world.site.close()
