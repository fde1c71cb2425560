"""Who acts: a person of one company with the roles held now, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalog.access import ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work. `person` is the id in people.person, 0 for the system; `department` the main one."""

    person: int
    name: str
    login: str
    roles: frozenset[str]
    language: str
    department: int | None = None
    system: bool = False

    @property
    def id(self) -> int | None:
        """What history and stamps keep: the person's id, None for the system."""
        return None if self.system else self.person

    @property
    def is_administrator(self) -> bool:
        """Whether the person holds the built-in role."""
        return self.system or ADMINISTRATOR in self.roles


SYSTEM = Actor(person=0, name="", login="", roles=frozenset({ADMINISTRATOR}), language="en", system=True)
"""Acts for nobody: demo data, effects, jobs. It may do everything and is in no record's stamps."""
