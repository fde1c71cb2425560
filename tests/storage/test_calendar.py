"""The table of work days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import func, select

from engine.runtime.actors import SYSTEM
from engine.storage.calendar import refresh_calendar
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, build_world

COMPANY = """\
    company: acme
    label: Acme
    apps: [crm]
    language: en
    calendar: {country: US, days: {2026-03-03: rest}}
    """


def test_the_table_is_filled_with_the_days_that_are_known(tmp_path: Path, database_address: DatabaseAddress) -> None:
    world = build_world(tmp_path, database_address)
    table = world.company.database.tables.system.calendar
    with world.company.reading(SYSTEM) as work:
        first, last, worked = work.uow.connection.execute(
            select(func.min(table.c.day), func.max(table.c.day), func.max(table.c.position))
        ).one()
        eve = work.uow.connection.execute(select(table.c.is_work).where(table.c.day == date(2024, 2, 18))).scalar_one()
    assert (first, last.month, last.day) == (date(2001, 1, 1), 12, 31)
    assert last.year >= 2026
    assert worked > 6000
    assert eve is True
    world.site.close()


def test_it_is_written_again_only_when_the_known_days_change(tmp_path: Path, database_address: DatabaseAddress) -> None:
    world = build_world(tmp_path, database_address, {**FORMS, "forms/companies/acme/company.yaml": COMPANY})
    table = world.company.database.tables.system.calendar
    with world.company.writing(SYSTEM, "test") as work:
        assert not refresh_calendar(work.uow)
        assert work.uow.connection.execute(select(func.max(table.c.day))).scalar_one() == date(2028, 12, 31)
        own_day = select(table.c.is_work).where(table.c.day == date(2026, 3, 3))
        assert work.uow.connection.execute(own_day).scalar_one() is False
        work.uow.now = datetime(2027, 1, 1, 12, tzinfo=UTC)
        assert refresh_calendar(work.uow)
        assert work.uow.connection.execute(select(func.max(table.c.day))).scalar_one() == date(2029, 12, 31)
    world.site.close()
