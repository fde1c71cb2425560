"""Standing in for somebody: made by the person who is away (or an administrator), ended by either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.site import OpenCompany
from engine.storage.audit import note_audit
from engine.storage.delegations import Delegation, fetch_delegations, insert_delegation, revoke_delegation
from engine.storage.persons import fetch_person

__all__ = ["Delegation", "delegate_to", "end_delegation", "list_delegations"]


def list_delegations(company: OpenCompany, actor: Actor, *, everybody: bool = False) -> tuple[Delegation, ...]:
    """Those of the actor, as principal or delegate; an administrator may ask for everybody's."""
    if everybody and not actor.is_administrator:
        raise NotAllowed(Problem("R102", {"verb": "see"}))
    with company.reading(actor) as work:
        found = fetch_delegations(work.uow)
    return tuple(each for each in found if everybody or actor.person in (each.principal, each.delegate))


def delegate_to(
    company: OpenCompany,
    actor: Actor,
    delegate: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    workflows: Sequence[str] = (),
    note: str | None = None,
    principal: int | None = None,
) -> int:
    """What would come to the principal (the actor, or anybody for an administrator) comes to `delegate` in that time.

    Refused: oneself (A133), an end before the beginning (A134), a circle (A132), somebody who may not act (R114).
    """

    def act() -> int:
        with company.writing(actor, "delegation") as work:
            whose = actor.person if principal is None else principal
            if whose != actor.person and not actor.is_administrator:
                raise NotAllowed(Problem("R102", {"verb": "change"}))
            _check(work, whose, delegate, starts_at, ends_at)
            known = set(workflows) - set(company.catalog.workflows)
            if known:
                raise ProblemsFound([Problem("C104", {"name": sorted(known)[0]}, pointer="workflows")])
            made = insert_delegation(work.uow, whose, delegate, starts_at, ends_at, workflows, note)
            note_audit(work.uow, "delegate", {"principal": whose, "delegate": delegate, "id": made})
            return made

    return company.again(act)


def end_delegation(company: OpenCompany, actor: Actor, delegation_id: int) -> None:
    """It ends now. Only its principal, or an administrator, ends it."""
    with company.writing(actor, "delegation") as work:
        found = next((each for each in fetch_delegations(work.uow) if each.id == delegation_id), None)
        if found is None or (actor.person not in (found.principal, found.delegate) and not actor.is_administrator):
            raise NotVisible(f"delegation {delegation_id}")
        if actor.person != found.principal and not actor.is_administrator:
            raise NotAllowed(Problem("R102", {"verb": "change"}))
        if found.revoked_at is None:
            revoke_delegation(work.uow, delegation_id)
            note_audit(work.uow, "end_delegation", {"id": delegation_id})


def _check(work: Work, principal: int, delegate: int, starts_at: datetime, ends_at: datetime) -> None:
    if delegate == principal:
        raise ProblemsFound([Problem("A133", pointer="delegate")])
    if ends_at <= starts_at:
        raise ProblemsFound([Problem("A134", pointer="ends_at")])
    if fetch_person(work.uow, delegate) is None:
        raise ProblemsFound([Problem("R114", {"name": delegate}, pointer="delegate")])
    overlapping = [
        each
        for each in fetch_delegations(work.uow)
        if each.revoked_at is None and each.starts_at < ends_at and each.ends_at > starts_at
    ]
    if _leads_to(delegate, principal, overlapping):
        raise ProblemsFound([Problem("A132", pointer="delegate")])


def _leads_to(start: int, end: int, delegations: Sequence[Delegation]) -> bool:
    """Whether one comes from a person to another along delegations."""
    seen, todo = set[int](), [start]
    while todo:
        person = todo.pop()
        if person == end:
            return True
        if person not in seen:
            seen.add(person)
            todo += [each.delegate for each in delegations if each.principal == person]
    return False
