"""The definitions as a set of roles sees them: what a reader's own filter may name.

A field that may never be seen is not there at all, so a filter that names it is refused with the very words, hints
included, with which a misspelt name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.catalog.forms import Field, Form, Related
from engine.catalog.reads import Forms, match_reads
from engine.catalog.scopes import compile_filter
from engine.catalog.stages import StageSet
from engine.expressions.nodes import Expression

MOST_FILTERS = 500


@dataclass(frozen=True)
class SeenDefinitions:
    """Forms without what the roles may not see, and the filters compiled on them so far."""

    forms: Mapping[str, Form]
    stage_sets: Mapping[tuple[str, str], tuple[StageSet, ...]]
    _filters: dict[tuple[str, str], Expression] = field(default_factory=dict)

    def filter(self, form_id: str, text: str) -> Expression:
        """The reader's filter `text`, compiled once; ProblemsFound when it is none."""
        known = self._filters.get((form_id, text))
        if known is None:
            known = compile_filter(self, form_id, text)
            if len(self._filters) >= MOST_FILTERS:
                self._filters.clear()
            self._filters[form_id, text] = known
        return known


def seen_forms(forms: Mapping[str, Form], see: Mapping[str, frozenset[str]]) -> Mapping[str, Form]:
    """The forms of `see` with the fields listed there ("lines.price" in lines), and the links among them."""
    return {form_id: _seen_form(forms, forms[form_id], names, see) for form_id, names in see.items()}


def _seen_form(forms: Mapping[str, Form], form: Form, names: frozenset[str], see: Mapping[str, frozenset[str]]) -> Form:
    fields = {name: _seen_field(each, names) for name, each in form.fields.items() if name in names}
    related = {
        name: each
        for name, each in form.related.items()
        if each.form in see and _listed_by(forms, form, each, see)
    }
    return replace(form, fields=fields, related=related)


def _listed_by(forms: Mapping[str, Form], form: Form, related: Related, see: Mapping[str, frozenset[str]]) -> bool:
    """Whether all is seen that decides which rows stand in a related list."""
    if related.match is None:
        return bool({related.field, f"{related.lines}.{related.field}"} & see[related.form])
    reads = match_reads(Forms(forms), form.id, related)
    return all(each.form in see and {each.field, f"{each.lines}.{each.field}"} & see[each.form] for each in reads)


def _seen_field(definition: Field, names: frozenset[str]) -> Field:
    if not definition.fields:
        return definition
    inner = {name: each for name, each in definition.fields.items() if f"{definition.id}.{name}" in names}
    return replace(definition, fields=inner)
