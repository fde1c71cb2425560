"""Who asks, in which company and language: what a view function knows of the current request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from engine.catalog.forms import Form
from engine.problems import NotVisible
from engine.services.flow.handling import may_handle
from engine.services.people import Actor
from engine.services.site import OpenCompany, Site

NOTE_COOKIE = "note"
LANGUAGE_COOKIE = "language"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of one signed-in person.

    csrf     the token that unsafe requests of this session must carry
    session  the secret of the session cookie; "" when an API token is used
    """

    site: Site
    company: OpenCompany
    actor: Actor
    language: str
    csrf: str
    session: str = ""


def visit() -> Visit:
    """The current request's visit; NotVisible outside a company or without a person."""
    current = g.get("visit")
    if not isinstance(current, Visit):
        raise NotVisible
    return current


def fetch_form(app: str, name: str) -> Form:
    """The form `app.name` of the visited company; NotVisible when it has none or the reader may see no record of it."""
    current = visit()
    form = current.company.catalog.forms.get(f"{app}.{name}")
    if form is None:
        raise NotVisible
    if not may_open(current.actor, form) and not may_handle(current.company, current.actor, form.id):
        raise NotVisible
    return form


def may_open(actor: Actor, form: Form) -> bool:
    """Whether some role of `actor` gives any sight of `form` at all (which records is the services' question)."""
    rules = [form.access.rules.get(role, {}).get("see") for role in actor.roles]
    return any(rule is not None and rule.constant is not False for rule in rules)


def note_once(text_id: str, **values: object) -> None:
    """Shows a short message on the next page of this visitor."""
    g.note = (text_id, {name: str(value) for name, value in values.items()})
