"""Holds trees while a save is under way: whoever moves a part of one is alone with it.

Two moves at the same moment could else close a circle that neither sees; and a change of what sums over the tree count
would not reach the records above a place that its saver does not know yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from engine.catalog.catalog import Catalog, Dependent
from engine.runtime.work import Work
from engine.storage.computing import fetch_column
from engine.storage.tree_locks import lock_tree


class Given(Protocol):
    """What a caller wants of one record."""

    @property
    def record_id(self) -> int | None:
        """None: it is to be made."""

    @property
    def values(self) -> Mapping[str, object]:
        """In wire form, by field."""


def hold_trees(work: Work, form_id: str, given: Iterable[Given]) -> None:
    """Before any record is locked: hold the form's tree, alone when one of its records is given another place.

    No statement for forms without a tree, and for changes of one that no formula reads.
    """
    tree = work.catalog.forms[form_id].tree
    if tree is None or work.uow.database.dialect == "sqlite":
        return
    places = {each.record_id: each.values[tree.id] for each in given if each.record_id and tree.id in each.values}
    stored = fetch_column(work.uow, form_id, tree.id, places) if places else {}
    alone = any(str(value or "") != str(stored.get(each) or "") for each, value in places.items())
    if alone or form_id in _summed(work):
        lock_tree(work.uow, form_id, alone=alone)


def hold_trees_alone(work: Work, form_ids: Iterable[str]) -> None:
    """Records of these forms come or go, and with them parts of trees that sums count."""
    for form_id in sorted(_summed(work).intersection(form_ids)):
        lock_tree(work.uow, form_id, alone=True)


def trees_of(dependent: Dependent) -> Iterable[str]:
    """The forms whose trees lie on the way to the owners."""
    return (hop.form for hop in dependent.trail if hop.kind == "tree")


def _summed(work: Work) -> frozenset[str]:
    return work.programs.remembered("summed trees", lambda: _find_summed(work.catalog))


def _find_summed(catalog: Catalog) -> frozenset[str]:
    """The forms whose trees formulas read."""
    return frozenset(
        form_id
        for dependents in catalog.dependents.values()
        for dependent in dependents
        for form_id in trees_of(dependent)
    )
