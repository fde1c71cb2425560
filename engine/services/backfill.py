"""Computes stored formulas for records that are there already: when definitions change, every day, or when a save has
left too many for later. Few records are done at once; many by a job, some hundred in a transaction, with its progress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.matches import matches_behind
from engine.catalog.reads import find_field, find_reads
from engine.catalog.work_day_fields import work_day_fields
from engine.runtime.access import fields_of
from engine.runtime.actors import SYSTEM
from engine.runtime.bulk import compute_batch
from engine.runtime.ranks import in_order, stored_formulas
from engine.runtime.work import Work
from engine.services.site import OpenCompany
from engine.services.worker import Running
from engine.storage.calendar import refresh_calendar
from engine.storage.computing import clear_stale, count_rows, fetch_next_ids, highest_id, set_as_of
from engine.storage.outbox import BACKFILL, add_job
from engine.storage.schema_plan import Step
from engine.storage.tables import has_daily

ROWS_AT_ONCE = 1_000
MOST_AT_APPLY = 5_000  # more records than these are left to a job
GRACE = timedelta(seconds=2)  # until every process serves the new definitions
DAILY = "daily"

Keys = Mapping[str, tuple[str, ...]]
Formula = tuple[str, str]


def formulas_to_compute(before: Catalog | None, after: Catalog) -> Keys:
    """Keys ("total", "lines.amount") of the stored formulas that are new or say something else, by form."""
    found: dict[str, tuple[str, ...]] = {}
    if before is None:
        return found
    for form in after.forms.values():
        known = _formulas(before, before.forms.get(form.id))
        changed = tuple(key for key, meaning in _formulas(after, form).items() if known.get(key) != meaning)
        if changed:
            found[form.id] = changed
    return found


def compute_steps(catalog: Catalog, keys: Keys) -> Iterator[Step]:
    """What `backfill` will do, for the plan."""
    for form_id, names in keys.items():
        for name in names:
            words = {
                "en": f"compute {form_id}.{name} for the records that are there",
                "zh": f"为已有记录计算 {form_id}.{name}",
            }
            yield Step("compute", catalog.forms[form_id].table, name, words)


def backfill(work: Work, keys: Keys) -> None:
    """Compute these formulas for every record, the recycle bin included, and all that depends on them.

    Many records are left to a job; until it is done readers are told that the values are being computed.
    """
    steps = in_order(work, ((form_id, key) for form_id, names in keys.items() for key in names))
    rows = {form_id: count_rows(work.uow, form_id) for form_id in keys}
    if sum(rows[form_id] for form_id, _ in steps) > MOST_AT_APPLY:
        total = sum(rows[form_id] for form_id, _ in steps)
        upto = {form_id: highest_id(work.uow, form_id) for form_id in keys}
        payload = {"steps": [list(each) for each in steps], "upto": upto}
        add_job(work.uow, BACKFILL, payload, work.uow.now + GRACE, total=total)
        return
    for at, (form_id, key) in enumerate(steps):
        after = 0
        while ids := fetch_next_ids(work.uow, form_id, after, ROWS_AT_ONCE):
            compute_batch(work, form_id, key, ids, frozenset(steps[at + 1 :]))
            after = ids[-1]


# --- jobs: a sweep over the records of one formula after the other --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where a job stands: formula `at` of `steps`, the last id done there, records done in all.

    marked  only records whose mark says that the formula waits
    day     only records whose daily values are older, and which are of this day afterwards
    """

    steps: tuple[Formula, ...]
    at: int = 0
    after: int = 0
    done: int = 0
    marked: bool = False
    day: date | None = None

    @property
    def coming(self) -> frozenset[Formula]:
        """The formulas that the sweep comes to later."""
        return frozenset(self.steps[self.at + 1 :])

    def next_step(self) -> Sweep:
        """The beginning of the next formula."""
        return replace(self, at=self.at + 1, after=0)


def run_backfill(running: Running) -> None:
    """Compute the formulas of a job for every record."""
    _run(running, _read(running))


def run_recompute(running: Running) -> None:
    """Compute what a save has marked."""
    _run(running, replace(_read(running), marked=True))


