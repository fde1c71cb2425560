"""When definitions change what records are found by (a field is hidden, a title reads otherwise), the words that are
kept for searching are made anew: at once for few records, by a job for many.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog.catalog import Catalog
from engine.runtime.followers import JOB, rewrite_search_texts
from engine.runtime.titles import search_shape
from engine.runtime.work import Work
from engine.services.backfill import GRACE, MOST_AT_APPLY, ROWS_AT_ONCE
from engine.storage.computing import count_rows, fetch_next_ids
from engine.storage.outbox import add_job

IDS_A_JOB = 20_000


def forms_to_rewrite(before: Catalog | None, after: Catalog) -> tuple[str, ...]:
    """The forms whose records are found by something else now."""
    if before is None:
        return ()
    known = {form.id: search_shape(before, form) for form in before.forms.values()}
    return tuple(form.id for form in after.forms.values() if known.get(form.id, ()) not in ((), _shape(after, form.id)))


def _shape(catalog: Catalog, form_id: str) -> tuple[object, ...]:
    return search_shape(catalog, catalog.forms[form_id])


def rewrite_forms(work: Work, form_ids: Iterable[str]) -> None:
    """Make the search texts of every record of these forms anew, the recycle bin included."""
    for form_id in form_ids:
        later, after = count_rows(work.uow, form_id) > MOST_AT_APPLY, 0
        size = IDS_A_JOB if later else ROWS_AT_ONCE
        while ids := fetch_next_ids(work.uow, form_id, after, size):
            if later:
                add_job(work.uow, JOB, {"form": form_id, "ids": list(ids)}, work.uow.now + GRACE)
            else:
                rewrite_search_texts(work, form_id, ids)
            after = ids[-1]
