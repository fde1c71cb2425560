"""My stand-ins: who handles what would come to me, from when until when, and for whom I do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.problems import ProblemsFound
from engine.services import people
from engine.services.flow import delegations
from engine.services.flow.views import Somebody
from engine.values import Label
from engine.web.answers import go_to, language, say
from engine.web.ids import find_id
from engine.web.moments import company_zone, exact
from engine.web.routes import Route
from engine.web.visit import note_once, visit

_LISTED = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds."""

    person: Somebody | None
    starts: str
    ends: str
    workflows: tuple[str, ...] = ()
    note: str = ""


def show_delegations() -> ResponseReturnValue:
    """The page; POST makes a delegation."""
    return _make() if request.method == "POST" else _page(_fresh())


def end(delegation_id: int) -> ResponseReturnValue:
    """Ends a delegation now."""
    current = visit()
    delegations.end_delegation(current.company, current.actor, delegation_id)
    note_once("flow.delegation_ended")
    return go_to(url_for("delegations"))


def _make() -> ResponseReturnValue:
    current, typed = visit(), _typed()
    starts, ends = _instant(typed.starts), _instant(typed.ends)
    wrong = [
        *([say("flow.delegation_person")] if typed.person is None else []),
        *([say("flow.delegation_times")] if starts is None or ends is None else []),
    ]
    if typed.person is None or starts is None or ends is None:
        return _page(typed, wrong), 422
    try:
        delegations.delegate_to(
            current.company,
            current.actor,
            typed.person.id,
            starts,
            ends,
            workflows=typed.workflows,
            note=typed.note or None,
        )
    except ProblemsFound as found:
        return _page(typed, [problem.message(language()) for problem in found.problems]), 422
    note_once("flow.delegation_made")
    return go_to(url_for("delegations"))


def _page(typed: Typed, problems: list[str] | None = None) -> str:
    current = visit()
    listed = delegations.list_delegations(current.company, current.actor)[::-1][:_LISTED]
    ids = {each.principal for each in listed} | {each.delegate for each in listed}
    me = current.actor.person
    return render_template(
        "flow/delegations.html",
        mine=[each for each in listed if each.principal == me],
        others=[each for each in listed if each.delegate == me],
        people=_people(ids),
        labels=_workflows(),
        state_of=_state_of,
        typed=typed,
        problems=problems or [],
        exact=exact,
    )


def _people(ids: set[int]) -> Mapping[int, Somebody]:
    current = visit()
    names = people.names_of(current.company, current.actor, ids)
    return {each: Somebody(each, names.get(each) or f"#{each}") for each in ids}


def _workflows() -> Mapping[str, Label]:
    return {each.id: each.label for each in visit().company.catalog.workflows.values()}


def _state_of(each: delegations.Delegation) -> str:
    now = visit().company.clock()
    if each.revoked_at is not None or each.ends_at <= now:
        return "over"
    return "later" if each.starts_at > now else "active"


def _fresh() -> Typed:
    """From now for a week."""
    now = visit().company.clock().astimezone(company_zone())
    return Typed(None, f"{now:%Y-%m-%dT%H:%M}", f"{now + timedelta(days=7):%Y-%m-%dT18:00}")


def _typed() -> Typed:
    sent = request.form
    chosen = find_id(sent.get("delegate", ""))
    found = _people({chosen})[chosen] if chosen is not None else None
    return Typed(
        found,
        sent.get("starts", "")[:20],
        sent.get("ends", "")[:20],
        tuple(each for each in sent.getlist("workflows") if each in _workflows()),
        sent.get("note", "").strip()[:200],
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=company_zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


ROUTES = (
    Route("/<company>/delegations", "delegations", show_delegations, ("GET", "POST")),
    Route("/<company>/delegations/<int:delegation_id>/end", "delegation_end", end, ("POST",)),
)
