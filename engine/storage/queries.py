"""A question about the records of one form, in the name of one reader: built step by step, never changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.catalog.catalog import Catalog
from engine.expressions import lift_literals
from engine.expressions.nodes import Expression, Moment, Values
from engine.storage.database import Database
from engine.storage.rights import Rights
from engine.values import empty

Order = tuple[tuple[str, bool], ...]
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class VisibleQuery:
    """What to ask; only records and fields that `rights` let their person see take part.

    rights None is the system: what the engine itself reads, never on behalf of a page.
    """

    database: Database
    catalog: Catalog
    rights: Rights | None
    moment: Moment
    form_id: str
    conditions: tuple[tuple[Expression, bool], ...] = ()  # (condition, asked by the reader)
    given: tuple[object, ...] = ()  # the values that the reader's conditions compare with, g0, g1, …
    words: str | None = None
    ids: tuple[int, ...] | None = None
    links: tuple[tuple[str, int], ...] = ()
    sort: Order = ()
    limit: int = 20
    after: str | None = None
    before: str | None = None
    fields: tuple[str, ...] | None = None
    recycled: bool = False
    flags: tuple[tuple[str, Expression], ...] = ()
    outer_form: str | None = None
    this: Values | None = None
    branch: tuple[str, tuple[int, ...] | None] | None = None

    def where(self, condition: Expression) -> VisibleQuery:
        """Only records that meet a reader's condition; hidden fields in it are refused, unseen values are empty."""
        lifted, values = lift_literals(condition, len(self.given))
        return replace(self, conditions=(*self.conditions, (lifted, True)), given=(*self.given, *values))

    def limited(self, condition: Expression) -> VisibleQuery:
        """Only records that meet a condition of the definitions (a view, a link's `where`), which reads all fields."""
        return replace(self, conditions=(*self.conditions, (condition, False)))

    def equal(self, condition: Expression) -> VisibleQuery:
        """Only records that meet a comparison with a value, as `limited`; whatever the value, the statement is one."""
        lifted, values = lift_literals(condition, len(self.given))
        return replace(self, conditions=(*self.conditions, (lifted, False)), given=(*self.given, *values))

    def for_record(self, form_id: str, values: Values) -> VisibleQuery:
        """`this` in conditions is a record of `form_id` with these values, saved or not."""
        return replace(self, outer_form=form_id, this=values)

    def containing(self, text: str) -> VisibleQuery:
        """Only records whose search text has what a person typed."""
        return replace(self, words=text)

    def with_ids(self, ids: Iterable[int]) -> VisibleQuery:
        """Only these records."""
        return replace(self, ids=tuple(sorted(set(ids))))

    def linked(self, field_id: str, record_id: int) -> VisibleQuery:
        """Only records whose link `field_id` ("order", or "lines.order") leads to `record_id`."""
        return replace(self, links=(*self.links, (field_id, record_id)))

    def under(self, field_id: str, ids: Iterable[int]) -> VisibleQuery:
        """Only records whose link `field_id` leads to one of `ids`."""
        return replace(self, branch=(field_id, tuple(sorted(set(ids)))))

    def at_the_top(self, field_id: str) -> VisibleQuery:
        """Only records whose link `field_id` leads to no record that the reader sees."""
        return replace(self, branch=(field_id, None))

    def sorted(self, *order: tuple[str, bool]) -> VisibleQuery:
        """In this order: (field, system field or link path "a.b", descending); the id decides ties."""
        return replace(self, sort=order)

    def page(self, limit: int, after: str | None = None, *, before: str | None = None) -> VisibleQuery:
        """At most `limit` rows, after or before a cursor."""
        return replace(self, limit=max(1, min(limit, MOST_ROWS)), after=after, before=before)

    def columns(self, fields: Iterable[str]) -> VisibleQuery:
        """Only these fields and system fields; left out: every field that the reader may see."""
        return replace(self, fields=tuple(dict.fromkeys(fields)))

    def deleted(self, *, only: bool = True) -> VisibleQuery:
        """The recycle bin instead of the records in use."""
        return replace(self, recycled=only)

    def also(self, name: str, condition: Expression) -> VisibleQuery:
        """For each row, whether a condition of the definitions holds."""
        return replace(self, flags=(*self.flags, (name, condition)))

    def asks_for_all(self) -> bool:
        """Whether nothing narrows the query down, so that every record of the form takes part."""
        right = self.rights.see(self.form_id) if self.rights is not None else None
        every_row = self.rights is None or (right is not None and right.rows.constant is True)
        narrowed = self.conditions or self.links or self.branch
        return every_row and not narrowed and self.ids is None and self.words is None

    def shape(self) -> Hashable:
        """Equal for queries that have the same statement, apart from values."""
        return (
            self.form_id,
            self.rights.key if self.rights is not None else None,
            self.words is None,
            self.ids is None,
            tuple((condition.node, own) for condition, own in self.conditions),
            tuple(name for name, _ in self.links),
            self.sort,
            self.fields,
            self.recycled,
            tuple((name, flag.node) for name, flag in self.flags),
            self.outer_form,
            self.branch and (self.branch[0], self.branch[1] is None),
        )


@dataclass(slots=True)
class Record:
    """One row. `values` by field id, with the system fields that were asked for. `unseen`: withheld in this row."""

    id: int
    version: int
    values: dict[str, Any]
    flags: Mapping[str, bool] = field(default_factory=empty)
    unseen: frozenset[str] = frozenset()

    @property
    def stamps(self) -> Mapping[str, datetime | int | None]:
        """Who created, changed and deleted it, and when; None for what was not asked."""
        return {name: self.values.get(name) for name in STAMPS}


STAMPS = ("created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by")


@dataclass(frozen=True, slots=True)
class Rows:
    """A page: rows in order, the cursor of the next page and of the one before; None when there is none."""

    records: tuple[Record, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share a value: how many, and the sums asked for."""

    value: Any
    count: int
    sums: Mapping[str, Any]
    stale: bool = False  # whether a value among those summed waits to be computed again
