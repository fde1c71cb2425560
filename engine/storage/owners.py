"""own, team and department in SQL (trust: one rule for list and record)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, or_, select, union

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Form
from engine.catalog.hiding import find_hidden
from engine.storage.handlers import UNHIDDEN, unhidden
from engine.storage.parameters import Parameters
from engine.storage.shapes import DEPARTMENT, PERSON, has_column, is_many
from engine.storage.tables import Tables


def owner_rule(
    word: str, form: Form, source: FromClause, catalog: Catalog, tables: Tables, parameters: Parameters
) -> ColumnElement[bool]:
    """Whether the record in `source` is the reader's own, the team's, or of the reader's departments; or whether a
    field ("unhidden:…") is hidden from the reader at no step he handles."""
    if word.startswith(UNHIDDEN):
        hidden = find_hidden(catalog.workflows, form, word.removeprefix(UNHIDDEN))
        return unhidden(tables.flow, form.id, hidden, parameters.person(), source.c.id)
    if word == "own":
        return _owned_by(select(parameters.person()), form, source, tables, direct=parameters.person())
    if word == "team":
        people = tables.system.person_closure
        below = select(people.c.below).where(people.c.above == parameters.person())
        own = _owned_by(select(parameters.person()), form, source, tables, direct=parameters.person())
        return or_(own, _owned_by(below, form, source, tables))
    return _of_departments(form, source, catalog, tables, parameters)


def _owned_by(
    people: Select[Any], form: Form, source: FromClause, tables: Tables, direct: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Whether an owner is among `people`; the creator where the form has no owner field."""
    owner = form.fields.get(form.owner) if form.owner else None
    if owner is not None and is_many(owner):
        pairs = tables.many[form.id, owner.id]
        return source.c.id.in_(select(pairs.c._record).where(pairs.c._target.in_(people)))
    column = source.c[owner.column] if owner is not None else source.c.created_by
    return column == direct if direct is not None else column.in_(people)


def _of_departments(
    form: Form, source: FromClause, catalog: Catalog, tables: Tables, parameters: Parameters
) -> ColumnElement[bool]:
    own = owner_rule("own", form, source, catalog, tables, parameters)
    mine = my_departments(catalog, tables, parameters)
    if mine is None:
        return own
    department = form.fields.get(form.department) if form.department else None
    if department is not None and has_column(department):
        return or_(own, source.c[department.column].in_(mine))
    if department is not None and is_many(department):
        pairs = tables.many[form.id, department.id]
        return or_(own, source.c.id.in_(select(pairs.c._record).where(pairs.c._target.in_(mine))))
    people = tables.forms[PERSON]
    main = catalog.forms[PERSON].fields["department"]
    return or_(own, _owned_by(select(people.c.id).where(people.c[main.column].in_(mine)), form, source, tables))


def my_departments(catalog: Catalog, tables: Tables, parameters: Parameters) -> Select[Any] | None:
    """The reader's departments and everything below them; None when the company has no departments."""
    if PERSON not in tables.forms or DEPARTMENT not in tables.forms:
        return None
    person = catalog.forms[PERSON]
    people: Table = tables.forms[PERSON]
    mine = [select(people.c[person.fields["department"].column]).where(people.c.id == parameters.person())]
    if "other_departments" in person.fields:
        others = tables.many[PERSON, "other_departments"]
        mine.append(select(others.c._target).where(others.c._record == parameters.person()))
    closure = tables.system.department_closure
    held = union(*mine).subquery() if len(mine) > 1 else mine[0].subquery()
    return select(closure.c.below).where(closure.c.above.in_(select(held)))
