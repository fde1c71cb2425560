"""Turns what history keeps (wire form) into texts a reader understands."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalog import field_types
from engine.catalog.forms import Field, Form
from engine.problems import ProblemsFound
from engine.runtime.parsing import parse_field
from engine.runtime.work import Work
from engine.services.reading import fetch_title_map
from engine.services.views_of_records import LINK_TYPES, links_in
from engine.values import Label, in_language


def field_label(form: Form, name: str) -> Label:
    """What a field is called; a field that is gone by its id."""
    definition = form.fields.get(name)
    return definition.label if definition is not None else {"en": name}


def wire_text(work: Work, form: Form, name: str, wired: object) -> str:
    """The text of a value in wire form, in the actor's language; linked records by the titles the actor may see."""
    definition = form.fields.get(name)
    if definition is None or wired is None:
        return "" if wired is None else str(wired)
    if definition.type == "stage":
        return _stage_text(work, form, name, str(wired))
    if definition.type == "lines":
        return str(len(wired)) if isinstance(wired, list) else ""
    return cell_text(work, definition, wired)


def cell_text(work: Work, definition: Field, wired: object) -> str:
    """The text of a value of a field, or of a column of lines, that holds neither lines nor a stage."""
    if wired is None:
        return ""
    value = _parsed(definition, wired)
    if definition.type in LINK_TYPES:
        return _link_text(work, definition, value)
    if value is None:
        return str(wired)
    return field_types.FIELD_TYPES[definition.type].to_text(definition, value, work.actor.language)


def _parsed(definition: Field, wired: object) -> object:
    """The value, None when the definition has changed since and cannot read it any more."""
    try:
        return parse_field(definition, wired)
    except ProblemsFound:
        return None


def _link_text(work: Work, definition: Field, value: object) -> str:
    known: dict[str, Mapping[int, str]] = {}
    texts = []
    for form_id, each in links_in(definition, value):
        if form_id not in known:
            known[form_id] = fetch_title_map(
                work, form_id, [one for other, one in links_in(definition, value) if other == form_id]
            )
        texts.append(known[form_id].get(each, "…"))
    return "、".join(texts)


def _stage_text(work: Work, form: Form, name: str, stage_id: str) -> str:
    for each in work.catalog.stage_sets.get((form.id, name), ()):
        if stage_id in each.stages:
            return in_language(each.stages[stage_id].label, work.actor.language)
    return stage_id
