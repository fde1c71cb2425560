"""Records that stand in a stage which is taken out or renamed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.problems import ProblemsFound
from engine.services import records, setup
from engine.services.timeline import fetch_timeline
from engine.storage.stage_log import fetch_stage_log
from tests.services.test_backfill import change
from tests.worlds import World

FILE = "workflows/crm/deal_stages.yaml"
OFFER = "  offer: {label: {en: Offer}, probability: 50%, requires: [amount]}\n"


def apply(world: World) -> list[tuple[str, str]]:
    """Apply what the files say: (stage, words) of the steps that move records."""
    applied = setup.apply_company(world.site, "acme")
    world.company = world.site.company("acme")
    return [(step.name, step.words["en"]) for step in applied.steps if step.kind == "moved"]


def in_offer(world: World, name: str) -> int:
    deal = world.save(world.li, "deal", name=name, amount="200").id or 0
    records.tick_task(world.company, world.li, "crm.deal", deal, "stage", "talk", done=True)
    records.move_record(world.company, world.li, "crm.deal", deal, "stage", "offer")
    return deal


def stays(world: World, deal: int) -> list[tuple[str, bool]]:
    with world.company.reading(world.li) as work:
        return [(each.stage, each.left_at is None) for each in fetch_stage_log(work.uow, "crm.deal", deal)]


def test_a_stage_with_records_is_not_taken_out_until_somebody_says_where_they_go(world: World) -> None:
    deal = in_offer(world, "D")
    change(world, FILE, OFFER, "")
    plan = setup.plan_company(world.site, "acme")
    assert [problem.code for problem in plan.refused] == ["T104"]
    assert "moved: {offer: …} in crm.deal_stages" in plan.refused[0].advice()
    with pytest.raises(ProblemsFound) as found:
        setup.apply_company(world.site, "acme")
    assert [problem.code for problem in found.value.problems] == ["T104"]
    change(world, FILE, "moves:", "moved: {offer: close}\nmoves:")
    assert "moved" in [step.kind for step in setup.plan_company(world.site, "acme").changes]
    assert apply(world) == [("offer", "move 1 records, crm.deal.stage: offer → close")]
    shown = world.fetch(world.li, "deal", deal)
    assert (shown.values["stage"], shown.values["weighted"], shown.version) == ("close", Decimal("160.00"), 3)
    assert stays(world, deal) == [("need", False), ("offer", False), ("close", True)]
    entry = fetch_timeline(world.company, world.li, "crm.deal", deal).entries[0]
    assert (entry.kind, entry.cause, entry.stage.id if entry.stage else "") == ("stage", "apply", "close")


def test_records_in_the_recycle_bin_follow_too(world: World) -> None:
    deal = in_offer(world, "D")
    records.delete_record(world.company, world.li, "crm.deal", deal)
    change(world, FILE, OFFER, "")
    change(world, FILE, "moves:", "moved: {offer: close}\nmoves:")
    assert apply(world) == []
    records.restore_record(world.company, world.li, "crm.deal", deal)
    assert world.fetch(world.li, "deal", deal).values["stage"] == "close"


def test_an_empty_stage_is_taken_out_without_a_word(world: World) -> None:
    world.save(world.li, "deal", name="D")
    change(world, FILE, OFFER, "")
    assert apply(world) == []


def test_a_renamed_stage_keeps_its_records_its_log_and_its_ticks(world: World) -> None:
    deal = in_offer(world, "D")
    change(world, FILE, "  offer: {", "  proposal: {was: offer, ")
    change(world, FILE, "  need: {", "  lead: {was: need, ")
    change(world, FILE, "to: need", "to: lead")
    change(world, FILE, "{talk: {", "{speak: {was: talk, ")
    assert apply(world) == [("offer", "rename the stage of 1 records, crm.deal.stage: offer → proposal")]
    shown = world.fetch(world.li, "deal", deal)
    assert (shown.values["stage"], shown.values["weighted"], shown.version) == ("proposal", Decimal("100.00"), 2)
    assert stays(world, deal) == [("lead", False), ("proposal", True)]
    records.move_record(world.company, world.li, "crm.deal", deal, "stage", "lead")
    assert [task.done for task in world.fetch(world.li, "deal", deal).stages["stage"].tasks] == [True]
