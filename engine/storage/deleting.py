"""The recycle bin: what goes along with a record, what forbids that it goes, what forgets it; and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Select, literal, select, union_all, update

from engine.catalog.forms import Field, Form
from engine.problems import Problem, ProblemsFound
from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.records import mark_deleted, mark_restored
from engine.storage.shapes import has_column, is_lines, is_many, is_polymorphic, targets
from engine.storage.tables import RECORD, TARGET


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link that may lead to a form: in a form's own fields, or in its `lines`."""

    form: Form
    link: Field
    lines: Field | None = None


@dataclass(slots=True)
class Deletion:
    """What goes, in the order found; which links are emptied; what still points to what goes."""

    gone: dict[tuple[str, int], None] = field(default_factory=dict)
    cleared: list[tuple[Pointer, int]] = field(default_factory=list)
    holding: list[tuple[Pointer, int]] = field(default_factory=list)


def delete_records(uow: UnitOfWork, form_id: str, ids: Iterable[int]) -> list[tuple[str, int]]:
    """Put records into the recycle bin: every (form id, record id) that went, these first.

    Records that link to them go along (cascade), or their links are emptied (clear), or V130 is raised for each kind of
    record that still points here (restrict).
    """
    deletion = Deletion()
    waiting = [(form_id, each) for each in dict.fromkeys(ids)]
    while waiting:
        deletion.gone.update(dict.fromkeys(waiting))
        found = [each for each in _along(uow, deletion, waiting) if each not in deletion.gone]
        waiting = list(dict.fromkeys(found))
    _refuse(uow, deletion)
    for form, records in _by_form(deletion.gone).items():
        mark_deleted(uow, form, records)
    for pointer, record_id in deletion.cleared:
        _clear(uow, pointer, record_id, deletion)
    return list(deletion.gone)


def restore_records(uow: UnitOfWork, form_id: str, record_id: int) -> list[tuple[str, int]]:
    """Take a record, and what went along with it, out of the recycle bin: every (form id, record id) that came back."""
    table = uow.database.tables.forms[form_id]
    stamp = uow.connection.execute(
        select(table.c.deleted_at, table.c.deleted_by).where(table.c.id == record_id, table.c.deleted_at.is_not(None))
    ).first()
    if stamp is None:
        return []
    back: dict[tuple[str, int], None] = {}
    waiting = [(form_id, record_id)]
    while waiting:
        back.update(dict.fromkeys(waiting))
        waiting = [each for each in _went_along(uow, waiting, stamp) if each not in back]
    for form, records in _by_form(back).items():
        mark_restored(uow, form, records)
    return list(back)


def pointers_to(uow: UnitOfWork, form_id: str) -> tuple[Pointer, ...]:
    """Every link that may lead to a form."""
    found: tuple[Pointer, ...] = uow.database.statements.get(
        ("pointers", form_id), lambda: tuple(_pointers(uow, form_id))
    )
    return found


def _pointers(uow: UnitOfWork, form_id: str) -> Iterator[Pointer]:
    for form in uow.catalog.forms.values():
        for own in form.fields.values():
            if is_lines(own):
                inner = (each for each in own.fields.values() if has_column(each) and form_id in targets(each))
                yield from (Pointer(form, each, own) for each in inner)
            elif form_id in targets(own) and (has_column(own) or is_many(own)):
                yield Pointer(form, own)


