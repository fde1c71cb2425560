"""What restricts the rows of a query: rights, recycle bin, ids, links, words, the conditions asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    UnaryExpression,
    and_,
    any_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.operators import custom_op

from engine.catalog.forms import Field
from engine.catalog.searching import searched_behind
from engine.expressions import to_sql
from engine.storage.parameters import written
from engine.storage.queries import VisibleQuery
from engine.storage.search_text import search_query
from engine.storage.shapes import has_column, is_lines, is_many, is_polymorphic
from engine.storage.sql_parts import unusable
from engine.storage.sql_scope import FormScope, LineScope

Condition = ColumnElement[bool]


def restrict(statement: Select[Any], scope: FormScope, query: VisibleQuery, *, scan: bool = False) -> Select[Any]:
    """The statement with every restriction of the query. `scan`: on SQLite the table is read, not an index."""
    source = scope.source
    deleted_at = unindexed(source.c.deleted_at) if scan and scope.dialect == "sqlite" else source.c.deleted_at
    conditions: list[Condition] = [deleted_at.is_not(None) if query.recycled else deleted_at.is_(None)]
    if query.rights is not None:
        conditions.append(scope.visible_rows())
    if query.ids is not None:
        conditions.append(among(source.c.id, "ids", scope.dialect))
    conditions += [link_condition(scope, name, f"link{at}") for at, (name, _) in enumerate(query.links)]
    if query.branch is not None:
        conditions.append(_branch_condition(scope, query.branch[0], at_the_top=query.branch[1] is None))
    if query.words is not None:
        conditions.append(words_condition(scope))
    for condition, asked_by_reader in query.conditions:
        reader = scope if asked_by_reader else scope.as_system()
        conditions.append(to_sql(condition, reader, scope.around.parameters.given))
    return statement.where(and_(*conditions))


def unindexed(found: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column in a way that keeps SQLite from using an index for it."""
    return UnaryExpression(found, operator=custom_op("+"), type_=found.type)


def search_values(query: VisibleQuery) -> dict[str, Any]:
    """The values of the parameters that `restrict` adds."""
    values: dict[str, Any] = {f"link{at}": record_id for at, (_, record_id) in enumerate(query.links)}
    values |= {f"g{at}": written(value, query.database.dialect) for at, value in enumerate(query.given)}
    if query.ids is not None:
        values["ids"] = ids_value(query.ids, query.database.dialect)
    if query.branch is not None and query.branch[1] is not None:
        values["under"] = ids_value(query.branch[1], query.database.dialect)
    if query.words is not None:
        values["words"] = search_query(query.words, query.database.dialect) or NOTHING[query.database.dialect]
    return values


# A query that finds nothing, for a text without words.
NOTHING = {"sqlite": '"nothing at all is meant to be found"', "postgresql": ""}


def among(found: ColumnElement[Any], name: str, dialect: str) -> Condition:
    """`found` is one of the ids in one parameter: the statement stays the same however many there are."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text())).table_valued("value")
        return found.in_(select(each.c.value))
    return found == any_(bindparam(name, type_=ARRAY(BigInteger())))


def ids_value(ids: Iterable[int], dialect: str) -> Any:
    """The value of the parameter of `among`."""
    return json.dumps(list(ids)) if dialect == "sqlite" else list(ids)


def words_condition(scope: FormScope) -> Condition:
    """The record's search text has the parameter `words`; or that of a record it names and that the reader sees."""
    links = [each for each in searched_behind(scope.around.catalog, scope.form) if _is_open(scope, each)]
    found = [_ids_with_words(scope), *(_ids_naming_words(scope, each) for each in links)]
    # One list of ids, not conditions with "or": so it is found first, by the full-text indexes.
    ids = union_all(*found) if links else found[0]
    if scope.dialect == "sqlite":
        return scope.source.c.id.in_(ids)
    # As an array the ids are found first, by the full-text index. The planner would rather walk the list in its
    # order: it cannot know how rare the beginning of a word is.
    return scope.source.c.id == func.any(func.array(ids.scalar_subquery()))


def _is_open(scope: FormScope, link: Field) -> bool:
    rights = scope.around.rights
    known = link.to[0] in scope.around.catalog.forms and has_column(link)
    return known and (not scope.as_reader or (rights is not None and rights.see(link.to[0]) is not None))


def _ids_naming_words(scope: FormScope, link: Field) -> Select[Any]:
    """The ids of records whose `link` leads to one with the words that the reader sees."""
    around, form = scope.around, scope.around.catalog.forms[link.to[0]]
    named, naming = around.alias(around.tables.forms[form.id]), around.alias(around.tables.forms[scope.form.id])
    inner = FormScope(around, form, named, scope.as_reader)
    found = select(named.c.id).where(named.c.deleted_at.is_(None), named.c.id.in_(_ids_with_words(inner)))
    if scope.as_reader:
        found = found.where(inner.visible_rows())
    return select(naming.c.id).where(naming.c.deleted_at.is_(None), naming.c[link.column].in_(found))


def _ids_with_words(scope: FormScope) -> Select[Any]:
    """The ids of records of the scope's form whose own search text has the words."""
    words = bindparam("words", type_=Text())
    if scope.dialect == "postgresql":
        simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
        own = scope.around.alias(scope.around.tables.forms[scope.form.id])
        has_words = own.c.search_text.op("@@", is_comparison=True)(func.to_tsquery(simple, words))
        return select(own.c.id).where(has_words)
    name = scope.around.tables.texts[scope.form.id]
    texts = table(name, column("rowid"), column(name))
    return select(texts.c.rowid).where(texts.c[name].op("MATCH", is_comparison=True)(words))


def link_condition(scope: FormScope, name: str, parameter: str) -> Condition:
    """The link `name` leads to the record in `parameter`."""
    target = bindparam(parameter, type_=BigInteger())
    own_name, _, inner_name = name.partition(".")
    own = scope.field(own_name)
    if is_lines(own):
        lines = scope.around.alias(scope.around.tables.lines[scope.form.id, own.id])
        inner = LineScope(scope, own, lines)._field(inner_name)
        return exists(
            select(lines.c.id)
            .where(lines.c._record == scope.source.c.id, lines.c[inner.column] == target)
            .correlate_except(lines)
        )
    if inner_name:
        raise unusable(name)
    return _points_to(scope, own, target)


def _branch_condition(scope: FormScope, name: str, *, at_the_top: bool) -> Condition:
    """The link `name` leads to none that is seen; or to one of the records in the parameter `under`."""
    link = scope.field(name)
    if not at_the_top:
        return among(scope.column((name,), 0)[0], "under", scope.dialect)
    above, leads_there, _ = replace(scope, joins=None).hop(link)
    seen = select(above.c.id).where(leads_there, above.c.deleted_at.is_(None))
    return ~exists(seen.correlate_except(above))


def _points_to(scope: FormScope, own: Field, target: ColumnElement[Any]) -> Condition:
    if is_many(own):
        pairs = scope.around.tables.many[scope.form.id, own.id]
        return scope.source.c.id.in_(select(pairs.c._record).where(pairs.c._target == target))
    if not has_column(own) or is_polymorphic(own):
        raise unusable(own.id)
    raw, _ = scope.column((own.id,), 0)
    return raw == target
