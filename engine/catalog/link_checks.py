"""Can records that link to each other be made and deleted at all?"""

from __future__ import annotations

from engine.catalog.forms import Field, Form
from engine.catalog.formula_order import find_cycle
from engine.catalog.world import World
from engine.problems import Problem

_Node = tuple[str, str]


def check_links(world: World) -> None:
    """Notes links that may not be cleared but would be (C134), and required links in a circle (C135)."""
    for form in world.forms.values():
        for field in form.fields.values():
            if field.to and field.on_delete == "clear" and _is_required(field):
                world.notes.problems.append(Problem("C134", {}, field.at))
    edges = {
        (form.id, field.id): [(field.to[0], each.id) for each in _required_links(world.forms[field.to[0]])]
        for form in world.forms.values()
        for field in _required_links(form)
    }
    cycle = find_cycle(edges)
    if cycle:
        names = " → ".join(".".join(node) for node in cycle)
        form_id, field_id = cycle[0]
        world.notes.problems.append(Problem("C135", {"circle": names}, world.forms[form_id].fields[field_id].at))


def _required_links(form: Form) -> list[Field]:
    """Links that every record of the form must have, to exactly one form; defaults may fill them all the same."""
    return [
        field
        for field in form.fields.values()
        if len(field.to) == 1 and not field.many and _is_required(field) and field.default is None
    ]


def _is_required(field: Field) -> bool:
    return field.required is not None and field.required.constant is True
