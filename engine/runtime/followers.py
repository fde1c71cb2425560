"""Keeps records findable by what they say of others: a linked record that is called something else now is followed
to the records whose title or search fields name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Form
from engine.expressions.nodes import Path
from engine.runtime.dependents import draft_of
from engine.runtime.drafts import Draft
from engine.runtime.links import linked_ids
from engine.runtime.programs import is_link
from engine.runtime.titles import default_search, search_texts, searched_fields
from engine.runtime.work import Work
from engine.storage.outbox import add_job
from engine.storage.pointing import fetch_pointing
from engine.storage.records import fetch_system_rows
from engine.storage.search_text import build_search_text
from engine.storage.shapes import targets
from engine.storage.titles import fetch_titles, title_parts
from engine.storage.words import write_search_texts

AT_ONCE = 2_000
JOB = "search_text"
Changes = Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Follower:
    """Records of `form` say something of the record at the end of the links `path`."""

    form: str
    path: Path


def find_followers(catalog: Catalog) -> dict[tuple[str, str], tuple[Follower, ...]]:
    """By (form, field) that changes: whose search text reads it through links."""
    found: dict[tuple[str, str], dict[Follower, None]] = {}
    for form in catalog.forms.values():
        for path in _paths(catalog, form):
            holder = form
            for at, name in enumerate(path):
                if at:
                    found.setdefault((holder.id, name), {})[Follower(form.id, path[:at])] = None
                definition = holder.fields.get(name)
                leads_to = targets(definition) if definition is not None else ()
                if not leads_to or leads_to[0] not in catalog.forms:
                    break
                holder = catalog.forms[leads_to[0]]
    return {key: tuple(each) for key, each in found.items()}


def _paths(catalog: Catalog, form: Form) -> Iterator[Path]:
    """Every path below a link that the form's search text is made of."""
    for part in title_parts(catalog, form):
        if not isinstance(part, str):
            yield part[0]
    for name in form.search or default_search(form):
        definition = form.fields.get(name)
        if definition is None or definition.access is not None or not is_link(definition):
            continue
        for target in targets(definition)[:1]:
            if target in catalog.forms:
                parts = title_parts(catalog, catalog.forms[target], (name,))
                yield from (part[0] for part in parts if not isinstance(part, str))


def follow_titles(work: Work, form_id: str, changes: Changes) -> None:
    """Write the search texts of all records that say something of these; many of them are left to a job."""
    ids_of = _affected(work, form_id, changes)
    if sum(map(len, ids_of.values())) > AT_ONCE:
        for form, ids in ids_of.items():
            add_job(work.uow, JOB, {"form": form, "ids": sorted(ids)})
        return
    for form, ids in ids_of.items():
        rewrite_search_texts(work, form, ids)


def _affected(work: Work, form_id: str, changes: Changes) -> dict[str, set[int]]:
    followers = work.programs.remembered("followers", lambda: find_followers(work.catalog))
    wanted: dict[Follower, set[int]] = {}
    for record_id, fields in changes.items():
        for name in fields:
            for follower in followers.get((form_id, name), ()):
                wanted.setdefault(follower, set()).add(record_id)
    affected: dict[str, set[int]] = {}
    for follower, ids in wanted.items():
        uow = work.uow
        found = fetch_pointing(uow.connection, uow.database, follower.form, follower.path, ids)
        if found:
            affected.setdefault(follower.form, set()).update(found)
    return affected


def rewrite_search_texts(work: Work, form_id: str, ids: Iterable[int]) -> None:
    """Make the search texts of stored records anew."""
    rows = fetch_system_rows(work.uow, form_id, sorted(set(ids)), lock=True)
    drafts = [draft_of(work, form_id, stored) for stored in rows.values()]
    titles = _fetch_titles(work, drafts)
    texts = {draft.record_id or 0: build_search_text(search_texts(work, draft, titles)) for draft in drafts}
    write_search_texts(work.uow, form_id, texts)


def _fetch_titles(work: Work, drafts: Iterable[Draft]) -> dict[str, Mapping[int, str]]:
    wanted: dict[str, set[int]] = {}
    for draft in drafts:
        form = draft.program.form
        for name in searched_fields(form):
            definition = form.fields.get(name)
            if definition is not None and is_link(definition):
                for target, each in linked_ids(definition, draft.values.get(name)):
                    wanted.setdefault(target, set()).add(each)
    uow = work.uow
    return {
        target: fetch_titles(uow.connection, uow.database, uow.catalog, None, work.moment, target, sorted(found))
        for target, found in wanted.items()
    }
