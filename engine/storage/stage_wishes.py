"""Which stage a record is to enter once its approval has passed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.storage.database import UnitOfWork
from engine.storage.flows import RUNNING

WISH = "wish"  # in the facts of an instance: {"field", "stage"}


@dataclass(frozen=True, slots=True)
class StoredWish:
    """What a running approval is about: the record enters `stage` when it passes. `by` = who asked for it."""

    instance_id: int
    workflow: str
    field: str
    stage: str
    since: datetime
    by: int | None


def fetch_wish(uow: UnitOfWork, form_id: str, record_id: int) -> StoredWish | None:
    """The stage that the running approval of a record leads to; None when there is none."""
    table = uow.database.tables.flow.instance
    query = select(table.c.id, table.c.workflow, table.c.facts, table.c.started_at, table.c.initiator).where(
        table.c.form == form_id, table.c.record_id == record_id, table.c.state == RUNNING
    )
    for row in uow.connection.execute(query):
        wish = json.loads(row.facts).get(WISH)
        if wish is not None:
            return StoredWish(row.id, row.workflow, wish["field"], wish["stage"], row.started_at, row.initiator)
    return None
