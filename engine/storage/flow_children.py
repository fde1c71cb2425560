"""Instances that another one has called, and instances that wait on records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from engine.storage.database import UnitOfWork

LOOK = "approval_look"  # the job that looks whether an instance still waits


@dataclass(frozen=True, slots=True)
class Child:
    """An instance that a call has started."""

    id: int
    record_id: int
    state: str


def fetch_children(uow: UnitOfWork, parent_id: int, visits: Iterable[int]) -> list[Child]:
    """What an instance has called at these visits, in order."""
    table = uow.database.tables.flow.instance
    called = (table.c.parent_id == parent_id) & table.c.parent_visit.in_(list(visits))
    query = select(table.c.id, table.c.record_id, table.c.state).where(called).order_by(table.c.id)
    return [Child(row.id, row.record_id, row.state) for row in uow.connection.execute(query)]


def fetch_relatives(uow: UnitOfWork, instance_id: int, parent_id: int | None, most: int) -> list[int]:
    """The instance that has called this one, and those that it has called, at whatever step."""
    table = uow.database.tables.flow.instance
    query = select(table.c.id).where(table.c.parent_id == instance_id).order_by(table.c.id).limit(most)
    called = [int(row.id) for row in uow.connection.execute(query)]
    return [*([parent_id] if parent_id is not None else []), *called]
