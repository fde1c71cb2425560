"""Row sources that do not lie in the record itself: behind links, in lines of others, in trees; in SQL and in rules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world, codes

FILES = {
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\n",
    "forms/crm/group.yaml": """\
        form: crm.group
        title: "{name}"
        fields:
          name: text
          up: {type: link, to: group, tree: true}
          cap: money
          hint: {type: text, visible: "SUM(below.cap) > 100"}
        """,
    "forms/crm/client.yaml": """\
        form: crm.client
        title: "{name}"
        fields:
          name: text
          code: text
          group: {type: link, to: group, inverse: clients}
        relations:
          tags: {form: tag, match: "code = this.code"}
        """,
    "forms/crm/tag.yaml": """\
        form: crm.tag
        title: "{word}"
        fields: {word: text, code: text}
        """,
    "forms/crm/order.yaml": """\
        form: crm.order
        title: "{amount}"
        fields:
          client: {type: link, to: client, inverse: orders}
          open: boolean
          amount: money
          lines:
            type: lines
            fields:
              part: {type: link, to: part, inverse: order_lines}
              count: integer
              everywhere: {type: integer, formula: "SUM(part.order_lines.count)", compute: stored}
              now: {type: integer, formula: "SUM(part.order_lines[count > 1].count)", compute: read}
              rest: {type: integer, formula: "SUM(header.client.orders.amount)", compute: stored}
        """,
    "forms/crm/part.yaml": """\
        form: crm.part
        title: "{name}"
        fields:
          name: text
          ordered: {type: integer, formula: "SUM(order_lines.count)"}
          busy: {type: text, visible: "SUM(order_lines[header.open].count) > 3"}
        """,
    "forms/crm/deal.yaml": """\
        form: crm.deal
        title: "{name}"
        fields:
          name: text
          limit: {type: money, blank: zero}
          client: {type: link, to: client}
          first: {type: link, to: order}
          ordered: {type: money, formula: "SUM(client.orders[open].amount)", compute: stored}
          live: {type: money, formula: "SUM(client.orders[open].amount)", compute: read}
          higher: {type: boolean, formula: "ANY(client.orders, amount > limit)"}
          pieces: {type: integer, formula: "SUM(first.lines.count)", compute: stored}
          siblings: {type: integer, formula: "COUNT(client.group.clients)"}
          words: {type: text, formula: "JOIN(client.tags.word, ',')"}
          tagged: {type: integer, formula: "COUNT(client.tags)"}
          note: {type: text, visible: "SUM(first.lines.count) > 3"}
        checks:
          small: {holds: "SUM(client.orders.amount) < 1000", message: Too much.}
        """,
}


@pytest.fixture
def shop(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path / "shop", database_address, FILES)
    yield built
    built.site.close()


def value(world: World, form: str, record_id: int | None, field: str) -> object:
    return records.fetch_record(world.company, SYSTEM, f"crm.{form}", record_id or 0).values[field]


def test_sums_behind_a_link_follow_the_rows_the_link_and_the_link_of_the_rows(shop: World) -> None:
    one, two = (shop.save(SYSTEM, "client", name=name).id for name in "AB")
    order = shop.save(SYSTEM, "order", client=one, amount="50", open=True).id
    deal = shop.save(SYSTEM, "deal", name="D", client=one, limit="60").id
    assert [value(shop, "deal", deal, name) for name in ("ordered", "live", "higher")] == [50, 50, False]
    shop.save(SYSTEM, "order", order, amount="70")
    assert [value(shop, "deal", deal, name) for name in ("ordered", "live", "higher")] == [70, 70, True]
    shop.save(SYSTEM, "order", order, client=two)
    assert [value(shop, "deal", deal, name) for name in ("ordered", "live", "higher")] == [0, 0, False]
    shop.save(SYSTEM, "deal", deal, client=two)
    assert [value(shop, "deal", deal, name) for name in ("ordered", "live", "higher")] == [70, 70, True]
    shop.save(SYSTEM, "order", order, open=False)
    assert value(shop, "deal", deal, "ordered") == Decimal(0)
    shop.save(SYSTEM, "deal", deal, limit="71")
    assert value(shop, "deal", deal, "higher") is False


def test_lines_behind_a_link_are_summed_and_followed(shop: World) -> None:
    part = shop.save(SYSTEM, "part", name="P").id
    order = shop.save(SYSTEM, "order", open=True, lines=[{"part": part, "count": 2}, {"part": part, "count": 3}])
    deal = shop.save(SYSTEM, "deal", name="D", first=order.id)
    assert deal.values["pieces"] == 5
    assert "note" not in records.fetch_record(shop.company, SYSTEM, "crm.deal", deal.id or 0).hidden
    assert value(shop, "part", part, "ordered") == 5
    assert "busy" not in records.fetch_record(shop.company, SYSTEM, "crm.part", part or 0).hidden
    kept = order.values["lines"][0]["id"]  # type: ignore[index]
    gone = order.values["lines"][1]["id"]  # type: ignore[index]
    shop.save(SYSTEM, "order", order.id, lines=[{"id": kept, "count": 1}, {"id": gone, "_delete": True}])
    assert value(shop, "deal", deal.id, "pieces") == 1
    assert "note" in records.fetch_record(shop.company, SYSTEM, "crm.deal", deal.id or 0).hidden
    assert "busy" in records.fetch_record(shop.company, SYSTEM, "crm.part", part or 0).hidden


def test_lines_sum_rows_behind_their_own_links_and_those_of_their_record(shop: World) -> None:
    part, client = shop.save(SYSTEM, "part", name="P").id, shop.save(SYSTEM, "client", name="A").id
    lines = [{"part": part, "count": 2}]
    one = shop.save(SYSTEM, "order", client=client, amount="5", lines=lines).id
    two = shop.save(SYSTEM, "order", client=client, amount="6", lines=[{"part": part, "count": 1}, {"count": 7}]).id

    def told(record_id: int | None) -> list[list[object]]:
        rows = value(shop, "order", record_id, "lines")
        return [[row[name] for name in ("everywhere", "now", "rest")] for row in rows]  # type: ignore[attr-defined]

    assert told(one) == [[3, 2, 11]]
    assert told(two) == [[3, 2, 11], [0, 0, 11]]


def test_rows_two_links_away_and_relations_of_a_linked_record_are_followed(shop: World) -> None:
    group = shop.save(SYSTEM, "group", name="G").id
    client = shop.save(SYSTEM, "client", name="A", code="x", group=group).id
    deal = shop.save(SYSTEM, "deal", name="D", client=client).id
    assert [value(shop, "deal", deal, name) for name in ("siblings", "tagged", "words")] == [1, 0, None]
    shop.save(SYSTEM, "client", name="B", group=group)
    first = shop.save(SYSTEM, "tag", word="red", code="x").id
    shop.save(SYSTEM, "tag", word="big", code="x")
    assert [value(shop, "deal", deal, name) for name in ("siblings", "tagged", "words")] == [2, 2, "red,big"]
    shop.save(SYSTEM, "tag", first, word="blue")
    assert value(shop, "deal", deal, "words") == "blue,big"
    shop.save(SYSTEM, "client", client, code="y")
    assert [value(shop, "deal", deal, name) for name in ("tagged", "words")] == [0, None]


def test_rules_read_rows_behind_links_and_in_trees(shop: World) -> None:
    client = shop.save(SYSTEM, "client", name="A").id
    shop.save(SYSTEM, "order", client=client, amount="999")
    deal = shop.save(SYSTEM, "deal", name="D", client=client).id
    shop.save(SYSTEM, "order", client=client, amount="1")
    assert codes(lambda: shop.save(SYSTEM, "deal", deal, name="E"))
    top = shop.save(SYSTEM, "group", name="T", cap="60").id
    shop.save(SYSTEM, "group", name="L", cap="60", up=top)
    assert "hint" not in records.fetch_record(shop.company, SYSTEM, "crm.group", top or 0).hidden


def test_a_reader_filters_by_rows_behind_a_link(shop: World) -> None:
    client = shop.save(SYSTEM, "client", name="A").id
    shop.save(SYSTEM, "order", client=client, amount="50")
    shop.save(SYSTEM, "deal", name="D", client=client, limit="40")
    shop.save(SYSTEM, "deal", name="E", client=client, limit="60")
    assert shop.titles(SYSTEM, "deal", where="ANY(client.orders, amount > limit)") == ["D"]
    assert shop.titles(SYSTEM, "deal", where="SUM(client.orders[amount < this.limit].amount) = 50") == ["E"]