def _along(uow: UnitOfWork, deletion: Deletion, going: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Look at everything that points to what is going: one statement per form of it."""
    for form_id, ids in _by_form(going).items():
        pointers = pointers_to(uow, form_id)
        if not pointers:
            continue
        build = partial(_pointing, uow, pointers, form_id)
        statement = uow.database.statements.get(("pointing", form_id), build)
        for number, record_id in uow.connection.execute(statement, {"ids": ids_value(ids, uow.database.dialect)}):
            pointer = pointers[number]
            if pointer.link.on_delete == "cascade" and pointer.lines is None:
                yield (pointer.form.id, record_id)
            elif pointer.link.on_delete == "clear" or is_many(pointer.link):
                deletion.cleared.append((pointer, record_id))
            else:
                deletion.holding.append((pointer, record_id))


def _pointing(uow: UnitOfWork, pointers: Iterable[Pointer], form_id: str) -> Any:
    selects = [_one_pointing(uow, number, pointer, form_id) for number, pointer in enumerate(pointers)]
    return union_all(*selects) if len(selects) > 1 else selects[0]


def _one_pointing(uow: UnitOfWork, number: int, pointer: Pointer, form_id: str) -> Select[Any]:
    """(number, id) of the records in use whose link leads to one of the parameter `ids`."""
    tables, dialect = uow.database.tables, uow.database.dialect
    table = tables.forms[pointer.form.id]
    chosen = select(literal(number), table.c.id).where(table.c.deleted_at.is_(None))
    if pointer.lines is not None:
        lines = tables.lines[pointer.form.id, pointer.lines.id]
        chosen = chosen.join(lines, lines.c[RECORD] == table.c.id).distinct()
        column = lines.c[pointer.link.column]
    elif is_many(pointer.link):
        pairs = tables.many[pointer.form.id, pointer.link.id]
        chosen = chosen.join(pairs, pairs.c[RECORD] == table.c.id)
        column = pairs.c[TARGET]
    else:
        column = table.c[pointer.link.column]
    chosen = chosen.where(among(column, "ids", dialect))
    if is_polymorphic(pointer.link):
        chosen = chosen.where(column.table.c[f"{pointer.link.column}_form"] == form_id)
    return chosen


def _refuse(uow: UnitOfWork, deletion: Deletion) -> None:
    """V130 for every link whose records stay and hold what goes."""
    counts: dict[tuple[str, str], tuple[Pointer, set[int]]] = {}
    for pointer, record_id in deletion.holding:
        if (pointer.form.id, record_id) not in deletion.gone:
            key = (pointer.form.id, pointer.link.id)
            counts.setdefault(key, (pointer, set()))[1].add(record_id)
    if counts:
        raise ProblemsFound(
            Problem("V130", {"count": len(ids), "form": pointer.form.label, "label": pointer.link.label})
            for pointer, ids in counts.values()
        )


def _clear(uow: UnitOfWork, pointer: Pointer, record_id: int, deletion: Deletion) -> None:
    """Empty a link of a record that stays. Members of several-valued fields stay: they are unseen while deleted."""
    if is_many(pointer.link) or (pointer.form.id, record_id) in deletion.gone:
        return
    tables = uow.database.tables
    going = [each for form, each in deletion.gone if form in targets(pointer.link)]
    if pointer.lines is not None:
        table = tables.lines[pointer.form.id, pointer.lines.id]
        chosen = table.c[RECORD] == record_id
    else:
        table = tables.forms[pointer.form.id]
        chosen = table.c.id == record_id
    statement = update(table).where(chosen, table.c[pointer.link.column].in_(going))
    uow.connection.execute(statement.values({pointer.link.column: None}))


def _went_along(uow: UnitOfWork, coming: list[tuple[str, int]], stamp: Any) -> Iterator[tuple[str, int]]:
    """Records deleted at the same moment by the same person, whose cascading link leads to what comes back."""
    for form_id, ids in _by_form(coming).items():
        for pointer in pointers_to(uow, form_id):
            if pointer.link.on_delete != "cascade" or pointer.lines is not None or is_many(pointer.link):
                continue
            table = uow.database.tables.forms[pointer.form.id]
            chosen = select(table.c.id).where(
                table.c[pointer.link.column].in_(ids),
                table.c.deleted_at == stamp[0],
                table.c.deleted_by.is_not_distinct_from(stamp[1]),
            )
            yield from ((pointer.form.id, each) for each in uow.connection.execute(chosen).scalars())


def _by_form(records: Iterable[tuple[str, int]]) -> Mapping[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for form_id, record_id in records:
        grouped.setdefault(form_id, []).append(record_id)
    return grouped
