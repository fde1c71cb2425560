"""The moment of one request: its clock, and how formulas reach the person and the settings."""

from __future__ import annotations

from engine.catalog.catalog import Catalog
from engine.runtime.actors import Actor
from engine.runtime.moments import Moment, Path, build_moment
from engine.storage.database import UnitOfWork
from engine.storage.lookups import fetch_link_values
from engine.storage.queries import VisibleQuery
from engine.storage.selects import fetch_ids

PERSON_FORM = "people.person"


def moment_for(uow: UnitOfWork, actor: Actor) -> Moment:
    """The moment of `uow`; nothing is fetched until a formula reads below the person or the settings."""

    def person(path: Path) -> object:
        return fetch_link_values(uow, PERSON_FORM, [actor.person], [path]).get(actor.person, {}).get(path)

    def settings(path: Path) -> object:
        form_id = settings_form(uow.catalog, path[0])
        if form_id is None:
            return None
        moment = build_moment(uow.catalog, actor, uow.now, person, lambda _: None)
        ids = fetch_ids(uow.connection, VisibleQuery(uow.database, uow.catalog, None, moment, form_id), 1)
        return fetch_link_values(uow, form_id, ids, [path]).get(ids[0], {}).get(path) if ids else None

    return build_moment(uow.catalog, actor, uow.now, person, settings)


def settings_form(catalog: Catalog, field_id: str) -> str | None:
    """The form with one record that has this field."""
    return next((form.id for form in catalog.forms.values() if form.single and field_id in form.fields), None)
