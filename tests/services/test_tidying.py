"""What is tidied up: uploads that nobody took, and search texts that follow the titles they name."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.runtime import followers
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.files import drop_unused, store_file
from engine.services.jobs import usual_handlers
from engine.services.timeline import add_attachment
from engine.services.views_of_records import ListRequest
from engine.services.worker import Worker
from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world

FILES: Mapping[str, str] = {
    "forms/crm/firm.yaml": """\
        form: crm.firm
        title: "{name}"
        fields: {name: {type: text, required: true}, note: text, papers: {type: file, many: true}}
        access: {manager: {see: always, create: true, change: always}}
        """,
    "forms/crm/order.yaml": """\
        form: crm.order
        title: "{what} {account.name}"
        fields: {what: {type: text, required: true}, account: {type: link, to: crm.firm}}
        access: {manager: {see: always, create: true, change: always}}
        """,
}


@pytest.fixture
def world(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    """Orders that are called after their accounts, all seen by everybody."""
    built = build_world(tmp_path / "site", database_address, FILES)
    yield built
    built.site.close()


def account_with_orders(world: World, count: int) -> int:
    account = world.save(SYSTEM, "firm", name="Amber").id or 0
    for number in range(count):
        world.save(SYSTEM, "order", account=account, what=f"Part {number}")
    return account


def jobs_done(world: World) -> int:
    return sum(each.done for each in Worker(world.site, usual_handlers()).run_due())


def found(world: World, text: str) -> int:
    return len(world.titles(SYSTEM, "order", search=text))


def test_records_are_found_by_the_new_title_of_what_they_link_to(world: World) -> None:
    account = account_with_orders(world, 2)
    assert (found(world, "Amber"), found(world, "Birch")) == (2, 0)
    world.save(SYSTEM, "firm", account, name="Birch")
    assert (found(world, "Amber"), found(world, "Birch")) == (0, 2)


def test_following_a_title_changes_neither_version_nor_history(world: World) -> None:
    account = account_with_orders(world, 1)
    order = records.list_records(world.company, SYSTEM, "crm.order", ListRequest()).rows[0]
    world.save(SYSTEM, "firm", account, name="Birch")
    assert world.fetch(SYSTEM, "order", order.id).version == order.version


def test_more_records_than_a_save_should_wait_for_are_left_to_a_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_with_orders(world, 3)
    monkeypatch.setattr(followers, "AT_ONCE", 2)
    world.save(SYSTEM, "firm", account, name="Birch")
    assert found(world, "Birch") == 0
    assert jobs_done(world) == 1
    assert (found(world, "Amber"), found(world, "Birch")) == (0, 3)
    assert jobs_done(world) == 0


def test_a_change_of_other_fields_follows_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_with_orders(world, 1)
    monkeypatch.setattr(followers, "AT_ONCE", 0)
    world.save(SYSTEM, "firm", account, note="Pays late")
    assert jobs_done(world) == 0


def test_uploads_that_nobody_took_are_dropped_after_a_day(world: World) -> None:
    account = world.save(SYSTEM, "firm", name="Amber").id or 0
    lost, kept = (
        store_file(world.company, SYSTEM, f"{each}.txt", io.BytesIO(each), "text/plain") for each in (b"a", b"b")
    )
    add_attachment(world.company, SYSTEM, "crm.firm", account, kept.id)
    root = world.company.files_root
    stored = sorted(path for path in root.rglob("*") if path.is_file())
    for path in stored:
        os.utime(path, (0, world.clock().timestamp()))
    assert drop_unused(world.company) == 0
    world.clock.forward(days=1, minutes=1)
    assert drop_unused(world.company) == 1
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1
    assert lost.id != kept.id


def test_bytes_that_another_file_has_too_are_kept(world: World) -> None:
    store_file(world.company, SYSTEM, "one.txt", io.BytesIO(b"same"), "text/plain")
    world.clock.forward(days=2)
    store_file(world.company, SYSTEM, "two.txt", io.BytesIO(b"same"), "text/plain")
    assert drop_unused(world.company) == 0
    assert any(path.is_file() for path in world.company.files_root.rglob("*"))
