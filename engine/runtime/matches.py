"""The rows of declared relations: as a question to the database, and kept from changing unseen while they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Related
from engine.catalog.scopes import FormScope
from engine.expressions import compile_literal
from engine.expressions.nodes import Expression, Node, Type, Values
from engine.storage.database import UnitOfWork
from engine.storage.match_sources import lock_keys
from engine.storage.queries import VisibleQuery

_BOOLEAN = Type("boolean")


class Change(Protocol):
    """A record that was written, with its values before and after."""

    @property
    def form(self) -> str:
        """Its form."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def before(self) -> Mapping[str, Any]:
        """{} when it is new."""

    @property
    def after(self) -> Mapping[str, Any]:
        """{} when it is gone."""


def related_query(query: VisibleQuery, form_id: str, related: Related, values: Values) -> VisibleQuery | None:
    """`query`, on the relation's form, narrowed to the rows of a record of `form_id`; None: an empty key has none."""
    key = values.value((related.own,))
    symbol = FormScope(query.catalog, related.form).find(related.field)
    if key is None or symbol is None:
        return None
    row = Node("field", symbol.type, value=(related.field,))
    equality = Node("=", _BOOLEAN, (row, compile_literal(key, symbol.type).node))
    narrowed = query.equal(Expression("", equality, frozenset()))
    if related.rest is None or related.rest.constant is True:
        return narrowed
    return narrowed.limited(related.rest).for_record(form_id, values)


def lock_matches(uow: UnitOfWork, written: Iterable[Change]) -> None:
    """Makes savers that write a row of a relation, or a record that has it, under the same key, wait for each other.

    Else a row and a record saved at the same time would not see one another, and the row would never be counted.
    """
    names = {name for change in written for name in _keys(uow.catalog, change)}
    if names:
        lock_keys(uow, names)


def _keys(catalog: Catalog, change: Change) -> Iterable[str]:
    """The names of the locks: one for each relation and each key that the record had or has."""
    for form in catalog.forms.values():
        for related in form.related.values():
            if related.match is None:
                continue
            sides = ((related.form, related.field), (form.id, related.own))
            for name in {field for side, field in sides if side == change.form}:
                for values in (change.before, change.after):
                    key = change.id if name == "id" else values.get(name)
                    if key is not None:
                        yield f"{form.id}.{related.name}/{key}"