def run_daily(running: Running) -> None:
    """Compute the daily formulas of records whose values are of an earlier day."""
    _run(running, replace(_read(running), day=date.fromisoformat(running.payload["day"])))


def _read(running: Running) -> Sweep:
    payload = running.payload
    steps = tuple((form_id, key) for form_id, key in payload["steps"])
    return Sweep(steps, payload.get("at", 0), payload.get("after", 0), payload.get("done", 0))


def _run(running: Running, sweep: Sweep) -> None:
    while sweep.at < len(sweep.steps):
        sweep = running.batch(partial(_batch, running, sweep))


def _batch(running: Running, sweep: Sweep, work: Work) -> Sweep:
    """One transaction of a sweep: where it stands afterwards."""
    form_id, key = sweep.steps[sweep.at]
    if form_id not in work.catalog.forms or key not in work.program(form_id).order:
        return sweep.next_step()
    marked = key if sweep.marked else ""
    ids = fetch_next_ids(work.uow, form_id, sweep.after, ROWS_AT_ONCE, marked=marked, before=sweep.day)
    if not ids:
        return sweep.next_step()
    if sweep.marked:
        compute_batch(work, form_id, key, ids, marked=sweep.coming)
        clear_stale(work.uow, form_id, key, ids)
    else:
        compute_batch(work, form_id, key, ids, sweep.coming)
    if sweep.day is not None and form_id not in {form for form, _ in sweep.coming}:
        set_as_of(work.uow, form_id, ids, sweep.day)
    sweep = replace(sweep, after=ids[-1], done=sweep.done + len(ids))
    payload = {**running.payload, "at": sweep.at, "after": sweep.after, "done": sweep.done}
    running.keep(work, payload=payload, done=sweep.done)
    return sweep


def schedule_daily(company: OpenCompany) -> None:
    """Leave today's daily job after the company's midnight, once."""
    forms = [form.id for form in company.catalog.forms.values() if has_daily(form)]
    if not forms:
        return
    with company.reading(SYSTEM) as work:
        day = work.moment.today
        steps = daily_formulas(work, forms)
        rows = sum(count_rows(work.uow, form_id) for form_id, _ in steps)
    payload = {"steps": [list(each) for each in steps], "day": day.isoformat()}
    with company.writing(SYSTEM, DAILY) as work:
        add_job(work.uow, DAILY, payload, key=f"{DAILY} {day.isoformat()}", total=rows)


def schedule_calendar(company: OpenCompany) -> None:
    """Take over work days that have become known; what was computed with those before is computed anew."""
    with company.writing(SYSTEM, DAILY) as work:
        if not refresh_calendar(work.uow):
            return
        steps = in_order(work, work_day_fields(work.catalog))
        if steps:
            add_job(work.uow, BACKFILL, {"steps": [list(each) for each in steps]})


def daily_formulas(work: Work, form_ids: Iterable[str]) -> list[Formula]:
    """The formulas of the forms that are computed anew every day, in the order to compute."""
    every = stored_formulas(work, form_ids)
    return [(form_id, key) for form_id, key in every if work.program(form_id).fields[key].field.compute == "daily"]


def _formulas(catalog: Catalog, form: Form | None) -> dict[str, tuple[object, ...]]:
    """What decides the stored value of each formula."""
    if form is None:
        return {}
    return {key: _meaning(catalog, form, key, each) for key, each in fields_of(form) if key in form.formula_order}


def _meaning(catalog: Catalog, form: Form, key: str, each: Field) -> tuple[object, ...]:
    """The formula and those computed on reading that it reads, as they were compiled; what rounds and freezes it."""
    lines = key.rpartition(".")[0] or None
    read = []
    for expression in (each.formula, each.freeze):
        if expression is not None:
            found = find_reads(catalog, form.id, lines, expression)
            fields = [find_field(catalog, one.form, one.lines, one.field) for one in found]
            read += [one.formula.text for one in fields if one and one.formula and one.compute == "read"]
            read += matches_behind(catalog, form.id, lines, expression)
    formula = each.formula.node if each.formula is not None else None
    freeze = each.freeze.node if each.freeze is not None else None
    return (formula, freeze, tuple(sorted(read)), each.type, each.places, each.compute)
