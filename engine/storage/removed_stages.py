"""Records that stand in stages which the definitions do not name any more, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, update

from engine.catalog.catalog import Catalog
from engine.catalog.stages import StageSet
from engine.storage.database import Database, UnitOfWork
from engine.storage.schema_state import read_schema


@dataclass(frozen=True, slots=True)
class RemovedStage:
    """`count` records (and `binned` ones in the recycle bin) stand in `stage`, which is gone.

    to       where they go; None where nothing says it
    renamed  the stage is still there under another id: nothing moves
    """

    form: str
    field: str
    stage: str
    count: int
    binned: int
    to: str | None
    renamed: bool
    set: str


def fetch_removed(connection: Connection, database: Database, catalog: Catalog) -> list[RemovedStage]:
    """The stages that records stand in although the definitions have no such stage."""
    there = read_schema(connection).columns
    found = []
    for (form_id, field_id), sets in catalog.stage_sets.items():
        table = database.tables.forms[form_id]
        column = catalog.forms[form_id].fields[field_id].column
        if column not in there.get(table.name, {}):
            continue
        known = {stage for each in sets for stage in each.stages}
        for stage, count, binned in _counts(connection, table, column, known):
            found.append(_removed(form_id, field_id, sets, stage, count, binned))
    return found


def _counts(connection: Connection, table: Table, column: str, known: set[str]) -> Iterator[tuple[str, int, int]]:
    """(stage, living records, binned ones) of every other stage."""
    stage = table.c[column]
    query = select(stage, func.count(), func.count(table.c.deleted_at)).group_by(stage).order_by(stage)
    for row in connection.execute(query.where(stage.is_not(None), stage.not_in(sorted(known)))):
        yield row[0], row[1] - row[2], row[2]


def _removed(form: str, field: str, sets: tuple[StageSet, ...], stage: str, count: int, binned: int) -> RemovedStage:
    """The first set that says where its records go decides; sets with conditions of their own are asked per record."""
    for each in sets:
        to = each.successors.get(stage)
        if to is not None:
            return RemovedStage(form, field, stage, count, binned, to, each.stages[to].was == stage, each.id)
    return RemovedStage(form, field, stage, count, binned, None, renamed=False, set=sets[0].id)


def rename_stages(uow: UnitOfWork) -> None:
    """Give stages that have another id their new one wherever the old one is stored; nothing has moved."""
    for (form_id, field_id), sets in uow.catalog.stage_sets.items():
        renamed = {stage.was: stage.id for each in sets for stage in each.stages.values() if stage.was is not None}
        for was, now in renamed.items():
            if not any(was in each.stages for each in sets):
                _rename(uow, form_id, field_id, was, now)


def _rename(uow: UnitOfWork, form_id: str, field_id: str, was: str, now: str) -> None:
    table, system = uow.database.tables.forms[form_id], uow.database.tables.system
    column = table.c[uow.catalog.forms[form_id].fields[field_id].column]
    uow.connection.execute(update(table).where(column == was).values({column.name: now}))
    for kept in (system.stage_log, system.task):
        same = (kept.c.form == form_id, kept.c.field == field_id, kept.c.stage == was)
        uow.connection.execute(update(kept).where(*same).values(stage=now))


def move_binned(uow: UnitOfWork, removed: RemovedStage) -> None:
    """Records in the recycle bin stand in the stage that follows, should they come back."""
    table = uow.database.tables.forms[removed.form]
    column = table.c[uow.catalog.forms[removed.form].fields[removed.field].column]
    chosen = (column == removed.stage, table.c.deleted_at.is_not(None))
    uow.connection.execute(update(table).where(*chosen).values({column.name: removed.to}))


def fetch_standing(uow: UnitOfWork, removed: RemovedStage, at_most: int) -> list[int]:
    """The first living records that stand in the stage."""
    table = uow.database.tables.forms[removed.form]
    column = table.c[uow.catalog.forms[removed.form].fields[removed.field].column]
    query = select(table.c.id).where(column == removed.stage, table.c.deleted_at.is_(None))
    return list(uow.connection.execute(query.order_by(table.c.id).limit(at_most)).scalars())


def rename_tasks(uow: UnitOfWork) -> None:
    """Ticks follow tasks of stages that have another id."""
    ticks = uow.database.tables.system.task
    for (form, field), sets in uow.catalog.stage_sets.items():
        for stage in (stage for each in sets for stage in each.stages.values()):
            for task in stage.tasks.values():
                if task.was is not None:
                    same = (ticks.c.form == form, ticks.c.field == field, ticks.c.stage == stage.id)
                    renamed = update(ticks).where(*same, ticks.c.task == task.was).values(task=task.id)
                    uow.connection.execute(renamed)
