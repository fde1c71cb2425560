"""Keeps formulas over other records exact: what a save changed is followed to every owner, in the order of ranks.

An owner is locked before its rows are read (two savers at once would else lose one sum). A value that stays the same
is not followed further. Each owner's own formulas are computed along with the value they read. What concerns too many
owners is left to a job; their values are marked until it has been there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.catalog.catalog import Dependent
from engine.runtime.drafts import Draft
from engine.runtime.following import first_fields, owners_of_change, owners_of_stored
from engine.runtime.formulas import compute_formulas, finish, is_frozen, prepare_links
from engine.runtime.matches import lock_matches
from engine.runtime.programs import FormProgram, reads_beyond
from engine.runtime.ranks import Place, place_of
from engine.runtime.trees import trees_of
from engine.runtime.waited import leave_looks
from engine.runtime.waiting import leave_to_job, leave_to_settings
from engine.runtime.work import Work
from engine.storage.aggregates import fetch_aggregates
from engine.storage.computing import can_update, update_natively, without_mark
from engine.storage.records import Stored, fetch_system_rows, lock_owners, update_computed
from engine.storage.tree_locks import lock_tree

MOST_OWNERS = 2_000


@dataclass(frozen=True, slots=True)
class Written:
    """A record that a save wrote. `changed` None: it is new, deleted or restored, so that all of it counts."""

    form: str
    id: int
    changed: frozenset[str] | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A frozen value that its inputs would make another now: told, never applied."""

    form: str
    id: int
    field: str
    stored: object
    right: object


