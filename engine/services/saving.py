"""The one way in: what happens to records between what a caller wrote and what the database holds.

`save_batch` serves the page, the API, actions, effects and imports alike; one record is a batch of one. A draft with
problems is never written. Everything stands in one transaction, so a refused request leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog.workflows import workflows_of
from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.access import FormRights, refusal, require
from engine.runtime.dependents import Kept, Written, draft_of, recompute
from engine.runtime.drafts import Draft
from engine.runtime.followers import follow_titles
from engine.runtime.formulas import (
    Conditions,
    apply_defaults,
    apply_fills,
    clear_hidden,
    compute_formulas,
    find_conditions,
    prepare_links,
    with_locks,
)
from engine.runtime.holding import hold_linked
from engine.runtime.links import check_links, fetch_known_titles, needs_titles
from engine.runtime.parsing import parse_values
from engine.runtime.references import check_files, with_ids
from engine.runtime.stages import StageMove, check_stages, find_moves, start_stages
from engine.runtime.trees import hold_trees
from engine.runtime.uniqueness import check_uniques
from engine.runtime.validation import check_draft, check_locked
from engine.runtime.waited import leave_looks
from engine.runtime.work import Work
from engine.services.stale import raise_stale
from engine.services.writing import write_drafts
from engine.storage.database import Moved
from engine.storage.handlers import Hold, fetch_holds
from engine.storage.lookups import which_hold
from engine.storage.records import fetch_system_rows
from engine.storage.selects import fetch_total
from engine.storage.ticks import fetch_ticks

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller wants of one record: id None = make it. `values` are wire form; `version` is the one they saw."""

    record_id: int | None
    values: Values
    version: int | None = None


