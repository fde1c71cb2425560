"""Carries out effects inside the transaction at hand, in the engine's name: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.catalog.effects import Effect
from engine.catalog.forms import Form
from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.flow.surroundings import Expression, Path, RowValues, Values
from engine.runtime.journal import to_wire
from engine.runtime.numbers import NUMBER, draw_numbers
from engine.services.flow.acting import Acting
from engine.services.flow.posting import leave_call
from engine.services.flow.telling import notify
from engine.services.saving import Given, finish_one, prepare_batch, save_one
from engine.storage.database import UnitOfWork
from engine.storage.handlers import fetch_lock, put_lock
from engine.storage.origins import fetch_origin, find_by_key, keep_origin
from engine.storage.shapes import has_column
from engine.values import Label


def carry_out(acting: Acting, effects: Sequence[Effect], label: Label) -> None:
    """The effects in order, each seeing what those before it wrote.

    A123 names `label` (the step, stage or button) and the effect that failed; the caller undoes everything. Incident
    when an effect must wait for somebody to look.
    """
    for number, effect in enumerate(effects, 1):
        try:
            for row, around in enumerate(list(_places(acting, effect))):
                _one(acting, effect, around, f"{number}.{row}" if row else str(number))
        except (ProblemsFound, Conflict, NotAllowed, NotVisible) as found:
            raise _failed(effect, number, label, problems_of(found)) from found


def problems_of(found: ProblemsFound | Conflict | NotAllowed | NotVisible) -> Sequence[Problem]:
    """What was wrong."""
    if isinstance(found, ProblemsFound):
        return found.problems
    return [Problem("A141")] if isinstance(found, NotVisible) else [found.problem]


def _failed(effect: Effect, number: int, label: Label, problems: Sequence[Problem]) -> ProblemsFound:
    reason = {language: " ".join(each.message(language) for each in problems) for language in ("en", "zh")}
    return ProblemsFound([Problem("A123", {"number": number, "step": label, "reason": reason}, effect.at)])


def _places(acting: Acting, effect: Effect) -> Iterator[Values]:
    """What the effect's expressions are evaluated on: the record, or each of its rows for which the effect is meant."""
    record = acting.values
    around: list[Values] = [record]
    if effect.rows:
        around = [RowValues(row, record) for row in record.rows(effect.rows)]
    for each in around:
        if effect.when is None or _value(acting, effect.when, each):
            yield each


def _value(acting: Acting, expression: Expression, around: Values) -> object:
    return acting.closures.of(expression)(around, acting.moment)


def _one(acting: Acting, effect: Effect, around: Values, place: str) -> None:
    match effect.kind:
        case "set":
            write_record(acting, acting.form_id, acting.record_id, _values(acting, effect, around))
        case "create":
            _create(acting, effect, around)
        case "update":
            _update(acting, effect, around)
        case "lock" | "unlock":
            _lock(acting, effect)
        case "notify":
            notify(acting, effect, place)
        case "start":
            _start(acting, effect, around)
        case "number":
            _number(acting)
        case "webhook":
            leave_call(acting, effect, _values(acting, effect, around), place)


def _values(acting: Acting, effect: Effect, around: Values) -> dict[str, object]:
    return {name: _value(acting, value, around) for name, value in effect.values.items()}


def write_record(acting: Acting, form_id: str, record_id: int | None, values: Mapping[str, object]) -> int:
    """Save values of a record in the engine's name; its id."""
    form = acting.system.catalog.forms[form_id]
    draft, _ = save_one(acting.system, form_id, Given(record_id, wired(form, values)))
    acting.forget_record()
    return draft.record_id or 0


def wired(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Values as a save takes them."""
    return {name: to_wire(form.fields[name], value) for name, value in values.items()}


# --- other records ----------------------------------------------------------------------------------------------------


def _create(acting: Acting, effect: Effect, around: Values) -> None:
    """Make a record, or write the one that was made from this record with the same key before; A142 for others."""
    uow, values = acting.system.uow, _values(acting, effect, around)
    source = (acting.form_id, acting.record_id)
    fields = acting.system.catalog.forms[effect.form].fields
    key = {name: values.get(name) for name in effect.key if has_column(fields[name])}
    found = find_by_key(uow, effect.form, key) if key else []
    mine = [each for each in found if fetch_origin(uow, effect.form, each) == source]
    if found and not mine:
        label = acting.system.catalog.forms[effect.form].label
        raise ProblemsFound([Problem("A142", {"form": label})])
    record_id = write_record(acting, effect.form, mine[0] if mine else None, values)
    if not mine:
        keep_origin(uow, effect.form, record_id, source)


def _update(acting: Acting, effect: Effect, around: Values) -> None:
    """Write the record at the end of the effect's path; A140 when the path is empty."""
    target = _target(effect, around)
    acting.guard(effect.form, target)
    write_record(acting, effect.form, target, _values(acting, effect, around))
    acting.changed(effect.form, target)


def _target(effect: Effect, around: Values) -> int:
    """The record at the end of the effect's path; A140 when the path is empty."""
    target = around.value(effect.path)
    form_id = effect.form
    if isinstance(target, tuple):
        form_id, target = target
    if not isinstance(target, int) or form_id != effect.form:
        parts: Path = (*effect.rows, *effect.path)
        raise ProblemsFound([Problem("A140", {"name": ".".join(parts)})])
    return target


def _start(acting: Acting, effect: Effect, around: Values) -> None:
    """Start a workflow on the record, or on the one at the end of the effect's path."""
    acting.start(effect.name, _target(effect, around) if effect.path else acting.record_id)
    acting.forget_record()


def _number(acting: Acting) -> None:
    """Draw the record's number, unless it has one."""
    saving = prepare_batch(acting.system, acting.form_id, [Given(acting.record_id, {})])
    if saving.drafts[0].values.get(NUMBER) is None:
        draw_numbers(acting.system, saving.drafts)
        finish_one(saving)
        acting.forget_record()


# --- locks ------------------------------------------------------------------------------------------------------------


def _lock(acting: Acting, effect: Effect) -> None:
    """Hold, or free, fields of the record or all of it."""
    uow, place = acting.system.uow, (acting.form_id, acting.record_id)
    locked, free = fetch_lock(uow, *place)
    named = frozenset(effect.fields)
    if effect.kind == "lock":
        held = None if not named or locked is None else locked | named
        put_lock(uow, *place, held, free - named if named else ())
        return
    if not named:
        put_lock(uow, *place, (), acting.system.catalog.forms[acting.form_id].fields)
        return
    put_lock(uow, *place, None if locked is None else locked - named, free | named)


def settle_lock(uow: UnitOfWork, form: Form, record_id: int) -> None:
    """What an approval freed is free only as long as it runs: afterwards what is locked is locked, and nothing more."""
    locked, free = fetch_lock(uow, form.id, record_id)
    if free:
        put_lock(uow, form.id, record_id, form.fields.keys() - free if locked is None else locked, ())
