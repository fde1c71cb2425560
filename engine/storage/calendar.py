"""The company's work days as a table, for expressions that the database answers: sys_calendar."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from engine.catalog.catalog import Catalog
from engine.catalog.work_days import WorkDays, work_days
from engine.storage.database import UnitOfWork


def calendar_at(catalog: Catalog, now: datetime) -> WorkDays | None:
    """The company's calendar as it is known at a moment."""
    return work_days(catalog.company.calendar, now.astimezone(ZoneInfo(catalog.company.time_zone)).year)


def refresh_calendar(uow: UnitOfWork) -> bool:
    """Bring sys_calendar in line with the definitions, the year and the holidays known today; True when it changed.

    What stored formulas made of the days before is then out of date: see catalog/work_day_fields.py.
    """
    table = uow.database.tables.system.calendar
    known = calendar_at(uow.catalog, uow.now)
    wanted = [] if known is None else [(day, is_work) for day, is_work, _ in known.days()]
    there = uow.connection.execute(select(table.c.day, table.c.is_work).order_by(table.c.day)).all()
    if [tuple(row) for row in there] == wanted:
        return False
    if there:
        uow.connection.execute(delete(table))
    if known is not None:
        rows = [{"day": day, "is_work": is_work, "position": position} for day, is_work, position in known.days()]
        uow.connection.execute(insert(table).inline(), rows)
    return True
