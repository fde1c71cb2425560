"""Keeps formulas over other records exact: what a save changed is followed to every owner, in the order of ranks.

An owner is locked before its rows are read (two savers at once would else lose one sum). A value that stays the same
is not followed further. Each owner's own formulas are computed along with the value they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.catalog.catalog import Dependent
from engine.expressions.nodes import Path
from engine.runtime.drafts import Draft
from engine.runtime.formulas import compute_formulas, finish, is_frozen, prepare_links
from engine.runtime.links import DEEPEST_TREE
from engine.runtime.programs import TREE_SOURCES, link_target
from engine.runtime.work import Work
from engine.storage.aggregates import fetch_aggregates
from engine.storage.lookups import fetch_above
from engine.storage.pointing import fetch_pointing
from engine.storage.records import Stored, fetch_system_rows, update_computed


@dataclass(frozen=True, slots=True)
class Written:
    """A record that a save wrote. `changed` None: it is new, deleted or restored, so that all of it counts."""

    form: str
    id: int
    changed: frozenset[str] | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass
class Recomputation:
    """The owners still to be computed, and those already locked and read."""

    work: Work
    dirty: dict[tuple[int, str, str], set[int]] = field(default_factory=dict)
    owners: dict[tuple[str, int], Draft] = field(default_factory=dict)

    def note(self, written: Written) -> None:
        """Add the owners that a written record concerns."""
        for dependent in self.work.catalog.dependents.get(written.form, ()):
            if written.changed is None or dependent.columns & written.changed:
                ids = set(self._owners_of(dependent, written))
                if ids:
                    self.dirty.setdefault((dependent.rank, dependent.form, dependent.field), set()).update(ids)
        self._note_own(written)

    def _note_own(self, written: Written) -> None:
        """Add the record's own sums that read, beside other records, one of its changed fields."""
        for key in self.work.program(written.form).order if written.changed else ():
            program = self.work.program(written.form).fields[key]
            if program.rollup and program.sources & (written.changed or frozenset()):
                rank = self.work.programs.rank(written.form, key)
                self.dirty.setdefault((rank, written.form, key), set()).add(written.id)

    def run(self) -> None:
        """Compute until nothing is left; ranks only rise, so it ends."""
        while self.dirty:
            key = min(self.dirty)
            ids = self.dirty.pop(key)
            self._compute(key[1], key[2], ids)

    def _owners_of(self, dependent: Dependent, written: Written) -> Iterator[int]:
        if dependent.reverse:
            for values in (written.before, written.after):
                yield from self._follow(written, values, dependent.reverse)
        elif dependent.through:
            uow = self.work.uow
            yield from fetch_pointing(uow.connection, uow.database, dependent.form, dependent.through, (written.id,))
        else:
            yield written.id

    def _follow(self, written: Written, values: Mapping[str, Any], path: Path) -> Iterator[int]:
        """The ids at the end of a path of links, read on values as they were or are."""
        form = self.work.catalog.forms[written.form]
        definition = form.fields.get(path[0])
        if path[0] in TREE_SOURCES and form.tree is not None:
            for start in {written.id, values.get(form.tree.id)}:
                yield from self._ends(written.form, start, path)
        elif definition is not None and definition.type == "lines":
            for row in values.get(path[0]) or []:
                yield from self._ends(link_target(definition.fields[path[1]]), row.get(path[1]), path[2:])
        elif definition is not None:
            yield from self._ends(link_target(definition), values.get(path[0]), path[1:])

    def _ends(self, form_id: str, value: object, rest: Path) -> Iterator[int]:
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
            form_id, value = value
        for each in value if isinstance(value, tuple) else (value,):
            if not isinstance(each, int):
                continue
            if rest and rest[0] in TREE_SOURCES:
                yield from self._in_tree(form_id, each, rest[0])
                continue
            end = self.work.links.value(form_id, each, rest) if rest else each
            yield from (one for one in (end if isinstance(end, tuple) else (end,)) if isinstance(one, int))

    def _in_tree(self, form_id: str, record_id: int, source: str) -> Iterator[int]:
        """The record and those above or below it in its form's tree."""
        uow, tree = self.work.uow, self.work.catalog.forms[form_id].tree
        if tree is None:
            return
        if source == "above":
            yield from fetch_above(uow, form_id, tree.id, record_id)
            return
        level = [record_id]
        for _ in range(DEEPEST_TREE):
            yield from level
            level = list(fetch_pointing(uow.connection, uow.database, form_id, (tree.id,), level)) if level else []

    def _compute(self, form_id: str, key: str, ids: Iterable[int]) -> None:
        drafts = [draft for draft in self._lock(form_id, ids) if not is_frozen(self.work, draft, key)]
        program = self.work.program(form_id)
        if key not in program.fields:
            return
        definition = program.fields[key].field
        alone: tuple[str, ...] = (key,)
        if program.fields[key].rollup:
            values = fetch_aggregates(
                self.work.uow, form_id, key, [draft.record_id or 0 for draft in drafts], self.work.moment
            )
            for draft in drafts:
                draft.values[key] = finish(definition, values.get(draft.record_id or 0))
            alone = ()
        keys = (*alone, *program.formulas_after((key,)))
        if keys:
            prepare_links(self.work, drafts)
            for draft in drafts:
                compute_formulas(self.work, draft, keys)
        self._write(form_id, drafts)

    def _lock(self, form_id: str, ids: Iterable[int]) -> list[Draft]:
        missing = sorted(each for each in ids if (form_id, each) not in self.owners)
        if missing:
            for record_id, stored in fetch_system_rows(self.work.uow, form_id, missing, lock=True).items():
                self.owners[form_id, record_id] = draft_of(self.work, form_id, stored)
        return [self.owners[form_id, each] for each in sorted(ids) if (form_id, each) in self.owners]

    def _write(self, form_id: str, drafts: Iterable[Draft]) -> None:
        changed = [(draft, keys) for draft in drafts if (keys := draft.changed_keys())]
        if not changed:
            return
        update_computed(
            self.work.uow, form_id, {draft.record_id or 0: _computed(draft, keys) for draft, keys in changed}
        )
        for draft, keys in changed:
            record_id = draft.record_id or 0
            self.work.links.forget(form_id, record_id)
            self.note(Written(form_id, record_id, keys, draft.stored, draft.values))
            draft.stored = {**draft.values, **_copied_rows(draft)}


def recompute(work: Work, written: Iterable[Written]) -> None:
    """Bring every formula that reads the written records up to date, inside the same transaction."""
    if not work.catalog.dependents:
        return
    recomputation = Recomputation(work)
    for each in written:
        recomputation.note(each)
    recomputation.run()


def draft_of(work: Work, form_id: str, stored: Stored) -> Draft:
    """A stored record as a draft that changes nothing yet."""
    return Draft(
        program=work.program(form_id),
        record_id=stored.id,
        stored=stored.values,
        values={name: _copy(value) for name, value in stored.values.items()},
        version=stored.version,
        entered=dict(stored.entered),
        created_at=stored.created_at,
        created_by=stored.created_by,
    )


def _copy(value: Any) -> Any:
    return [dict(row) for row in value] if isinstance(value, list) else value


def _copied_rows(draft: Draft) -> dict[str, Any]:
    return {name: _copy(value) for name, value in draft.values.items() if isinstance(value, list)}


def _computed(draft: Draft, keys: frozenset[str]) -> dict[str, Any]:
    return {key: draft.values.get(key) for key in keys if "." not in key}