@dataclass
class Recomputation:
    """The owners still to be computed, and those already locked and read.

    kept      frozen values that would be others now
    lean      records that the database has computed without their being read
    held      records that are locked, but neither computed nor read yet
    trees     forms whose trees are held: those of the records that the save itself writes are from its beginning
    coming    formulas that the caller will compute for every record itself; `marked`: for every record with a mark
    """

    work: Work
    dirty: dict[tuple[Place, str, str], set[int]] = field(default_factory=dict)
    owners: dict[tuple[str, int], Draft] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    coming: frozenset[tuple[str, str]] = frozenset()
    marked: frozenset[tuple[str, str]] = frozenset()
    lean: set[tuple[str, int]] = field(default_factory=set)
    held: set[tuple[str, int]] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    _late: dict[tuple[Place, str, str], set[int]] = field(default_factory=dict)

    def add(self, form_id: str, key: str, ids: Iterable[int]) -> None:
        """These records' formula is to be computed."""
        found = set(ids)
        if found and (form_id, key) in self.marked:
            found = set(without_mark(self.work.uow, form_id, key, found))
        if found and (form_id, key) not in self.coming:
            self.dirty.setdefault((place_of(self.work, form_id, key), form_id, key), set()).update(found)

    def note(self, written: Written) -> None:
        """Add the owners that a written record concerns."""
        self._follow(written)
        self._note_own(written)

    def _follow(self, written: Written) -> None:
        for dependent in self.work.catalog.dependents.get(written.form, ()):
            if self._concerns(dependent) and (written.changed is None or dependent.columns & written.changed):
                self._hold_trees(dependent)
                self.add(dependent.form, dependent.field, owners_of_change(self.work, dependent, written))

    def note_stored(self, form_id: str, key: str, ids: Iterable[int]) -> None:
        """Add the owners that records concern whose value of the formula `key` has been written."""
        changed = frozenset({key, key.split(".")[0]})
        program, found = self.work.program(form_id), set(ids)
        for own in reading(program, changed):
            self.add(form_id, own, found)
        for dependent in self.work.catalog.dependents.get(form_id, ()):
            if self._concerns(dependent) and dependent.columns & changed:
                self._hold_trees(dependent)
                self.add(dependent.form, dependent.field, owners_of_stored(self.work, dependent, found))

    def run(self) -> None:
        """Compute until nothing is left; ranks only rise, so it ends."""
        while self.dirty:
            key = min(self.dirty)
            ids = self.dirty.pop(key)
            known = self.owners.keys() | self.lean
            new = sum((key[1], each) not in known for each in ids)
            if new and len(known) + new > MOST_OWNERS:
                self._late[key] = ids
            else:
                self._compute(key[1], key[2], ids)
        if self._late:
            leave_to_job(self.work, self._late)

    def _hold_trees(self, dependent: Dependent) -> None:
        for form_id in trees_of(dependent):
            if form_id not in self.trees:
                lock_tree(self.work.uow, form_id, alone=False)
                self.trees.add(form_id)

    def _concerns(self, dependent: Dependent) -> bool:
        return (dependent.form, dependent.field) not in self.coming

    def _note_own(self, written: Written) -> None:
        """Add the record's own sums that read, beside other records, one of its changed fields.

        A new record's sums over rows that no link ties to it were not known before it was there.
        """
        program = self.work.program(written.form)
        if written.changed:
            for key in reading(program, written.changed, rollups=True):
                self.add(written.form, key, (written.id,))
        elif written.changed is None and not written.before:
            for key in program.order:
                formula = program.fields[key].field.formula
                if formula is not None and program.fields[key].rollup and reads_beyond(program.form, formula):
                    self.add(written.form, key, (written.id,))

    def _compute(self, form_id: str, key: str, ids: Iterable[int]) -> None:
        program = self.work.program(form_id)
        if key not in program.fields or (self._is_lean(program, key, ids) and self._update(program, key, ids)):
            return
        locked = self._lock(form_id, ids)
        frozen = {id(draft) for draft in locked if is_frozen(self.work, draft, key)} if program.frozen else set()
        if program.fields[key].rollup:
            drafts = self._aggregate(program, key, locked, frozen)
            keys = program.formulas_after((key,))
        else:
            drafts = [draft for draft in locked if id(draft) not in frozen]
            self._keep(key, [draft for draft in locked if id(draft) in frozen])
            keys = (key, *program.formulas_after((key,)))
        if keys and drafts:
            prepare_links(self.work, drafts)
            for draft in drafts:
                compute_formulas(self.work, draft, keys)
        self._write(form_id, drafts)

    def _is_lean(self, program: FormProgram, key: str, ids: Iterable[int]) -> bool:
        """Whether the database may write the value itself: nothing is frozen, and no record is at hand that would then
        be out of date.
        """
        form_id = program.form.id
        return not program.frozen and "." not in key and not any((form_id, each) in self.owners for each in ids)

    def _update(self, program: FormProgram, key: str, ids: Iterable[int]) -> bool:
        """Write the value in one statement, after locking; False where SQL cannot say the formula."""
        form_id, uow = program.form.id, self.work.uow
        links = self._links_back(program, key)
        if not can_update(uow, form_id, key, links):
            return False
        open_ = {each for each in ids if (form_id, each) not in self.lean | self.held}
        if open_:
            lock_owners(uow, form_id, open_)
        target, hold = self._owners_alone(program, key)
        changed = update_natively(uow, form_id, key, sorted(ids), self.work.moment, links, hold) or {}
        self.lean.update((form_id, each) for each in ids)
        self.held.update((target, values[hold]) for values in changed.values() if hold and values[hold])
        if not changed:
            return True
        for own in reading(program, frozenset({key})):
            self.add(form_id, own, changed)
        leave_looks(self.work, form_id, changed)
        written = [Written(form_id, each, frozenset({key}), values, values) for each, values in changed.items()]
        lock_matches(uow, written)
        for change in written:
            self.work.links.forget(form_id, change.id)
            self._follow(change)
        return True

    def _owners_alone(self, program: FormProgram, key: str) -> tuple[str, str | None]:
        """(form, link) when those that the records' link leads to are all that is to be computed next: they may be
        locked along with the update, which saves asking for them. SQLite locks nothing.
        """
        owners = [each for each in self.work.catalog.dependents.get(program.form.id, ()) if key in each.columns]
        alone = len(owners) == 1 and len(owners[0].trail) == 1 and owners[0].form != program.form.id
        if self.dirty or not alone or self.work.uow.database.dialect == "sqlite":
            return "", None
        hop = owners[0].trail[0]
        if hop.kind != "rows" or len(hop.names) > 1 or any(reading(program, frozenset({key}))):
            return "", None
        return owners[0].form, hop.names[0]

    def _links_back(self, program: FormProgram, key: str) -> tuple[str, ...]:
        """The own fields by which the owners of a changed value are found."""
        dependents = self.work.catalog.dependents.get(program.form.id, ())
        concerned = [each for each in dependents if each.trail and self._concerns(each) and key in each.columns]
        return tuple(sorted({name for each in concerned for name in first_fields(self.work, each)}))

    def _aggregate(self, program: FormProgram, key: str, drafts: list[Draft], frozen: set[int]) -> list[Draft]:
        """Give the drafts their sums; those that are not frozen."""
        form_id, definition = program.form.id, program.fields[key].field
        ids = [draft.record_id or 0 for draft in drafts]
        values = fetch_aggregates(self.work.uow, form_id, key, ids, self.work.moment)
        for draft in drafts:
            value = finish(definition, values.get(draft.record_id or 0))
            if id(draft) not in frozen:
                draft.values[key] = value
            elif value != draft.values.get(key):
                self.kept.append(Kept(form_id, draft.record_id or 0, key, draft.values.get(key), value))
        return [draft for draft in drafts if id(draft) not in frozen]

    def _keep(self, key: str, drafts: list[Draft]) -> None:
        """Note which frozen values would be others now; nothing is changed."""
        if not drafts or "." in key:
            return
        prepare_links(self.work, drafts)
        for draft in drafts:
            before = draft.values.get(key)
            compute_formulas(self.work, draft, (key,), thawed=True)
            value, draft.values[key] = draft.values.get(key), before
            if value != before:
                self.kept.append(Kept(draft.program.form.id, draft.record_id or 0, key, before, value))

    def _lock(self, form_id: str, ids: Iterable[int]) -> list[Draft]:
        wanted = sorted(ids)
        missing = [each for each in wanted if (form_id, each) not in self.owners]
        if missing:
            for record_id, stored in fetch_system_rows(self.work.uow, form_id, missing, lock=True).items():
                self.owners[form_id, record_id] = draft_of(self.work, form_id, stored)
        return [self.owners[form_id, each] for each in wanted if (form_id, each) in self.owners]

    def _write(self, form_id: str, drafts: Iterable[Draft]) -> None:
        changed = [(draft, keys) for draft in drafts if (keys := draft.changed_keys())]
        if not changed:
            return
        update_computed(
            self.work.uow, form_id, {draft.record_id or 0: _computed(draft, keys) for draft, keys in changed}
        )
        leave_looks(self.work, form_id, (draft.record_id or 0 for draft, _ in changed))
        written = [Written(form_id, each.record_id or 0, keys, each.stored, each.values) for each, keys in changed]
        lock_matches(self.work.uow, written)
        for (draft, _), change in zip(changed, written, strict=True):
            self.work.links.forget(form_id, change.id)
            self.note(change)
            draft.stored = {**draft.values, **_copied_rows(draft)}


def recompute(work: Work, written: Iterable[Written]) -> list[Kept]:
    """Bring every formula that reads the written records up to date, inside the same transaction.

    What frozen records keep although their inputs have changed.
    """
    changes = list(written)
    recomputation = Recomputation(work, trees={each.form for each in changes})
    lock_matches(work.uow, changes)
    for each in changes:
        leave_to_settings(work, each.form, each.changed)
        if work.catalog.dependents:
            recomputation.note(each)
    recomputation.run()
    return recomputation.kept


def reading(program: FormProgram, changed: frozenset[str], *, rollups: bool = False) -> Iterator[str]:
    """The own formulas that read one of the changed fields; only the sums over other records with `rollups`."""
    for key in program.order:
        each = program.fields[key]
        if each.sources & changed and (each.rollup or not rollups):
            yield key


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
