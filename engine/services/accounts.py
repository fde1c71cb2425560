"""The people of a company as those who can sign in: made, given passwords, listed."""

from __future__ import annotations

from collections.abc import Sequence

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services.moments import moment_for
from engine.services.passwords import require_strong
from engine.services.records import save_record
from engine.services.sessions import actor_from, hash_token
from engine.services.site import OpenCompany
from engine.services.views_of_pages import DemoPerson
from engine.storage import sessions as stored
from engine.storage.audit import note_audit
from engine.storage.database import UnitOfWork
from engine.storage.persons import StoredPerson, fetch_person, fetch_person_by_login, fetch_persons
from engine.storage.titles import fetch_titles
from engine.values import in_language

PERSON_FORM, DEPARTMENT_FORM = "people.person", "people.department"


def add_person(
    company: OpenCompany, *, login: str, name: str, roles: Sequence[str], email: str | None = None, password: str | None = None
) -> int:
    """The id of a new person, made by the same write path as any record. Raises ProblemsFound."""
    if password is not None:
        require_strong(password, _words(company, login))
    values: dict[str, object] = {"login": login, "name": name, "roles": list(roles)}
    if email:
        values["email"] = email
    made = save_record(company, SYSTEM, PERSON_FORM, None, values, cause="command")
    if made.id is None:
        raise NotVisible(login)
    if password is not None:
        set_password(company, login, password)
    return made.id


def set_password(company: OpenCompany, login: str, password: str) -> None:
    """Give the person another password and end all sessions. Raises ProblemsFound: R114, R109, R118."""
    require_strong(password, _words(company, login))
    password_hash = company.passwords.hash(password)
    with company.database.writing() as connection:
        uow = company.unit(connection, SYSTEM, "password")
        person = _named(uow, login)
        stored.keep_password(uow, person.id, password_hash)
        stored.end_sessions(uow, person.id)
        note_audit(uow, "password set", {"person": person.id})


def change_password(company: OpenCompany, actor: Actor, old: str, new: str, keep_token: str) -> None:
    """Change the actor's own password; every other session ends. Raises ProblemsFound: R111, R109, R118."""
    with company.database.reading() as connection:
        kept = stored.fetch_password(company.unit(connection, actor, ""), actor.person)
    if not company.passwords.matches(kept, old):
        raise ProblemsFound([Problem("R111", pointer="old")])
    require_strong(new, _words(company, actor.login))
    password_hash = company.passwords.hash(new)
    with company.database.writing() as connection:
        uow = company.unit(connection, actor, "password")
        stored.keep_password(uow, actor.person, password_hash)
        stored.end_sessions(uow, actor.person, but=hash_token(keep_token))
        note_audit(uow, "password changed", {})


def set_language(company: OpenCompany, actor: Actor, language: str) -> None:
    """Keep the language the actor reads."""
    save_record(company, SYSTEM, PERSON_FORM, actor.person, {"language": language}, cause="settings")


def actor_named(company: OpenCompany, login: str) -> Actor:
    """The person with this login, to act as from a command. Raises ProblemsFound R114."""
    with company.database.reading() as connection:
        return actor_from(_named(company.unit(connection, SYSTEM, ""), login), company)


def actor_of_person(company: OpenCompany, person_id: int) -> Actor:
    """The person with this id; NotVisible when there is none who may act."""
    with company.database.reading() as connection:
        person = fetch_person(company.unit(connection, SYSTEM, ""), person_id)
    if person is None:
        raise NotVisible(str(person_id))
    return actor_from(person, company)


def list_people(company: OpenCompany) -> tuple[tuple[str, str, tuple[str, ...], bool], ...]:
    """Login, name, roles and whether the person may act, of everybody."""
    with company.database.reading() as connection:
        kept = fetch_persons(company.unit(connection, SYSTEM, ""), only_active=False)
    return tuple((each.login, each.name, each.roles, each.active) for each in kept)


def people_for_demo(company: OpenCompany) -> tuple[DemoPerson, ...]:
    """Whom one can be on a demo site; nobody on any other."""
    if not company.demo:
        return ()
    with company.database.reading() as connection:
        uow = company.unit(connection, SYSTEM, "")
        kept = fetch_persons(uow)
        wanted = {each.department for each in kept if each.department is not None}
        moment = moment_for(uow, SYSTEM)
        departments = fetch_titles(connection, company.database, company.catalog, None, moment, DEPARTMENT_FORM, wanted)
    return tuple(
        DemoPerson(each.id, each.name, each.login, each.roles, departments.get(each.department or 0, "")) for each in kept
    )


def _named(uow: UnitOfWork, login: str) -> StoredPerson:
    person = fetch_person_by_login(uow, login)
    if person is None:
        raise ProblemsFound([Problem("R114", {"name": login})])
    return person


def _words(company: OpenCompany, login: str) -> tuple[str, ...]:
    label = company.catalog.company.label
    return (login, company.id, *(in_language(label, language) for language in ("en", "zh")))
