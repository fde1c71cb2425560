"""Holds what new links lead to while a save is under way, where formulas read through them.

A record that is linked anew and a change of what it links to, saved at the same time, would not see one another: the
formula would keep what it read before the change. SQLite's writers are alone anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.catalog.catalog import Catalog
from engine.expressions.nodes import Path
from engine.runtime.drafts import Draft
from engine.runtime.programs import link_target
from engine.runtime.work import Work
from engine.storage.following import fetch_linked
from engine.storage.records import lock_owners


def hold_linked(work: Work, form_id: str, drafts: Iterable[Draft]) -> None:
    """Lock the records at the ends of links that these drafts choose anew; no statement where no formula reads them."""
    if work.uow.database.dialect == "sqlite":
        return
    paths = work.programs.remembered("read links", lambda: find_read_links(work.catalog)).get(form_id, ())
    if not paths:
        return
    moved = work.programs.remembered("reach", lambda: find_reach(work.catalog)).get(form_id, frozenset())
    chosen, held = list(drafts), set[tuple[str, int]]()
    for path in sorted(paths):
        _hold(work, form_id, path, chosen, moved, held)


def _hold(
    work: Work, form_id: str, path: Path, drafts: Iterable[Draft], moved: frozenset[str], held: set[tuple[str, int]]
) -> None:
    field = work.catalog.forms[form_id].fields[path[0]]
    inner = field.fields[path[1]] if field.type == "lines" else field
    rest = path[2:] if field.type == "lines" else path[1:]
    target, ids = link_target(inner), {each for draft in drafts for each in _chosen(draft, path)}
    while ids:
        new = {each for each in ids if (target, each) not in held}
        if new:
            # those that this very save will write must not be held by two savers who then both want to write
            lock_owners(work.uow, target, new, share=target not in moved)
            held |= {(target, each) for each in new}
        if not rest:
            return
        link = work.catalog.forms[target].fields[rest[0]]
        ids = fetch_linked(work.uow, target, rest[:1], ids)
        target, rest = link_target(link), rest[1:]


def _chosen(draft: Draft, path: Path) -> Iterable[int]:
    """Where the link leads, if the draft leads there anew."""
    now, before = (_values(values, path) for values in (draft.values, draft.stored))
    return now if draft.is_new else now - before


def _values(values: Mapping[str, object], path: Path) -> set[int]:
    value = values.get(path[0])
    rows = value if isinstance(value, list) else None
    found = [row.get(path[1]) for row in rows] if rows is not None else [value]
    return {each for each in found if isinstance(each, int) and not isinstance(each, bool)}


def find_read_links(catalog: Catalog) -> Mapping[str, frozenset[Path]]:
    """By form, the paths of links, from each of its own on, that stored formulas read through."""
    found: dict[str, set[Path]] = {}
    for dependents in catalog.dependents.values():
        for dependent in dependents:
            for at, hop in enumerate(dependent.trail):
                path: Path = ()
                for following in dependent.trail[at:]:
                    if following.kind != "link":
                        break
                    path += following.names
                field = catalog.forms[hop.form].fields.get(hop.names[0])
                if path and field is not None and len(field.to) < 2 and not field.many:
                    found.setdefault(hop.form, set()).add(path)
    return {form_id: frozenset(paths) for form_id, paths in found.items()}


def find_reach(catalog: Catalog) -> Mapping[str, frozenset[str]]:
    """By form, the forms whose records a save of one of its own may compute anew."""
    direct = {form_id: {each.form for each in dependents} for form_id, dependents in catalog.dependents.items()}
    reach: dict[str, frozenset[str]] = {}
    for form_id in catalog.forms:
        seen: set[str] = set()
        todo = list(direct.get(form_id, ()))
        while todo:
            each = todo.pop()
            if each not in seen:
                seen.add(each)
                todo += direct.get(each, ())
        reach[form_id] = frozenset(seen)
    return reach
