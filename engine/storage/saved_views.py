"""Views that readers keep, and their own settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from engine.storage.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class StoredView:
    """A saved view as it was kept; `person` made it."""

    id: int
    form: str
    name: str
    person: int | None
    shared: bool
    view: str | None
    where: str | None
    sort: tuple[tuple[str, bool], ...]
    columns: tuple[str, ...]


def fetch_saved_views(uow: UnitOfWork, form_id: str, person: int) -> list[StoredView]:
    """A person's own views of a form and the shared ones, by name."""
    table = uow.database.tables.system.view
    query = select(table).where(table.c.form == form_id, or_(table.c.person == person, table.c.shared))
    return [_stored(row) for row in uow.connection.execute(query.order_by(table.c.name, table.c.id))]


def fetch_saved_view(uow: UnitOfWork, view_id: int, person: int) -> StoredView | None:
    """One of a person's own or the shared views."""
    table = uow.database.tables.system.view
    query = select(table).where(table.c.id == view_id, or_(table.c.person == person, table.c.shared))
    row = uow.connection.execute(query).first()
    return None if row is None else _stored(row)


def keep_saved_view(uow: UnitOfWork, view: StoredView) -> int:
    """Keep a view (id 0: a new one); its id comes back."""
    table = uow.database.tables.system.view
    settings = {"view": view.view, "where": view.where, "sort": view.sort, "columns": view.columns}
    values = {
        "form": view.form,
        "name": view.name,
        "person": view.person,
        "shared": view.shared,
        "settings": json.dumps(settings, ensure_ascii=False),
        "saved_at": uow.now,
    }
    if view.id:
        uow.connection.execute(update(table).where(table.c.id == view.id).values(values))
        return view.id
    return int(uow.connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def drop_saved_view(uow: UnitOfWork, view_id: int) -> None:
    """Forget a view."""
    table = uow.database.tables.system.view
    uow.connection.execute(delete(table).where(table.c.id == view_id))


def fetch_preference(uow: UnitOfWork, person: int, key: str) -> object:
    """A setting of a person, None when not set."""
    table = uow.database.tables.system.preference
    found = uow.connection.execute(select(table.c.value).where(table.c.person == person, table.c.key == key)).scalar()
    return None if found is None else json.loads(found)


def keep_preference(uow: UnitOfWork, person: int, key: str, value: object) -> None:
    """Set a setting of a person."""
    table = uow.database.tables.system.preference
    uow.connection.execute(delete(table).where(table.c.person == person, table.c.key == key))
    uow.connection.execute(insert(table).values(person=person, key=key, value=json.dumps(value, ensure_ascii=False)))


def fetch_preferences(uow: UnitOfWork, person: int, prefix: str) -> dict[str, object]:
    """The settings of a person whose keys begin so, in the order of their keys."""
    table = uow.database.tables.system.preference
    query = select(table.c.key, table.c.value).where(table.c.person == person, table.c.key.startswith(prefix))
    found = uow.connection.execute(query.order_by(table.c.key))
    return {row.key: json.loads(row.value) for row in found if row.key.startswith(prefix)}


def drop_preference(uow: UnitOfWork, person: int, key: str) -> None:
    """Forget a setting of a person."""
    table = uow.database.tables.system.preference
    uow.connection.execute(delete(table).where(table.c.person == person, table.c.key == key))


def _stored(row: Any) -> StoredView:
    settings = json.loads(row.settings)
    return StoredView(
        row.id,
        row.form,
        row.name,
        row.person,
        bool(row.shared),
        settings["view"],
        settings["where"],
        tuple((name, bool(down)) for name, down in settings["sort"]),
        tuple(settings["columns"]),
    )
