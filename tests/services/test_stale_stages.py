"""Records that stand too long in a stage: told on their page, found by filters; how long they stood where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.services import records
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world

STAGES = FORMS["workflows/crm/deal_stages.yaml"]
FILES = {
    **FORMS,
    "forms/crm/deal.yaml": FORMS["forms/crm/deal.yaml"].replace("why: text", "why: text\n          talked: date"),
    "workflows/crm/deal_stages.yaml": STAGES.replace(
        "probability: 10%,", "probability: 10%, stale_after: 14 days,"
    ).replace("probability: 50%,", "probability: 50%, stale_after: {days: 7, since: talked},"),
}


@pytest.fixture
def slow(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path, database_address, FILES)
    yield built
    built.company.database.close()
    built.site.close()


def stale(world: World) -> list[str]:
    found = world.titles(world.li, "deal", where="stage.stale")
    rows = {row: world.fetch(world.li, "deal", number).stages["stage"].stale for number, row in enumerate("ABC", 1)}
    assert sorted(name for name, told in rows.items() if told is not None) == found
    return found


def test_a_record_is_stale_by_the_days_in_its_stage_or_since_a_date(slow: World) -> None:
    for name in "ABC":
        slow.save(slow.li, "deal", name=name, amount="1", talked="2026-03-10")
    for deal in (2, 3):
        records.tick_task(slow.company, slow.li, "crm.deal", deal, "stage", "talk", done=True)
        records.move_record(slow.company, slow.li, "crm.deal", deal, "stage", "offer")
    assert stale(slow) == []
    slow.clock.forward(days=14)
    assert stale(slow) == []
    slow.clock.forward(days=1)
    assert stale(slow) == ["A"]
    slow.clock.forward(days=1)
    assert stale(slow) == ["A", "B", "C"]
    told = slow.fetch(slow.li, "deal", 2).stages["stage"].stale
    assert told is not None
    assert (told.days, told.allowed, told.field) == (8, 7, "talked")
    slow.save(slow.li, "deal", 3, talked=None)
    assert stale(slow) == ["A", "B", "C"]
    slow.save(slow.li, "deal", 2, talked="2026-03-18")
    assert stale(slow) == ["A", "C"]
    assert slow.titles(slow.li, "deal", where="stage.stale and stage.days > 14") == ["A", "C"]


def test_the_page_tells_how_long_a_record_stood_in_each_stage(slow: World) -> None:
    slow.save(slow.li, "deal", name="A", amount="1")
    records.tick_task(slow.company, slow.li, "crm.deal", 1, "stage", "talk", done=True)
    slow.clock.forward(days=3)
    records.move_record(slow.company, slow.li, "crm.deal", 1, "stage", "offer")
    slow.clock.forward(days=2)
    records.move_record(slow.company, slow.li, "crm.deal", 1, "stage", "need")
    slow.clock.forward(days=1)
    assert slow.fetch(slow.li, "deal", 1).stages["stage"].days == {"need": 4, "offer": 2}
