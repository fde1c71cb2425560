"""Work that a save has left for later, because too many records were concerned: the search texts of followers."""

from __future__ import annotations

from engine.runtime.followers import JOB, rewrite_search_texts
from engine.runtime.work import Work
from engine.services.worker import Running

AT_ONCE = 500


def write_search_texts(running: Running) -> None:
    """Write the search texts that a job waits for, some hundred in a transaction."""
    form_id, ids = running.payload["form"], running.payload["ids"]
    for at in range(0, len(ids), AT_ONCE):
        part = ids[at : at + AT_ONCE]

        def write(work: Work, part: list[int] = part, at: int = at) -> None:
            if form_id in work.catalog.forms:
                rewrite_search_texts(work, form_id, part)
            rest = {"form": form_id, "ids": ids[at + len(part) :]}
            done = (running.payload.get("done") or 0) + at + len(part)
            running.keep(work, payload={**rest, "done": done}, done=done, total=done + len(rest["ids"]))

        running.batch(write)


SEARCH_TEXTS = JOB
