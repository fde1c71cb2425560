"""Formulas that must wait for a job, because a save concerns too many records: marked, so that no reader is misled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.catalog.forms import Form
from engine.runtime.access import fields_of
from engine.runtime.following import owners_of_stored
from engine.runtime.ranks import Place, in_order, place_of
from engine.runtime.work import Work
from engine.storage.computing import mark_stale, without_mark
from engine.storage.outbox import BACKFILL, add_job

RECOMPUTE = "recompute"

Waiting = dict[tuple[Place, str, str], set[int]]


def leave_to_job(work: Work, waiting: Mapping[tuple[Place, str, str], set[int]]) -> None:
    """Mark these formulas and all that read them, and leave a job that computes them; all in the save's transaction."""
    todo: Waiting = {key: set(ids) for key, ids in waiting.items()}
    marked: dict[tuple[str, str], int] = {}
    while todo:
        key = min(todo)
        ids, (_, form_id, name) = todo.pop(key), key
        fresh = without_mark(work.uow, form_id, name, ids)
        if not fresh:
            continue
        mark_stale(work.uow, form_id, (name,), fresh)
        marked[form_id, name] = marked.get((form_id, name), 0) + len(fresh)
        for other_form, other, owners in _readers(work, form_id, name, set(fresh)):
            todo.setdefault((place_of(work, other_form, other), other_form, other), set()).update(owners)
    if marked:
        steps = [list(each) for each in in_order(work, marked)]
        add_job(work.uow, RECOMPUTE, {"steps": steps}, total=sum(marked.values()))


def _readers(work: Work, form_id: str, key: str, ids: set[int]) -> Iterator[tuple[str, str, set[int]]]:
    """(form, formula, records) that read the formula `key` of these records."""
    changed = {key, key.split(".")[0]}
    program = work.program(form_id)
    for own in program.order:
        if program.fields[own].sources & changed:
            yield form_id, own, ids
    for dependent in work.catalog.dependents.get(form_id, ()):
        if dependent.columns & changed:
            yield dependent.form, dependent.field, owners_of_stored(work, dependent, ids)


def leave_to_settings(work: Work, form_id: str, changed: Iterable[str] | None) -> None:
    """The settings have changed: every stored formula that reads them is computed anew, by a job."""
    form = work.catalog.forms[form_id]
    if not form.single or changed is not None and not list(changed):
        return
    steps = [(each.id, key) for each in work.catalog.forms.values() for key in _reading_settings(each)]
    if steps:
        add_job(work.uow, BACKFILL, {"steps": [list(each) for each in in_order(work, steps)]})


def _reading_settings(form: Form) -> Iterator[str]:
    for key, field in fields_of(form):
        kept = key in form.formula_order and field.compute != "once"
        if kept and field.formula is not None and "settings" in field.formula.volatile:
            yield key
