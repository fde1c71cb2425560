"""Which departments are persons in, with all those above them?"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, union_all

from engine.storage.conditions import among, ids_value
from engine.storage.database import UnitOfWork
from engine.storage.record_leaves import further_departments
from engine.storage.shapes import PERSON
from engine.storage.tables import RECORD, TARGET


def fetch_departments_held(uow: UnitOfWork, persons: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """By person: the departments they are in, main and further, with all those above them, by id."""
    tables = uow.database.tables
    people, above = tables.forms[PERSON], tables.system.department_closure
    main = people.c[uow.catalog.forms[PERSON].fields["department"].column]
    held = union_all(
        select(people.c.id.label("person"), main.label("department")),
        *(select(pairs.c[RECORD], pairs.c[TARGET]) for pairs in further_departments(tables)),
    ).subquery()
    statement = select(held.c.person, above.c.above).join(above, above.c.below == held.c.department).distinct()
    statement = statement.where(among(held.c.person, "ids", uow.database.dialect)).order_by(above.c.above)
    found: dict[int, list[int]] = {}
    for person, department in uow.connection.execute(statement, {"ids": ids_value(persons, uow.database.dialect)}):
        found.setdefault(person, []).append(department)
    return {person: tuple(each) for person, each in found.items()}


def fetch_departments_below(uow: UnitOfWork, department: int) -> tuple[int, ...]:
    """The department and all those below it, by id."""
    closure = uow.database.tables.system.department_closure
    statement = select(closure.c.below).where(closure.c.above == department).order_by(closure.c.below)
    return tuple(dict.fromkeys((department, *uow.connection.execute(statement).scalars())))
