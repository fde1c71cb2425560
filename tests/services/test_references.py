"""Links by number and files in fields."""

from __future__ import annotations

import io
from pathlib import Path

from engine.services import files, records
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world, codes

PAPER = """\
    form: crm.paper
    label: {en: Paper}
    title: "{name}"
    fields:
      name: {type: text, required: true}
      order: {type: link, to: crm.order}
      scan: file
      pictures: {type: image, many: true}
    access:
      sales: {see: always, create: true, change: always}
    """


def build(tmp_path: Path, address: DatabaseAddress) -> World:
    return build_world(tmp_path / "papers", address, {**FORMS, "forms/crm/paper.yaml": PAPER})


def upload(world: World, who: str) -> int:
    return files.store_file(world.company, world.actors[who], "x.png", io.BytesIO(b"x"), "image/png").id


def test_a_link_may_be_written_by_number(tmp_path: Path, database_address: DatabaseAddress) -> None:
    world = build(tmp_path, database_address)
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account)
    paper = world.save(world.li, "paper", name="P", order={"number": order.values["number"]})
    assert paper.values["order"] == order.id
    assert codes(lambda: world.save(world.li, "paper", name="P", order={"number": "none"})) == [("V123", "order")]
    assert codes(lambda: world.save(world.qi, "paper", name="P", order={"number": order.values["number"]})) == [
        ("V123", "order")
    ]
    world.site.close()


def test_a_file_field_takes_only_files_that_its_saver_uploaded(
    tmp_path: Path, database_address: DatabaseAddress
) -> None:
    world = build(tmp_path, database_address)
    mine, his = upload(world, "li"), upload(world, "qi")
    assert codes(lambda: world.save(world.li, "paper", name="P", scan=his)) == [("V132", "scan")]
    assert codes(lambda: world.save(world.li, "paper", name="P", pictures=[mine, 999])) == [("V132", "pictures")]
    paper = world.save(world.li, "paper", name="P", scan=mine, pictures=[mine])
    assert files.open_file(world.company, world.qi, mine).info.id == mine
    assert world.save(world.qi, "paper", paper.id, pictures=[mine, his]).values["pictures"] == (mine, his)
    world.site.close()


BOX = """\
    form: crm.box
    label: {en: Box}
    title: "{name}"
    fields:
      name: {type: text, required: true}
      holds: {type: lines, fields: {order: {type: link, to: crm.order}}}
    access:
      manager: {see: always, create: true, change: always, delete: always}
    """


def test_rows_of_lines_hold_a_record_back_and_unseen_records_are_not_told(
    tmp_path: Path, database_address: DatabaseAddress
) -> None:
    world = build_world(tmp_path / "boxes", database_address, {**FORMS, "forms/crm/box.yaml": BOX})
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account).id or 0
    box = world.save(world.wang, "box", name="B", holds=[{"order": order}]).id or 0

    def delete(who: str) -> list[tuple[str, str]]:
        return codes(lambda: records.delete_record(world.company, world.actors[who], "crm.order", order))

    assert delete("wang") == [("V130", "")]
    assert delete("li") == [("V139", "")]
    records.delete_record(world.company, world.wang, "crm.box", box)
    assert delete("li") == []
    world.site.close()


def test_a_record_in_the_recycle_bin_cannot_be_chosen(world: World) -> None:
    account = world.save(world.wang, "account", name="A").id
    note = world.save(world.wang, "note", text="kept").id
    records.delete_record(world.company, world.wang, "crm.account", account or 0)
    assert codes(lambda: world.save(world.wang, "note", note, account=account)) == [("V123", "account")]
