"""The value of every stored formula from nothing but what users filled in: the oracle of incremental recomputation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engine.catalog.forms import Field, Form, Related
from engine.expressions import RowValues, evaluate
from engine.expressions.nodes import Moment, Path, Values
from engine.runtime.formulas import finish
from engine.services.site import OpenCompany
from engine.storage.database import UnitOfWork
from engine.storage.records import Stored, fetch_system_rows


@dataclass
class Company:
    """All records of a company, and what was computed of them so far."""

    forms: Mapping[str, Form]
    moment: Moment
    records: Mapping[str, Mapping[int, Stored]]
    computed: dict[tuple[str, int, str], object] = field(default_factory=dict)

    def alive(self, form: str) -> list[Stored]:
        """The records outside the recycle bin, in row order."""
        found = [each for each in self.records[form].values() if each.deleted_at is None]
        return sorted(found, key=lambda each: (each.created_at, each.id))


def read_company(company: OpenCompany, moment: Moment) -> Company:
    """Everything that is stored."""
    records: dict[str, Mapping[int, Stored]] = {}
    with company.database.reading() as connection:
        uow = UnitOfWork(connection, company.database, company.catalog, company.clock(), None)
        for form_id, table in company.database.tables.forms.items():
            ids = list(connection.execute(sa.select(table.c.id)).scalars())
            records[form_id] = fetch_system_rows(uow, form_id, ids)
    return Company(company.catalog.forms, moment, records)


@dataclass(frozen=True)
class Fresh:
    """A record whose formulas are computed when they are asked for."""

    company: Company
    form: Form
    id: int

    def value(self, path: Path) -> object:
        """The value at `path`."""
        name, *rest = path
        if name == "id":
            return self.id
        known = self.form.fields[name]
        found = self._own(known)
        if not rest:
            return found
        return (
            Fresh(self.company, self.company.forms[known.to[0]], found).value(tuple(rest))
            if isinstance(found, int)
            else None
        )

    def _own(self, known: Field) -> object:
        if known.formula is None:
            return self.stored.values.get(known.id)
        key = (self.form.id, self.id, known.id)
        if key not in self.company.computed:
            self.company.computed[key] = finish(known, evaluate(known.formula, self, self.company.moment))
        return self.company.computed[key]

    @property
    def stored(self) -> Stored:
        """What the database holds."""
        return self.company.records[self.form.id][self.id]

    def rows(self, source: Path) -> Sequence[Values]:
        """The rows of a row source."""
        (name,) = source
        if name in self.form.fields:
            return [FreshRow(self, self.form.fields[name], row) for row in self.stored.values.get(name) or []]
        if name in ("below", "above"):
            return [Fresh(self.company, self.form, each) for each in sorted(self._tree(name))]
        related = self.form.related[name]
        return [row for row in self._all(related.form) if self._belongs(related, row)]

    def _all(self, form: str) -> Iterator[Fresh]:
        return (Fresh(self.company, self.company.forms[form], each.id) for each in self.company.alive(form))

    def _belongs(self, related: Related, row: Fresh) -> bool:
        if related.match is not None:
            return (
                bool(evaluate(related.match, RowValues(row, self), self.company.moment))
                and row.value((related.field,)) is not None
            )
        return row.value((related.field,)) == self.id

    def _tree(self, name: str) -> set[int]:
        assert self.form.tree is not None
        link = self.form.tree.id
        found = {self.id}
        while True:
            step = {
                each.id if name == "below" else each.values.get(link)
                for each in self.company.alive(self.form.id)
                if (each.values.get(link) if name == "below" else each.id) in found
            }
            if step - {None} <= found:
                return {each for each in found if self.company.records[self.form.id][each].deleted_at is None}
            found |= step - {None}


@dataclass(frozen=True)
class FreshRow:
    """A row of lines."""

    record: Fresh
    lines: Field
    row: Mapping[str, Any]

    def value(self, path: Path) -> object:
        """The value at `path`."""
        known = self.lines.fields[path[0]]
        if known.formula is None:
            return self.row.get(known.id)
        return finish(known, evaluate(known.formula, RowValues(self, self.record), self.record.company.moment))

    def rows(self, source: Path) -> Sequence[Values]:
        """Rows have none of their own."""
        raise KeyError(source)


def find_differences(company: Company) -> list[str]:
    """Every stored formula of a living record that is not what it should be."""
    found = []
    for form in company.forms.values():
        for each in company.alive(form.id):
            fresh = Fresh(company, form, each.id)
            for known in form.fields.values():
                if known.formula is None or known.compute == "read":
                    continue
                wanted = fresh.value((known.id,))
                if each.values.get(known.id) != wanted:
                    found.append(
                        f"{form.id} {each.id} {known.id} = {known.formula.text}: {each.values.get(known.id)} instead of {wanted}"
                    )
    return found
