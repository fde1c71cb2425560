"""What the engine itself knows of a record, in SQL: its stays in stages, and the departments that a person is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, literal, select

from engine.catalog.forms import Field, Form, Template
from engine.expressions.nodes import Path
from engine.problems import Location
from engine.storage.shapes import PERSON
from engine.storage.tables import RECORD, TARGET, Tables

if TYPE_CHECKING:
    from engine.storage.sql_scope import FormScope, LineScope, Surroundings

_HERE = Location("", 1, 1)
_STAY = {"stage": "text", "entered_at": "datetime", "left_at": "datetime"}


def stays(scope: FormScope, field_id: str) -> tuple[FromClause, ColumnElement[bool], FormScope]:
    """The record's stays in the stages of a field, as rows of a form with stage, entered_at and left_at."""
    field = scope.field(field_id)
    log = scope.around.alias(scope.around.tables.system.stage_log)
    tie = and_(
        log.c.form == literal(scope.form.id), log.c.record_id == scope.source.c.id, log.c.field == literal(field.id)
    )
    rule = scope.field_rule(field.id)
    inner = replace(scope, form=_stay_form(scope.form), source=log, as_reader=False, parent=scope, joins=None)
    return log, tie if rule is None else and_(tie, rule), inner


def _stay_form(form: Form) -> Form:
    fields = {name: Field(name, kind, {}, name, _HERE) for name, kind in _STAY.items()}
    return Form(form.id, form.app, "stay", {}, "", "", _HERE, fields, Template("", ()))


def departments_held(scope: FormScope | LineScope, person: Path) -> ColumnElement[Any]:
    """A sub-select of the departments that the person at a path is in, with all those above them."""
    scope.column((*person, "department"), 0)  # refuses what the reader may not see
    return _departments(scope.around, scope.column(person, 0)[0])


def _departments(around: Surroundings, person: ColumnElement[Any]) -> ColumnElement[Any]:
    people = around.alias(around.tables.forms[PERSON])
    column = people.c[around.catalog.forms[PERSON].fields["department"].column]
    own = select(column).where(people.c.id == person).correlate_except(people)
    others = [
        select(pairs.c[TARGET]).where(pairs.c[RECORD] == person).correlate_except(pairs)
        for pairs in map(around.alias, further_departments(around.tables))
    ]
    above = around.alias(around.tables.system.department_closure)
    there = [above.c.below.in_(each) for each in (own, *others)]
    chosen = select(above.c.above).where(there[0] if len(there) == 1 else there[0] | there[1])
    return chosen.correlate_except(above).scalar_subquery()


def further_departments(tables: Tables) -> list[Table]:
    """The table of further departments, where persons may have them."""
    table = tables.many.get((PERSON, "other_departments"))
    return [] if table is None else [table]
