"""What steps of workflows hide from those who handle them, and what would tell it: fields computed from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.catalog.forms import Field, Form
from engine.catalog.workflows import Workflow, hiding_steps

Steps = tuple[tuple[str, str], ...]
"""(workflow, step) …"""


@dataclass(frozen=True, slots=True)
class Hidden:
    """At which steps a field is hidden.

    here       from those who handle the record itself at one of these
    elsewhere  by form: from those who handle any record of it at one of these, because the field is computed from them
    """

    here: Steps = ()
    elsewhere: Mapping[str, Steps] | None = None

    def __bool__(self) -> bool:
        return bool(self.here or self.elsewhere)


def find_hidden(workflows: Mapping[str, Workflow], form: Form, name: str) -> Hidden:
    """Where a field ("lines.price" for a column) is hidden, itself or something that it is computed from."""
    definition = field_called(form, name)
    if definition is None or not workflows:
        return Hidden()
    here = dict.fromkeys(hiding_steps(workflows, form.id, name))
    for source in definition.sources:
        here.update(dict.fromkeys(hiding_steps(workflows, form.id, source)))
    elsewhere: dict[str, dict[tuple[str, str], None]] = {}
    for other, source in definition.far_sources:
        for step in hiding_steps(workflows, other, source):
            elsewhere.setdefault(other, {})[step] = None
    return Hidden(tuple(here), {other: tuple(steps) for other, steps in elsewhere.items()} or None)


def tells(form: Form, name: str, hidden: frozenset[str]) -> bool:
    """Whether a field is one of these, stands in one of these lines, or is computed from one of them."""
    definition = field_called(form, name)
    names = {name, name.split(".")[0]}
    if not names.isdisjoint(hidden):
        return True
    if definition is None:
        return False
    sources = (*definition.sources, *(source for other, source in definition.far_sources if other == form.id))
    return any(not {source, source.split(".")[0]}.isdisjoint(hidden) for source in sources)


def field_called(form: Form, name: str) -> Field | None:
    """The field, or the column of lines."""
    first, _, column = name.partition(".")
    definition = form.fields.get(first)
    return definition.fields.get(column) if definition is not None and column else definition
