"""Approvals that wait on records: whenever such a record has been written, it is looked whether they still have to."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog.catalog import Catalog
from engine.runtime.work import Work
from engine.storage.flow_children import LOOK
from engine.storage.outbox import add_job


def leave_looks(work: Work, form_id: str, ids: Iterable[int]) -> None:
    """Leave a look at the approvals of records that have been written; nothing for forms on which nobody waits."""
    if form_id in work.programs.remembered("waited on", lambda: find_waited(work.catalog)):
        records = sorted(set(ids))
        if records:
            add_job(work.uow, LOOK, {"form": form_id, "records": records})


def find_waited(catalog: Catalog) -> frozenset[str]:
    """The forms whose workflows have a step that waits until something holds, or for a date of the record."""
    return frozenset(
        workflow.form
        for workflow in catalog.workflows.values()
        for step in workflow.all_steps()
        if step.until is not None or step.until_at is not None
    )
