"""What instances and their tasks are called."""

from __future__ import annotations

from engine.catalog.workflows import Workflow
from engine.runtime.work import Work
from engine.storage.titles import fetch_titles


def title_of(work: Work, workflow: Workflow, record_id: int) -> str:
    """The title of the record, as everybody who handles it may read it."""
    uow = work.uow
    found = fetch_titles(uow.connection, uow.database, uow.catalog, None, work.moment, workflow.form, [record_id])
    return found.get(record_id, "")
