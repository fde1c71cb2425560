"""Makes a company's database differ in everything that one reader may not see, and in nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert, select, update

from engine.catalog.forms import Field, Form
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.site import OpenCompany
from engine.storage.selects import fetch_ids
from engine.storage.shapes import has_column
from engine.storage.tables import RECORD

EVERY = 1_000_000
# Who owns a record, and what it belongs to, decides who sees it.
LEFT_ALONE = frozenset({"link", "user", "users", "department", "person", "file", "image", "signature", "time"})


def visible_ids(company: OpenCompany, actor: Actor) -> Mapping[str, frozenset[int]]:
    """The records that somebody sees, by form."""
    with company.reading(actor) as work:
        return {form_id: _visible(work, form_id) for form_id in work.catalog.forms}


def _visible(work: Work, form_id: str) -> frozenset[int]:
    if work.rights.see(form_id) is None:
        return frozenset()
    return frozenset(fetch_ids(work.uow.connection, work.query(form_id), EVERY))


def disturb(company: OpenCompany, actor: Actor) -> int:
    """Change every value that the actor may not see, and double an unseen record of each form; how many changed."""
    seen = visible_ids(company, actor)
    changed = 0
    with company.writing(actor, "test") as work:
        for form in work.catalog.forms.values():
            if form.id.startswith("people.") or form.single:  # settings are what everybody's formulas read
                continue
            rights = work.rights.roles.of(form.id)
            shown = rights.see if rights is not None else frozenset[str]()
            table = work.uow.database.tables.forms[form.id]
            changed += _disturb(work, form, table, form.fields.values(), "", seen[form.id], shown)
            for field in form.fields.values():
                lines = work.uow.database.tables.lines.get((form.id, field.id))
                if lines is not None:
                    inner = field.fields.values()
                    changed += _disturb(work, form, lines, inner, f"{field.id}.", seen[form.id], shown)
    after = visible_ids(company, actor)
    assert [form_id for form_id, ids in after.items() if ids != seen[form_id]] == []
    return changed


def _ruling(work: Work) -> frozenset[str]:
    """The names of fields that rules read to tell who sees what."""
    found: set[str] = set()
    for form_id in work.catalog.forms:
        rights = work.rights.roles.of(form_id)
        for rule in (rights.verbs["see"], *rights.see_rules.values()) if rights is not None else ():
            found.update(name for reference in rule.references for name in reference.path)
    return frozenset(found)


def _disturb(
    work: Work,
    form: Form,
    table: Table,
    fields: Iterable[Field],
    prefix: str,
    seen: frozenset[int],
    shown: frozenset[str],
) -> int:
    """The table of a form, or of its lines."""
    kept = _ruling(work) | {form.owner, form.department}
    fields = [each for each in fields if has_column(each) and each.type not in LEFT_ALONE and each.id not in kept]
    owner = table.c[RECORD] if prefix else table.c.id
    rows = work.uow.connection.execute(select(table, owner.label("of_record"))).mappings().all()
    changed = 0
    for row in rows:
        unseen = row["of_record"] not in seen
        values = {
            each.column: other_value(work, form, each, row[each.column])
            for each in fields
            if unseen or f"{prefix}{each.id}" not in shown
        }
        if values:
            work.uow.connection.execute(update(table).where(table.c.id == row["id"]).values(values))
            changed += 1
    hidden = [row for row in rows if row["of_record"] not in seen]
    if hidden:
        _double(work, table, fields, hidden[0], max(row["id"] for row in rows) + 1)
    return changed


def _double(work: Work, table: Table, fields: Iterable[Field], row: Mapping[str, Any], new_id: int) -> None:
    """The record once more: whatever must be unique in it is a text, which another one follows."""
    texts = {each.column: f"{row[each.column]}~{new_id}" for each in fields if isinstance(row[each.column], str)}
    chosen = {each.column: row[each.column] for each in fields if each.type in ("choice", "stage")}
    values = {column.name: row[column.name] for column in table.columns}
    work.uow.connection.execute(insert(table).values({**values, **texts, **chosen, "id": new_id}))


def other_value(work: Work, form: Form, field: Field, value: Any) -> Any:
    """Another value of the field."""
    if field.type == "stage":
        stages = [stage for each in work.catalog.stage_sets.get((form.id, field.id), ()) for stage in each.stages]
        return next((each for each in stages if each != value), value)
    if field.type in ("choice", "choices"):
        others = [each.id for each in field.choices if each.id != value] if field.type == "choice" else []
        return others[0] if others else value
    if isinstance(value, bool):
        return not value
    if isinstance(value, (Decimal, int)):
        return value + 7
    if isinstance(value, (date, datetime)):
        return value + timedelta(40)
    return f"{value}~" if isinstance(value, str) else value