@dataclass
class Saving:
    """A batch on its way: drafts in the order given, what each field allows now, titles of linked records."""

    work: Work
    form_id: str
    drafts: list[Draft]
    importing: bool = False
    conditions: list[Conditions] = field(default_factory=list)
    titles: dict[str, dict[int, str]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    @property
    def rights(self) -> FormRights:
        """The actor's rights on the form."""
        return self.work.form_rights(self.form_id)

    def sound(self) -> list[Draft]:
        """The drafts without problems."""
        return [draft for draft in self.drafts if not draft.problems]


def save_one(work: Work, form_id: str, given: Given) -> tuple[Draft, Saving]:
    """Save one record; raises ProblemsFound with all its problems."""
    return finish_one(prepare_batch(work, form_id, [given]))


def finish_one(saving: Saving) -> tuple[Draft, Saving]:
    """Check and write a batch of one; raises ProblemsFound with all its problems."""
    check_batch(saving)
    draft = saving.drafts[0]
    if draft.problems:
        raise ProblemsFound(draft.problems)
    write_batch(saving)
    return draft, saving


def prepare_batch(
    work: Work, form_id: str, given: Sequence[Given], *, importing: bool = False, lock: bool = True
) -> Saving:
    """Drafts of what the caller wrote: stored values merged, defaults, fills and formulas done, nothing checked."""
    if lock:
        hold_trees(work, form_id, given)
    saving = Saving(work, form_id, _start_drafts(work, form_id, given, lock=lock), importing)
    for draft, each in zip(saving.drafts, given, strict=True):
        values = with_ids(work, draft.program, each.values, saving.rights)
        parse_values(draft, values, saving.rights, importing=importing)
    if lock:
        hold_linked(work, form_id, saving.drafts)
    complete_batch(saving)
    return saving


def complete_batch(saving: Saving) -> None:
    """Everything the definitions compute, in order: defaults, stages, fills, formulas, hidden fields."""
    work, drafts = saving.work, saving.drafts
    prepare_links(work, drafts)
    for draft in drafts:
        apply_defaults(work, draft)
    prepare_links(work, drafts)
    for draft in drafts:
        apply_fills(work, draft)
    prepare_links(work, drafts)
    saving.conditions = []
    holds = holds_of(saving)
    for draft in drafts:
        start_stages(work, draft)
        compute_formulas(work, draft)
        if start_stages(work, draft):
            compute_formulas(work, draft)
        conditions = find_conditions(work, draft)
        if clear_hidden(draft, conditions.hidden):
            compute_formulas(work, draft)
            conditions = find_conditions(work, draft)
        if not saving.importing:
            conditions = with_hold(with_locks(draft, conditions, saving.rights), draft, holds.get(draft.record_id or 0))
        saving.conditions.append(conditions)
        draft.settle()


def holds_of(saving: Saving) -> Mapping[int, Hold]:
    """What running approvals and locks keep from being changed; nothing is read for forms without workflows."""
    ids = [draft.record_id for draft in saving.drafts if draft.record_id is not None]
    flows = workflows_of(saving.work.catalog.workflows, saving.form_id)
    if not ids or not flows or saving.importing or saving.work.rights.in_flow:
        return {}
    return fetch_holds(saving.work.uow, saving.form_id, ids)


def with_hold(conditions: Conditions, draft: Draft, hold: Hold | None) -> Conditions:
    """The conditions, with what an approval holds read only."""
    if hold is None:
        return conditions
    held = {name for name in draft.program.form.fields if hold.holds(name)}
    pointers = {
        pointer
        for program in draft.program.fields.values()
        if (program.lines or program.field.id) in held
        for pointer, _ in draft.places(program)
    }
    return replace(conditions, read_only=conditions.read_only | held | pointers, held=hold.running)


def check_batch(saving: Saving) -> None:
    """Rights on the rows as they are stored, then every problem of every draft."""
    for draft in saving.drafts:
        require_before(saving.work, saving.rights, draft, importing=saving.importing)
    find_problems(saving)


def find_problems(saving: Saving) -> None:
    """Note on each draft all that is wrong with it."""
    work, drafts = saving.work, saving.drafts
    saving.titles = fetch_known_titles(work, [draft for draft in drafts if needs_titles(draft)])
    check_links(work, drafts, saving.titles)
    for draft, conditions in zip(drafts, saving.conditions, strict=True):
        if not saving.importing and not work.actor.system:  # effects write what people may not
            found = list(check_locked(draft, conditions))
            draft.problems.extend([Problem("A106", pointer=found[0].pointer)] if found and conditions.held else found)
        draft.problems.extend(check_draft(work, draft, conditions))
        ticks = {} if saving.importing else _ticks(work, draft)
        draft.problems.extend(check_stages(work, draft, ticks, moving=not saving.importing))
    _check_single(work, drafts)
    check_files(work, drafts)
    check_uniques(work, drafts)


def _check_single(work: Work, drafts: Sequence[Draft]) -> None:
    """A form with one record takes no second one."""
    new = [draft for draft in drafts if draft.is_new and draft.program.form.single]
    if new:
        there = fetch_total(work.uow.connection, work.system_query(new[0].program.form.id), 1)[0]
        for draft in new[0 if there else 1 :]:
            draft.problems.append(Problem("V137", {"label": draft.program.form.label}))


def write_batch(saving: Saving) -> list[Draft]:
    """Write the sound drafts that change anything; rights hold on the merged rows or everything is rolled back."""
    work = saving.work
    drafts = [draft for draft in saving.sound() if draft.is_new or draft.changed()]
    if not drafts:
        return []
    new = {id(draft) for draft in drafts if draft.is_new}
    moves = {id(draft): find_moves(work, draft) for draft in drafts}
    write_drafts(work, saving.form_id, drafts, moves, saving.rights, saving.titles)
    if not saving.importing:
        work.uow.moves += [each for draft in drafts for each in _with_effects(draft, moves[id(draft)])]
    follow_titles(
        work, saving.form_id, {draft.record_id or 0: draft.changed() for draft in drafts if id(draft) not in new}
    )
    saving.kept = recompute(work, (_written(draft, is_new=id(draft) in new) for draft in drafts))
    leave_looks(work, saving.form_id, (draft.record_id or 0 for draft in drafts if id(draft) not in new))
    return drafts


def _with_effects(draft: Draft, moves: Sequence[StageMove]) -> Iterator[Moved]:
    """The stages entered that have something to carry out."""
    for move in moves:
        if move.set.stages[move.after].effects:
            yield Moved(draft.program.form.id, draft.record_id or 0, draft.version, move.field, move.after)


def require_before(work: Work, rights: FormRights, draft: Draft, *, importing: bool = False) -> None:
    """Raise unless the actor may make or change this record as it is stored, field by field."""
    if draft.record_id is None:
        if "create" not in rights.verbs or (importing and "import" not in rights.verbs):
            raise NotAllowed(refusal("create"))
        return
    verb = verb_of(rights, draft)
    require(work.uow, rights, verb, draft.record_id, work.moment)
    rules = {name: rights.change_rules[name] for name in draft.written_keys() & rights.change_rules.keys()}
    if rules:
        hold = which_hold(work.uow, rights.form.id, draft.record_id, rules, work.moment)
        draft.problems += [Problem("R101", {"name": name}, pointer=name) for name in sorted(rules.keys() - hold)]


def verb_of(rights: FormRights, draft: Draft) -> str:
    """assign when nothing but the owner changes, else change."""
    owner = rights.form.owner
    return "assign" if owner is not None and draft.changed() == {owner} else "change"


def _start_drafts(work: Work, form_id: str, given: Sequence[Given], *, lock: bool) -> list[Draft]:
    ids = [each.record_id for each in given if each.record_id is not None]
    stored = fetch_system_rows(work.uow, form_id, ids, lock=lock) if ids else {}
    drafts = []
    for each in given:
        if each.record_id is None:
            drafts.append(new_draft(work, form_id))
            continue
        row = stored.get(each.record_id)
        if row is None or row.deleted_at is not None:
            raise NotVisible(f"{form_id}/{each.record_id}")
        draft = draft_of(work, form_id, row)
        if each.version is not None and each.version != draft.version:
            require(work.uow, work.form_rights(form_id), "see", each.record_id, work.moment)
            raise_stale(work, draft, each.version)
        drafts.append(draft)
    return drafts


def new_draft(work: Work, form_id: str) -> Draft:
    """A draft of a record that does not exist yet, with nothing in it."""
    program = work.program(form_id)
    values: dict[str, Any] = {name: [] if each.type == "lines" else None for name, each in program.form.fields.items()}
    return Draft(program, None, {}, values, created_by=work.actor.id, created_at=work.uow.now)


def _ticks(work: Work, draft: Draft) -> Mapping[str, Any]:
    """The ticks of stage fields that this save moves; nothing is read when none moves."""
    if draft.record_id is None:
        return {}
    moving = [move for move in find_moves(work, draft) if move.before is not None]
    return {move.field: fetch_ticks(work.uow, draft.program.form.id, draft.record_id, move.field) for move in moving}


def _written(draft: Draft, *, is_new: bool) -> Written:
    changed = None if is_new else draft.changed_keys()
    return Written(draft.program.form.id, draft.record_id or 0, changed, draft.stored, draft.values)
