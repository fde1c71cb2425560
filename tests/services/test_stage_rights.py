"""Who may bring a record to a stage, and who may take it back from an end; ends are reached from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import records
from engine.services.views_of_records import RecordView
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world, codes

STAGES = FORMS["workflows/crm/deal_stages.yaml"]
FILES = {
    **FORMS,
    "workflows/crm/deal_stages.yaml": STAGES.replace("close: {", "close: {who: [{role: manager}], ")
    .replace("talk: {label: {en: Talk}}", "talk: {label: {en: Talk}, required: false}")
    .replace("lost: {", "void: {outcome: void}\n          gone: {outcome: cancelled}\n          lost: {"),
}


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path, database_address, FILES)
    yield built
    built.company.database.close()
    built.site.close()


def move(world: World, who: str, stage: str, deal: int = 1) -> RecordView:
    return records.move_record(world.company, world.actors[who], "crm.deal", deal, "stage", stage)


def reach(world: World, who: str, deal: int = 1) -> list[str]:
    return [each.stage.id for each in world.fetch(world.actors[who], "deal", deal).stages["stage"].moves]


def test_only_those_whom_a_stage_names_bring_records_there(world: World) -> None:
    world.save(world.li, "deal", name="A", amount="1")
    move(world, "li", "offer")
    assert "close" not in reach(world, "li")
    assert "close" in reach(world, "wang")
    assert codes(lambda: move(world, "li", "close")) == [("V142", "stage")]
    assert move(world, "wang", "close").values["stage"] == "close"
    assert codes(lambda: world.save(world.li, "deal", None, name="B", amount="1", stage="close")) == [("V142", "stage")]
    assert world.save(world.wang, "deal", None, name="B", amount="1", stage="close").values["stage"] == "close"


def test_every_end_is_reached_from_every_open_stage_and_left_only_by_who_may_reopen(world: World) -> None:
    ends = ["won", "void", "gone", "lost"]
    for number, (stage, end) in enumerate(zip(("need", "offer", "close", "need"), ends, strict=True), 1):
        world.save(world.li, "deal", name=f"D{number}", amount="1", why="price")
        for step in ("need", "offer", "close")[1 : ("need", "offer", "close").index(stage) + 1]:
            move(world, "wang", step, number)
        assert reach(world, "li", number)[-4:] == ends
        assert move(world, "li", end, number).values["stage"] == end
    assert (reach(world, "li", 4), reach(world, "wang", 4)) == ([], ["need"])
    assert codes(lambda: move(world, "li", "need", 4)) == [("V133", "stage")]
    assert codes(lambda: move(world, "wang", "need", 2)) == [("V128", "stage")]
    assert move(world, "wang", "need", 4).values["stage"] == "need"
