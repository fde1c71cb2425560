"""The rows of stored records that rules ask for in Python: all of them, read with every right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalog.forms import Field, Form
from engine.expressions.nodes import STAYS, Moment, Path, Values
from engine.runtime.drafts import LinkReader, OtherValues
from engine.runtime.matches import related_query
from engine.runtime.programs import is_link, link_target
from engine.storage.children import fetch_lines
from engine.storage.database import UnitOfWork
from engine.storage.queries import MOST_ROWS, VisibleQuery
from engine.storage.row_ids import fetch_row_ids
from engine.storage.selects import fetch_rows
from engine.storage.stage_log import fetch_stage_log


@dataclass(frozen=True, slots=True)
class KnownValues:
    """A row of the engine's own, as `Values`."""

    known: Mapping[str, object]

    def value(self, path: Path) -> object:
        """The value of a column."""
        return self.known[path[0]]

    def rows(self, source: Path) -> Sequence[Values]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows; values that the rows do not know themselves are asked of `links`."""

    uow: UnitOfWork
    moment: Moment
    links: LinkReader

    def rows(self, form_id: str, record_id: int, source: Path) -> Sequence[Values]:
        """The rows of a source of a stored record: lines, a related list, a relation, a tree, any behind links."""
        form = self.uow.catalog.forms[form_id]
        name, rest = source[0], source[1:]
        if name == STAYS:
            log = fetch_stage_log(self.uow, form_id, record_id, rest[0])
            return [
                KnownValues({"stage": each.stage, "entered_at": each.entered_at, "left_at": each.left_at})
                for each in log
            ]
        field = form.fields.get(name)
        if field is not None and is_link(field) and rest:
            target = self.links.value(form_id, record_id, (name,))
            return self.rows(link_target(field), target, rest) if isinstance(target, int) else ()
        if field is not None and field.type == "lines":
            found = fetch_lines(self.uow.connection, self.uow.database, form_id, name, [record_id])
            return [LineOfOther(form, record_id, field, row, self.links) for row in found.get(record_id, [])]
        related = form.related.get(name)
        if related is not None and related.match is not None:
            return self.matched(form_id, name, OtherValues(form_id, record_id, self.links, {}, form.fields.get))
        if related is not None and related.lines is None:
            return list(self._records(self._query(related.form).linked(related.field, record_id)))
        return list(self._found(form_id, record_id, source))

    def matched(self, form_id: str, name: str, values: Values) -> Sequence[Values]:
        """The rows of a declared relation of a record with these values, saved or not."""
        related = self.uow.catalog.forms[form_id].related[name]
        query = related_query(self._query(related.form), form_id, related, values)
        return list(self._records(query)) if query is not None else ()

    def _query(self, form_id: str) -> VisibleQuery:
        return VisibleQuery(self.uow.database, self.uow.catalog, None, self.moment, form_id)

    def _records(self, query: VisibleQuery) -> Iterator[Values]:
        """Every record of the query, page by page: a sum over the first thousand would be wrong."""
        fields = self.uow.catalog.forms[query.form_id].fields
        after: str | None = None
        while True:
            found = fetch_rows(self.uow.connection, query.page(MOST_ROWS, after))
            for row in found.records:
                yield OtherValues(query.form_id, row.id, self.links, row.values, fields.get)
            after = found.next
            if after is None:
                return

    def _found(self, form_id: str, record_id: int, source: Path) -> Iterator[Values]:
        row_form, lines, ids = fetch_row_ids(self.uow, form_id, record_id, source)
        if lines is not None:
            yield from self._lines(row_form, lines, dict(ids))
            return
        for part in _parts(row_id for row_id, _ in ids):
            yield from self._records(self._query(row_form).with_ids(part))

    def _lines(self, form_id: str, name: str, records: Mapping[int, int]) -> Iterator[Values]:
        form = self.uow.catalog.forms[form_id]
        holders = sorted(set(records.values()))
        found = fetch_lines(self.uow.connection, self.uow.database, form_id, name, holders)
        for holder in holders:
            for row in found.get(holder, []):
                if row["id"] in records:
                    yield LineOfOther(form, holder, form.fields[name], row, self.links)


@dataclass(frozen=True, slots=True)
class LineOfOther:
    """One row of lines of a stored record; `header` is that record."""

    form: Form
    record_id: int
    lines: Field
    row: Mapping[str, Any]
    links: LinkReader

    def value(self, path: Path) -> object:
        """A cell, a value behind a link in the row, or one of the record."""
        if path[0] in ("header", "this"):
            return self.links.value(self.form.id, self.record_id, path[1:]) if path[1:] else self.record_id
        cell = self.row.get(path[0])
        if len(path) == 1:
            return cell
        form_id, target = cell if isinstance(cell, tuple) else (link_target(self.lines.fields[path[0]]), cell)
        return self.links.value(form_id, target, path[1:]) if isinstance(target, int) else None

    def rows(self, source: Path) -> Sequence[Values]:
        """Rows behind a link of the row, or of its record."""
        if source[0] == "header":
            return self.links.rows(self.form.id, self.record_id, source[1:])
        cell = self.row.get(source[0])
        if not isinstance(cell, int) or not source[1:]:
            return ()
        return self.links.rows(link_target(self.lines.fields[source[0]]), cell, source[1:])


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    each = list(ids)
    return (each[start : start + MOST_ROWS] for start in range(0, len(each), MOST_ROWS))
