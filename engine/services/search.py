"""Finds records of every form at once."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.forms import Form
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.reading import build_views, title_fields
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Hit
from engine.storage.selects import fetch_rows

MOST_FORMS = 40
SHOWN = 2


def search_everywhere(
    company: OpenCompany, actor: Actor, text: str, limit: int = 6
) -> tuple[tuple[Form, tuple[Hit, ...]], ...]:
    """(form, hits) of every form with a hit, in the order of the menu; words, Chinese, pinyin and initials."""
    if not text.strip():
        return ()
    found = []
    with company.reading(actor) as work:
        for form in _forms(work):
            hits = _hits(work, form, text, limit)
            if hits:
                found.append((form, hits))
    return tuple(found)


def _forms(work: Work) -> Iterator[Form]:
    """The forms the actor sees, those of the menu first."""
    ids = [entry for group in work.catalog.menu for entry in group.entries if entry in work.catalog.forms]
    ordered = list(dict.fromkeys([*ids, *work.catalog.forms]))
    visible = [form_id for form_id in ordered if work.rights.see(form_id) is not None]
    yield from (work.catalog.forms[form_id] for form_id in visible[:MOST_FORMS])


def _hits(work: Work, form: Form, text: str, limit: int) -> tuple[Hit, ...]:
    rights = work.form_rights(form.id)
    view = form.views.get("list")
    titles = title_fields(form)
    shown = tuple(
        name for name in (view.columns if view is not None else ()) if name in rights.see and name not in titles
    )
    shown = tuple(name for name in shown if name in form.fields and form.fields[name].type != "lines")[:SHOWN]
    fields = tuple(dict.fromkeys((*(name for name in titles if name in rights.see), *shown)))
    query = work.query(form.id).containing(text).columns(fields).sorted(("updated_at", True)).page(limit)
    views = build_views(work, form, fetch_rows(work.uow.connection, query).records, fields)
    return tuple(
        Hit(each.id or 0, each.title, tuple(word for name in shown if (word := each.text(name, work.actor.language))))
        for each in views
    )
