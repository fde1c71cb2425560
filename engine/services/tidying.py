"""Work that a save has left for later, because too many records were concerned."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.runtime.followers import JOB, rewrite_search_texts
from engine.services.site import OpenCompany
from engine.storage.outbox import Job, finish_job, take_job

AT_ONCE = 500


def finish_search_texts(company: OpenCompany) -> int:
    """Write the search texts that jobs wait for, some hundred in a transaction: how many."""
    done = 0
    while (job := _take(company)) is not None:
        ids = job.payload["ids"]
        for at in range(0, len(ids), AT_ONCE):
            _rewrite(company, job.payload["form"], ids[at : at + AT_ONCE])
        with company.writing(SYSTEM, "tidy") as work:
            finish_job(work.uow, job.id)
        done += len(ids)
    return done


def _take(company: OpenCompany) -> Job | None:
    with company.writing(SYSTEM, "tidy") as work:
        return take_job(work.uow, kind=JOB)


def _rewrite(company: OpenCompany, form_id: str, ids: list[int]) -> None:
    def act() -> None:
        with company.writing(SYSTEM, "tidy") as work:
            if form_id in work.catalog.forms:
                rewrite_search_texts(work, form_id, ids)

    company.again(act)
