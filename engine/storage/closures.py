"""Who stands above whom: every pair of persons along superiors, every pair of departments along parents.

The access words `team` and `department` ask these tables, so that a rule is one look-up however deep the company is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Table, and_, delete, insert, or_, select

from engine.storage.database import UnitOfWork
from engine.storage.shapes import DEPARTMENT, PERSON

DEEPEST = 50
Pair = tuple[int, int]


def rebuild_closures(uow: UnitOfWork) -> None:
    """Bring both tables in line with people and departments as they are stored; only differences are written."""
    if PERSON not in uow.catalog.forms or DEPARTMENT not in uow.catalog.forms:
        return
    parents = _column_by_id(uow, DEPARTMENT, "parent")
    heads = _column_by_id(uow, DEPARTMENT, "head")
    departments = _column_by_id(uow, PERSON, "department")
    superiors = _superiors(_column_by_id(uow, PERSON, "superior"), departments, parents, heads)
    _write(uow, uow.database.tables.system.department_closure, closure_of(parents))
    _write(uow, uow.database.tables.system.person_closure, closure_of(superiors))


def closure_of(above: Mapping[int, int | None]) -> dict[Pair, int]:
    """{(above, below): steps between them}, everybody with themselves; circles end where they began."""
    pairs: dict[Pair, int] = {}
    for each in above:
        current: int | None = each
        for depth in range(DEEPEST):
            if current is None or (current, each) in pairs:
                break
            pairs[current, each] = depth
            current = above.get(current)
    return pairs


def _superiors(
    given: Mapping[int, int | None],
    departments: Mapping[int, int | None],
    parents: Mapping[int, int | None],
    heads: Mapping[int, int | None],
) -> dict[int, int | None]:
    """Each person's superior: the field; else the head of the nearest department upwards whose head is someone else."""
    found: dict[int, int | None] = {}
    for person, superior in given.items():
        found[person] = superior
        if superior is None:
            chain = (heads.get(each) for each in _upwards(departments.get(person), parents))
            found[person] = next((head for head in chain if head is not None and head != person), None)
    return found


def _upwards(start: int | None, parents: Mapping[int, int | None]) -> Iterator[int]:
    seen: set[int] = set()
    while start is not None and start not in seen:
        seen.add(start)
        yield start
        start = parents.get(start)


def _column_by_id(uow: UnitOfWork, form_id: str, field_id: str) -> dict[int, int | None]:
    """{record id: id in the field} of the records in use."""
    table = uow.database.tables.forms[form_id]
    field = uow.catalog.forms[form_id].fields.get(field_id)
    if field is None:
        return {}
    chosen = select(table.c.id, table.c[field.column]).where(table.c.deleted_at.is_(None))
    return {row[0]: row[1] for row in uow.connection.execute(chosen)}


def _write(uow: UnitOfWork, table: Table, wanted: Mapping[Pair, int]) -> None:
    there = {
        (row[0], row[1]): row[2] for row in uow.connection.execute(select(table.c.above, table.c.below, table.c.depth))
    }
    for gone in _batches(pair for pair, depth in there.items() if wanted.get(pair) != depth):
        uow.connection.execute(
            delete(table).where(or_(*(and_(table.c.above == a, table.c.below == b) for a, b in gone)))
        )
    new: list[dict[str, Any]] = [
        {"above": above, "below": below, "depth": depth}
        for (above, below), depth in wanted.items()
        if there.get((above, below)) != depth
    ]
    if new:
        uow.connection.execute(insert(table).inline(), new)


def _batches(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    batch: list[Pair] = []
    for pair in pairs:
        batch.append(pair)
        if len(batch) == 200:
            yield batch
            batch = []
    if batch:
        yield batch
