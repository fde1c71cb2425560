"""The views that readers save for themselves or share."""

from __future__ import annotations

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.services.lists import ListPlan, build_query, may_use, require_fields
from engine.services.site import OpenCompany
from engine.services.views_of_pages import SavedView
from engine.services.views_of_records import ListRequest
from engine.storage.saved_views import (
    StoredView,
    drop_saved_view,
    fetch_saved_view,
    fetch_saved_views,
    keep_saved_view,
)
from engine.storage.selects import fetch_total

LONGEST_NAME = 60


def list_saved_views(company: OpenCompany, actor: Actor, form_id: str) -> tuple[SavedView, ...]:
    """The reader's own views of a form and the shared ones that name nothing hidden from the reader."""
    with company.reading(actor) as work:
        rights = work.form_rights(form_id)
        found = fetch_saved_views(work.uow, form_id, actor.person)
        return tuple(_shown(each, actor) for each in found if may_use(work, rights, each))


def save_view(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    name: str,
    *,
    view: str | None = None,
    where: str | None = None,
    sort: tuple[tuple[str, bool], ...] = (),
    columns: tuple[str, ...] = (),
    shared: bool = False,
    view_id: int | None = None,
) -> SavedView:
    """Keep a view, or (view_id) change one's own; its filter and columns must be usable by the reader."""
    wanted = name.strip()[:LONGEST_NAME]
    if not wanted:
        raise ProblemsFound([Problem("R117", pointer="name")])
    with company.writing(actor, "view") as work:
        rights = work.form_rights(form_id)
        require_fields(rights, (*columns, *(field.split(".")[0] for field, _ in sort)))
        plan = ListPlan(rights.form, rights.form.views.get(view or ""), columns, sort, where or None)
        fetch_total(work.uow.connection, build_query(work, plan, ListRequest()), 1)
        if view_id is not None:
            _require_own(company, actor, fetch_saved_view(work.uow, view_id, actor.person))
        stored = StoredView(view_id or 0, form_id, wanted, actor.person, shared, view, where or None, sort, columns)
        kept = keep_saved_view(work.uow, stored)
        found = fetch_saved_view(work.uow, kept, actor.person)
        return _shown(found or stored, actor)


def delete_view(company: OpenCompany, actor: Actor, view_id: int) -> None:
    """Forget one's own view; an administrator may forget shared ones."""
    with company.writing(actor, "view") as work:
        stored = fetch_saved_view(work.uow, view_id, actor.person)
        _require_own(company, actor, stored)
        drop_saved_view(work.uow, view_id)


def _require_own(company: OpenCompany, actor: Actor, stored: StoredView | None) -> None:
    if stored is None or (stored.person != actor.person and not actor.is_administrator):
        raise NotVisible(company.id)


def _shown(stored: StoredView, actor: Actor) -> SavedView:
    mine = stored.person == actor.person
    return SavedView(
        stored.id, stored.form, stored.name, stored.shared, mine, stored.view, stored.where, stored.sort, stored.columns
    )
