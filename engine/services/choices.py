"""The records a link may be set to: found by words, pinyin or initials, within the link's own condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.catalog.forms import Field, Form
from engine.catalog.scopes import compile_filter
from engine.problems import Problem, ProblemsFound
from engine.runtime.access import may_copy, require
from engine.runtime.actors import Actor
from engine.runtime.drafts import Draft
from engine.runtime.journal import to_wire
from engine.runtime.programs import is_link
from engine.runtime.work import Work
from engine.services.reading import build_views, title_fields
from engine.services.saving import Given, prepare_batch
from engine.services.site import OpenCompany
from engine.services.views_of_pages import Option
from engine.services.views_of_records import PERSON_FORM, RecordView
from engine.storage.lookups import fetch_link_values
from engine.storage.queries import VisibleQuery
from engine.storage.selects import fetch_rows
from engine.values import empty

MOST = 50


def find_choices(
    company: OpenCompany,
    actor: Actor,
    form_id: str,
    field_path: str,
    text: str = "",
    values: Mapping[str, object] = empty(),
    limit: int = 20,
    record_id: int | None = None,
) -> tuple[Option, ...]:
    """Options for the link "customer" or "lines.product" of a record with these (wire) values, saved or not."""
    with company.reading(actor) as work:
        program = work.program(form_id).fields.get(field_path)
        rights = work.form_rights(form_id)
        if program is None or field_path not in rights.see or not is_link(program.field):
            raise ProblemsFound([Problem("R101", {"name": field_path})])
        if record_id is not None:
            require(work.uow, rights, "see", record_id, work.moment)
        draft = prepare_batch(work, form_id, [Given(record_id, values)], lock=False).drafts[0]
        found: list[Option] = []
        for target in program.field.to:
            if work.rights.see(target) is not None and len(found) < limit:
                found += _options(work, draft, program.field, target, text, min(limit, MOST) - len(found))
        return tuple(found)


def _options(work: Work, draft: Draft, link: Field, target: str, text: str, limit: int) -> list[Option]:
    form = work.catalog.forms[target]
    rights = work.form_rights(target)
    query = _query(work, draft, link, form, text)
    context = tuple(name for name in _context_fields(form) if name in rights.see)
    fields = tuple(dict.fromkeys(name for name in (*title_fields(form), *context) if name in rights.see))
    rows = fetch_rows(work.uow.connection, query.columns(fields).page(limit)).records
    views = build_views(work, form, rows, fields)
    fills = _fills(work, draft.program.form, link, form, [row.id for row in rows])
    return [
        Option(
            view.id or 0, view.title, _context(view, context, work.actor.language), target, fills.get(view.id or 0, {})
        )
        for view in views
    ]


def _query(work: Work, draft: Draft, link: Field, form: Form, text: str) -> VisibleQuery:
    query = work.query(form.id)
    if text.strip():
        query = query.containing(text)
    if link.where is not None:
        query = query.for_record(draft.program.form.id, draft.read(work.links)).limited(link.where)
    if form.id == PERSON_FORM:
        query = query.limited(compile_filter(work.catalog, PERSON_FORM, "active"))
    first = next((name for name in title_fields(form) if name in work.form_rights(form.id).see), None)
    return query.sorted((first, False)) if first is not None else query


def _context_fields(form: Form) -> tuple[str, ...]:
    """What tells records of the same name apart: the picker's columns, else the number and the department."""
    titles = set(title_fields(form))
    named = form.picker_columns or tuple(name for name in ("number", "department") if name in form.fields)
    return tuple(name for name in named if name not in titles and name in form.fields)[:3]


def _context(view: RecordView, fields: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(text for name in fields if (text := view.text(name, language)))


def _fills(work: Work, chooser: Form, link: Field, target: Form, ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """The wire values that choosing each record copies (`fill:`)."""
    lines = next((name for name, each in chooser.fields.items() if each.fields.get(link.id) is link), None)
    see = work.form_rights(chooser.id).see
    keys = {name: name if lines is None else f"{lines}.{name}" for name in link.fill}
    paths = {
        name: path[1:]
        for name, path in link.fill.items()
        if len(path) > 1
        and keys[name] in see
        and may_copy(work.uow, work.rights, target.id, path[1:], chooser.id, keys[name])
    }
    if not paths or not ids:
        return {}
    fields = chooser.fields if lines is None else chooser.fields[lines].fields
    values = fetch_link_values(work.uow, target.id, ids, list(dict.fromkeys(paths.values())))
    return {
        record_id: {name: to_wire(fields[name], found.get(path)) for name, path in paths.items() if name in fields}
        for record_id, found in values.items()
    }
