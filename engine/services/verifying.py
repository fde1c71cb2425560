"""Are the stored formulas right? Recomputes them from what they read, tells what differs, and repairs it when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from engine.problems import NotVisible
from engine.runtime.actors import SYSTEM
from engine.runtime.bulk import Differing as Differing
from engine.runtime.bulk import find_differing
from engine.runtime.dependents import Recomputation, draft_of
from engine.runtime.drafts import Draft
from engine.runtime.formulas import compute_formulas, prepare_links
from engine.runtime.journal import changes_of
from engine.runtime.ranks import stored_formulas
from engine.runtime.work import Work
from engine.services.backfill import ROWS_AT_ONCE, Formula
from engine.services.site import OpenCompany
from engine.services.worker import Hopeless, Running
from engine.storage.computing import count_rows, fetch_next_ids, fetch_waiting
from engine.storage.history import HistoryRow, note_changes
from engine.storage.outbox import add_job
from engine.storage.records import fetch_system_rows, update_computed

SAMPLE = "sample"
ONE_IN = 100
MOST_TOLD = 20
Tell = Callable[[int, int], None]


@dataclass
class Verified:
    """What was found: values looked at, wrong ones (repaired ones too), frozen ones that differ on purpose, and values
    that are waiting to be computed anyway."""

    looked: int = 0
    wrong: list[Differing] = field(default_factory=list)
    frozen: list[Differing] = field(default_factory=list)
    waiting: int = 0
    repaired: int = 0


def verify(
    company: OpenCompany, form_ids: Sequence[str] = (), *, fix: bool = False, tell: Tell | None = None
) -> Verified:
    """Compare every stored formula of the forms (all of them when none is named); NotVisible for an unknown form."""
    unknown = [each for each in form_ids if each not in company.catalog.forms]
    if unknown:
        raise NotVisible(unknown[0])
    found = Verified()
    with company.reading(SYSTEM) as work:
        formulas = stored_formulas(work, form_ids or company.catalog.forms)
        total = sum(count_rows(work.uow, form_id) for form_id, _ in formulas)
    for form_id, key in formulas:
        after = 0
        while ids := _next_ids(company, form_id, after):
            _look(company, (form_id, key), ids, found, fix=fix)
            after = ids[-1]
            if tell is not None:
                tell(found.looked + found.waiting, total)
    return found


def _next_ids(company: OpenCompany, form_id: str, after: int, *, one_in: int = 1, part: int = 0) -> list[int]:
    with company.reading(SYSTEM) as work:
        return fetch_next_ids(work.uow, form_id, after, ROWS_AT_ONCE, lock=False, one_in=one_in, part=part)


def _look(company: OpenCompany, formula: Formula, ids: list[int], found: Verified, *, fix: bool) -> None:
    """Compare one batch. What differs is looked at again with the records locked: a save may have been under way."""
    form_id, key = formula
    with company.reading(SYSTEM) as work:
        waiting = fetch_waiting(work.uow, form_id, key, ids, work.moment.today)
        settled = [each for each in ids if each not in waiting]
        differing = find_differing(work, form_id, key, settled)
    found.looked += len(settled)
    found.waiting += len(waiting)
    found.frozen += [each for each in differing if each.frozen]
    suspects = [each.id for each in differing if not each.frozen]
    if not suspects:
        return

    def again() -> list[Differing]:
        with company.writing(SYSTEM, "verify") as work:
            return _settle(work, formula, suspects, fix=fix)

    wrong = company.again(again)
    found.wrong += wrong
    found.repaired += len(wrong) if fix else 0


def _settle(work: Work, formula: Formula, ids: list[int], *, fix: bool) -> list[Differing]:
    """What still differs now that the records are locked; repaired with `fix`, and followed."""
    form_id, key = formula
    stored = fetch_system_rows(work.uow, form_id, ids, lock=True)
    wrong = [each for each in find_differing(work, form_id, key, ids) if not each.frozen]
    if not fix or not wrong:
        return wrong
    drafts = [draft_of(work, form_id, stored[each.id]) for each in wrong]
    if "." in key:
        prepare_links(work, drafts)
        for draft in drafts:
            compute_formulas(work, draft, (key,))
    else:
        for draft, each in zip(drafts, wrong, strict=True):
            draft.values[key] = each.right
    _write(work, form_id, drafts)
    recomputation = Recomputation(work)
    recomputation.note_stored(form_id, key, [each.id for each in wrong])
    recomputation.run()
    return wrong


def _write(work: Work, form_id: str, drafts: Iterable[Draft]) -> None:
    """Write repaired values and note them in the records' history."""
    values, history = {}, []
    for draft in drafts:
        record_id = draft.record_id or 0
        values[record_id] = {name: draft.values.get(name) for name in draft.changed()}
        history.append(HistoryRow(form_id, record_id, draft.version, "change", changes_of(draft)))
    update_computed(work.uow, form_id, values)
    note_changes(work.uow, history)


# --- every night a part of the records -------------------------------------------------------------------------------


def schedule_sample(company: OpenCompany) -> None:
    """Leave today's look at one record in a hundred, once; in a hundred days it comes to all."""
    with company.reading(SYSTEM) as work:
        day = work.moment.today
    key = f"{SAMPLE} {day.isoformat()}"
    with company.writing(SYSTEM, SAMPLE) as work:
        add_job(work.uow, SAMPLE, {"part": day.toordinal() % ONE_IN}, key=key)


def run_sample(running: Running) -> None:
    """Compare one record in a hundred; a difference is an alarm: the job is dead, with what it found."""
    company, found = running.company, Verified()
    with company.reading(SYSTEM) as work:
        formulas = stored_formulas(work, company.catalog.forms)
    for at, (form_id, key) in enumerate(formulas):
        after = 0
        while ids := _next_ids(company, form_id, after, one_in=ONE_IN, part=running.payload["part"]):
            _look(company, (form_id, key), ids, found, fix=False)
            after = ids[-1]
        running.batch(partial(running.keep, done=at + 1, total=len(formulas)))
    if found.wrong:
        told = "; ".join(f"{each.form} {each.id} {each.field}" for each in found.wrong[:MOST_TOLD])
        raise Hopeless(f"{len(found.wrong)} stored values are wrong (weft verify --fix): {told}")
