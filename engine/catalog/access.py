"""Who may do what: rules by role, each one expression. No rule means no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expressions.nodes import Expression
from engine.values import empty

VERBS = ("see", "create", "change", "delete", "export", "import", "assign")
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class FormAccess:
    """rules[role][verb] = expression; an absent entry means never. Several roles: the union.

    The defaults of decision 26 are filled in by the builder: export = see, import = create and change,
    assign = change, administrator = always.
    """

    rules: Mapping[str, Mapping[str, Expression]] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """see[role] / change[role] = expression. A field without its own access follows its form.

    `change` left out follows `see`. A computed field inherits the sources' rules (all of them must hold): `inherited`.
    """

    see: Mapping[str, Expression] = field(default_factory=empty)
    change: Mapping[str, Expression] = field(default_factory=empty)
    inherited: tuple[tuple[str, str], ...] = ()  # (form id, field id) whose rules must hold as well
