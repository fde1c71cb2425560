"""In which order are stored formulas of all forms computed, so that each finds what it reads already right?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.runtime.work import Work

Place = tuple[int, str, int]
"""Rank, form, position in the form's own order."""


def place_of(work: Work, form_id: str, key: str) -> Place:
    """The place of a formula; one that the catalog does not order comes last."""
    return _places(work).get((form_id, key), (1 << 30, form_id, 0))


def in_order(work: Work, formulas: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(form, key) of formulas, in the order to compute."""
    return sorted(set(formulas), key=lambda each: place_of(work, *each))


def stored_formulas(work: Work, form_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Every stored formula of the forms that is kept up to date, in the order to compute."""
    return in_order(
        work,
        (
            (form_id, key)
            for form_id in form_ids
            for key in work.program(form_id).order
            if work.program(form_id).fields[key].field.compute != "once"
        ),
    )


def _places(work: Work) -> Mapping[tuple[str, str], Place]:
    return work.programs.remembered("places", lambda: _build(work))


def _build(work: Work) -> Mapping[tuple[str, str], Place]:
    """Formulas of the own record alone have no rank of their own: they come after those before them in their form."""
    ranks = {
        (each.form, each.field): each.rank for dependents in work.catalog.dependents.values() for each in dependents
    }
    places: dict[tuple[str, str], Place] = {}
    for form in work.catalog.forms.values():
        rank = 0
        for at, key in enumerate(form.formula_order):
            rank = max(rank, ranks.get((form.id, key), 0))
            places[form.id, key] = (rank, form.id, at)
    return places
