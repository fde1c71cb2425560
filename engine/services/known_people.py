"""Who acts: a stored person, or the person with a login, with the roles that the company knows."""

from __future__ import annotations

from engine.catalog.access import ADMINISTRATOR
from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.site import OpenCompany
from engine.storage.persons import StoredPerson, fetch_person_by_login


def make_actor(company: OpenCompany, person: StoredPerson) -> Actor:
    """A person with the roles the company knows."""
    language = person.language or company.catalog.company.language
    known = frozenset(person.roles) & (company.catalog.roles.keys() | {ADMINISTRATOR})
    return Actor(person.id, person.name, person.login, known, language, person.department)


def person_actor(company: OpenCompany, login: str) -> Actor:
    """The person with a login; R114 when there is none who may act."""
    with company.reading(SYSTEM) as work:
        person = fetch_person_by_login(work.uow, login)
    if person is None:
        raise ProblemsFound([Problem("R114", {"name": login})])
    return make_actor(company, person)
