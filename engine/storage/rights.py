"""What a reader may see of a form, as storage needs to know it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.expressions.nodes import Expression
from engine.values import empty


@dataclass(frozen=True, slots=True)
class Right:
    """A reader's right on one form.

    rows         which records; a boolean expression
    fields       which fields; columns of lines as "lines.amount"
    field_rules  fields of these that are seen only in records where the expression holds
    person       the reader
    """

    form_id: str
    rows: Expression
    fields: frozenset[str]
    person: int
    field_rules: Mapping[str, Expression] = field(default_factory=empty)


class Rights(Protocol):
    """A reader's rights on all forms."""

    @property
    def person(self) -> int:
        """The reader."""

    @property
    def key(self) -> Hashable:
        """Readers with equal keys have the same rights, apart from who they are: statements are shared by it."""

    def see(self, form_id: str) -> Right | None:
        """The right to see records of a form; None when there is none."""
