"""What names of an expression are in SQL: columns of a form's table, of linked records, of rows, of the reader.

A scope stands for one row of one form (or of lines). As the reader's, it refuses what the reader may not see and lets
values of unseen records be empty; as the system's, it reads everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, literal, select, true
from sqlalchemy.sql.expression import Join

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.names import ENTERED
from engine.expressions import to_sql, to_sql_field, to_sql_value
from engine.expressions.nodes import ALL_DEPARTMENTS, STAYS, Path
from engine.storage.handlers import with_handled
from engine.storage.match_sources import matched_rows, rows_behind
from engine.storage.owners import owner_rule
from engine.storage.parameters import Parameters
from engine.storage.record_leaves import departments_held, stays
from engine.storage.rights import Right, Rights
from engine.storage.scope_leaves import Leaves, withheld
from engine.storage.shapes import SYSTEM_FIELDS, has_column, is_computed, is_lines, is_many, places, targets
from engine.storage.sql_parts import entered_stage, kind_at, points_at, raw_column, tree_ids, unusable, words_of
from engine.storage.tables import Tables

HEADER = "header"
Alias = FromClause


@dataclass(slots=True)
class Surroundings:
    """What all scopes of one statement share. `rights` None = the system."""

    catalog: Catalog
    tables: Tables
    parameters: Parameters
    rights: Rights | None = None
    outer_form: str | None = None  # the form of `this`, whose values are parameters
    aliases: int = 0

    def alias(self, table: Table) -> Alias:
        """The table under a name of its own in this statement."""
        self.aliases += 1
        return table.alias(f"t{self.aliases}")


@dataclass(slots=True)
class FormScope(Leaves):
    """One record of a form in a statement. `joins` is set at the root: links are then joined, else sub-selected."""

    around: Surroundings
    form: Form
    source: Alias
    as_reader: bool = False
    parent: FormScope | LineScope | None = None
    joins: dict[tuple[bool, Path], tuple[Alias, ColumnElement[bool], FormScope]] | None = None
    prefix: Path = ()

    def beside(self, form: Form, source: Alias) -> FormScope:
        """A scope of another form that is read with the same rights."""
        scope = FormScope(self.around, form, source, self.as_reader)
        if self.as_reader:
            scope.require_right("settings")
        return scope

    def order(self) -> tuple[ColumnElement[Any], ...]:
        """The rows of a form are in the order in which they were created."""
        return (self.source.c.id,)

    def as_system(self) -> FormScope:
        """The same record, read with every right."""
        return replace(self, as_reader=False)

    def column(self, path: Path, depth: int) -> tuple[ColumnElement[Any], int]:
        """The raw column at `path` and its decimals."""
        if depth:
            return _outwards(self, depth).column(path, 0) if self.parent is not None or depth > 1 else self._outer(path)
        name = path[0] if path else "id"
        if name in SYSTEM_FIELDS and name not in self.form.fields:
            return raw_column(self.source.c[name], self.dialect), 0
        stage = entered_stage(self.form, name)
        if stage is not None:
            return raw_column(self.source.c[f"{self.field(stage.id).column}{ENTERED}"], self.dialect), 0
        own = self.field(name)
        if len(path) > 1:
            return self._beyond(own, path)
        return self._own(own)

    def field(self, name: str) -> Field:
        """The own field `name` if it may be used; R101 else, the same for unknown and hidden ones."""
        if name == "owner" and name not in self.form.fields and self.form.owner:
            name = self.form.owner
        own = self.form.fields.get(name)
        if own is None or (self.as_reader and name not in self._right().fields):
            raise unusable(name)
        return own

    def rows(self, source: Path, depth: int) -> tuple[FromClause, ColumnElement[bool], FormScope | LineScope]:
        """A row source: what to select from, what ties it to this record, and the scope of its rows."""
        if depth:
            return _rows_outwards(self, source, depth)
        if source[0] == STAYS:
            return stays(self, source[1])
        if len(source) > 1:
            return rows_behind(self, replace(self, joins=None).hop(self.field(source[0])), source[1:])
        name = source[0]
        if name in self.form.fields and is_lines(self.form.fields[name]):
            return self._lines(self.field(name))
        if name in ("below", "above") and self.form.tree is not None:
            return self._tree(name, self.form.tree)
        related = self.form.related.get(name)
        if related is None or related.form not in self.around.catalog.forms:
            raise unusable(name)
        form = self.around.catalog.forms[related.form]
        if related.match is not None:
            return matched_rows(self, related)
        if related.lines is None:
            return self._related(form, form.fields[related.field])
        return self._related_lines(form, form.fields[related.lines], related.field)

    def within(self, outer: FormScope | LineScope) -> FormScope:
        """The same rows, asked from inside another scope: one step outwards lies `outer`."""
        return replace(self, parent=outer)

    def members(self, path: Path, depth: int) -> ColumnElement[Any]:
        """A sub-select of the values that a field with several values holds."""
        if depth:
            return _outwards(self, depth).members(path, 0)
        *links, name = path
        if name == ALL_DEPARTMENTS:
            return departments_held(self, tuple(links))
        if links:
            raise unusable(".".join(path))
        own = self.field(name)
        if not is_many(own):
            return words_of(self.column(path, 0)[0], self.dialect)
        table = self.around.alias(self.around.tables.many[self.form.id, own.id])
        query = select(table.c._target).where(table.c._record == self.source.c.id).correlate_except(table)
        rule = self.field_rule(name)
        return (query if rule is None else query.where(rule)).scalar_subquery()

    def rule(self, word: str) -> ColumnElement[bool]:
        """own, team or department for the reader; or that nothing hides a field at the step he handles."""
        return owner_rule(word, self.form, self.source, self.around.catalog, self.around.tables, self.around.parameters)

    def visible_rows(self) -> ColumnElement[bool]:
        """Which records of the form the reader sees."""
        right = self._right()
        if right.rows.constant is True:
            return true()
        log = self.around.tables.system.collaborator
        shared = select(log.c.record_id).where(
            log.c.form == literal(self.form.id), log.c.person == self.around.parameters.person()
        )
        visible = to_sql(right.rows, self.as_system()) | self.source.c.id.in_(shared)
        return with_handled(visible, self.form, self.source, self.around)

    def hop(self, link: Field) -> tuple[Alias, ColumnElement[bool], FormScope]:
        """The record a link leads to, joined once at the root: alias, condition, scope."""
        key = (self.as_reader, (*self.prefix, link.id))
        if self.joins is not None and key in self.joins:
            return self.joins[key]
        leads_to = targets(link)
        if len(leads_to) != 1 or leads_to[0] not in self.around.catalog.forms or not has_column(link):
            raise unusable(link.id)
        form = self.around.catalog.forms[leads_to[0]]
        alias = self.around.alias(self.around.tables.forms[form.id])
        scope = FormScope(self.around, form, alias, self.as_reader, self.parent, self.joins, key[1])
        condition = alias.c.id == self.source.c[link.column]
        if self.as_reader:
            scope.require_right(link.id)
            # The rule of the linked form reads its own links below itself: the join does not stand yet.
            visible = replace(scope, joins=None).visible_rows()
            condition = and_(condition, alias.c.deleted_at.is_(None), visible)
            rule = self.field_rule(link.id)
            condition = condition if rule is None else and_(condition, rule)
        if self.joins is not None:
            self.joins[key] = (alias, condition, scope)
        return alias, condition, scope

    def require_right(self, name: str) -> None:
        """R101 when the reader has no right on this form at all."""
        if self.around.rights is None or self.around.rights.see(self.form.id) is None:
            raise unusable(name)

    def _right(self) -> Right:
        right = self.around.rights.see(self.form.id) if self.around.rights is not None else None
        if right is None:
            raise unusable(self.form.id)
        return right

    def field_rule(self, name: str) -> ColumnElement[bool] | None:
        rule = self._right().field_rules.get(name) if self.as_reader else None
        return None if rule is None or rule.constant is True else to_sql(rule, self.as_system())

    def _own(self, own: Field) -> tuple[ColumnElement[Any], int]:
        rule = self.field_rule(own.id)
        if is_computed(own):
            found, decimals = computed(own, self.as_system())
        elif has_column(own):
            found, decimals = raw_column(self.source.c[own.column], self.dialect), places(own)
        else:
            raise unusable(own.id)
        return withheld(found, rule), decimals

    def _beyond(self, own: Field, path: Path) -> tuple[ColumnElement[Any], int]:
        alias, condition, scope = self.hop(own)
        found, decimals = scope.column(path[1:], 0)
        if self.joins is not None:
            return found, decimals
        query = select(found).select_from(alias).where(condition).correlate_except(alias)
        return query.scalar_subquery(), decimals

    def _outer(self, path: Path) -> tuple[ColumnElement[Any], int]:
        """A value of the record that chooses, which is not in the database yet: a parameter."""
        if self.around.outer_form is None:
            raise unusable(".".join(path))
        kind, decimals = kind_at(self.around.catalog, self.around.outer_form, path)
        return self.around.parameters.below("this", path, kind, decimals), decimals

    def _lines(self, lines: Field) -> tuple[FromClause, ColumnElement[bool], LineScope]:
        table = self.around.alias(self.around.tables.lines[self.form.id, lines.id])
        tie: ColumnElement[bool] = table.c._record == self.source.c.id
        rule = self.field_rule(lines.id)
        return table, tie if rule is None else and_(tie, rule), LineScope(self, lines, table)

    def _related(self, form: Form, link: Field) -> tuple[FromClause, ColumnElement[bool], FormScope]:
        table = self.around.alias(self.around.tables.forms[form.id])
        scope = FormScope(self.around, form, table, self.as_reader, self)
        points = points_at(self.around.tables, form, link, table, (self.form.id, self.source.c.id))
        return table, and_(points, table.c.deleted_at.is_(None), scope._seen(link.id)), scope

    def _related_lines(self, form: Form, lines: Field, link: str) -> tuple[FromClause, ColumnElement[bool], LineScope]:
        header = self.around.alias(self.around.tables.forms[form.id])
        table = self.around.alias(self.around.tables.lines[form.id, lines.id])
        header_scope = FormScope(self.around, form, header, self.as_reader, self)
        scope = LineScope(header_scope, lines, table, self)
        tie = and_(
            table.c[lines.fields[link].column] == self.source.c.id,
            header.c.deleted_at.is_(None),
            header_scope._seen(lines.id),
        )
        return Join(table, header, table.c._record == header.c.id), tie, scope

    def _tree(self, name: str, link: Field) -> tuple[FromClause, ColumnElement[bool], FormScope]:
        """The records below this one along the form's tree, itself included; or those above it."""
        table = self.around.alias(self.around.tables.forms[self.form.id])
        scope = FormScope(self.around, self.form, table, self.as_reader, self)
        ids = tree_ids(
            self.around.alias,
            self.around.tables.forms[self.form.id],
            link.column,
            name,
            self.source,
            f"{name}_{self.around.aliases}",
        )
        return table, and_(table.c.id.in_(ids), table.c.deleted_at.is_(None), scope._seen(link.id)), scope

    def _seen(self, name: str) -> ColumnElement[bool]:
        if not self.as_reader:
            return true()
        self.require_right(name)
        self.field(name)
        return self.visible_rows()


