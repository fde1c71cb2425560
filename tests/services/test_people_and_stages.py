"""What formulas know of people and of stages that have been left: the same when saved, when read and in filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world

DEAL = FORMS["forms/crm/deal.yaml"].replace(
    'weighted: {type: money, formula: "amount * stage.probability"}',
    """weighted: {type: money, formula: "amount * stage.probability"}
          needing: {type: integer, formula: "STAGE_DAYS('need')"}
          offering: {type: integer, formula: "STAGE_DAYS('offer')", compute: daily}
          place: department
          ours: {type: boolean, formula: "INDEPT(rep, place)", discloses: true}
          mine: {type: boolean, formula: "INDEPT(me, place)", discloses: true}""",
)


STAGES = FORMS["workflows/crm/deal_stages.yaml"].replace(", tasks: {talk: {label: {en: Talk}}}", "")


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    files = {**FORMS, "forms/crm/deal.yaml": DEAL, "workflows/crm/deal_stages.yaml": STAGES}
    built = build_world(tmp_path, database_address, files)
    yield built
    built.site.close()


def move(world: World, deal: int | None, stage: str) -> None:
    world.save(world.wang, "deal", deal, stage=stage)


def test_days_in_a_stage_are_summed_over_every_stay(world: World) -> None:
    deal = world.save(world.wang, "deal", name="A", amount="5").id
    world.clock.forward(days=3)
    move(world, deal, "offer")
    world.clock.forward(days=4)
    move(world, deal, "need")
    world.clock.forward(days=2)
    shown = world.fetch(world.wang, "deal", deal)
    assert shown.values["needing"] == 5
    assert shown.values["offering"] == 4
    assert world.titles(world.wang, "deal", where="STAGE_DAYS('need') = 5") == ["A"]
    assert world.titles(world.wang, "deal", where="STAGE_DAYS('need') > 5") == []


def test_a_person_is_in_a_department_and_in_those_above_it(world: World) -> None:
    north_place, south_place = world.li.department, world.qi.department
    north = world.save(world.wang, "deal", name="North", rep=world.li.id, place=north_place).id
    south = world.save(world.wang, "deal", name="South", rep=world.li.id, place=south_place).id
    assert world.fetch(world.wang, "deal", north).values["ours"] is True
    assert world.fetch(world.wang, "deal", south).values["ours"] is False
    assert world.fetch(world.wang, "deal", south).values["mine"] is True
    assert world.titles(world.wang, "deal", where="ours") == ["North"]
    assert world.titles(world.wang, "deal", where="INDEPT(me, place)") == ["South"]
