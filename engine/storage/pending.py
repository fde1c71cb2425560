"""Which formulas wait to be computed for every record of a form, because they have been defined anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.storage.database import Database
from engine.storage.outbox import BACKFILL, DONE


@dataclass(frozen=True, slots=True)
class Pending:
    """Of one form: (formula, after, upto): records with ids above `after`, at most `upto`, wait."""

    waiting: tuple[tuple[str, int, int], ...]

    def fields(self, record_id: int) -> frozenset[str]:
        """The formulas of a record that wait."""
        return frozenset(key for key, after, upto in self.waiting if after < record_id <= upto)


def fetch_pending(connection: Connection, database: Database) -> Mapping[str, Pending]:
    """What jobs have still to do, by form."""
    job = database.tables.system.job
    statement = database.statements.get(
        "pending", lambda: select(job.c.payload).where(job.c.kind == BACKFILL, job.c.status != DONE)
    )
    found: dict[str, list[tuple[str, int, int]]] = {}
    for (text,) in connection.execute(statement):
        payload = json.loads(text)
        at = payload.get("at", 0)
        for number, (form_id, key) in enumerate(payload["steps"][at:]):
            upto = payload.get("upto", {}).get(form_id, 0)
            after = payload.get("after", 0) if number == 0 else 0
            found.setdefault(form_id, []).append((key, after, upto))
    return {form_id: Pending(tuple(each)) for form_id, each in found.items()}
