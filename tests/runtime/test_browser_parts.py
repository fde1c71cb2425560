"""What the browser computes of a form, and what the server tells it of other records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.runtime.browser_parts import browser_order, counts_work_days, describe
from engine.services import records
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world

VISIT = """\
    form: crm.visit
    label: {en: Visit, zh: 拜访}
    title: "{name}"
    fields:
      name: text
      account: {type: link, to: crm.account}
      cost: money
      after: {type: money, formula: "twice + 1"}
      twice: {type: money, formula: "cost * 2", compute: read}
      left: {type: money, formula: "account.limit - cost"}
      shared: {type: money, formula: "account.limit - cost", discloses: true}
      whose: {type: money, formula: "IF(me = account.rep, cost, account.limit)"}
      next: {type: date, formula: "WORKDAY(TODAY(), 1)"}
      lines:
        type: lines
        fields:
          account: {type: link, to: crm.account}
          count: {type: integer}
          worth: {type: money, formula: "count * account.limit"}
    access:
      sales: {see: always, create: true}
      manager: {see: always, create: true, change: always, delete: always}
    """


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path, database_address, {**FORMS, "forms/crm/visit.yaml": VISIT})
    yield built
    built.site.close()


def ops(tree: Any) -> list[str]:
    return [tree[0], *(op for part in tree[5] for op in ops(part))]


def test_parts_that_need_other_records_are_told_and_the_rest_is_computed(world: World) -> None:
    form = world.company.catalog.forms["crm.visit"]
    told = describe(form, frozenset(form.fields))
    assert ops(told["left"]) == ["-", "known", "field"]
    assert ops(told["lines.worth"]) == ["*", "field", "known"]
    assert ops(told["after"]) == ["+", "field", "literal"]
    assert ops(told["next"]) == ["WORKDAY", "today", "literal"]


def test_what_a_page_could_be_read_out_of_stays_with_the_server(world: World) -> None:
    form = world.company.catalog.forms["crm.visit"]
    told = describe(form, frozenset(form.fields))
    assert told["shared"] == "server"
    assert told["whose"] == "server"
    assert describe(form, frozenset(form.fields) - {"cost"})["left"] == "server"


def test_formulas_come_after_those_that_they_read(world: World) -> None:
    order = browser_order(world.company.catalog.forms["crm.visit"])
    assert order.index("twice") < order.index("after")
    assert counts_work_days(world.company.catalog.forms["crm.visit"])
    assert not counts_work_days(world.company.catalog.forms["crm.order"])


def test_a_preview_tells_the_parts_and_what_is_computed_on_reading(world: World) -> None:
    account = world.save(world.wang, "account", name="A", limit="100").id
    values = {"account": account, "cost": "30", "lines": [{"account": account, "count": 2}]}
    told = records.preview_record(world.company, world.wang, "crm.visit", None, values)
    assert {place.split("#")[0]: value for place, value in told.known.items()} == {
        "left": "100.00",
        "lines/0/worth": "100.00",
    }
    assert told.values["twice"] == "60.00"
    assert told.values["after"] == "61.00"
    assert told.values["left"] == "70.00"


def test_parts_of_formulas_out_of_sight_are_not_told(world: World) -> None:
    account = world.save(world.wang, "account", name="A", limit="100", rep=world.li.id).id
    told = records.preview_record(world.company, world.li, "crm.visit", None, {"account": account, "cost": "30"})
    assert told.known == {}
    assert "left" not in told.values
