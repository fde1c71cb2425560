"""A person's own page: language, password, sessions, API tokens; and what others want them to look at."""

from __future__ import annotations

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.problems import ProblemsFound
from engine.services import people
from engine.web.answers import go_to, language
from engine.web.flow_words import task_address
from engine.web.ids import LARGEST, find_id
from engine.web.page_values import portrait
from engine.web.routes import Route
from engine.web.visit import note_once, visit

_TOKEN_DAYS = (30, 90, 365)
_NOTICES = 50
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def show_me() -> ResponseReturnValue:
    """The own page."""
    return _page()


def change_password() -> ResponseReturnValue:
    """Sets a new password after the old one was given; other sessions end."""
    current, form = visit(), request.form
    if form.get("new", "") != form.get("again", ""):
        return _page(differs=True), 422
    try:
        people.change_password(
            current.company, current.actor, form.get("old", ""), form.get("new", ""), current.session
        )
    except ProblemsFound as error:
        return _page(problems=_messages(error)), 422
    note_once("login.password_changed")
    return go_to(url_for("me"))


def end_session(session: int) -> ResponseReturnValue:
    """Signs one of the own browsers out."""
    current = visit()
    people.end_session(current.company, current.actor, session)
    note_once("login.session_ended")
    return go_to(url_for("me"))


def create_token() -> ResponseReturnValue:
    """Makes an API token and shows its secret, once."""
    current = visit()
    days = request.form.get("days", "")
    name = request.form.get("name", "").strip()[:80]
    try:
        chosen = int(days) if days.isdecimal() and int(days) in _TOKEN_DAYS else _TOKEN_DAYS[1]
        secret = people.create_token(current.company, current.actor, name or "API", chosen)
    except ProblemsFound as error:
        return _page(token_problems=_messages(error)), 422
    return _page(secret=secret)


def revoke_token(token: int) -> ResponseReturnValue:
    """Ends an API token."""
    current = visit()
    people.revoke_token(current.company, current.actor, token)
    note_once("login.token_revoked")
    return go_to(url_for("me"))


def show_notifications() -> ResponseReturnValue:
    """What others want this person to look at, newest first."""
    current, before = visit(), find_id(request.args.get("before", ""))
    found = people.list_notifications(current.company, current.actor, _NOTICES + 1, language(), before)
    entries = found[:_NOTICES]
    following = entries[-1].id if len(found) > _NOTICES else None
    return render_template(
        "notifications.html", entries=entries, following=following, before=before, portrait=portrait
    )


def open_notification(notification: int) -> ResponseReturnValue:
    """Marks a notification as read and leads to its record."""
    current = visit()
    listed = people.list_notifications(current.company, current.actor, 1, before=min(notification + 1, LARGEST))
    found = next((each for each in listed if each.id == notification), None)
    people.mark_read(current.company, current.actor, notification)
    if found is None:
        return go_to(url_for("notifications"))
    if found.task is not None:
        return go_to(task_address(found.task))
    if found.instance is not None:
        return go_to(url_for("approval", instance_id=found.instance))
    app, _, form = found.form.partition(".")
    return go_to(url_for("record", app=app, form=form, record_id=found.record_id))


def read_all() -> ResponseReturnValue:
    """Marks everything as read."""
    current = visit()
    people.mark_read(current.company, current.actor, None)
    return go_to(url_for("notifications"))


def _page(**values: object) -> str:
    current = visit()
    return render_template(
        "me.html",
        sessions=people.list_sessions(current.company, current.actor, current.session),
        tokens=people.list_tokens(current.company, current.actor),
        roles=[
            current.company.catalog.roles[role]
            for role in sorted(current.actor.roles)
            if role in current.company.catalog.roles
        ],
        token_days=_TOKEN_DAYS,
        browser=browser_name,
        **values,
    )


def browser_name(agent: str) -> str:
    """A browser and its system as a person knows them: "Firefox, Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:60] or "–"


def _messages(error: ProblemsFound) -> list[str]:
    return [problem.message(g.get("language") or language()) for problem in error.problems]


ROUTES = (
    Route("/<company>/me", "me", show_me),
    Route("/<company>/me/password", "me_password", change_password, ("POST",)),
    Route("/<company>/me/sessions/<int:session>/end", "me_end_session", end_session, ("POST",)),
    Route("/<company>/me/tokens", "me_create_token", create_token, ("POST",)),
    Route("/<company>/me/tokens/<int:token>/revoke", "me_revoke_token", revoke_token, ("POST",)),
    Route("/<company>/notifications", "notifications", show_notifications),
    Route("/<company>/notifications/<int:notification>/open", "notification", open_notification, ("POST",)),
    Route("/<company>/notifications/read", "notifications_read", read_all, ("POST",)),
)