@dataclass(slots=True)
class LineScope(Leaves):
    """One row of lines; `record` is the scope of the record it belongs to, `parent` the scope around it."""

    record: FormScope
    lines: Field
    source: Alias
    around_rows: FormScope | LineScope | None = None

    @property
    def around(self) -> Surroundings:
        """What all scopes of the statement share."""
        return self.record.around

    def beside(self, form: Form, source: Alias) -> FormScope:
        """A scope of another form that is read with the same rights."""
        return self.record.beside(form, source)

    def order(self) -> tuple[ColumnElement[Any], ...]:
        """Row order, record by record."""
        return (self.source.c._record, self.source.c._position, self.source.c.id)

    @property
    def parent(self) -> FormScope | LineScope:
        """The scope one step outwards."""
        return self.around_rows or self.record

    def column(self, path: Path, depth: int) -> tuple[ColumnElement[Any], int]:
        """The raw column at `path` and its decimals."""
        if depth:
            return _outwards(self, depth).column(path, 0)
        name = path[0] if path else "id"
        if name == HEADER:
            return self.record.column(path[1:], 0)
        if name == "id":
            return self.source.c.id, 0
        inner = self._field(name)
        if len(path) > 1:
            found, decimals = self._beyond(inner, path)
        elif is_computed(inner):
            found, decimals = computed(inner, replace(self, record=self.record.as_system()))
        else:
            found, decimals = raw_column(self.source.c[inner.column], self.dialect), places(inner)
        return withheld(found, self.record.field_rule(f"{self.lines.id}.{name}")), decimals

    def rows(self, source: Path, depth: int) -> tuple[FromClause, ColumnElement[bool], FormScope | LineScope]:
        """Row sources behind a link of the row, or of its record; those of the scopes around are in reach."""
        if depth:
            return _rows_outwards(self, source, depth)
        if source[0] == HEADER:
            return self.record.rows(source[1:], 0)
        return rows_behind(self, self._holder().hop(self._field(source[0])), source[1:])

    def within(self, outer: FormScope | LineScope) -> LineScope:
        """The same rows, asked from inside another scope: one step outwards lies `outer`."""
        return replace(self, around_rows=outer)

    def members(self, path: Path, depth: int) -> ColumnElement[Any]:
        """A sub-select of the words that a column with several choices holds."""
        if depth:
            return _outwards(self, depth).members(path, 0)
        if path[-1] == ALL_DEPARTMENTS:
            return departments_held(self, path[:-1])
        return words_of(self.column(path, 0)[0], self.dialect)

    def rule(self, word: str) -> ColumnElement[bool]:
        """Of the record the row belongs to."""
        return self.record.rule(word)

    def _field(self, name: str) -> Field:
        inner = self.lines.fields.get(name)
        seen = f"{self.lines.id}.{name}"
        if inner is None or (self.record.as_reader and seen not in self.record._right().fields):
            raise unusable(seen)
        return inner

    def _holder(self) -> FormScope:
        return FormScope(self.record.around, self.record.form, self.source, self.record.as_reader, self.parent)

    def _beyond(self, inner: Field, path: Path) -> tuple[ColumnElement[Any], int]:
        alias, condition, scope = self._holder().hop(inner)
        found, decimals = scope.column(path[1:], 0)
        query = select(found).select_from(alias).where(condition).correlate_except(alias)
        return query.scalar_subquery(), decimals


