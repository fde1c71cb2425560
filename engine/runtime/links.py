"""Checks the records that a draft links to: they exist, the actor may see them, they fit the link's condition,
no circles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.catalog.forms import Field
from engine.expressions.nodes import RowValues
from engine.problems import Problem
from engine.runtime.drafts import Draft, OtherValues, Row
from engine.runtime.formulas import moment_of, values_at
from engine.runtime.programs import FieldProgram, link_target
from engine.runtime.titles import searched_fields
from engine.runtime.work import Work
from engine.storage.lookups import fetch_above
from engine.storage.titles import fetch_titles

DEEPEST_TREE = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """A link that a draft sets anew."""

    draft: Draft
    program: FieldProgram
    pointer: str
    row: Row
    form: str
    id: int


def find_chosen(draft: Draft) -> Iterator[Chosen]:
    """Every linked record that was not in the same place before."""
    before = {row.get("id"): row for rows in draft.stored.values() if isinstance(rows, list) for row in rows}
    for program in draft.program.links:
        for pointer, row in draft.places(program):
            old = draft.stored if program.lines is None else before.get(row.get("id"), {})
            known = set(linked_ids(program.field, old.get(program.field.id)))
            for form_id, each in linked_ids(program.field, row.get(program.field.id)):
                if (form_id, each) not in known:
                    yield Chosen(draft, program, pointer, row, form_id, each)


def linked_ids(definition: Field, value: object) -> tuple[tuple[str, int], ...]:
    """(form id, record id) of every record that a link's value holds."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return ((value[0], value[1]),)
    ids = value if isinstance(value, tuple) else (value,)
    return tuple((link_target(definition), each) for each in ids if isinstance(each, int))


def needs_titles(draft: Draft) -> bool:
    """Whether a save must know the linked records' titles: links were chosen, or the words it is found by change."""
    changed = draft.changed()
    links = {program.lines or program.field.id for program in draft.program.links}
    return bool(changed & links) or bool(changed & searched_fields(draft.program.form))


def fetch_known_titles(work: Work, drafts: Sequence[Draft]) -> dict[str, dict[int, str]]:
    """The titles of the living records that the drafts link to and the actor may see: one statement for each form."""
    wanted: dict[str, set[int]] = {}
    for draft in drafts:
        for program in draft.program.links:
            for _, row in draft.places(program):
                for form_id, each in linked_ids(program.field, row.get(program.field.id)):
                    wanted.setdefault(form_id, set()).add(each)
    uow = work.uow
    return {
        form_id: dict(
            fetch_titles(
                uow.connection, uow.database, uow.catalog, work.rights, work.moment, form_id, sorted(ids), deleted=False
            )
        )
        for form_id, ids in wanted.items()
        if work.rights.see(form_id) is not None
    }


def check_links(work: Work, drafts: Sequence[Draft], titles: Mapping[str, Mapping[int, str]]) -> None:
    """Note every newly chosen record that is not there for the actor, does not fit, or closes a circle."""
    for draft in drafts:
        for chosen in find_chosen(draft):
            label = {"label": chosen.program.field.label}
            if chosen.id not in titles.get(chosen.form, {}) and not _put_by_rule(work, chosen):
                draft.problems.append(Problem("V123", label, pointer=chosen.pointer))
            elif not _fits(work, chosen):
                draft.problems.append(Problem("V135", label, pointer=chosen.pointer))
            elif chosen.program.field.tree and _closes_circle(work, chosen):
                draft.problems.append(Problem("V125", label, pointer=chosen.pointer))


def _put_by_rule(work: Work, chosen: Chosen) -> bool:
    """Whether a default or fill of the definition put the record there: the system chose it, not the actor."""
    return chosen.pointer not in chosen.draft.given and chosen.program.lines not in chosen.draft.given


def _fits(work: Work, chosen: Chosen) -> bool:
    where = chosen.program.where
    if where is None:
        return True
    form = work.catalog.forms[chosen.form]
    target = OtherValues(chosen.form, chosen.id, work.links, {}, form.fields.get)
    record = values_at(work, chosen.draft, chosen.program, chosen.row)
    return bool(where(RowValues(target, record), moment_of(work, chosen.draft)))


def _closes_circle(work: Work, chosen: Chosen) -> bool:
    draft = chosen.draft
    if draft.record_id is None:
        return False
    above = fetch_above(work.uow, draft.program.form.id, chosen.program.field.id, chosen.id, DEEPEST_TREE + 1)
    return draft.record_id in above or len(above) > DEEPEST_TREE
