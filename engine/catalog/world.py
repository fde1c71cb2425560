"""The half-built definitions of one company while its catalog is being built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.catalog.forms import Choice, Form
from engine.catalog.notes import Notes
from engine.catalog.stages import StageSet
from engine.catalog.workflows import Workflow
from engine.source.resolved import Definition, Resolved
from engine.source.tree import Item
from engine.values import Label


@dataclass
class World:
    """What is known so far. Forms are replaced as their parts are completed; scopes look them up here."""

    resolved: Resolved
    notes: Notes = field(default_factory=Notes)
    roles: dict[str, Label] = field(default_factory=dict)
    shared_choices: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    stage_sets: dict[tuple[str, str], tuple[StageSet, ...]] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Mapping[str, Definition]:
        """The definitions of one kind."""
        return {key: each for key, each in self.resolved.definitions.items() if each.kind == kind}

    def item(self, form_id: str) -> Item:
        """The definition of a form as written."""
        return self.resolved.definitions[form_id].item

    def full_id(self, name: str, app: str) -> str:
        """`task` inside app desk is desk.task."""
        return name if "." in name else f"{app}.{name}"
