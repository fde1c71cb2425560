"""The people of a company with their superiors, departments and roles, read once for a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true

from engine.storage.database import UnitOfWork
from engine.storage.shapes import DEPARTMENT, PERSON

DEEPEST = 20
Mark = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as approvals see it."""

    id: int
    name: str
    login: str
    superior: int | None
    department: int | None
    roles: frozenset[str]
    active: bool


@dataclass(frozen=True, slots=True)
class Department:
    """A department: what it belongs to, and who heads it."""

    id: int
    name: str
    parent: int | None
    head: int | None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everybody, and every department."""

    people: Mapping[int, Person]
    departments: Mapping[int, Department]

    def is_active(self, person: int) -> bool:
        """Whether a person may act."""
        found = self.people.get(person)
        return found is not None and found.active

    def by_login(self, login: str) -> int | None:
        """The person with a login."""
        return next((each.id for each in self.people.values() if each.login == login), None)

    def holders(self, role: str) -> list[int]:
        """The active persons who hold a role, in the order they were made."""
        return sorted(each.id for each in self.people.values() if each.active and role in each.roles)

    def department_by_name(self, name: str) -> int | None:
        """The department with a name."""
        return next((each.id for each in self.departments.values() if each.name == name), None)

    def below(self, department: int | None) -> set[int]:
        """A department and everything that belongs to it."""
        found: set[int] = set()
        todo = [department] if department is not None else []
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += [unit.id for unit in self.departments.values() if unit.parent == each]
        return found

    def superior(self, person: int | None, level: int = 1) -> int | None:
        """The superior so many levels up; None at the top, or when the way up turns in a circle."""
        seen: set[int] = set()
        for _ in range(level):
            if person is None or person in seen:
                return None
            seen.add(person)
            person = self._above(person)
        return person

    def head_of(self, start: int | None, up: int = 0) -> int | None:
        """The head of a person's main department, or of one further up; departments without head are passed over."""
        person = self.people.get(start) if start is not None else None
        return self.department_head(person.department, up) if person is not None else None

    def department_head(self, department: int | None, up: int = 0) -> int | None:
        """The head of a department, or of the nearest above it that has one."""
        seen: set[int] = set()
        while department is not None and department not in seen and len(seen) < DEEPEST:
            seen.add(department)
            found = self.departments.get(department)
            if found is None:
                return None
            if up <= 0 and found.head is not None:
                return found.head
            department, up = found.parent, up - 1
        return None

    def _above(self, person: int) -> int | None:
        """The superior as written; else the head of the department, or of the nearest above whose head is another."""
        found = self.people.get(person)
        if found is None:
            return None
        if found.superior is not None:
            return found.superior if found.superior != person else None
        department, seen = found.department, set[int]()
        while department is not None and department not in seen:
            seen.add(department)
            unit = self.departments.get(department)
            if unit is None:
                return None
            if unit.head is not None and unit.head != person:
                return unit.head
            department = unit.parent
        return None


class OrganisationBook:
    """The organisation as it was read last: read again once a person or a department has been saved."""

    def __init__(self) -> None:
        self._last: tuple[Mark, Organisation] | None = None

    def read(self, uow: UnitOfWork) -> Organisation:
        """The whole organisation as it is now."""
        mark, last = _mark(uow), self._last
        if last is not None and last[0] == mark:
            return last[1]
        found = fetch_organisation(uow)
        if all(saved is None or saved < uow.now for saved in mark[3::4]):
            self._last = (mark, found)  # not what may be undone, or saved again in the same second
        return found


def _mark(uow: UnitOfWork) -> Mark:
    """Of people and of departments: how many there are, the sum of their versions, the last made, the last saved."""
    parts = []
    for form_id in (PERSON, DEPARTMENT):
        table = uow.database.tables.forms[form_id]
        values = (func.count(), func.sum(table.c.version), func.max(table.c.id), func.max(table.c.updated_at))
        names = (value.label(f"v{number}") for number, value in enumerate(values))
        parts.append(select(*names).where(table.c.deleted_at.is_(None)).subquery())
    both = parts[0].join(parts[1], true())  # a row each
    return tuple(uow.connection.execute(select(*parts[0].c, *parts[1].c).select_from(both)).one())


def fetch_organisation(uow: UnitOfWork) -> Organisation:
    """The whole organisation as it is now."""
    people = {row["id"]: _person(row) for row in _rows(uow, PERSON)}
    units = {
        row["id"]: Department(row["id"], row["name"] or "", row["parent"], row["head"])
        for row in _rows(uow, DEPARTMENT)
    }
    return Organisation(people, units)


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        row["id"],
        row["name"] or "",
        row["login"] or "",
        row["superior"],
        row["department"],
        frozenset(row["roles"] or ()),
        bool(row["active"]),
    )


def _rows(uow: UnitOfWork, form_id: str) -> list[Mapping[str, Any]]:
    table, fields = uow.database.tables.forms[form_id], uow.catalog.forms[form_id].fields
    names = {
        PERSON: ("name", "login", "superior", "department", "roles", "active"),
        DEPARTMENT: ("name", "parent", "head"),
    }[form_id]
    columns = [table.c[fields[name].column].label(name) for name in names]
    query = select(table.c.id, *columns).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
    return [dict(row) for row in uow.connection.execute(query).mappings()]
