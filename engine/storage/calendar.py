"""The company's work days as a table, for expressions that the database answers: sys_calendar."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Table, Text, bindparam, cast, delete, func, insert, select

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
        _insert(uow, table, [(day.isoformat(), is_work, position) for day, is_work, position in known.days()])
    return True


def _insert(uow: UnitOfWork, table: Table, rows: list[tuple[str, bool, int]]) -> None:
    """The days in one statement with one parameter: there are more than ten thousand of them."""
    days = bindparam("days", json.dumps(rows), type_=Text())
    if uow.database.dialect == "sqlite":
        each = func.json_each(days).table_valued("value")
        parts = [func.json_extract(each.c.value, f"$[{at}]") for at in range(3)]
        source = select(*parts)
    else:
        each = func.json_array_elements(cast(days, JSON())).table_valued("value")
        texts = [func.json_array_element_text(cast(each.c.value, JSON()), at) for at in range(3)]
        source = select(*(cast(text, column.type) for text, column in zip(texts, table.c, strict=True)))
    uow.connection.execute(insert(table).from_select([column.name for column in table.c], source))