def root_scope(around: Surroundings, form_id: str, *, as_reader: bool) -> FormScope:
    """The scope of the records a statement is about."""
    form = around.catalog.forms[form_id]
    return FormScope(around, form, around.alias(around.tables.forms[form_id]), as_reader, None, {})


def joined(scope: FormScope) -> FromClause:
    """What to select from once everything has been asked of a root scope: its table and the links it joined."""
    source: FromClause = scope.source
    for alias, condition, _ in (scope.joins or {}).values():
        source = source.outerjoin(alias, condition)
    return source


def computed(own: Field, scope: FormScope | LineScope) -> tuple[ColumnElement[Any], int]:
    """The value of a formula that is computed on reading."""
    if own.formula is None:
        raise unusable(own.id)
    if own.formula.type.kind == "number":
        return to_sql_field(own.formula, scope, places(own)), places(own)
    return to_sql_value(own.formula, scope), 0


def _rows_outwards(
    scope: FormScope | LineScope, source: Path, depth: int
) -> tuple[FromClause, ColumnElement[bool], FormScope | LineScope]:
    """Rows of a scope further out: what is asked of each may still read every scope between."""
    tables, tied, rows = _outwards(scope, depth).rows(source, 0)
    return tables, tied, rows.within(scope)


def _outwards(scope: FormScope | LineScope, depth: int) -> FormScope | LineScope:
    for _ in range(depth):
        if scope.parent is None:
            raise unusable("this")
        scope = scope.parent
    return scope
