"""Whose formulas read a record: the way from what changed back to the owners, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from engine.catalog.catalog import Dependent, Hop
from engine.runtime.links import DEEPEST_TREE
from engine.runtime.programs import link_target
from engine.runtime.work import Work
from engine.storage.following import fetch_linked, fetch_matched, fetch_with_key
from engine.storage.lookups import fetch_above
from engine.storage.pointing import fetch_pointing


class Change(Protocol):
    """A record that was written, with its values before and after."""

    @property
    def form(self) -> str:
        """Its form."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def before(self) -> Mapping[str, Any]:
        """{} when it is new."""

    @property
    def after(self) -> Mapping[str, Any]:
        """{} when it is gone."""


def owners_of_change(work: Work, dependent: Dependent, change: Change) -> set[int]:
    """The records that a written record concerns, by what it was and by what it is."""
    if not dependent.trail:
        return {change.id}
    first, *rest = reversed(dependent.trail)
    if first.kind == "rows":
        ids = {each for values in (change.before, change.after) for each in _targets(work, change.form, values, first)}
    elif first.kind == "tree":
        ids = set(_tree_starts(work, change))
        rest = [first, *rest]
    elif first.kind == "match":
        ids = _matched(work, change, first)
    else:
        return owners_of_stored(work, dependent, {change.id})
    return _walk(work, rest, ids)


def first_fields(work: Work, dependent: Dependent) -> tuple[str, ...]:
    """The fields of the changed record by which its owners are found; () when by its id, or not by single links."""
    first = dependent.trail[-1]
    if first.kind == "rows":
        return first.names[:1]
    if first.kind == "match":
        key = work.catalog.forms[first.form].related[first.names[0]].field
        return () if key == "id" else (key,)
    tree = work.catalog.forms[first.form].tree
    return (tree.id,) if first.kind == "tree" and tree is not None else ()


def owners_of_stored(work: Work, dependent: Dependent, ids: Iterable[int]) -> set[int]:
    """The records that stored records concern as they are now."""
    return _walk(work, reversed(dependent.trail), set(ids))


def _walk(work: Work, way: Iterable[Hop], ids: set[int]) -> set[int]:
    for hop in way:
        if not ids:
            return ids
        ids = _step(work, hop, ids)
    return ids


def _step(work: Work, hop: Hop, ids: set[int]) -> set[int]:
    uow = work.uow
    if hop.kind == "link":
        return set(fetch_pointing(uow.connection, uow.database, hop.form, hop.names, ids))
    if hop.kind == "match":
        return fetch_matched(uow, hop.form, hop.names[0], ids)
    if hop.kind == "tree":
        return {each for start in ids for each in _in_tree(work, hop.form, start, hop.names[0])}
    return fetch_linked(uow, hop.form, hop.names, ids)


def _matched(work: Work, change: Change, hop: Hop) -> set[int]:
    """Whose relation had or has the written record among its rows, by the key it had and has."""
    key = work.catalog.forms[hop.form].related[hop.names[0]].field
    if key == "id":
        return fetch_with_key(work.uow, hop.form, hop.names[0], (change.id,))
    return fetch_with_key(work.uow, hop.form, hop.names[0], (change.before.get(key), change.after.get(key)))


def _tree_starts(work: Work, change: Change) -> Iterator[int]:
    """The record, and what it stood under before and stands under now."""
    tree = work.catalog.forms[change.form].tree
    yield change.id
    for values in (change.before, change.after):
        above = values.get(tree.id) if tree is not None else None
        if isinstance(above, int):
            yield above


def _in_tree(work: Work, form_id: str, record_id: int, way: str) -> Iterator[int]:
    """The record and those above or below it in its form's tree."""
    uow, tree = work.uow, work.catalog.forms[form_id].tree
    if tree is None:
        return
    if way == "above":
        yield from fetch_above(uow, form_id, tree.id, record_id)
        return
    level = [record_id]
    for _ in range(DEEPEST_TREE):
        yield from level
        level = list(fetch_pointing(uow.connection, uow.database, form_id, (tree.id,), level)) if level else []


def _targets(work: Work, form_id: str, values: Mapping[str, Any], hop: Hop) -> Iterator[int]:
    """Where the link of a written record, or of its lines, leads."""
    field = work.catalog.forms[form_id].fields[hop.names[0]]
    if field.type == "lines":
        inner = field.fields[hop.names[1]]
        for row in values.get(field.id) or []:
            yield from _ids(row.get(inner.id), link_target(inner))
    else:
        yield from _ids(values.get(field.id), link_target(field))


def _ids(value: object, form_id: str) -> Iterator[int]:
    """The ids that a link holds, where they are of the form meant."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        if value[0] == form_id and isinstance(value[1], int):
            yield value[1]
        return
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int) and not isinstance(each, bool):
            yield each
